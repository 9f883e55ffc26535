"""Ways out of the mesh as Envoy takes them: a filter chain each, and the clusters that it leads to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from attrs import frozen

from kuma.envoy import api, clusters, listeners, names
from kuma.envoy.endpoints import Fields
from kuma.policies.meshpassthrough.chosen import ANY_PORT, NAMES, WILDCARD, Way

if TYPE_CHECKING:
    from kuma.envoy.api import Cluster, FilterChain

HTTP = frozenset({"http", "http2", "grpc"})
MULTIPLEXED = frozenset({"http2", "grpc"})
NO_MATCH = "no_match"
REFUSED = (
    "This response comes from Kuma Sidecar. No routes matched this domain - "
    "check configuration of your MeshPassthrough policy.\n"
)


@frozen(eq=False)
class Exit:
    """A filter chain, and the clusters it leads to."""

    chain: FilterChain
    clusters: tuple[Cluster, ...]


def exits(ways: Iterable[Way], internal: tuple[str, ...]) -> Iterator[Exit]:
    """The chains of these ways. Envoy refuses two that it can't tell apart, so of such the first is the one."""
    known = set()
    for way in ways:
        made = _http(way, internal) if way.protocol in HTTP else _bytes(way)
        match = made.chain.filter_chain_match.SerializeToString(deterministic=True)
        if match not in known:
            known.add(match)
            yield made


def _bytes(way: Way) -> Exit:
    """Connections that are passed on as they are."""
    name = names.outside("tls" if way.protocol == "tls" else "tcp", way.port, way.value)
    chain = listeners.tcp_chain(name, ((name, 1),))
    chain.name = name
    transport = "tls" if way.protocol == "tls" else "raw_buffer"
    chain.filter_chain_match.MergeFrom(api.FilterChainMatch(transport_protocol=transport, **_place(way)))
    return Exit(chain, (clusters.as_addressed(name),))


def _place(way: Way) -> Fields:
    """Where a connection goes."""
    port: Fields = {"destination_port": {"value": way.port}} if way.port != ANY_PORT else {}
    if way.kind not in NAMES:
        return {"prefix_ranges": [listeners.cidr(way.network)], **port}
    return {"server_names": [way.value], **port} if way.value not in ("", "*") else port


def _http(way: Way, internal: tuple[str, ...]) -> Exit:
    """Requests, each to the name that it asks for."""
    name = names.outside(way.protocol, way.port, way.value)
    by_host = [(value, _domains(kind, value, way.port)) for kind, value in way.names] or [(way.value, ["*"])]
    made = [_cluster(way.protocol, names.outside(way.protocol, way.port, value)) for value, _ in by_host]
    hosts = [
        {"name": value, "domains": domains, "routes": [_route({"route": {"cluster": cluster.name}})]}
        for (value, domains), cluster in zip(by_host, made, strict=True)
    ]
    if not any("*" in host["domains"] for host in hosts):
        hosts.append({"name": NO_MATCH, "domains": ["*"], "routes": [_route({"direct_response": _refused()})]})
    chain = listeners.http_chain(name, api.RouteConfiguration(name=name, virtual_hosts=hosts), internal)
    chain.name = name
    chain.filter_chain_match.MergeFrom(
        api.FilterChainMatch(transport_protocol="raw_buffer", application_protocols=["http/1.1", "h2c"], **_place(way))
    )
    return Exit(chain, tuple(made))


def _domains(kind: int, value: str, port: int) -> list[str]:
    """What a request for this name says in its Host header, with a port or without."""
    if value == "*":
        return ["*"]
    if port != ANY_PORT:
        return [value, f"{value}:{port}"]
    return [value, f"{value}:*"] if kind != WILDCARD else [value]


def _cluster(protocol: str, name: str) -> Cluster:
    cluster = clusters.as_addressed(name)
    if protocol in MULTIPLEXED:
        clusters.speak(cluster, "http2")
    return cluster


def _route(action: Fields) -> Fields:
    return {"match": {"prefix": "/"}, **action}


def _refused() -> Fields:
    return {"status": 503, "body": {"inline_string": REFUSED}}
