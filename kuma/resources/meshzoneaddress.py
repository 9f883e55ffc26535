"""MeshZoneAddress: where other zones reach a zone's ingress."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from kuma.model import Kind
from kuma.names import is_domain, is_ip, is_port
from kuma.schema import Int32, Violation, field


@frozen
class MeshZoneAddress:
    """An address and a port."""

    address: str = field(min_length=1, described_only=True, doc="An IP address or a domain name.")
    port: Int32 = field(ge=1, le=65535, described_only=True)

    def violations(self) -> Iterator[Violation]:
        if not self.address:
            yield Violation("address", "must not be empty")
        elif self.address in ("0.0.0.0", "::"):
            yield Violation("address", "must not be 0.0.0.0 or ::")
        elif not is_ip(self.address) and not is_domain(self.address):
            yield Violation("address", "must be a valid IP address or domain name")
        if not is_port(self.port):
            yield Violation("port", "port must be a valid (1-65535)")


KIND = Kind(
    "MeshZoneAddress",
    "meshzoneaddresses",
    MeshZoneAddress,
    short="mza",
    zone_to_global=True,
    across_zones=True,
    provided_by_global=False,
    singular="meshzoneaddress",
    title="Mesh Zone Address",
)
