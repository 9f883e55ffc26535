"""Clusters: what a proxy sends to."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from kuma.envoy import api, names
from kuma.envoy.endpoints import Fields, single, socket_address
from kuma.envoy.typed import edit_http_options
from kuma.names import is_ip

if TYPE_CHECKING:
    from kuma.envoy.api import Cluster, HttpProtocolOptions

CONNECT_TIMEOUT = timedelta(seconds=5)
INBOUND_CONNECT_TIMEOUT = timedelta(seconds=10)

EXPLICIT: dict[str, Fields] = {
    "http": {"http_protocol_options": {}},
    "http2": {"http2_protocol_options": {}},
    "grpc": {"http2_protocol_options": {}},
}


def static(name: str, address: Fields, connect_timeout: timedelta = CONNECT_TIMEOUT) -> Cluster:
    """A cluster that is one known address."""
    return api.Cluster(
        name=name,
        alt_stat_name=alt_stat_name(name),
        type="STATIC",
        connect_timeout=connect_timeout,
        load_assignment=single(name, address),
    )


def host(name: str, address: str, port: int, ipv6: bool) -> Cluster:
    """A cluster that is one host. Envoy looks its name up, for IPv6 only where the proxy itself has such an address."""
    made = static(name, socket_address(address, port))
    if not is_ip(address):
        made.type = api.Cluster.STRICT_DNS
        made.dns_lookup_family = api.Cluster.AUTO if ipv6 else api.Cluster.V4_ONLY
    return made


def as_addressed(name: str) -> Cluster:
    """A cluster that is wherever a connection was going (Envoy: original destination)."""
    return api.Cluster(
        name=name,
        alt_stat_name=alt_stat_name(name),
        type="ORIGINAL_DST",
        lb_policy="CLUSTER_PROVIDED",
        connect_timeout=CONNECT_TIMEOUT,
    )


def connect_from(cluster: Cluster, address: str) -> None:
    """Connect from this address, so that the connection is not redirected to the proxy again."""
    cluster.upstream_bind_config.source_address.address = address
    cluster.upstream_bind_config.source_address.port_value = 0


def eds(name: str, connect_timeout: timedelta = CONNECT_TIMEOUT) -> Cluster:
    """A cluster whose endpoints come over ADS, under its own name."""
    return api.Cluster(
        name=name,
        alt_stat_name=alt_stat_name(name),
        type="EDS",
        connect_timeout=connect_timeout,
        eds_cluster_config={"eds_config": {"ads": {}, "resource_api_version": "V3"}},
    )


def speak(cluster: Cluster, protocol: str) -> None:
    """Say which HTTP is spoken to a cluster; nothing for other protocols."""
    if protocol not in EXPLICIT:
        return

    def explicit(options: HttpProtocolOptions) -> None:
        options.explicit_http_config.CopyFrom(api.HttpProtocolOptions.ExplicitHttpConfig(**EXPLICIT[protocol]))

    edit_http_options(cluster, explicit)


def alt_stat_name(name: str) -> str:
    """The name for statistics, only where it differs."""
    clean = names.stat_prefix(name)
    return "" if clean == name else clean


def idle_after(cluster: Cluster, protocol: str, idle: timedelta) -> None:
    """Close HTTP connections that nothing uses for this long; nothing for other protocols."""
    if protocol not in EXPLICIT:
        return

    def closes(options: HttpProtocolOptions) -> None:
        options.common_http_protocol_options.idle_timeout.FromTimedelta(idle)

    edit_http_options(cluster, closes)
