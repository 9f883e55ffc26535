"""Dataplane: one proxy: where it is, what it serves, what it reaches for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import lru_cache
from typing import ClassVar, Literal

import attrs
from attrs import frozen

from kuma.model import NO_LABELS, Kind, Labels
from kuma.names import overlap
from kuma.resources.dataplane_rules import admin_violations, networking_violations
from kuma.schema import Message, UInt32, Violation, field

LOOPBACK = "127.0.0.1"
Place = tuple[str, int]
"""An address and a port to listen on."""


@frozen
class Health(Message):
    """Whether the application answers; said by whoever probes it."""

    ready: bool = False


@frozen
class TcpProbe(Message):
    """Probe by connecting."""


@frozen
class ServiceProbe(Message):
    """How the proxy probes the application behind an inbound."""

    interval: timedelta | None = None
    timeout: timedelta | None = None
    unhealthy_threshold: UInt32 | None = None
    healthy_threshold: UInt32 | None = None
    tcp: TcpProbe | None = None


@frozen
class Inbound(Message):
    """A port on which the proxy takes requests for the application."""

    REMOVED: ClassVar = frozenset({"tags"})

    port: UInt32 = field(default=0, doc="Where the proxy listens.")
    service_port: UInt32 = field(default=0, doc="Where the application listens; the same port if unsaid.")
    address: str = field(default="", doc="Where the proxy listens; the proxy's own address if unsaid.")
    service_address: str = field(default="", doc="Where the application listens; the inbound's address if unsaid.")
    health: Health | None = None
    service_probe: ServiceProbe | None = None
    state: Literal["Ready", "NotReady", "Ignored"] = "Ready"
    name: str = field(default="", doc="What policies and services call this port; its number if unsaid.")
    protocol: str = field(default="", doc="What is spoken: tcp, http, http2 or grpc; tcp if unsaid.")

    @property
    def section(self) -> str:
        """What this inbound is called in KRIs, services and policies."""
        return self.name or str(self.port)


@frozen
class BackendRef(Message):
    """A destination, by name or by labels."""

    kind: str = ""
    name: str = ""
    port: UInt32 = 0
    labels: Labels = NO_LABELS


@frozen
class Outbound(Message):
    """A port of the proxy on which the application reaches a destination."""

    REMOVED: ClassVar = frozenset({"tags"})

    address: str = field(default="", doc="Where the proxy listens; 127.0.0.1 if unsaid.")
    port: UInt32 = 0
    backend_ref: BackendRef | None = None

    @property
    def listens(self) -> Place:
        """Where the proxy listens for the application."""
        return self.address or LOOPBACK, self.port


@lru_cache(maxsize=4096)
def _one_of(outbounds: tuple[Outbound, ...]) -> tuple[Outbound, ...]:
    return outbounds


def _shared(outbounds: tuple[Outbound, ...]) -> tuple[Outbound, ...]:
    """One object for equal lists: workloads that are alike list alike, and such lists are long."""
    return _one_of(outbounds) if outbounds else outbounds


@frozen
class Gateway(Message):
    """Says that the proxy stands beside a gateway of somebody else's making, which takes traffic from outside."""

    tags: Labels = NO_LABELS
    type: Literal["DELEGATED"] = "DELEGATED"


@frozen
class ReachableBackendRef(Message):
    """Destinations that the application may reach for, by name or by labels."""

    kind: str = ""
    name: str = ""
    namespace: str = ""
    port: UInt32 | None = None
    labels: Labels = NO_LABELS


@frozen
class ReachableBackends(Message):
    """All that the application reaches for; the proxy learns of nothing else."""

    refs: tuple[ReachableBackendRef, ...] = ()


@frozen
class TransparentProxying(Message):
    """The application's connections are redirected to the proxy without its knowledge."""

    REMOVED: ClassVar = frozenset({"redirectPortInboundV6", "reachableServices"})

    redirect_port_inbound: UInt32 = 0
    redirect_port_outbound: UInt32 = 0
    direct_access_services: tuple[str, ...] = ()
    ip_family_mode: Literal["UnSpecified", "DualStack", "IPv4", "IPv6"] = "UnSpecified"
    reachable_backends: ReachableBackends | None = None

    @property
    def redirects(self) -> bool:
        """Whether connections of both directions are redirected."""
        return bool(self.redirect_port_inbound and self.redirect_port_outbound)


@frozen
class Admin(Message):
    """Envoy's own administration interface."""

    port: UInt32 = 0


@frozen
class Listener(Message):
    """A port on which a zone proxy takes traffic from, or for, other places."""

    type: Literal["Unspecified", "ZoneIngress", "ZoneEgress"] = "Unspecified"
    address: str = ""
    port: UInt32 = 0
    name: str = ""
    state: Literal["Ready", "NotReady"] = "Ready"

    @property
    def section(self) -> str:
        """What this listener is called in KRIs and policies."""
        return self.name or str(self.port)


@frozen
class Networking(Message):
    """Everything that the proxy listens on."""

    address: str = field(default="", doc="An IP address or domain name under which other proxies reach this one.")
    inbound: tuple[Inbound, ...] = ()
    outbound: tuple[Outbound, ...] = attrs.field(default=(), converter=_shared)
    gateway: Gateway | None = None
    transparent_proxying: TransparentProxying | None = None
    admin: Admin | None = None
    listeners: tuple[Listener, ...] = ()

    def interfaces(self, section: str = "") -> tuple[Interface, ...]:
        """The inbounds' two ends: of the inbound that is called so, or of all."""
        chosen = (one for one in self.inbound if section in ("", one.section))
        return tuple(Interface(one.section, self.listens(one), self.serves(one)) for one in chosen)

    def listens(self, inbound: Inbound | Listener) -> Place:
        """Where the proxy listens."""
        return inbound.address or self.address, inbound.port

    def serves(self, inbound: Inbound) -> Place:
        """Where the application behind an inbound listens."""
        address, port = self.listens(inbound)
        return inbound.service_address or address, inbound.service_port or port

    def takes_inbound(self, place: Place) -> bool:
        """Whether an inbound or its application is in the way of whoever wants to listen at this place."""
        return any(_in_the_way(one, place) for ends in self.interfaces() for one in (ends.listens, ends.serves))

    def takes_outbound(self, place: Place) -> bool:
        """Whether an outbound is in the way of whoever wants to listen at this place."""
        return any(_in_the_way(one.listens, place) for one in self.outbound)


@frozen
class Interface:
    """An inbound's two ends: where the proxy listens, and where the application does."""

    section: str
    listens: Place
    serves: Place


def _in_the_way(taken: Place, wanted: Place) -> bool:
    return taken[1] == wanted[1] and overlap(taken[0], wanted[0])


@frozen
class Dataplane(Message):
    """One proxy."""

    REMOVED: ClassVar = frozenset({"metrics", "probes"})

    networking: Networking | None = field(default=None, doc="Where the proxy is, and what it listens on.")

    @property
    def is_delegated_gateway(self) -> bool:
        return self.networking is not None and self.networking.gateway is not None

    @property
    def is_transparent(self) -> bool:
        """Whether the application's connections are redirected to the proxy."""
        transparent = self.networking.transparent_proxying if self.networking is not None else None
        return transparent is not None and transparent.redirects

    def violations(self) -> Iterator[Violation]:
        if self.networking is None:
            yield Violation("networking", "must be defined")
            return
        for violation in (*networking_violations(self.networking), *admin_violations(self.networking)):
            yield violation.under("networking")


KIND = Kind(
    "Dataplane",
    "dataplanes",
    Dataplane,
    short="dp",
    message="kuma.mesh.v1alpha1.Dataplane",
    zone_to_global=True,
    provided_by_global=False,
    singular="dataplane",
    title="Dataplane",
)
