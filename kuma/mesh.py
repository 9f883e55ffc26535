"""Mesh: all that one mesh's proxies can see, indexed and immutable; and the proxies that look at it.

A changed Mesh shares with the one before whatever the change did not touch, so that equal parts are found by identity.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from attrs import evolve, field, frozen
from frozendict import frozendict

from kuma.destinations import (
    ByPort,
    Destinations,
    Places,
    Service,
    Surroundings,
    places_of,
    service_of,
)
from kuma.envoy.endpoints import Endpoint
from kuma.external import Outside, external_of, external_places, secrets_of
from kuma.members import Members
from kuma.model import EFFECT, NEVER, Key, Resource
from kuma.multizone import members_of, multizone_of, multizone_places
from kuma.telemetry import Collector, collectors_of

ByName = Mapping[str, Resource]
NONE: ByName = frozendict()

ROUTE = "MeshHTTPRoute"  # the policy that others may point at
SERVICES = frozenset({"MeshExternalService", "MeshMultiZoneService", "MeshService"})
OUTWARD = SERVICES | {"Dataplane", "MeshZoneAddress", "MeshIdentity"}


@frozen(eq=False)
class Policies:
    """All policies of a mesh, by kind and sorted by name. One object as long as none of them changes."""

    by_kind: Mapping[str, tuple[Resource, ...]]

    def of(self, kind: str) -> tuple[Resource, ...]:
        """The policies of one kind, sorted by name."""
        return self.by_kind.get(kind, ())

    def in_effect(self, kind: str) -> bool:
        """Whether there are policies of one kind that do more than cast a shadow."""
        return any(one.labels.get(EFFECT) != "shadow" for one in self.of(kind))


@frozen
class Trust:
    """Whom the mesh believes: PEM bundles by trust domain, both sorted."""

    bundles: tuple[tuple[str, str], ...] = ()

    @property
    def domains(self) -> tuple[str, ...]:
        """The trust domains, sorted."""
        return tuple(domain for domain, _ in self.bundles)


@frozen(eq=False)
class Mesh:
    """What one mesh's proxies in one zone can see. Two meshes are compared by identity."""

    name: str
    zone: str
    kinds: Mapping[str, ByName]
    members: Members
    destinations: Destinations
    places: Places
    policies: Policies
    trust: Trust
    outside: Outside

    def of(self, kind: str) -> ByName:
        """All resources of a kind, by name, in no particular order."""
        return self.kinds.get(kind, NONE)

    def get(self, kind: str, name: str) -> Resource | None:
        """One resource of the mesh."""
        return self.of(kind).get(name)

    @property
    def resource(self) -> Resource | None:
        """The Mesh resource itself."""
        return self.get("Mesh", self.name)

    @cached_property
    def identities(self) -> tuple[Resource, ...]:
        """The MeshIdentities, sorted by name."""
        return by_name(self.of("MeshIdentity"))

    @cached_property
    def collectors(self) -> tuple[Collector, ...]:
        """The collectors of telemetry, oldest first."""
        return collectors_of(self.of("MeshOpenTelemetryBackend"))

    def endpoints(self, destination: str) -> tuple[Endpoint, ...]:
        """Where a destination, given by its KRI with a section, is reached from this zone."""
        return self.places.by_name.get(destination, ())

    def of_kind(self, kind: str) -> Iterable[tuple[Resource, tuple[str, ...]]]:
        """What a policy's `to` may point at: all resources of a kind, and the sections of their ports."""
        if kind == "Mesh":
            return ((self.resource, ()),) if self.resource is not None else ()
        if kind == ROUTE:
            return ((route, ()) for route in self.policies.of(kind))
        return (
            (service.resource, tuple(port.kri.section for port in service.ports))
            for service in self.destinations.of_kind(kind)
        )

    def changed(self, puts: Iterable[Resource] = (), deletes: Iterable[Key] = ()) -> Mesh:
        """The mesh after these changes; itself when none of them can be seen."""
        changes = _changes(self, puts, deletes)
        if not changes:
            return self
        return _with(self, {**self.kinds, **_kinds_after(self.kinds, changes)}, changes)


@frozen
class Certificate:
    """A proxy's identity: the MeshIdentity's KRI as the name of its secret, and the material.

    With an empty chain it only says which identity the proxy has: no Secret is sent.
    """

    secret: str
    chain: bytes = field(default=b"", repr=False)
    key: bytes = field(default=b"", repr=False)
    spiffe_id: str = ""
    issued: datetime = NEVER
    expires: datetime = NEVER


@frozen
class AdminTls:
    """What a proxy's admin listener serves with, and which CA its callers come from."""

    chain: bytes
    key: bytes = field(repr=False)
    ca: bytes


def _number(value: Any) -> int:
    return int(value) if value else 0


@frozen
class Metadata:
    """What a proxy says of itself when it connects (Envoy's `Node.metadata`); zero and empty mean not said."""

    features: frozenset[str] = frozenset()
    admin_port: int = 0
    admin_address: str = ""
    admin_socket: str = ""
    readiness_port: int = 0
    dns_port: int = 0
    workdir: str = ""
    ipv6: bool = True
    system_ca_path: str = ""
    metrics_cert_path: str = ""
    metrics_key_path: str = ""
    spire_socket: str = ""
    host_ip: str = ""
    transparent_proxy: Mapping[str, Any] = field(factory=frozendict)
    otel_env: Mapping[str, Any] = field(factory=frozendict)  # which OTEL_ variables it has, without their values
    proxy_type: str = ""
    dataplane: str = ""  # JSON text of the Dataplane that the proxy brings along
    version: Mapping[str, Any] = field(factory=frozendict)

    @classmethod
    def of(cls, struct: Mapping[str, Any]) -> Metadata:
        """Read the metadata struct of a node; absent keys keep their defaults."""
        return cls(
            features=frozenset(struct.get("features") or ()),
            admin_port=_number(struct.get("dataplane.admin.port")),
            admin_address=struct.get("dataplane.admin.address") or "",
            admin_socket=struct.get("dataplane.admin.socketPath") or "",
            readiness_port=_number(struct.get("dataplane.readinessReporter.port")),
            dns_port=_number(struct.get("dataplane.dns.port")),
            workdir=struct.get("workdir") or "",
            ipv6=bool(struct.get("ipv6Enabled", True)),
            system_ca_path=struct.get("systemCaPath") or "",
            metrics_cert_path=struct.get("metricsCertPath") or "",
            metrics_key_path=struct.get("metricsKeyPath") or "",
            spire_socket=struct.get("spireAgent.socketPath") or "",
            host_ip=(struct.get("dynamicMetadata") or {}).get("HOST_IP") or "",
            transparent_proxy=_frozen(struct.get("transparentProxy") or {}),
            otel_env=_frozen(struct.get("otelEnvInventory") or {}),
            proxy_type=struct.get("dataplane.proxyType") or "",
            dataplane=struct.get("dataplane.resource") or "",
            version=_frozen(struct.get("version") or {}),
        )


def _frozen(value: Any) -> Any:
    if isinstance(value, Mapping):
        return frozendict((name, _frozen(inner)) for name, inner in sorted(value.items()))
    if isinstance(value, list | tuple):
        return tuple(_frozen(inner) for inner in value)
    return value


@frozen
class Proxy:
    """One connected proxy: its Dataplane, what it said of itself, and the material issued for it."""

    dataplane: Resource
    metadata: Metadata = Metadata()
    certificate: Certificate | None = None
    admin: AdminTls | None = None


def by_name(resources: ByName) -> tuple[Resource, ...]:
    """These resources, sorted by name."""
    return tuple(resources[name] for name in sorted(resources))


def mesh_of(name: str, zone: str, resources: Iterable[Resource]) -> Mesh:
    """The mesh of this name as seen in this zone; resources of other meshes are left out."""
    policies, nothing = Policies(frozendict()), frozendict[str, ByName]()
    empty = Mesh(name, zone, nothing, Members(), Destinations(), Places(), policies, Trust(), Outside())
    return empty.changed(resources)


INSIGHTS = frozenset({"DataplaneInsight", "MeshInsight", "ServiceInsight"})  # in no config

Changes = Mapping[str, Mapping[str, Resource | None]]  # kind -> name -> what it is now


def _changes(mesh: Mesh, puts: Iterable[Resource], deletes: Iterable[Key]) -> Changes:
    changes: dict[str, dict[str, Resource | None]] = {}
    for key in deletes:
        if _visible(mesh, key) and mesh.get(key.kind, key.name) is not None:
            changes.setdefault(key.kind, {})[key.name] = None
    for resource in puts:
        if _visible(mesh, resource.key) and mesh.get(resource.kind, resource.name) != resource:
            changes.setdefault(resource.kind, {})[resource.name] = resource
    return _without_idle_secrets(mesh, changes)


def _without_idle_secrets(mesh: Mesh, changes: Changes) -> Changes:
    """A mesh has only those Secrets that services outside it name: they are in some proxies' configs."""
    if changes.keys().isdisjoint({"MeshExternalService", "Secret"}):
        return changes
    services = _after(mesh.of("MeshExternalService"), changes.get("MeshExternalService", {}))
    named = {name for service in services.values() for name in secrets_of(service)}
    idle = {name: None for name in mesh.of("Secret") if name not in named}
    secrets = {name: one for name, one in changes.get("Secret", {}).items() if name in named} | idle
    others = {kind: found for kind, found in changes.items() if kind != "Secret"}
    return {**others, "Secret": secrets} if secrets else others


def _visible(mesh: Mesh, key: Key) -> bool:
    if key.kind in INSIGHTS:
        return False
    return key.name == mesh.name if key.kind == "Mesh" else key.mesh == mesh.name


def _kinds_after(kinds: Mapping[str, ByName], changes: Changes) -> dict[str, ByName]:
    return {kind: _after(kinds.get(kind, NONE), changed) for kind, changed in changes.items()}


def _after(resources: ByName, changed: Mapping[str, Resource | None]) -> ByName:
    after = dict(resources)
    for name, resource in changed.items():
        if resource is None:
            after.pop(name, None)
        else:
            after[name] = resource
    return after


def _with(mesh: Mesh, kinds: Mapping[str, ByName], changes: Changes) -> Mesh:
    members, moved = mesh.members.changed(
        changes.get("Dataplane", {}), changes.get("MeshService", {}), kinds.get("Dataplane", NONE)
    )
    after = evolve(mesh, kinds=kinds, members=members, outside=mesh.outside.changed(mesh.zone, kinds, changes))
    if not OUTWARD.isdisjoint(changes):
        again = moved | changes.get("MeshService", {}).keys() | _remote_if_moved(after, changes)
        after = _with_multizones(_with_services(after, again), changes.get("MeshMultiZoneService", {}))
        after = _with_externals(
            after, changes.get("MeshExternalService", {}), after.outside.ways is not mesh.outside.ways
        )
    if any(_is_policy(resource) for kind in changes for resource in _before_and_after(mesh, after, kind)):
        after = evolve(after, policies=_policies(after, changes))
    if "MeshTrust" in changes:
        after = evolve(after, trust=_trust(by_name(after.of("MeshTrust"))))
    return after


def _remote_if_moved(mesh: Mesh, changes: Changes) -> frozenset[str]:
    """The services of other zones, when the way there may have changed."""
    if changes.keys().isdisjoint({"MeshZoneAddress", "MeshIdentity"}):
        return frozenset()
    return frozenset(name for name, service in mesh.of("MeshService").items() if service.zone not in ("", mesh.zone))


def _with_services(mesh: Mesh, names: Iterable[str]) -> Mesh:
    around = _surroundings(mesh)
    services = {Key("MeshService", mesh.name, name): mesh.get("MeshService", name) for name in names}
    return evolve(
        mesh,
        destinations=mesh.destinations.changed(
            {key: None if one is None else service_of(one, mesh.zone) for key, one in services.items()}
        ),
        places=mesh.places.changed(
            {
                key: None if one is None else places_of(one, mesh.members.of(key.name), around)
                for key, one in services.items()
            }
        ),
    )


def _with_multizones(mesh: Mesh, changed: Mapping[str, Resource | None]) -> Mesh:
    """Destinations of several zones follow their members, so they are all made anew; there are few."""
    found: dict[Key, Service | None] = {}
    places: dict[Key, ByPort | None] = {}
    for name in mesh.of("MeshMultiZoneService").keys() | changed.keys():
        key, service = Key("MeshMultiZoneService", mesh.name, name), mesh.get("MeshMultiZoneService", name)
        members = () if service is None else members_of(service, mesh.destinations)
        found[key] = None if service is None else multizone_of(service, members)
        places[key] = None if service is None else multizone_places(service, _reachable(mesh, members), mesh.places)
    return evolve(mesh, destinations=mesh.destinations.changed(found), places=mesh.places.changed(places))


def _with_externals(mesh: Mesh, changed: Mapping[str, Resource | None], moved: bool) -> Mesh:
    """Services outside the mesh are where the egresses are."""
    known, ways = mesh.of("MeshExternalService"), mesh.outside.ways
    names = known.keys() | changed.keys() if moved else changed.keys()
    services = {Key("MeshExternalService", mesh.name, name): known.get(name) for name in names}
    found = {key: None if one is None else external_of(one, ways) for key, one in services.items()}
    places = {key: None if one is None else external_places(one, ways) for key, one in services.items()}
    return evolve(mesh, destinations=mesh.destinations.changed(found), places=mesh.places.changed(places))


def _reachable(mesh: Mesh, members: Iterable[Service]) -> Iterable[Service]:
    """Those of this zone, and those of others that say that someone answers there."""
    for member in members:
        resource = mesh.get("MeshService", member.resource.name)
        own = member.resource.zone in ("", mesh.zone)
        if resource is not None and (own or resource.spec.state == "Available"):
            yield member


def _surroundings(mesh: Mesh) -> Surroundings:
    ways = by_name(mesh.of("MeshZoneAddress")) if mesh.of("MeshIdentity") else ()
    return Surroundings(mesh.zone, tuple((way.zone, way.spec.address, way.spec.port) for way in ways))


def _before_and_after(before: Mesh, after: Mesh, kind: str) -> Iterable[Resource]:
    return (resource for mesh in (before, after) for resource in list(mesh.of(kind).values())[:1])


def _is_policy(resource: Resource) -> bool:
    """A policy is what has a targetRef."""
    return hasattr(resource.spec, "target_ref")


def _policies(mesh: Mesh, changes: Changes) -> Policies:
    changed = {kind: by_name(mesh.of(kind)) for kind in changes}
    policies = {kind: found for kind, found in changed.items() if found and _is_policy(found[0])}
    kept = {kind: found for kind, found in mesh.policies.by_kind.items() if kind not in changes}
    return Policies({**kept, **policies})


def _trust(trusts: Iterable[Resource]) -> Trust:
    """Several MeshTrusts may speak for one domain; their bundles are all believed."""
    bundles: dict[str, list[str]] = {}
    for trust in trusts:
        pems = [bundle.pem.value for bundle in trust.spec.ca_bundles if bundle.pem is not None]
        bundles.setdefault(trust.spec.trust_domain, []).extend(pems)
    return Trust(tuple((domain, "\n".join(bundles[domain])) for domain in sorted(bundles) if bundles[domain]))
