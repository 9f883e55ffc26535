"""What leads out of the mesh: a zone's egresses as clients see them, and services outside as the egresses see them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from attrs import field, frozen
from frozendict import frozendict

from kuma.destinations import ByName, ByPort, Destination, Service, in_order
from kuma.envoy.endpoints import Endpoint
from kuma.envoy.names import sni
from kuma.model import ENV, Key, Kri, Labels, Resource, kri
from kuma.names import is_ip
from kuma.protocols import forwarded
from kuma.resources.meshexternalservice import Endpoint as Origin
from kuma.resources.meshexternalservice import MeshExternalService, SubjectAltName, Tls, Verification
from kuma.resources.parts import DataSource
from kuma.resources.tls import TlsVersion
from kuma.spiffe import BadSpiffeId, Local, best, spiffe_id

KIND, SHORT = "MeshExternalService", "extsvc"
EGRESS = "ZoneEgress"
NONE: ByName = frozendict()

Changes = Mapping[str, Mapping[str, Resource | None]]  # kind -> name -> what it is now


class NoMaterial(LookupError):
    """A Secret that a service names is not there, or is empty."""


@frozen(cache_hash=True)
class Way:
    """A listener of an egress of this zone; its SPIFFE ID is empty where it has none."""

    address: str
    port: int
    spiffe_id: str = ""


@frozen(cache_hash=True)
class Talk:
    """How TLS is spoken to a service. Without `ca` whom the egress' machine believes is believed, if `or_system`;
    without either everybody is.
    """

    server_name: str
    names: tuple[SubjectAltName, ...] | None  # to be believed beside the server name; None: whatever name is believed
    ca: bytes | None
    or_system: bool
    certificate: bytes | None
    key: bytes | None = field(repr=False)
    version: TlsVersion | None
    renegotiates: bool


@frozen(cache_hash=True)
class Exit:
    """A service outside the mesh, as an egress reaches it."""

    kri: Kri
    protocol: str
    origins: tuple[Origin, ...]
    labels: Labels
    talk: Talk | None

    @property
    def name(self) -> str:
        """Its KRI as text: the name of its cluster, and of what leads there."""
        return str(self.kri)


@frozen(eq=False)
class Outside:
    """What leads out of the mesh from one zone. One object as long as none of it changes."""

    egresses: ByName = NONE  # the zone's Dataplanes that are some
    ways: tuple[Way, ...] = ()
    exits: Mapping[str, Exit] = field(factory=frozendict)  # by the service's name, sorted

    def changed(self, zone: str, kinds: Mapping[str, ByName], changes: Changes) -> Outside:
        """After these changes, which the kinds have already; itself when nothing of it is different."""
        egresses, ways, exits = self._egresses(zone, changes.get("Dataplane", {})), self.ways, self.exits
        if egresses is not self.egresses or "MeshIdentity" in changes:
            found = ways_out(zone, egresses.values(), kinds.get("MeshIdentity", NONE).values())
            ways = ways if found == ways else found
        if KIND in changes or "Secret" in changes:
            exits = _exits(kinds, self.exits)
        if (egresses, ways, exits) == (self.egresses, self.ways, self.exits):
            return self
        return Outside(egresses, ways, exits)

    def _egresses(self, zone: str, changed: Mapping[str, Resource | None]) -> ByName:
        after = dict(self.egresses)
        for name, dataplane in changed.items():
            if dataplane is not None and dataplane.zone in ("", zone) and any(_listens_out(dataplane)):
                after[name] = dataplane
            else:
                after.pop(name, None)
        return self.egresses if after == self.egresses else after


def _listens_out(dataplane: Resource) -> Iterator[tuple[str, int]]:
    """Where an egress takes connections now. Other proxies can't look names up."""
    networking = dataplane.spec.networking
    for listener in networking.listeners:
        if listener.type == EGRESS and listener.state == "Ready":
            address, port = networking.listens(listener)
            if is_ip(address):
                yield address, port


def ways_out(zone: str, egresses: Iterable[Resource], identities: Iterable[Resource]) -> tuple[Way, ...]:
    """The listeners of these egresses, by the names of their Dataplanes."""
    known = tuple(identities)
    return tuple(
        Way(address, port, _identity(zone, egress, known))
        for egress in sorted(egresses, key=lambda one: one.name)
        for address, port in _listens_out(egress)
    )


def _identity(zone: str, dataplane: Resource, identities: Iterable[Resource]) -> str:
    identity = best(identities, dataplane)
    if identity is None:
        return ""
    local = Local(zone, "kubernetes" if dataplane.labels.get(ENV) == "kubernetes" else "universal")
    try:
        return spiffe_id(identity, dataplane, local)
    except BadSpiffeId:
        return ""


def external_of(service: Resource, ways: Iterable[Way]) -> Service:
    """A service outside the mesh as clients see it: an egress answers for it, if one is known by name."""
    match = service.spec.match
    name, sans = kri(SHORT, service, match.section), tuple(way.spiffe_id for way in ways if way.spiffe_id)
    port = Destination(
        kri=name,
        port_kri=name,
        kind=KIND,
        protocol=forwarded(match.protocol),
        port=match.port,
        port_name="",
        sni=sni(name),
        local=False,
        tls=bool(sans),
        sans=sans,
    )
    return Service(service, (port,))


def external_places(service: Resource, ways: Iterable[Way]) -> ByPort:
    """Where clients send what is for the service: to all egresses of the zone."""
    labels = Labels(sorted(service.labels.items()))
    found = {Endpoint(way.address, way.port, labels=labels) for way in ways}
    return {str(kri(SHORT, service, service.spec.match.section)): in_order(found)}


def secrets_of(service: Resource) -> Iterator[str]:
    """The names of the Secrets that a service names."""
    verification = service.spec.verification
    for _, source in verification.sources() if verification is not None else ():
        if source.secret_ref is not None:
            yield source.secret_ref.name


def _exits(kinds: Mapping[str, ByName], before: Mapping[str, Exit]) -> Mapping[str, Exit]:
    """The services that can be reached: those with endpoints, whose certificates and keys are there."""
    services, secrets = kinds.get(KIND, NONE), kinds.get("Secret", NONE)
    exits = {}
    for name in sorted(services):
        try:
            made = exit_of(services[name], secrets)
        except NoMaterial:
            continue
        if made.origins:
            exits[name] = before[name] if before.get(name) == made else made
    return before if exits == before else frozendict(exits)


def unreachable(services: ByName, secrets: ByName) -> Iterator[tuple[Key, str]]:
    """The services whose certificates or keys are not there, and why."""
    for service in services.values():
        try:
            exit_of(service, secrets)
        except NoMaterial as missing:
            yield service.key, str(missing)


def exit_of(service: Resource, secrets: ByName) -> Exit:
    """A service as an egress sees it. Raises NoMaterial."""
    spec: MeshExternalService = service.spec
    return Exit(
        kri=kri(SHORT, service, spec.match.section),
        protocol=forwarded(spec.match.protocol),
        origins=spec.endpoints,
        labels=Labels(sorted(service.labels.items())),
        talk=_talk(spec.tls, spec.endpoints, secrets) if spec.tls is not None and spec.tls.enabled else None,
    )


def _talk(tls: Tls, origins: tuple[Origin, ...], secrets: ByName) -> Talk:
    said = tls.verification or Verification()
    checks_names, checks_ca = said.mode in ("Secured", "SkipCA"), said.mode in ("Secured", "SkipSAN")
    shown = said.mode != "SkipAll" and said.client_cert is not None and said.client_key is not None
    first = origins[0].address if origins else ""
    return Talk(
        server_name=(checks_names and said.server_name) or ("" if is_ip(first) else first),
        names=said.subject_alt_names if checks_names else None,
        ca=_read(said.ca_cert, secrets) if checks_ca else None,
        or_system=checks_ca,
        certificate=_read(said.client_cert, secrets) if shown else None,
        key=_read(said.client_key, secrets) if shown else None,
        version=tls.version,
        renegotiates=tls.allow_renegotiation,
    )


def _read(source: DataSource | None, secrets: ByName) -> bytes | None:
    if source is None:
        return None
    if source.insecure_inline is not None:
        return source.insecure_inline.value.encode()
    name = source.secret_ref.name if source.secret_ref is not None else ""
    secret = secrets.get(name)
    if secret is None or not secret.spec.data:
        raise NoMaterial(f'there is nothing in Secret "{name}"')
    data: bytes = secret.spec.data
    return data
