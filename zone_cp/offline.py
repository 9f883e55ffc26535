"""What a zone's control plane would make of resource documents, without running one. Pure.

What the control plane would find out is found out here: labels, services of workloads, statuses, trust, addresses. What
the documents say already is taken as it is. Proxies count as connected.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from attrs import evolve, frozen
from frozendict import frozendict

from kuma import members
from kuma.hostnames import claims, with_names
from kuma.kinds import KINDS, kri_of
from kuma.labels import Where, computed_labels
from kuma.mesh import Certificate, Mesh, Metadata, Proxy, mesh_of
from kuma.model import ORIGIN, ORIGIN_ZONE, Key, Resource
from kuma.resources import meshidentity, meshtrust
from kuma.resources.dataplaneinsight import DataplaneInsight, Mtls, Subscription
from kuma.resources.parts import Condition
from kuma.settings import Settings
from kuma.spiffe import BadSpiffeId, Local, trust_domain
from kuma.vips import ADDRESSED, outline, with_vip
from zone_cp.addressing import Ledger, pools_of
from zone_cp.bootstrap import Asked, Params, metadata
from zone_cp.identities import ready_identity
from zone_cp.inspection import NO_KEYS
from zone_cp.meshservices import Members, Names, Place, service_now, wanted_services

READY = Condition("Ready", "True", "Ready", "Successfully initialized")
CONNECTED = DataplaneInsight(subscriptions=(Subscription(),), mtls=Mtls(issued_backend="the one that it has"))
UNKNOWN_AUTHORITY = "-----BEGIN CERTIFICATE-----\nthe control plane makes this authority\n-----END CERTIFICATE-----\n"
READINESS_PORT = 9902


@frozen
class Offline:
    """One mesh as the control plane of one zone would see it, with the proxies' insights."""

    mesh: Mesh
    insights: Mapping[str, Resource]

    def proxy(self, dataplane: Resource, features: tuple[str, ...] = ()) -> Proxy:
        """The proxy of a Dataplane, with no private key: as it said of itself, or as one with these features would."""
        insight = self.insights.get(dataplane.name)
        said = None if insight is None else insight.spec.metadata
        identity = ready_identity(self.mesh, dataplane)
        certificate = None if identity is None else Certificate(str(kri_of(identity)))
        return Proxy(dataplane, Metadata.of(said or _usual(dataplane, features)), certificate, NO_KEYS)


def _usual(dataplane: Resource, features: tuple[str, ...]) -> Mapping[str, object]:
    """What a proxy says of itself after this control plane's bootstrap."""
    asked = Asked(dataplane.mesh, dataplane.name, work_dir="/tmp", readiness_port=READINESS_PORT, features=features)
    params = Params(xds_port=0)
    return metadata(asked, params, params.admin_port)


def seen(name: str, zone: str, resources: Iterable[Resource], settings: Settings) -> Offline:
    """One mesh as a zone with these settings would see it, were these resources stored in it."""
    where = Where("zone", zone, settings.environment, federated=settings.federated)
    found = {one.key: one for one in (_labelled(one, where) for one in resources) if _belongs(one, name)}
    found.setdefault(Key("Mesh", "", name), _labelled(Resource(Key("Mesh", "", name), KINDS["Mesh"].spec()), where))
    for step in (_identities, _services, _addresses):
        found |= {one.key: one for one in step(Place(name, zone), found, settings)}
    insights = {key.name: one for key, one in found.items() if key.kind == "DataplaneInsight"}
    return Offline(mesh_of(name, zone, found.values()), frozendict(insights))


def _belongs(resource: Resource, mesh: str) -> bool:
    return not KINDS[resource.kind].mesh_scoped or resource.mesh == mesh


def _labelled(resource: Resource, where: Where) -> Resource:
    return evolve(resource, labels=computed_labels(KINDS[resource.kind], resource, where))


Found = Mapping[Key, Resource]


def _of(found: Found, kind: str) -> list[Resource]:
    return [one for one in found.values() if one.kind == kind]


def _identities(place: Place, found: Found, _settings: Settings) -> Iterator[Resource]:
    """Every identity works and is trusted; of an authority that is made later, only the domain is known."""
    local, trusted = Local(place.zone), {one.spec.trust_domain for one in _of(found, "MeshTrust")}
    for identity in _of(found, "MeshIdentity"):
        if identity.status is None and identity.spec.provider is not None:
            yield evolve(identity, status=meshidentity.Status(conditions=(READY,)))
        with suppress(BadSpiffeId):
            if (domain := trust_domain(identity, local)) not in trusted:
                bundle = meshtrust.CaBundle(type="Pem", pem=meshtrust.Pem(value=UNKNOWN_AUTHORITY))
                spec = meshtrust.MeshTrust(trust_domain=domain, ca_bundles=(bundle,))
                yield Resource(Key("MeshTrust", place.mesh, identity.name), spec, identity.labels)


def _services(place: Place, found: Found, _settings: Settings) -> Iterator[Resource]:
    """A service for each workload, and the status of all that have none yet."""
    dataplanes = {one.name: one for one in _of(found, "Dataplane")}
    services = {one.name: one for one in _of(found, "MeshService")}
    wanted, _ = wanted_services(place, dataplanes.values(), services.values())
    local = {name: one for name, one in (dict(wanted) | services).items() if one.status is None and _local(one, place)}
    behind, _ = members.Members().changed({}, local, dataplanes)
    domains = frozenset(one.spec.trust_domain for one in _of(found, "MeshTrust"))
    names = Names(_of(found, "MeshIdentity"), domains, Local(place.zone))
    insights = {name: Resource(Key("DataplaneInsight", place.mesh, name), CONNECTED) for name in dataplanes}
    for name, service in local.items():
        yield service_now(service, Members(tuple(behind.of(name).values()), insights), names)


def _local(service: Resource, place: Place) -> bool:
    return service.labels.get(ORIGIN, ORIGIN_ZONE) == ORIGIN_ZONE and service.zone in ("", place.zone)


def _addresses(place: Place, found: Found, settings: Settings) -> Iterator[Resource]:
    """Addresses and hostnames for all that have none."""
    services = [one for kind in ADDRESSED for one in _of(found, kind)]
    assigned = Ledger(pools_of(settings)).assigned(services)
    generators = _of(found, "HostnameGenerator")
    for kind in ADDRESSED:
        made = claims(generators, _of(found, kind), place.zone)
        for service in _of(found, kind):
            addressed = with_vip(service, assigned[service.key]) if service.key in assigned else service
            named = bool(getattr(outline(addressed), "addresses", ()))
            yield addressed if named else with_names(addressed, outline(addressed), made[service.key])
