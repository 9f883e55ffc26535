"""Destinations: the ports that proxies of one zone can send to, how each is reached, and where it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve, field, frozen
from frozendict import frozendict

from kuma.envoy.names import sni
from kuma.model import ZONE, Key, Kri, Labels, Resource, kri

ByName = Mapping[str, Resource]

UNLABELLED = Labels()
HTTP = frozenset({"http", "http2", "grpc"})
SERVICE = "kuma.io/service"
PROTOCOL = "kuma.io/protocol"


@frozen(cache_hash=True)
class Endpoint:
    """One address behind a destination; `remote` when it is another zone's ingress."""

    address: str
    port: int
    zone: str = ""
    labels: Labels = UNLABELLED
    remote: bool = False


@frozen(cache_hash=True)
class Destination:
    """One port of a service: what a proxy has to know to send to it, but for where it is.

    `kri` has the port's name as section, or its number when it has none. `tls` says whether its proxies terminate mTLS,
    `sans` (sorted) which SPIFFE IDs they have. `sni` is empty where no valid name can be made.
    """

    kri: Kri
    kind: str
    protocol: str
    port: int
    port_name: str
    local: bool
    tls: bool
    sni: str
    sans: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its KRI as text: the name of its cluster."""
        return str(self.kri)

    @property
    def http(self) -> bool:
        """Whether its requests can be told apart."""
        return self.protocol in HTTP

    def called(self, section: str) -> Destination:
        """The same port under another spelling of its section."""
        return evolve(self, kri=self.kri.at(section))


@frozen
class Surroundings:
    """What reaching a service depends on besides it: our zone, and (zone, address, port) of each zone's ingress."""

    zone: str
    ways: tuple[tuple[str, str, int], ...] = ()


Service = tuple[Resource | None, ByName]  # a MeshService and its Dataplanes


@frozen(eq=False)
class Destinations:
    """All destination ports of a mesh by name, and their endpoints. One object as long as none of them changes."""

    by_name: Mapping[str, Destination] = field(factory=frozendict)
    endpoints: Mapping[str, tuple[Endpoint, ...]] = field(factory=frozendict)
    ports: Mapping[Key, tuple[str, ...]] = field(factory=frozendict)  # of each service, in the order of its ports

    def of(self, service: Key) -> tuple[Destination, ...]:
        """The ports of one service, in its own order."""
        return tuple(self.by_name[name] for name in self.ports.get(service, ()))

    def at(self, service: Key, section: str) -> Destination | None:
        """The port that a section means: its name, or its number; none said is enough where there is one port."""
        ports = self.of(service)
        if not section:
            return ports[0] if len(ports) == 1 else None
        return next((port for port in ports if section in (port.port_name, str(port.port))), None)

    def changed(self, services: Mapping[Key, Service], surroundings: Surroundings) -> Destinations:
        """With these services as they are now; itself when they come out as they were."""
        by_name, endpoints, ports = dict(self.by_name), dict(self.endpoints), dict(self.ports)
        for key, (service, dataplanes) in services.items():
            for name in ports.pop(key, ()):
                del by_name[name], endpoints[name]
            if service is None:
                continue
            found = list(_ports(service, dataplanes, surroundings))
            ports[key] = tuple(destination.name for destination, _ in found)
            for destination, places in found:
                by_name[destination.name] = self._as_before(destination)
                endpoints[destination.name] = places
        if by_name == self.by_name and endpoints == self.endpoints:
            return self
        return Destinations(by_name, endpoints, ports)

    def _as_before(self, destination: Destination) -> Destination:
        """The equal value that others hold already, so that they find each other by identity."""
        before = self.by_name.get(destination.name)
        return destination if before != destination or before is None else before


def _ports(
    service: Resource, dataplanes: ByName, surroundings: Surroundings
) -> Iterator[tuple[Destination, tuple[Endpoint, ...]]]:
    local = service.zone in ("", surroundings.zone)
    for port in service.spec.ports or ():
        destination = _destination(service, port, local)
        yield destination, _local(port, dataplanes) if local else _remote(service.zone, surroundings)


def _destination(service: Resource, port: Any, local: bool) -> Destination:
    name = kri("msvc", service, port.name or str(port.port))
    tls = service.status is not None and service.status.tls is not None and service.status.tls.status == "Ready"
    return Destination(
        kri=name,
        kind=service.kind,
        protocol=(port.app_protocol or "tcp").lower(),
        port=port.port,
        port_name=port.name or "",
        local=local,
        tls=tls or not local,
        sni=sni(name),
        sans=tuple(sorted({identity.value for identity in service.spec.identities or ()})),
    )


def _local(port: Any, dataplanes: ByName) -> tuple[Endpoint, ...]:
    target = port.port if port.target_port is None else port.target_port
    found = {
        endpoint
        for dataplane in dataplanes.values()
        for inbound in dataplane.spec.networking.inbound or ()
        if target in (inbound.port, inbound.name) and ready(inbound)
        for endpoint in (_endpoint(dataplane, inbound),)
    }
    return tuple(sorted(found, key=_place))


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
    return Endpoint(
        inbound.address or dataplane.spec.networking.address,
        inbound.port,
        dataplane.zone,
        Labels(sorted(labels.items())),
    )


def _remote(zone: str, surroundings: Surroundings) -> tuple[Endpoint, ...]:
    found = {(address, port) for of, address, port in surroundings.ways if of == zone}
    return tuple(Endpoint(address, port, zone, Labels({ZONE: zone}), remote=True) for address, port in sorted(found))
