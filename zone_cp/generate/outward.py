"""How proxies look outward: the listeners, clusters and endpoints that all who look alike share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve, frozen
from frozendict import frozendict

from ingress.zone import inside
from kuma.destinations import Destination
from kuma.envoy import clusters, tls
from kuma.envoy.draft import Caller, Endpoints, Identity, Outbound, Upstream
from kuma.envoy.endpoints import assignment
from kuma.envoy.listeners import listener, tag
from kuma.envoy.names import UNIFIED_NAME
from kuma.match import ToConfs
from kuma.mesh import Mesh
from kuma.model import Kri
from kuma.policy import Policy
from kuma.xds.config import Layer, Packed, digest, layer, pack
from zone_cp.generate.caller import BLANK, seen_by
from zone_cp.generate.matched import Outward
from zone_cp.generate.routed import Routed, chain, routed
from zone_cp.generate.workshop import Shelf, Workshop

Confs = tuple[ToConfs, ...]  # in the order of the policies
UNSAID = ToConfs()


@frozen(cache_hash=True)
class Outlook:
    """What decides how a proxy looks outward. Equal outlooks on one mesh see the same things."""

    outbounds: tuple[Any, ...]  # as the Dataplane lists them
    rules: Outward
    identity: Identity | None
    internal: tuple[str, ...]
    ingress: bool = False
    caller: Caller = BLANK  # as far as policies ask


@frozen(eq=False)
class Plan:
    """All of an outlook but where things are: it changes when services or policies do, and not when endpoints move.

    `assigned` are the clusters whose endpoints come over ADS, with what policies say of each; nothing for an ingress's.
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
    """A load assignment. Its version follows the cluster's: Envoy warms a changed cluster until it has endpoints."""
    endpoints = site.mesh.endpoints(str(destination.port_kri))
    if not confs:  # an ingress: what another zone has sent here stays here
        endpoints = tuple(one for one in endpoints if not one.remote)

    caller = _caller(site, "endpoints", confs)

    def build() -> Packed:
        draft = Endpoints(destination.kri, site.mesh.zone, assignment(cluster.name, endpoints), caller)
        for policy, conf in zip(site.policies, confs, strict=False):
            if policy.endpoints is not None:
                policy.endpoints(draft, conf)
        made = pack(cluster.name, draft.assignment)
        return evolve(made, version=digest(cluster.version.encode(), made.body))

    key = (cluster.name, cluster.version, site.mesh.zone, endpoints, confs, caller)
    return site.shelf.part("assignment", key, build)


def _plan(site: Site) -> Plan:
    reached = {one.destination.name: one for one in _reached(site)}
    backends = {one.name: one for each in reached.values() for one in each.routed.backends()}
    upstream = {name: one for name, one in backends.items() if _can_be_called(one, site.outlook.identity)}
    within = {one.name: one for one in inside(site.mesh) if one.name not in upstream} if site.outlook.ingress else {}
    assigned = {name: (one, _confs(site, one)) for name, one in upstream.items()}
    made = [_cluster(site, one, assigned[name][1]) for name, one in upstream.items()]
    made += [_inside_cluster(site, name) for name in within]
    assigned |= {name: (one, ()) for name, one in within.items()}
    return Plan(layer(_listener(site, one) for one in reached.values()), layer(made), frozendict(assigned))


def _reached(site: Site) -> Iterator[Reached]:
    destinations, rules = site.mesh.destinations, dict(zip(site.policies, site.outlook.rules, strict=True))
    by_kind = {policy.kind.name: said for policy, said in rules.items()}
    for outbound in site.outlook.outbounds:
        destination = _destination(outbound.backend_ref, site.mesh)
        if destination is None:
            continue
        way = routed(destination, by_kind, destinations)
        if way is not None:
            address, port = outbound.listens
            yield Reached(address, port, destination, way)


def _destination(ref: Any, mesh: Mesh) -> Destination | None:
    """The destination that a Dataplane's outbound means: by labels, or by name."""
    if ref is None:
        return None
    found = (
        mesh.destinations.labelled(ref.kind, ref.labels) if ref.labels else mesh.destinations.called(ref.kind, ref.name)
    )
    return None if found is None else found.at(str(ref.port) if ref.port else "")


def _confs(site: Site, destination: Destination, routes: tuple[Kri, ...] = ()) -> Confs:
    """What each policy says of a destination and these routes to it; most say nothing of anything."""
    rules = site.outlook.rules
    return tuple(one.for_destination(destination.kri, routes) if one else UNSAID for one in rules)


def _caller(site: Site, edit: str, confs: Confs) -> Caller:
    return seen_by(edit, site.outlook.caller, zip(site.policies, confs, strict=False))


def _listener(site: Site, reached: Reached) -> Packed:
    destination, internal = reached.destination, site.outlook.internal
    confs = _confs(site, destination, reached.routed.rules())
    caller = _caller(site, "outbound", confs)

    def build() -> Packed:
        made = listener(destination.name, reached.address, reached.port, "OUTBOUND")
        tag(made, {UNIFIED_NAME: destination.name})
        made.filter_chains.append(chain(destination, reached.routed, internal))
        draft = Outbound(destination.kri, destination.protocol, made, caller)
        for policy, conf in zip(site.policies, confs, strict=True):
            if policy.outbound is not None:
                policy.outbound(draft, conf)
        return pack(made.name, made)

    return site.shelf.part("outbound listener", (reached, internal, confs, caller), build)


def _can_be_called(destination: Destination, identity: Identity | None) -> bool:
    """Whoever speaks TLS must be able to name whom it wants."""
    return identity is None or not destination.tls or bool(destination.sni)


def _cluster(site: Site, destination: Destination, confs: Confs) -> Packed:
    identity, caller = site.outlook.identity, _caller(site, "upstream", confs)

    def build() -> Packed:
        made = clusters.eds(destination.name)
        clusters.speak(made, "http2")  # whatever the application speaks, proxies speak HTTP/2 to each other
        if identity is not None and destination.tls:
            tls.secure(made, tls.upstream(identity, destination.sni, destination.sans))
        draft = Upstream(destination.kri, destination.protocol, made, caller)
        for policy, conf in zip(site.policies, confs, strict=True):
            if policy.upstream is not None:
                policy.upstream(draft, conf)
        return pack(made.name, made)

    return site.shelf.part("cluster", (destination, identity, confs, caller), build)


def _inside_cluster(site: Site, name: str) -> Packed:
    def build() -> Packed:
        made = clusters.eds(name)
        for policy in site.policies:
            if policy.cluster is not None:
                policy.cluster(made)
        return pack(name, made)

    return site.shelf.part("inside cluster", name, build)
