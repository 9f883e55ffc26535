"""Generation: what a proxy should hold, as a pure function of the mesh and the proxy.

A config is composed of parts, each a function of a small key. Parts that were built before are taken from the workshop,
and all proxies that look outward alike share one set of listeners, clusters and endpoints.
"""

from __future__ import annotations

from collections.abc import Iterator

from kuma.envoy import tls
from kuma.envoy.names import CDS, EDS, LDS, SDS
from kuma.mesh import Mesh, Proxy
from kuma.model import NO_LABELS
from kuma.xds.config import NOTHING, Config, Layer, layer, pack
from zone_cp.generate.admin import WrongAdmin
from zone_cp.generate.caller import around, asked_of, caller_of
from zone_cp.generate.local import own
from zone_cp.generate.matched import Inward, Rules, inward_rules, outward_rules
from zone_cp.generate.outward import Outlook, steps, view
from zone_cp.generate.patched import Patcher, modifications_of
from zone_cp.generate.redirected import everywhere, resolved
from zone_cp.generate.subject import Subject, identity_of, internal_of
from zone_cp.generate.system import Around
from zone_cp.generate.transparent import called_directly
from zone_cp.generate.workshop import Workshop
from zone_cp.generate.zoned import site_of, zone_steps, zoned

__all__ = ["CDS", "EDS", "LDS", "SDS", "Workshop", "WrongAdmin", "generate", "prepare"]


def generate(mesh: Mesh, proxy: Proxy, workshop: Workshop) -> Config:
    """All that a proxy should hold. The workshop saves work and changes nothing."""
    shelf = workshop.shelf(mesh)
    matched, outlook = _looked(mesh, proxy, workshop)
    rules = Rules(matched, outlook.rules)
    seen = view(mesh, outlook, workshop)
    through = zoned(site_of(mesh, proxy, rules, workshop), seen.clusters)
    subject = Subject(mesh, proxy, rules, workshop)
    mine = own(subject, Around(resolved(subject, outlook), called_directly(mesh, proxy), subject.internal))
    complete = Config({
        CDS: (seen.clusters, through.clusters, mine.clusters),
        EDS: (seen.endpoints, through.endpoints, NOTHING),
        LDS: (seen.listeners, through.listeners, mine.listeners),
        SDS: (shelf.part("trust", mesh.trust, lambda: _trusted(mesh)), mine.secrets),
    })  # fmt: skip
    modifications = modifications_of(rules, workshop.policies)
    if not modifications:
        return complete
    return Patcher(modifications, shelf).patched(complete)


def prepare(mesh: Mesh, proxy: Proxy, workshop: Workshop) -> Iterator[None]:
    """Build what `generate` will need in small steps, between which an event loop can turn.

    No step takes longer than a few parts do. What is there already takes no step.
    """
    matched, outlook = _looked(mesh, proxy, workshop)
    yield from steps(mesh, outlook, workshop)
    yield from zone_steps(site_of(mesh, proxy, Rules(matched, outlook.rules), workshop))


def _looked(mesh: Mesh, proxy: Proxy, workshop: Workshop) -> tuple[Inward, Outlook]:
    """What policies say of what arrives at the proxy, and how it looks outward."""

    def look() -> tuple[Inward, Outlook]:
        matched = inward_rules(mesh, proxy.dataplane, workshop.policies, workshop.shelf(mesh))
        return matched, _outlook(mesh, proxy, matched, workshop)

    return workshop.last(mesh, proxy, look)


def _outlook(mesh: Mesh, proxy: Proxy, matched: Inward, workshop: Workshop) -> Outlook:
    """How the proxy looks outward: the very value that others who look alike have, so that it is hashed once."""
    shelf, identity = workshop.shelf(mesh), identity_of(mesh, proxy)
    faulty = mesh.policies.in_effect("MeshFaultInjection")  # then requests tell who sends them, as they always have
    rules = outward_rules(mesh, matched, workshop.policies, shelf)

    def build() -> Outlook:
        outbounds = everywhere(mesh, proxy) or proxy.dataplane.spec.networking.outbound
        asked = (policy.asks for policy, said in zip(workshop.policies, rules, strict=True) if said)
        seen_of = asked_of(caller_of(mesh, proxy), frozenset().union(*asked))
        marks = proxy.dataplane.labels if faulty else NO_LABELS
        made = Outlook(outbounds, rules, identity, internal_of(proxy, workshop), seen_of, marks)
        return shelf.part("outlook", made, lambda: made)

    inputs = (proxy.dataplane, proxy.metadata, identity, rules, around(mesh), mesh.destinations.vips, faulty)
    return shelf.latest("look", proxy.dataplane.key, inputs, build)


def _trusted(mesh: Mesh) -> Layer:
    """Also for proxies without an identity: they get one later, and must know then whom to believe."""
    if not mesh.trust.bundles:
        return NOTHING
    bundle = tls.trust_bundle(mesh.trust.bundles)
    return layer((pack(bundle.name, bundle),))
