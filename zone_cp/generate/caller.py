"""What policies may know of the proxy whose config it is."""

from __future__ import annotations

from collections.abc import Iterable

from kuma.envoy.draft import Caller
from kuma.match import ToConfs
from kuma.mesh import Mesh, Proxy
from kuma.model import NO_LABELS, WORKLOAD
from kuma.policy import Policy
from kuma.resources.dataplane import Networking

BLANK = Caller()


def caller_of(mesh: Mesh, proxy: Proxy) -> Caller:
    """All that policies may know of a proxy: out of its Dataplane, its metadata, and `around`."""
    dataplane, metadata = proxy.dataplane, proxy.metadata
    networking = dataplane.spec.networking
    return Caller(
        name=dataplane.name,
        mesh=mesh.name,
        zone=dataplane.zone,
        namespace=dataplane.namespace,
        address=networking.address,
        labels=dataplane.labels,
        gateway=NO_LABELS if networking.gateway is None else networking.gateway.tags,
        workload=dataplane.labels.get(WORKLOAD, ""),
        workdir=metadata.workdir,
        features=metadata.features,
        ipv6=metadata.ipv6,
        host_ip=metadata.host_ip,
        system_ca_path=metadata.system_ca_path,
        metrics_tls=(metadata.metrics_cert_path, metadata.metrics_key_path),
        only_zone_proxy=_only_zone_proxy(networking),
        otel_env=metadata.otel_env,
        collectors=mesh.collectors,
    )


def around(mesh: Mesh) -> tuple[object, ...]:
    """What a caller is made of that is not the proxy's own."""
    return (mesh.collectors,)


def _only_zone_proxy(networking: Networking) -> bool:
    return bool(networking.listeners) and not networking.inbound and networking.gateway is None


def asked_of(caller: Caller, asked: frozenset[str]) -> Caller:
    """The same proxy with only what was asked for: equal for all proxies that are alike in that."""
    if not asked:
        return BLANK
    return Caller(**{name: getattr(caller, name) for name in asked})


def seen_by(edit: str, caller: Caller, said: Iterable[tuple[Policy, ToConfs]]) -> Caller:
    """As much of a caller as is asked for by the policies that have this edit and say something of the part."""
    asking = (policy.asks for policy, confs in said if confs.confs and getattr(policy, edit) is not None)
    return asked_of(caller, frozenset().union(*asking))
