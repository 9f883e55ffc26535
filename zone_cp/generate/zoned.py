"""What a zone proxy passes on: other zones' traffic to the services here, and the zone's traffic to what is outside.

Zone proxies of one zone share the clusters. Their names are those of the destinations, unless the proxy sends traffic
of its own there: then that is another cluster, since it speaks TLS for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from attrs import frozen
from frozendict import frozendict

from ingress.egress import Machine, egress, outside, way_out
from ingress.zone import ingress, inside
from kuma.destinations import Destination
from kuma.envoy import clusters, names
from kuma.envoy.draft import Caller, Identity, Outbound, Upstream, ZoneListener
from kuma.envoy.endpoints import assignment
from kuma.external import Exit
from kuma.match import InboundRules
from kuma.mesh import Mesh, Proxy
from kuma.names import is_ipv6
from kuma.xds.config import NOTHING, Layer, Packed, layer, pack
from zone_cp.generate.caller import around, caller_of, seen_by
from zone_cp.generate.local import REUSE_PORT, identity_of, internal_of
from zone_cp.generate.matched import Rules
from zone_cp.generate.outward import UNSAID, confs_of, following
from zone_cp.generate.workshop import Shelf, Workshop

if TYPE_CHECKING:
    from kuma.envoy.api import FilterChain, Listener

INGRESS, EGRESS = "ZoneIngress", "ZoneEgress"

Piece = Callable[[], object]  # builds a part


@frozen(eq=False)
class Zoned:
    """What a proxy holds as a zone proxy."""

    listeners: Layer = NOTHING
    clusters: Layer = NOTHING
    endpoints: Layer = NOTHING


NOT_ZONED = Zoned()


@frozen(eq=False)
class Post:
    """A proxy that may stand between its zone and what is outside."""

    mesh: Mesh
    proxy: Proxy
    rules: Rules
    workshop: Workshop

    @property
    def shelf(self) -> Shelf:
        """Where its parts are kept."""
        return self.workshop.shelf(self.mesh)

    @cached_property
    def identity(self) -> Identity | None:
        """What TLS has to know of it."""
        return identity_of(self.mesh, self.proxy)

    @cached_property
    def caller(self) -> Caller:
        """What policies may know of it."""
        return caller_of(self.mesh, self.proxy)

    def listeners(self, kind: str) -> tuple[Any, ...]:
        """Those of its zone listeners that are of a kind."""
        return tuple(one for one in self.proxy.dataplane.spec.networking.listeners if one.type == kind)

    def said(self, spec: Any) -> tuple[InboundRules, ...]:
        """What policies say of one of its listeners, in their order."""
        return self.rules.inward.listeners[self.proxy.dataplane.spec.networking.listens(spec)]

    def edited(self, spec: Any, listener: Listener, egress: bool) -> Listener:
        """A zone listener after every policy has had its say."""
        address, port = self.proxy.dataplane.spec.networking.listens(spec)
        draft = ZoneListener(spec.section, address, port, egress, self.identity, listener, self.caller)
        for policy, said in zip(self.workshop.policies, self.said(spec), strict=True):
            if policy.zone_listener is not None:
                policy.zone_listener(draft, said)
        return listener


def zoned(post: Post, own: Layer) -> Zoned:
    """What the proxy passes on; `own` are the clusters that it sends traffic of its own to."""
    sides = tuple(side(post, own) for kind, side in SIDES.items() if post.listeners(kind))
    if len(sides) < 2:
        return sides[0] if sides else NOT_ZONED
    return post.shelf.latest("zone proxy", post.proxy.dataplane.key, sides, lambda: _together(*sides))


def zone_steps(post: Post) -> Iterator[None]:
    """Build what the proxy passes on one destination at a time. What is there already takes no step."""
    parts = [part for kind, pieces in PIECES.items() if post.listeners(kind) for part in pieces(post)]
    for part in parts:
        kept = len(post.shelf)
        part()
        if len(post.shelf) != kept:
            yield


def _together(*sides: Zoned) -> Zoned:
    layers = ((one.listeners, one.clusters, one.endpoints) for one in sides)
    return Zoned(
        *(layer(packed for one in kind for packed in one.resources.values()) for kind in zip(*layers, strict=True))
    )


def _taken(found: Iterable[str], own: Layer) -> Layer:
    """The proxy's own clusters, if they have a name in common with these: otherwise they make no difference."""
    return own if own.resources and any(name in own.resources for name in found) else NOTHING


def _apart(found: Mapping[str, Any], own: Layer, otherwise: Callable[[str], str]) -> Mapping[str, Any]:
    """The same by the names of their clusters."""
    return {otherwise(name) if name in own.resources else name: one for name, one in found.items()}


# Inward: to the services of this zone.


@frozen(eq=False)
class Within:
    """The destinations inside, by the names of their clusters."""

    destinations: Mapping[str, Destination]
    clusters: Layer


def _ingress(post: Post, own: Layer) -> Zoned:
    mesh, shelf = post.mesh, post.shelf
    taken = _taken(mesh.destinations.by_name, own)
    within = shelf.part("inside", (mesh.destinations, taken), lambda: _within(post, taken))
    inputs = (post.proxy, post.rules.inward, within, mesh.trust, around(mesh))
    return Zoned(
        shelf.latest("ingress", post.proxy.dataplane.key, inputs, lambda: _ingress_listeners(post, within)),
        within.clusters,
        shelf.part("inside endpoints", (within, mesh.places), lambda: _inside_endpoints(post, within)),
    )


def _within(post: Post, taken: Layer) -> Within:
    destinations = _apart({one.name: one for one in inside(post.mesh)}, taken, names.zone_ingress)
    return Within(frozendict(destinations), layer(_inside_cluster(post, name) for name in destinations))


def _inside_endpoints(post: Post, within: Within) -> Layer:
    return layer(_inside(post, within.clusters.resources[name], one) for name, one in within.destinations.items())


def _ingress_listeners(post: Post, within: Within) -> Layer:
    made = []
    for one in post.listeners(INGRESS):
        address, port = post.proxy.dataplane.spec.networking.listens(one)
        listener = ingress(one.section, address, port, within.destinations)
        if listener is not None:
            listener.enable_reuse_port.value = REUSE_PORT in post.proxy.metadata.features
            made.append(pack(listener.name, post.edited(one, listener, egress=False)))
    return layer(made)


def _inside_pieces(post: Post) -> Iterator[Piece]:
    return (partial(_inside_piece, post, one) for one in inside(post.mesh))


def _inside_piece(post: Post, destination: Destination) -> Packed:
    return _inside(post, _inside_cluster(post, destination.name), destination)


def _inside_cluster(post: Post, name: str) -> Packed:
    def build() -> Packed:
        made = clusters.eds(name)
        for policy in post.workshop.policies:
            if policy.cluster is not None:
                policy.cluster(made)
        return pack(name, made)

    return post.shelf.part("inside cluster", name, build)


def _inside(post: Post, cluster: Packed, destination: Destination) -> Packed:
    """The load assignment of an ingress's cluster. What another zone has sent here stays here."""
    endpoints = tuple(one for one in post.mesh.endpoints(str(destination.port_kri)) if not one.remote)
    key = (cluster.name, cluster.version, endpoints)
    return post.shelf.part("inside assignment", key, lambda: following(cluster, assignment(cluster.name, endpoints)))


# Outward: to services outside the mesh.


@frozen(eq=False)
class Door:
    """One egress listener of a proxy with an identity: it answers for what is outside."""

    post: Post
    spec: Any
    identity: Identity

    def listener(self) -> Listener:
        """The listener, leading nowhere yet."""
        address, port = self.post.proxy.dataplane.spec.networking.listens(self.spec)
        made = egress(self.spec.section, address, port)
        made.enable_reuse_port.value = REUSE_PORT in self.post.proxy.metadata.features
        return made


def _egress(post: Post, own: Layer) -> Zoned:
    exits, doors = _exits(post.mesh), tuple(_doors(post))
    if not exits or not doors:
        return NOT_ZONED
    taken = _taken(exits, own)
    inputs = (post.proxy, post.rules.inward, post.rules.outward, post.mesh.outside.exits, post.identity, taken)

    def build() -> Zoned:
        named = _apart(exits, taken, names.zone_egress)
        made = (_egress_listener(door, named) for door in doors)
        return Zoned(layer(made), layer(_exit_cluster(post, name, found) for name, found in named.items()))

    return post.shelf.latest("egress", post.proxy.dataplane.key, (*inputs, *around(post.mesh)), build)


def _exits(mesh: Mesh) -> Mapping[str, Exit]:
    """The services by name. Envoy takes no listener in which two filter chains match the same."""
    by_server_name: dict[str, Exit] = {}
    for found in mesh.outside.exits.values():
        by_server_name.setdefault(names.server_name(found.kri), found)
    return {found.name: found for found in by_server_name.values()}


def _doors(post: Post) -> Iterator[Door]:
    if post.identity is not None:
        for spec in post.listeners(EGRESS):
            yield Door(post, spec, post.identity)


def _egress_listener(door: Door, exits: Mapping[str, Exit]) -> Packed:
    """Each filter chain is a part of its own, so that a service that changes costs what one service does."""
    listener = door.post.edited(door.spec, door.listener(), egress=True)
    listener.filter_chains.extend(_way_out(door, name, found) for name, found in exits.items())
    return pack(listener.name, listener)


def _way_out(door: Door, cluster: str, found: Exit) -> FilterChain:
    """The filter chain to one service, after every policy has had its say."""
    post, policies, internal = door.post, door.post.workshop.policies, internal_of(door.post.proxy, door.post.workshop)
    confs = tuple(
        conf if policy.exit is not None else UNSAID
        for policy, conf in zip(policies, confs_of(post.rules.outward, found.kri), strict=True)
    )

    def build() -> FilterChain:
        listener = door.listener()
        listener.filter_chains.append(way_out(found, cluster, door.identity, internal))
        draft = Outbound(found.kri, found.protocol, post.edited(door.spec, listener, egress=True), post.caller)
        for policy, conf in zip(policies, confs, strict=True):
            if policy.exit is not None:
                policy.exit(draft, conf)
        return listener.filter_chains[0]

    key = (found, cluster, door.spec, door.identity, internal, post.caller, post.said(door.spec), confs)
    return post.shelf.part("way out", key, build)


def _exit_cluster(post: Post, name: str, found: Exit) -> Packed:
    """The cluster of one service, shared by all egresses whose machines are alike."""
    policies, confs = post.workshop.policies, confs_of(post.rules.outward, found.kri)
    caller = seen_by("upstream", post.caller, zip(policies, confs, strict=True))
    machine = Machine(is_ipv6(post.proxy.dataplane.spec.networking.address), post.proxy.metadata.system_ca_path)

    def build() -> Packed:
        draft = Upstream(found.kri, found.protocol, outside(found, name, machine), caller, leaves=True)
        for policy, conf in zip(policies, confs, strict=True):
            if policy.upstream is not None:
                policy.upstream(draft, conf)
        return pack(name, draft.cluster)

    return post.shelf.part("exit cluster", (found, name, machine, confs, caller), build)


def _exit_pieces(post: Post) -> Iterator[Piece]:
    for name, found in _exits(post.mesh).items():
        for door in _doors(post):
            yield partial(_way_out, door, name, found)
            yield partial(_exit_cluster, post, name, found)


SIDES: Mapping[str, Callable[[Post, Layer], Zoned]] = {INGRESS: _ingress, EGRESS: _egress}
PIECES: Mapping[str, Callable[[Post], Iterator[Piece]]] = {INGRESS: _inside_pieces, EGRESS: _exit_pieces}
