"""MeshService: a destination inside one zone: which proxies stand behind it, and on which ports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from attrs import frozen

from kuma.model import Kind, Resource
from kuma.names import dns1035
from kuma.resources.parts import GeneratorStatus, Hostname, LabelSelector, Vip
from kuma.resources.sni import sni_warnings
from kuma.schema import Int32, Violation, field

PROTOCOLS = ("grpc", "http", "http2", "tcp")
NO_SELECTOR = (
    "MeshService resource '{}' has no selector, so it matches no data plane proxies. Set 'spec.selector.dataplaneRef' "
    "or 'spec.selector.dataplaneLabels'. The 'spec.selector.dataplaneTags' selector was removed, migrate it to "
    "'dataplaneLabels'."
)


@frozen
class Port:
    """A port of the service, and the port or named inbound of its proxies that answers there."""

    REMOVED: ClassVar = frozenset({"protocol"})

    port: Int32
    target_port: int | str | None = field(default=None, doc="A number or an inbound's name; the same port if unsaid.")
    app_protocol: str = field(default="tcp", doc="What is spoken there: tcp, http, http2 or grpc.")
    name: str | None = None

    @property
    def section(self) -> str:
        """What this port is called in KRIs and SNIs."""
        return self.name or str(self.port)

    def violations(self) -> Iterator[Violation]:
        if self.app_protocol and self.app_protocol.lower() not in PROTOCOLS:
            yield Violation("appProtocol", f"appProtocol must be one of: {', '.join(PROTOCOLS)}")


@frozen
class DataplaneRef:
    """One Dataplane by name."""

    name: str | None = None


@frozen
class Selector:
    """Which proxies stand behind the service."""

    dataplane_ref: DataplaneRef | None = None
    dataplane_labels: LabelSelector | None = None


@frozen
class Identity:
    """Who may answer for the service."""

    type: Literal["SpiffeID"]
    value: str


@frozen
class MeshService:
    """A service of one zone."""

    selector: Selector | None = None
    ports: tuple[Port, ...] = ()
    identities: tuple[Identity, ...] = ()
    state: Literal["Available", "Unavailable"] = field(
        default="Unavailable", doc="Whether any proxy behind it is ready; kept by the control plane."
    )

    def violations(self) -> Iterator[Violation]:
        selector = self.selector
        if selector is not None and selector.dataplane_ref is not None and selector.dataplane_labels is not None:
            yield Violation("selector", "must specify only one of: dataplaneRef or dataplaneLabels")


@frozen
class Tls:
    """Whether every proxy behind the service has an identity."""

    status: Literal["Ready", "NotReady"] | None = None


@frozen
class DataplaneProxies:
    """How many proxies stand behind the service."""

    connected: int = 0
    healthy: int = 0
    total: int = 0


@frozen
class Status:
    """What the control plane found out."""

    addresses: tuple[Hostname, ...] = ()
    vips: tuple[Vip, ...] = ()
    tls: Tls = field(factory=Tls)
    hostname_generators: tuple[GeneratorStatus, ...] = ()
    dataplane_proxies: DataplaneProxies = field(factory=DataplaneProxies)


def warnings(resource: Resource) -> Iterator[str]:
    """What is allowed and still questionable."""
    spec: MeshService = resource.spec
    if spec.selector is None or (spec.selector.dataplane_ref is None and spec.selector.dataplane_labels is None):
        yield NO_SELECTOR.format(resource.display_name)
    yield from sni_warnings("MeshService", "msvc", resource, [port.section for port in spec.ports])


KIND = Kind(
    "MeshService",
    "meshservices",
    MeshService,
    short="msvc",
    status=Status,
    zone_to_global=True,
    across_zones=True,
    provided_by_global=False,
    destination=True,
    singular="meshservice",
    title="Mesh Service",
    name_problems=dns1035,
    warnings=warnings,
)
