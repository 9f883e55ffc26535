"""Destinations: the ports that proxies of one zone can send to, how each is reached, and where it is."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from attrs import evolve, field, frozen
from frozendict import frozendict

from kuma.envoy.endpoints import Endpoint
from kuma.envoy.names import sni
from kuma.model import ZONE, Key, Kri, Labels, Resource, kri
from kuma.protocols import HTTP, forwarded

ByName = Mapping[str, Resource]
ByPort = Mapping[str, tuple[Endpoint, ...]]  # endpoints of destinations, by the destination's name

BETWEEN_PROXIES = frozenset({"MeshService", "MeshMultiZoneService"})
SERVICE = "kuma.io/service"
PROTOCOL = "kuma.io/protocol"


@frozen(cache_hash=True)
class Destination:
    """One port of a service: what a proxy has to know to send to it, but for where it is.

    `kri` has the port's name as section, or its number when it has none. `tls` says whether its proxies terminate mTLS,
    `sans` (sorted) which SPIFFE IDs they have. `sni` is empty where no valid name can be made.
    """

    kri: Kri
    port_kri: Kri
    kind: str
    protocol: str
    port: int
    port_name: str
    sni: str
    local: bool = True
    tls: bool = False
    sans: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its KRI as text: the name of its cluster."""
        return str(self.kri)

    @property
    def http(self) -> bool:
        """Whether its requests can be told apart."""
        return self.protocol in HTTP

    @property
    def between(self) -> str:
        """What proxies speak to each other on the way there: HTTP/2 for any application, unless it leaves the mesh."""
        return "http2" if self.kind in BETWEEN_PROXIES else self.protocol

    def called(self, section: str) -> Destination:
        """The same port under another spelling of its section; its endpoints stay known under the port's own."""
        return evolve(self, kri=self.kri.at(section))


def _who(service: Resource) -> tuple[Hashable, ...]:
    return service.key, service.labels, service.created


@frozen
class Service:
    """A service and its ports, in its own order. Of the resource only name, labels, age and addresses count."""

    resource: Resource = field(eq=_who)
    ports: tuple[Destination, ...]
    vips: tuple[str, ...] = field(init=False)

    @vips.default
    def _addressed(self) -> tuple[str, ...]:
        """The addresses that it has for whoever needs no outbound of its own."""
        status = self.resource.status
        found = getattr(status, "vips", ()) or (getattr(status, "vip", None),)
        return tuple(str(vip.ip) for vip in found if vip is not None and vip.ip)

    def at(self, section: str) -> Destination | None:
        """The port that a section means: its name, or its number; none said is enough where there is one port."""
        if not section:
            return self.ports[0] if len(self.ports) == 1 else None
        return next((port for port in self.ports if section in (port.port_name, str(port.port))), None)

    def numbered(self, port: int) -> Destination | None:
        """The port that a Dataplane means by this number, or by 0. What is outside has one port, whatever is said."""
        said = port and self.resource.kind in BETWEEN_PROXIES
        return self.at(str(port) if said else "")


@frozen(eq=False)
class Destinations:
    """All services of a mesh and their ports. One object as long as none of them changes."""

    services: Mapping[Key, Service] = field(factory=frozendict)
    by_name: Mapping[str, Destination] = field(factory=frozendict)
    vips: frozenset[str] = frozenset()  # the same object as long as they are the same

    def of_kind(self, kind: str) -> Iterator[Service]:
        """All services of a kind, in no particular order."""
        return (service for key, service in self.services.items() if key.kind == kind)

    def vips_of(self, destination: Destination) -> tuple[str, ...]:
        """The virtual addresses of the service that a port is of."""
        return self._vips.get(destination.name, ())

    def called(self, kind: str, name: str) -> Service | None:
        """The service of a kind that the store, or else people, know by this name; of several the oldest."""
        return self._named.get((kind, name))

    def labelled(self, kind: str, labels: Mapping[str, str]) -> Service | None:
        """The oldest service of a kind that carries all these labels."""
        return min(self.carrying(kind, labels), key=_age, default=None)

    def carrying(self, kind: str, labels: Mapping[str, str]) -> Iterator[Service]:
        """All services of a kind that carry all these labels, in no particular order."""
        if not labels:
            return self.of_kind(kind)
        rarest = min((self._carrying.get((kind, *label), ()) for label in labels.items()), key=len)
        return (one for one in rarest if labels.items() <= one.resource.labels.items())

    @cached_property
    def _named(self) -> Mapping[tuple[str, str], Service]:
        named: dict[tuple[str, str], Service] = {}
        for service in sorted(self.services.values(), key=_age):
            named.setdefault((service.resource.kind, service.resource.display_name), service)
        return {**named, **{(key.kind, key.name): service for key, service in self.services.items()}}

    @cached_property
    def _vips(self) -> Mapping[str, tuple[str, ...]]:
        return {port.name: service.vips for service in self.services.values() for port in service.ports}

    @cached_property
    def _carrying(self) -> Mapping[tuple[str, str, str], Sequence[Service]]:
        carrying: dict[tuple[str, str, str], list[Service]] = {}
        for service in self.services.values():
            for name, value in service.resource.labels.items():
                carrying.setdefault((service.resource.kind, name, value), []).append(service)
        return carrying

    def changed(self, services: Mapping[Key, Service | None]) -> Destinations:
        """With these services as they are now; itself when they are as they were."""
        news = {key: service for key, service in services.items() if service != self.services.get(key)}
        if not news:
            return self
        after = {key: service for key, service in {**self.services, **news}.items() if service is not None}
        vips = frozenset(vip for service in after.values() for vip in service.vips)
        by_name = {port.name: port for service in after.values() for port in service.ports}
        return Destinations(after, by_name, self.vips if vips == self.vips else vips)


def _age(service: Service) -> tuple[datetime, str]:
    return service.resource.created, service.resource.name


def service_of(service: Resource, zone: str) -> Service:
    """A MeshService as seen from this zone."""
    local = service.zone in ("", zone)
    ready_for_tls = service.status is not None and service.status.tls.status == "Ready"
    sans = tuple(sorted({identity.value for identity in service.spec.identities}))
    ports = (port_of(service, "msvc", port) for port in service.spec.ports)
    return Service(
        service, tuple(evolve(port, local=local, tls=ready_for_tls or not local, sans=sans) for port in ports)
    )


def port_of(service: Resource, short: str, port: Any) -> Destination:
    """A port as far as its service itself says."""
    name = kri(short, service, port.section)
    return Destination(
        kri=name,
        port_kri=name,
        kind=service.kind,
        protocol=forwarded(port.app_protocol),
        port=port.port,
        port_name=port.name or "",
        sni=sni(name),
    )


@frozen
class Surroundings:
    """Where to look for endpoints: our zone, and (zone, address, port) of each other zone's ingress."""

    zone: str
    ways: tuple[tuple[str, str, int], ...] = ()


@frozen(eq=False)
class Places:
    """Where each destination is, by its name. One object as long as none of them moves."""

    by_name: Mapping[str, tuple[Endpoint, ...]] = field(factory=frozendict)
    names: Mapping[Key, tuple[str, ...]] = field(factory=frozendict)  # of each service's ports

    def changed(self, services: Mapping[Key, ByPort | None]) -> Places:
        """With the ports of these services where they are now; itself when nothing has moved."""
        after, names = dict(self.by_name), dict(self.names)
        for key, found in services.items():
            for name in names.pop(key, ()):
                del after[name]
            if found is not None:
                names[key] = tuple(found)
                after.update(found)
        return self if after == self.by_name else Places(after, names)


def places_of(service: Resource, dataplanes: ByName, surroundings: Surroundings) -> ByPort:
    """The endpoints of each port of a service: its Dataplanes, or the ingresses of its zone."""
    names = {str(kri("msvc", service, port.section)): port for port in service.spec.ports}
    if service.zone in ("", surroundings.zone):
        return {name: _local(port, dataplanes) for name, port in names.items()}
    return dict.fromkeys(names, _remote(service.zone, surroundings))


def _local(port: Any, dataplanes: ByName) -> tuple[Endpoint, ...]:
    target = port.port if port.target_port is None else port.target_port
    found = {
        _endpoint(dataplane, inbound)
        for dataplane in dataplanes.values()
        for inbound in dataplane.spec.networking.inbound or ()
        if target in (inbound.port, inbound.name) and ready(inbound)
    }
    return in_order(found)


def in_order(endpoints: Iterable[Endpoint]) -> tuple[Endpoint, ...]:
    """These endpoints, the same way every time."""
    return tuple(sorted(endpoints, key=_place))


def _place(endpoint: Endpoint) -> tuple[str, int, str, tuple[tuple[str, str], ...]]:
    return endpoint.address, endpoint.port, endpoint.zone, tuple(sorted(endpoint.labels.items()))


def ready(inbound: Any) -> bool:
    """Whether an inbound takes traffic."""
    return inbound.state in (None, "Ready") and (inbound.health is None or bool(inbound.health.ready))


def _endpoint(dataplane: Resource, inbound: Any) -> Endpoint:
    labels = dict(dataplane.labels)
    labels.pop(SERVICE, None)
    if inbound.protocol:
        labels[PROTOCOL] = inbound.protocol
    address, port = dataplane.spec.networking.listens(inbound)
    return Endpoint(address, port, dataplane.zone, Labels(sorted(labels.items())))


def _remote(zone: str, surroundings: Surroundings) -> tuple[Endpoint, ...]:
    found = {(address, port) for of, address, port in surroundings.ways if of == zone}
    return tuple(Endpoint(address, port, zone, Labels({ZONE: zone}), remote=True) for address, port in sorted(found))
