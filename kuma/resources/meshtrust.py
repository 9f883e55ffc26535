"""MeshTrust: the certificate authorities that proxies of a trust domain are believed by."""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import frozen

from kuma.model import Kind
from kuma.schema import Violation, field, violations

PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----\s+[A-Za-z0-9+/=\s]+-----END \1-----")


@frozen
class Pem:
    """One or more certificates as PEM."""

    value: str

    def violations(self) -> Iterator[Violation]:
        block = PEM.search(self.value)
        if block is None or block[1].endswith("PRIVATE KEY"):
            yield Violation("value", "provided certificate has incorrect format")


@frozen
class CaBundle:
    """Certificates of authorities."""

    type: str = field(one_of=("Pem",), doc="How they are written.")
    pem: Pem | None = None

    def violations(self) -> Iterator[Violation]:
        if self.type != "Pem":
            yield Violation("type", f"{self.type} must be one of: Pem")
        elif self.pem is None:
            yield Violation("pem", "must be defined")


@frozen
class MeshTrust:
    """Whom proxies of the mesh believe when a peer says that it is of this trust domain."""

    ca_bundles: tuple[CaBundle, ...] = field(
        min_items=1, described_only=True, checked=False, doc="The authorities' certificates."
    )
    trust_domain: str = field(
        max_length=253, described_only=True, doc="The trust domain of SPIFFE IDs that these authorities vouch for."
    )

    def violations(self) -> Iterator[Violation]:
        if not self.ca_bundles:
            yield Violation("caBundles", "must not be empty")
        for index, bundle in enumerate(self.ca_bundles):
            yield from violations(bundle, f"caBundles[{index}]")
        if not self.trust_domain:
            yield Violation("trustDomain", "trustDomain needs to be defined")
        elif len(self.trust_domain) > 253:
            yield Violation("trustDomain", "must not be longer than 253 characters")


@frozen
class Origin:
    """What made the trust."""

    kri: str = ""


@frozen
class Status:
    """Where the trust comes from."""

    origin: Origin | None = None


KIND = Kind(
    "MeshTrust",
    "meshtrusts",
    MeshTrust,
    short="mtrust",
    status=Status,
    global_to_zone=True,
    zone_to_global=True,
    singular="meshtrust",
    title="Mesh Trust",
)
