"""MeshMultiZoneService: one destination out of the services of several zones."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from kuma.model import Kind, Resource
from kuma.names import dns1035
from kuma.resources.meshservice import PROTOCOLS
from kuma.resources.parts import Condition, GeneratorStatus, Hostname, LabelSelector, Vip
from kuma.resources.sni import sni_warnings
from kuma.schema import Int32, Violation, field


@frozen
class Port:
    """A port of the destination; behind it are the ports of the same name."""

    port: Int32
    app_protocol: str = field(default="tcp", doc="What is spoken there: tcp, http, http2 or grpc.")
    name: str | None = None

    @property
    def section(self) -> str:
        """What this port is called in KRIs and SNIs."""
        return self.name or str(self.port)

    def violations(self) -> Iterator[Violation]:
        if self.name == "":
            yield Violation("name", "must not be empty")
        if self.app_protocol and self.app_protocol.lower() not in PROTOCOLS:
            yield Violation("appProtocol", f"appProtocol must be one of: {', '.join(PROTOCOLS)}")


@frozen
class Selector:
    """Which services stand behind the destination."""

    mesh_service: LabelSelector

    def violations(self) -> Iterator[Violation]:
        if not self.mesh_service.match_labels:
            yield Violation("meshService.matchLabels", "cannot be empty")


@frozen
class MeshMultiZoneService:
    """A destination in several zones."""

    selector: Selector = field(checked=False)
    ports: tuple[Port, ...] = field(min_items=1, doc="The ports of the destination.")

    def violations(self) -> Iterator[Violation]:
        yield from (violation.under("selector") for violation in self.selector.violations())
        if not self.ports:
            yield Violation("ports", "cannot be empty")


@frozen
class MatchedService:
    """A service behind the destination."""

    name: str
    namespace: str
    zone: str
    mesh: str


@frozen
class Status:
    """What the control plane found out."""

    addresses: tuple[Hostname, ...] = ()
    vips: tuple[Vip, ...] = ()
    mesh_services: tuple[MatchedService, ...] = ()
    hostname_generators: tuple[GeneratorStatus, ...] = ()
    conditions: tuple[Condition, ...] = ()


def warnings(resource: Resource) -> Iterator[str]:
    """What is allowed and still questionable."""
    sections = [port.section for port in resource.spec.ports]
    yield from sni_warnings("MeshMultiZoneService", "mzsvc", resource, sections)


KIND = Kind(
    "MeshMultiZoneService",
    "meshmultizoneservices",
    MeshMultiZoneService,
    short="mzsvc",
    status=Status,
    global_to_zone=True,
    provided_by_zone=False,
    destination=True,
    singular="meshmultizoneservice",
    title="Mesh Multi Zone Service",
    name_problems=dns1035,
    warnings=warnings,
)
