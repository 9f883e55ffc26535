"""Listeners: what a proxy takes, and the filters that it passes through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

from google.protobuf.message import Message

from kuma.envoy import api, names
from kuma.envoy.endpoints import Fields, socket_address
from kuma.envoy.routes import Weighted
from kuma.envoy.typed import configure

if TYPE_CHECKING:
    from kuma.envoy.api import Filter, FilterChain, Listener, RouteConfiguration

INBOUND_IDLE = timedelta(hours=2)
INBOUND_STREAM_IDLE = timedelta(hours=1)

LOOPBACK = ("127.0.0.1/32", "::1/128")
PRIVATE = ("10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/12", "fc00::/7", "fd00::/8", *LOOPBACK)


def listener(name: str, address: str, port: int, direction: str) -> Listener:
    """A listener on an address, counted under its own name."""
    return api.Listener(name=name, stat_prefix=name, address=socket_address(address, port), traffic_direction=direction)


def tag(target: Listener, tags: Mapping[str, str]) -> None:
    """Say whose listener it is, in its metadata."""
    target.metadata.filter_metadata[names.TAGS].update({key: tags[key] for key in sorted(tags)})


def chain(config: Message, name: str) -> FilterChain:
    """A filter chain of this one filter."""
    return api.FilterChain(filters=[network_filter(name, config)])


def network_filter(name: str, config: Message) -> Filter:
    """A network filter of this name."""
    made = api.Filter()
    configure(made, name, config)
    return made


def inspect_tls(target: Listener, unheard: Iterable[int] = ()) -> None:
    """Look into the TLS handshake before a filter chain is chosen, except on ports whose clients wait to be greeted."""
    _inspect(target, names.TLS_INSPECTOR, api.TlsInspector(), unheard)


def inspect_http(target: Listener, unheard: Iterable[int] = ()) -> None:
    """Find out whether HTTP is spoken before a filter chain is chosen, with the same exception."""
    _inspect(target, names.HTTP_INSPECTOR, api.HttpInspector(), unheard)


def keep_destination(target: Listener) -> None:
    """Choose a filter chain by where the connection was going before it was redirected."""
    _inspect(target, names.ORIGINAL_DST, api.OriginalDst(), ())


def _inspect(target: Listener, name: str, config: Message, unheard: Iterable[int]) -> None:
    if any(one.name == name for one in target.listener_filters):
        return
    made = target.listener_filters.add()
    configure(made, name, config)
    ports: list[Fields] = [{"destination_port_range": {"start": port, "end": port + 1}} for port in unheard]
    if ports:
        rule = ports[0] if len(ports) == 1 else {"or_match": {"rules": ports}}
        made.filter_disabled.CopyFrom(api.ListenerFilterChainMatchPredicate(**rule))


def tcp_chain(name: str, clusters: Weighted, **more: Any) -> FilterChain:
    """A filter chain that passes bytes on, to one cluster or to several by weight; to nobody where there are none."""
    if not clusters:
        return api.FilterChain()
    shares = [{"name": cluster, "weight": weight} for cluster, weight in clusters]
    to: Fields = {"cluster": clusters[0][0]} if len(clusters) == 1 else {"weighted_clusters": {"clusters": shares}}
    return chain(api.TcpProxy(stat_prefix=names.stat_prefix(name), **to, **more), names.TCP_PROXY)


def http_chain(
    name: str, routes: RouteConfiguration, internal: Iterable[str], grpc: bool = False, **more: Any
) -> FilterChain:
    """A filter chain that routes HTTP requests; the addresses given count as the mesh's own."""
    manager = api.HttpConnectionManager(
        stat_prefix=names.stat_prefix(name),
        route_config=routes,
        internal_address_config={"cidr_ranges": [cidr(one) for one in internal]},
        **more,
    )
    if grpc:
        configure(manager.http_filters.add(), names.GRPC_STATS, api.GrpcStats(emit_filter_state=True))
    configure(manager.http_filters.add(), names.ROUTER, api.Router())
    return chain(manager, names.HCM)


def cidr(network: str) -> Fields:
    """A network, as a CidrRange."""
    address, _, length = network.partition("/")
    return {"address_prefix": address, "prefix_len": {"value": int(length)}}


def internal_addresses(cidrs: Iterable[str], ipv6: bool) -> tuple[str, ...]:
    """These networks, without those of IPv6 where the proxy has none."""
    return tuple(one for one in cidrs if ipv6 or ip_network(one, strict=False).version == 4)
