"""Policies, proxies and parts of their config, as small as tests need them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from attrs import frozen
from frozendict import frozendict

from kuma.envoy import api, clusters, listeners, names, routes, tls
from kuma.envoy.draft import Identity, Inbound, Outbound, Upstream
from kuma.envoy.endpoints import socket_address
from kuma.kinds import KINDS
from kuma.match import InboundRules, Selection, ToConfs, inbound_rules, precedence, select, to_rules
from kuma.model import DISPLAY_NAME, Key, Kri, Resource, kri
from kuma.schema import parse, violations

BACKEND = Kri("msvc", "default", "east", "", "backend", "http")
LISTENER = ("10.0.0.1", 8080)
IDENTITY = Identity("kri_mid_default_east__identity_", ("east.mesh", "west.mesh"))


def policy(kind: str, name: str = "p", labels: Mapping[str, str] = frozendict(), **spec: Any) -> Resource:
    """A policy, its spec as in a document."""
    return Resource(Key(kind, "default", name), parse(KINDS[kind].spec, spec), frozendict(labels))


def said(kind: str, **spec: Any) -> list[tuple[str, str]]:
    """What is wrong with a policy's spec."""
    return [(one.field, one.message) for one in violations(parse(KINDS[kind].spec, spec))]


def dataplane(labels: Mapping[str, str] = frozendict(), name: str = "dp", **networking: Any) -> Resource:
    """A Dataplane with one inbound named http."""
    inbound = [{"port": 8080, "name": "http"}]
    document = {"networking": {"address": "10.0.0.1", "inbound": inbound, **networking}}
    return Resource(Key("Dataplane", "default", name), parse(KINDS["Dataplane"].spec, document), frozendict(labels))


def service(name: str, zone: str = "east", **labels: str) -> Resource:
    """A MeshService with its computed labels."""
    every = {DISPLAY_NAME: name, "kuma.io/zone": zone, "kuma.io/origin": "zone", **labels}
    spec = parse(KINDS["MeshService"].spec, {"ports": [{"port": 80, "name": "http"}, {"port": 81, "name": "admin"}]})
    return Resource(Key("MeshService", "default", name), spec, frozendict(every))


@frozen
class Around:
    """Everything that policies may point at."""

    resources: tuple[Resource, ...]
    asked: dict[str, int] = frozendict()  # type: ignore[assignment]

    def of_kind(self, kind: str) -> Iterable[tuple[Resource, Collection[str]]]:
        """All of a kind, with the names of their ports."""
        for one in self.resources:
            if one.kind == kind:
                yield one, [port.section for port in getattr(one.spec, "ports", ())]


MESH = Resource(Key("Mesh", "", "default"), parse(KINDS["Mesh"].spec, {}))
EAST = Around((MESH, service("backend"), service("web"), service("db", app="db")))


def at_listener(*policies: Resource) -> InboundRules:
    """What these policies say of the one listener of a proxy."""
    return inbound_rules(select(policies, dataplane()), LISTENER)


def at_destination(*policies: Resource, routes: Iterable[Kri] = ()) -> ToConfs:
    """What these policies say of the backend's HTTP port."""
    return to_rules(precedence(policies), EAST).for_destination(BACKEND, routes)


def selection(*policies: Resource) -> Selection:
    """What of these policies one proxy has."""
    return select(policies, dataplane())


def inbound(protocol: str = "http", identity: Identity | None = None, secured: bool = False) -> Inbound:
    """One inbound, before any policy; `secured` as MeshTLS would."""
    name = names.inbound("http")
    listener = listeners.listener(name, "10.0.0.1", 8080, "INBOUND")
    listener.filter_chains.add().CopyFrom(_chain(name, protocol, [routes.everything(name)]))
    cluster = clusters.static(name, socket_address("127.0.0.1", 8080))
    clusters.speak(cluster, protocol)
    if secured and identity is not None:
        tls.secure(listener.filter_chains[0], tls.downstream(identity))
    return Inbound("http", "10.0.0.1", 8080, protocol, identity, listener, cluster)


def outbound(protocol: str = "http", *names_of_routes: str) -> Outbound:
    """A listener for the backend, before any policy."""
    listener = listeners.listener(str(BACKEND), "127.0.0.1", 9000, "OUTBOUND")
    every = [routes.everything(str(BACKEND), name) for name in names_of_routes or ("default",)]
    listener.filter_chains.add().CopyFrom(_chain(str(BACKEND), protocol, every))
    return Outbound(BACKEND, protocol, listener)


def upstream(protocol: str = "http", identity: Identity | None = None) -> Upstream:
    """The backend's cluster, before any policy."""
    cluster = clusters.eds(str(BACKEND))
    clusters.speak(cluster, "http2")
    if identity is not None:
        tls.secure(cluster, tls.upstream(identity, "sni.backend", ["spiffe://east.mesh/backend"]))
    return Upstream(BACKEND, protocol, cluster)


def _chain(name: str, protocol: str, every: list[Any]) -> Any:
    if protocol == "tcp":
        return listeners.tcp_chain(name, ((name, 1),))
    return listeners.http_chain(name, routes.configuration(name, every), ["127.0.0.1/32"], protocol == "grpc")


def shown(message: Any) -> dict[str, Any]:
    """A message as protobuf's JSON."""
    return api.document(message)


def http(listener: Any, chain: int = 0) -> dict[str, Any]:
    """The HTTP connection manager of a listener's chain."""
    return next(one for one in filters(listener, chain) if one["@type"].endswith("HttpConnectionManager"))


def filters(listener: Any, chain: int = 0) -> list[dict[str, Any]]:
    """The configs of the network filters of a listener's chain."""
    return [one["typedConfig"] for one in shown(listener.filter_chains[chain])["filters"]]


def routes_of(listener: Any) -> list[dict[str, Any]]:
    """The routes of a listener's first chain."""
    return http(listener)["routeConfig"]["virtualHosts"][0]["routes"]


def to_backend(**default: Any) -> dict[str, Any]:
    """An item of `to` for the backend."""
    return {"targetRef": {"kind": "MeshService", "labels": {DISPLAY_NAME: "backend"}}, "default": default}


def to_mesh(**default: Any) -> dict[str, Any]:
    """An item of `to` for every destination."""
    return {"targetRef": {"kind": "Mesh"}, "default": default}


def route(name: str = "r1", section: str = "rule_0") -> Kri:
    """The KRI of a route's rule."""
    resource = Resource(Key("MeshHTTPRoute", "default", name), None)
    return kri("mhttpr", resource, section)
