"""What a zone proxy passes on: other zones' traffic to the services here, and the zone's traffic to what is outside.

Zone proxies of one zone share the clusters. Their names are those of the destinations, unless the proxy sends traffic
of its own there: then that is another cluster, since it speaks TLS for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
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
from kuma.model import Key
from kuma.names import is_ipv6
from kuma.policy import Policy
from kuma.xds.config import NOTHING, Layer, Packed, layer, pack
from zone_cp.generate.caller import around, caller_of, seen_by
from zone_cp.generate.matched import Rules
from zone_cp.generate.outward import confs_of, following
from zone_cp.generate.subject import identity_of, internal_of
from zone_cp.generate.transparent import REUSE_PORT
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
    """A zone proxy, with all that decides how it passes things on, but what. One object as long as it is the same."""

    proxy: Proxy
    rules: Rules
    policies: tuple[Policy, ...]
    identity: Identity | None
    caller: Caller
    internal: tuple[str, ...]

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
        for policy, said in zip(self.policies, self.said(spec), strict=True):
            if policy.zone_listener is not None:
                policy.zone_listener(draft, said)
        return listener


@frozen
class Site:
    """A zone proxy's post, the mesh around it, and where parts are kept."""

    mesh: Mesh
    post: Post
    shelf: Shelf

    @property
    def key(self) -> Key:
        """Whose site it is."""
        return self.post.proxy.dataplane.key


def site_of(mesh: Mesh, proxy: Proxy, rules: Rules, workshop: Workshop) -> Site | None:
    """The site of a zone proxy; None for another one."""
    if not proxy.dataplane.spec.networking.listeners:
        return None
    shelf, identity = workshop.shelf(mesh), identity_of(mesh, proxy)

    def build() -> Post:
        caller, internal = caller_of(mesh, proxy), internal_of(proxy, workshop)
        return Post(proxy, rules, workshop.policies, identity, caller, internal)

    inputs = (proxy, rules.inward, rules.outward, identity, *around(mesh))
    return Site(mesh, shelf.latest("post", proxy.dataplane.key, inputs, build), shelf)


def zoned(site: Site | None, own: Layer) -> Zoned:
    """What a proxy passes on; `own` are the clusters that it sends traffic of its own to."""
    if site is None:
        return NOT_ZONED
    sides = tuple(side(site, own) for kind, side in SIDES.items() if site.post.listeners(kind))
    if len(sides) < 2:
        return sides[0] if sides else NOT_ZONED
    layers = tuple(layer for side in sides for layer in (side.listeners, side.clusters, side.endpoints))
    return site.shelf.latest("zone proxy", site.key, layers, lambda: _together(*sides))


def zone_steps(site: Site | None) -> Iterator[None]:
    """Build what a proxy passes on one destination at a time. What is there already takes no step."""
    if site is None:
        return
    for piece in (piece for kind, pieces in PIECES.items() if site.post.listeners(kind) for piece in pieces(site)):
        kept = len(site.shelf)
        piece()
        if len(site.shelf) != kept:
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


def _ingress(site: Site, own: Layer) -> Zoned:
    mesh, shelf = site.mesh, site.shelf
    taken = _taken(mesh.destinations.by_name, own)
    within = shelf.part("inside", (mesh.destinations, taken), lambda: _within(site, taken))
    listening = (site.post, within)
    return Zoned(
        shelf.latest("ingress", site.key, listening, lambda: layer(_ingress_listeners(*listening))),
        within.clusters,
        shelf.part("inside endpoints", (within, mesh.places), lambda: _inside_endpoints(site, within)),
    )


def _within(site: Site, taken: Layer) -> Within:
    destinations = _apart({one.name: one for one in inside(site.mesh)}, taken, names.zone_ingress)
    return Within(frozendict(destinations), layer(_inside_cluster(site, name) for name in destinations))


def _inside_endpoints(site: Site, within: Within) -> Layer:
    return layer(_inside(site, within.clusters.resources[name], one) for name, one in within.destinations.items())


def _ingress_listeners(post: Post, within: Within) -> Iterator[Packed]:
    for spec in post.listeners(INGRESS):
        address, port = post.proxy.dataplane.spec.networking.listens(spec)
        listener = ingress(spec.section, address, port, within.destinations)
        if listener is not None:
            listener.enable_reuse_port.value = REUSE_PORT in post.proxy.metadata.features
            yield pack(listener.name, post.edited(spec, listener, egress=False))


def _inside_pieces(site: Site) -> Iterator[Piece]:
    if not site.shelf.has("inside", (site.mesh.destinations, NOTHING)):
        for one in inside(site.mesh):
            yield partial(_inside_piece, site, one)


def _inside_piece(site: Site, destination: Destination) -> Packed:
    return _inside(site, _inside_cluster(site, destination.name), destination)


def _inside_cluster(site: Site, name: str) -> Packed:
    def build() -> Packed:
        made = clusters.eds(name)
        for policy in site.post.policies:
            if policy.cluster is not None:
                policy.cluster(made)
        return pack(name, made)

    return site.shelf.part("inside cluster", name, build)


def _inside(site: Site, cluster: Packed, destination: Destination) -> Packed:
    """The load assignment of an ingress's cluster. What another zone has sent here stays here."""
    endpoints = tuple(one for one in site.mesh.endpoints(str(destination.port_kri)) if not one.remote)
    key = (cluster.name, cluster.version, endpoints)
    return site.shelf.part("inside assignment", key, lambda: following(cluster, assignment(cluster.name, endpoints)))


# Outward: to services outside the mesh. Only who has an identity can answer for them.


def _egress(site: Site, own: Layer) -> Zoned:
    if site.post.identity is None or not site.mesh.outside.exits:
        return NOT_ZONED
    taken = _taken((one.name for one in site.mesh.outside.exits.values()), own)
    inputs = (site.post, site.mesh.outside.exits, taken)

    def build() -> Zoned:
        exits = _apart(_exits(site.mesh), taken, names.zone_egress)
        made = (_egress_listener(site, spec, exits) for spec in site.post.listeners(EGRESS))
        return Zoned(layer(made), layer(_exit_cluster(site, name, found) for name, found in exits.items()))

    return site.shelf.latest("egress", site.key, inputs, build)


def _exits(mesh: Mesh) -> Mapping[str, Exit]:
    """The services by name. Envoy takes no listener in which two filter chains match the same."""
    by_server_name: dict[str, Exit] = {}
    for found in mesh.outside.exits.values():
        by_server_name.setdefault(names.server_name(found.kri), found)
    return {found.name: found for found in by_server_name.values()}


def _exit_pieces(site: Site) -> Iterator[Piece]:
    if site.post.identity is None:
        return
    for name, found in _exits(site.mesh).items():
        yield partial(_exit_cluster, site, name, found)
        for spec in site.post.listeners(EGRESS):
            yield partial(_way_out, site, spec, (name, found))


def _empty_egress(post: Post, spec: Any) -> Listener:
    """An egress listener that leads nowhere yet."""
    address, port = post.proxy.dataplane.spec.networking.listens(spec)
    made = egress(spec.section, address, port)
    made.enable_reuse_port.value = REUSE_PORT in post.proxy.metadata.features
    return made


def _egress_listener(site: Site, spec: Any, exits: Mapping[str, Exit]) -> Packed:
    """Each filter chain is a part of its own, so that a service that changes costs what one service does."""
    listener = site.post.edited(spec, _empty_egress(site.post, spec), egress=True)
    listener.filter_chains.extend(_way_out(site, spec, led) for led in exits.items())
    return pack(listener.name, listener)


def _way_out(site: Site, spec: Any, led: tuple[str, Exit]) -> FilterChain:
    """The filter chain of one listener through a cluster of this name to a service."""
    place = (site.key, spec.section, led[0])
    return site.shelf.latest("exit chain", place, (site.post, led[1]), lambda: _chain(site, spec, led))


def _chain(site: Site, spec: Any, led: tuple[str, Exit]) -> FilterChain:
    """The same, after every policy has had its say."""
    post, (cluster, found) = site.post, led
    said = zip(post.policies, confs_of(post.rules.outward, found.kri), strict=True)
    edits = tuple((policy.exit, confs) for policy, confs in said if policy.exit is not None)

    def build() -> FilterChain:
        assert post.identity is not None
        listener = _empty_egress(post, spec)
        listener.filter_chains.append(way_out(found, cluster, post.identity, post.internal))
        draft = Outbound(found.kri, found.protocol, post.edited(spec, listener, egress=True), post.caller)
        for edit, confs in edits:
            edit(draft, confs)
        return listener.filter_chains[0]

    key = (found, cluster, spec, post.identity, post.internal, post.caller, post.said(spec), edits)
    return site.shelf.part("way out", key, build)


def _exit_cluster(site: Site, name: str, found: Exit) -> Packed:
    """The cluster of one service, shared by all egresses that are alike."""
    place = (site.key, name)
    return site.shelf.latest("exit", place, (site.post, found), lambda: _shared_cluster(site, name, found))


def _shared_cluster(site: Site, name: str, found: Exit) -> Packed:
    post, confs = site.post, confs_of(site.post.rules.outward, found.kri)
    caller = seen_by("upstream", post.caller, zip(post.policies, confs, strict=True))
    machine = Machine(is_ipv6(post.proxy.dataplane.spec.networking.address), post.proxy.metadata.system_ca_path)

    def build() -> Packed:
        draft = Upstream(found.kri, found.protocol, outside(found, name, machine), caller, leaves=True)
        for policy, conf in zip(post.policies, confs, strict=True):
            if policy.upstream is not None:
                policy.upstream(draft, conf)
        return pack(name, draft.cluster)

    return site.shelf.part("exit cluster", (found, name, machine, confs, caller), build)


SIDES: Mapping[str, Callable[[Site, Layer], Zoned]] = {INGRESS: _ingress, EGRESS: _egress}
PIECES: Mapping[str, Callable[[Site], Iterator[Piece]]] = {INGRESS: _inside_pieces, EGRESS: _exit_pieces}
