"""What a proxy's Envoy is to check for its control plane: itself, and the workloads that are to be probed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kuma.envoy import api, names
from kuma.envoy.endpoints import Fields, socket_address
from kuma.mesh import Metadata, Proxy
from kuma.names import is_ipv6
from kuma.redirection import redirection
from kuma.resources.dataplane import ServiceProbe
from kuma.settings.servers import Hds, HdsCheck
from zone_cp.generate import admin
from zone_cp.generate.local import LOOPBACK
from zone_cp.generate.transparent import SOURCES

if TYPE_CHECKING:
    from kuma.envoy.api import HealthCheckSpecifier

WORKLOAD = "localhost:"  # before the port of a workload, in the name of its cluster


def specifier(proxy: Proxy, hds: Hds) -> HealthCheckSpecifier:
    """All that the proxy's Envoy is to check, and how often it reports."""
    checks = (*_of_envoy(proxy.metadata, hds.check_defaults), *_of_workloads(proxy, hds.check_defaults))
    return api.HealthCheckSpecifier(cluster_health_checks=checks, interval=hds.interval)


def _of_envoy(metadata: Metadata, defaults: HdsCheck) -> Iterator[Fields]:
    """Envoy asks itself: it is not ready any more once it is being drained."""
    if metadata.admin_port:
        how = {**_patience(defaults, ServiceProbe()), "http_health_check": {"path": admin.READY}}
        yield _check(names.ADMIN, admin.address_of(metadata), how)


def _of_workloads(proxy: Proxy, defaults: HdsCheck) -> Iterator[Fields]:
    """One check of each port: reports tell workloads apart by nothing else."""
    networking, is_transparent = proxy.dataplane.spec.networking, redirection(proxy) is not None
    seen: set[int] = set()
    for inbound in networking.inbound:
        address, port = networking.serves(inbound)
        if inbound.service_probe is None or port in seen:
            continue
        seen.add(port)
        how = {**_patience(defaults, inbound.service_probe), "tcp_health_check": {}}
        check = _check(f"{WORKLOAD}{port}", socket_address(address, port), how)
        yield {**check, **_from_outside(address)} if is_transparent else check


def _patience(defaults: HdsCheck, said: ServiceProbe) -> Fields:
    healthy, unhealthy = said.healthy_threshold, said.unhealthy_threshold
    return {
        "timeout": defaults.timeout if said.timeout is None else said.timeout,
        "interval": defaults.interval if said.interval is None else said.interval,
        "no_traffic_interval": defaults.no_traffic_interval,
        "healthy_threshold": {"value": defaults.healthy_threshold if healthy is None else healthy},
        "unhealthy_threshold": {"value": defaults.unhealthy_threshold if unhealthy is None else unhealthy},
    }


def _check(name: str, address: Fields, how: Fields) -> Fields:
    endpoints = [{"endpoints": [{"address": address}]}]
    return {"cluster_name": name, "health_checks": [how], "locality_endpoints": endpoints}


def _from_outside(address: str) -> Fields:
    """The source by which the redirection knows that a connection is not to come back to the proxy."""
    if address in LOOPBACK:
        return {}
    source = SOURCES[6 if is_ipv6(address) else 4]
    return {"upstream_bind_config": {"source_address": {"address": source, "port_value": 0}}}
