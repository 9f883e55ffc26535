"""How proxies look outward: the listeners, clusters and endpoints that all who look alike share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen
from frozendict import frozendict

from kuma.destinations import Destination, Destinations, Service
from kuma.envoy import clusters, tls
from kuma.envoy.draft import Caller, Endpoints, Identity, Outbound, Upstream
from kuma.envoy.endpoints import assignment
from kuma.envoy.listeners import listener, tag
from kuma.envoy.names import UNIFIED_NAME
from kuma.match import ToConfs
from kuma.mesh import Mesh
from kuma.model import NO_LABELS, Kri, Labels
from kuma.policy import Policy
from kuma.xds.config import Layer, Packed, digest, layer, pack
from zone_cp.generate.caller import BLANK, seen_by
from zone_cp.generate.matched import Outward
from zone_cp.generate.routed import Routed, chain, routed
from zone_cp.generate.workshop import Shelf, Workshop

if TYPE_CHECKING:
    from kuma.envoy.api import ClusterLoadAssignment

Confs = tuple[ToConfs, ...]  # in the order of the policies
UNSAID = ToConfs()


@frozen
class Everywhere:
    """Outbounds at the virtual addresses of all services, or (`refs`) of those that are reachable by what these say.

    `taken` are places that the proxy's own inbounds listen on. `binds` where the proxy itself listens at addresses.
    """

    refs: tuple[Any, ...] | None = None
    taken: frozenset[tuple[str, int]] = frozenset()
    binds: bool = False


@frozen(cache_hash=True)
class Outlook:
    """What decides how a proxy looks outward. Equal outlooks on one mesh see the same things."""

    outbounds: tuple[Any, ...] | Everywhere  # as the Dataplane lists them, or by address
    rules: Outward
    identity: Identity | None
    internal: tuple[str, ...]
    caller: Caller = BLANK  # as far as policies ask
    marks: Labels = NO_LABELS  # what requests tell of who sends them


@frozen(eq=False)
class Plan:
    """All of an outlook but where things are: it changes when services or policies do, and not when endpoints move.

    `assigned` are the destinations of the clusters, with what policies say of each.
    """

    listeners: Layer
    clusters: Layer
    assigned: Mapping[str, tuple[Destination, Confs]]


@frozen(eq=False)
class View:
    """What all proxies of one outlook hold."""

    listeners: Layer
    clusters: Layer
    endpoints: Layer


@frozen(cache_hash=True)
class Reached:
    """A destination port that a proxy listens for, and where its requests go."""

    address: str
    port: int
    destination: Destination
    routed: Routed
    binds: bool = True


@frozen
class Site:
    """What building needs at hand."""

    mesh: Mesh
    outlook: Outlook
    policies: tuple[Policy, ...]
    shelf: Shelf


def view(mesh: Mesh, outlook: Outlook, workshop: Workshop) -> View:
    """What proxies of this outlook hold: one value for all of them."""
    site = Site(mesh, outlook, workshop.policies, workshop.shelf(mesh))
    plan = site.shelf.part("plan", (outlook, mesh.destinations), lambda: _plan(site))
    return site.shelf.part("view", (plan, mesh.places), lambda: _view(site, plan))


def steps(mesh: Mesh, outlook: Outlook, workshop: Workshop) -> Iterator[None]:
    """Build the parts of an outlook one destination at a time; afterwards its view is quickly put together."""
    site = Site(mesh, outlook, workshop.policies, workshop.shelf(mesh))
    if site.shelf.has("plan", (outlook, mesh.destinations)):
        return
    for reached in _reached(site):
        _listener(site, reached)
        for one in reached.routed.backends():
            if _can_be_called(one, outlook.identity):
                confs = _confs(site, one)
                _assignment(site, _cluster(site, one, confs), one, confs)
        yield


def _view(site: Site, plan: Plan) -> View:
    made = (_assignment(site, packed, *plan.assigned[name]) for name, packed in plan.clusters.resources.items())
    return View(plan.listeners, plan.clusters, layer(made))


def _assignment(site: Site, cluster: Packed, destination: Destination, confs: Confs) -> Packed:
    """The load assignment of a cluster."""
    endpoints = site.mesh.endpoints(str(destination.port_kri))
    caller = _caller(site, "endpoints", confs)

    def build() -> Packed:
        draft = Endpoints(destination.kri, site.mesh.zone, assignment(cluster.name, endpoints), caller)
        for policy, conf in zip(site.policies, confs, strict=True):
            if policy.endpoints is not None:
                policy.endpoints(draft, conf)
        return following(cluster, draft.assignment)

    key = (cluster.name, cluster.version, site.mesh.zone, endpoints, confs, caller)
    return site.shelf.part("assignment", key, build)


def following(cluster: Packed, assignment: ClusterLoadAssignment) -> Packed:
    """A load assignment whose version follows its cluster's: Envoy warms a changed cluster until it has endpoints."""
    made = pack(cluster.name, assignment)
    return evolve(made, version=digest(cluster.version.encode(), made.body))


def _plan(site: Site) -> Plan:
    reached = {one.destination.name: one for one in _reached(site)}
    backends = {one.name: one for each in reached.values() for one in each.routed.backends()}
    upstream = {name: one for name, one in backends.items() if _can_be_called(one, site.outlook.identity)}
    assigned = {name: (one, _confs(site, one)) for name, one in upstream.items()}
    made = [_cluster(site, one, assigned[name][1]) for name, one in upstream.items()]
    return Plan(layer(_listener(site, one) for one in reached.values()), layer(made), frozendict(assigned))


def _reached(site: Site) -> Iterator[Reached]:
    destinations, rules = site.mesh.destinations, dict(zip(site.policies, site.outlook.rules, strict=True))
    by_kind = {policy.kind.name: said for policy, said in rules.items()}
    for (address, port), destination in _outbounds(site):
        way = routed(destination, by_kind, destinations)
        if way is not None:
            yield Reached(address, port, destination, way, _binds(site.outlook))


def _binds(outlook: Outlook) -> bool:
    return outlook.outbounds.binds if isinstance(outlook.outbounds, Everywhere) else True


def _outbounds(site: Site) -> Iterator[tuple[tuple[str, int], Destination]]:
    """Where the application finds each destination."""
    if isinstance(site.outlook.outbounds, Everywhere):
        yield from reachable(site.mesh.destinations, site.outlook.outbounds)
        return
    for outbound in site.outlook.outbounds:
        destination = _destination(outbound.backend_ref, site.mesh)
        if destination is not None:
            yield outbound.listens, destination


def reachable(destinations: Destinations, everywhere: Everywhere) -> Iterator[tuple[tuple[str, int], Destination]]:
    """The virtual addresses and ports of what can be reached, and what is there."""
    found = _named(destinations, everywhere.refs)
    for destination in found:
        for vip in destinations.vips_of(destination):
            if (vip, destination.port) not in everywhere.taken:
                yield (vip, destination.port), destination


def _named(destinations: Destinations, refs: tuple[Any, ...] | None) -> Iterable[Destination]:
    """What backend references mean, or everything: each once, sorted by name."""
    if refs is None:
        return (one for _, one in sorted(destinations.by_name.items()))
    found = {
        port.name: port for ref in refs for one in _meant(destinations, ref) for port in one.ports if _at(ref, port)
    }
    return (found[name] for name in sorted(found))


def _meant(destinations: Destinations, ref: Any) -> Iterable[Service]:
    if ref.labels:
        return destinations.carrying(ref.kind, ref.labels)
    one = destinations.called(ref.kind, ref.name)
    return () if one is None or ref.namespace not in ("", one.resource.namespace) else (one,)


def _at(ref: Any, port: Destination) -> bool:
    return ref.port in (None, 0, port.port)


def _destination(ref: Any, mesh: Mesh) -> Destination | None:
    """The destination that a Dataplane's outbound means: by labels, or by name."""
    if ref is None:
        return None
    found = (
        mesh.destinations.labelled(ref.kind, ref.labels) if ref.labels else mesh.destinations.called(ref.kind, ref.name)
    )
    return None if found is None else found.numbered(ref.port)


def _confs(site: Site, destination: Destination, routes: tuple[Kri, ...] = ()) -> Confs:
    return confs_of(site.outlook.rules, destination.kri, routes)


def confs_of(rules: Outward, destination: Kri, routes: tuple[Kri, ...] = ()) -> Confs:
    """What each policy says of a destination and these routes to it; most say nothing of anything."""
    return tuple(one.for_destination(destination, routes) if one else UNSAID for one in rules)


def _caller(site: Site, edit: str, confs: Confs) -> Caller:
    return seen_by(edit, site.outlook.caller, zip(site.policies, confs, strict=True))


def _listener(site: Site, reached: Reached) -> Packed:
    destination, internal, marks = reached.destination, site.outlook.internal, site.outlook.marks
    confs = _confs(site, destination, reached.routed.rules())
    caller = _caller(site, "outbound", confs)

    def build() -> Packed:
        made = listener(destination.name, reached.address, reached.port, "OUTBOUND")
        if not reached.binds:
            made.bind_to_port.value = False  # Envoy hands over what was redirected to its passthrough listener
        tag(made, {UNIFIED_NAME: destination.name})
        made.filter_chains.append(chain(destination, reached.routed, internal, marks))
        draft = Outbound(destination.kri, destination.protocol, made, caller)
        for policy, conf in zip(site.policies, confs, strict=True):
            if policy.outbound is not None:
                policy.outbound(draft, conf)
        return pack(made.name, made)

    return site.shelf.part("outbound listener", (reached, internal, confs, caller, marks), build)


def _can_be_called(destination: Destination, identity: Identity | None) -> bool:
    """Whoever speaks TLS must be able to name whom it wants."""
    return identity is None or not destination.tls or bool(destination.sni)


def _cluster(site: Site, destination: Destination, confs: Confs) -> Packed:
    identity, caller = site.outlook.identity, _caller(site, "upstream", confs)

    def build() -> Packed:
        made = clusters.eds(destination.name)
        clusters.speak(made, destination.between)
        if identity is not None and destination.tls:
            tls.secure(made, tls.upstream(identity, destination.sni, destination.sans))
        draft = Upstream(destination.kri, destination.protocol, made, caller)
        for policy, conf in zip(site.policies, confs, strict=True):
            if policy.upstream is not None:
                policy.upstream(draft, conf)
        return pack(made.name, made)

    return site.shelf.part("cluster", (destination, identity, confs, caller), build)
