"""MeshExternalService: a destination outside the mesh, reached through the zone's egress."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import frozen

from kuma.model import Kind, Resource
from kuma.names import dns1035, is_domain, is_ip, is_port
from kuma.resources.parts import DataSource, GeneratorStatus, Hostname, Vip
from kuma.resources.sni import sni_warnings
from kuma.resources.tls import TlsVersion, wrong_versions
from kuma.schema import Int32, UInt32, Violation, field, violations

MATCHED_BY = "HostnameGenerator"
PROTOCOLS = ("tcp", "grpc", "http", "http2")
MODES = ("SkipSAN", "SkipCA", "SkipAll", "Secured")
NAMED_BY = ("Prefix", "Exact")
SOURCES = ("Secret", "InsecureInline")
WRONG_PORT = "port must be a valid (1-65535)"


def _unknown(name: str, words: tuple[str, ...]) -> Violation:
    listed = ", ".join(f'"{word}"' for word in words)
    return Violation(name, f'"{name}" must be one of [{listed}]')


@frozen
class Match:
    """What clients call: a port of the hostnames and the virtual address that the service gets."""

    port: Int32 = field(default=0, required=True, ge=1, le=65535, described_only=True, doc="The port clients call.")
    type: str = field(default=MATCHED_BY, one_of=(MATCHED_BY,), doc="How traffic is told to be for the service.")
    protocol: str = field(default="tcp", one_of=PROTOCOLS, doc="What is spoken there.")

    @property
    def section(self) -> str:
        """What the service's one port is called in KRIs and SNIs."""
        return str(self.port)

    def violations(self) -> Iterator[Violation]:
        if self.type not in ("", MATCHED_BY):
            yield Violation("type", f"unrecognized type '{self.type}' - only '{MATCHED_BY}' is supported")
        if not is_port(self.port):
            yield Violation("port", WRONG_PORT)
        if self.protocol not in PROTOCOLS:
            yield _unknown("protocol", PROTOCOLS)


@frozen
class Endpoint:
    """Where the service is."""

    address: str = field(
        default="", required=True, min_length=1, described_only=True, doc="An IP address or a domain name."
    )
    port: Int32 = field(default=0, required=True, ge=1, le=65535, described_only=True)
    priority: UInt32 | None = field(
        default=None, ge=0, le=128, doc="Endpoints of a higher number are called when those of lower ones are down."
    )

    def violations(self) -> Iterator[Violation]:
        if not is_ip(self.address) and not is_domain(self.address):
            yield Violation("address", "address has to be a valid IP or hostname")
        if not is_port(self.port):
            yield Violation("port", WRONG_PORT)


@frozen
class SubjectAltName:
    """A name that the service's certificate may carry."""

    value: str
    type: str = field(default="Exact", one_of=NAMED_BY, doc="Exact: this name. Prefix: all that begin so.")

    def violations(self) -> Iterator[Violation]:
        if self.type not in NAMED_BY:
            yield _unknown("type", NAMED_BY)


@frozen
class Verification:
    """How the service proves who it is, and how the mesh does."""

    mode: str = field(default="Secured", one_of=MODES, doc="What is verified; Secured: all.")
    server_name: str | None = field(default=None, doc="The name that is asked for; else the first endpoint's.")
    subject_alt_names: tuple[SubjectAltName, ...] = field(
        default=(), checked=False, doc="Names that are believed beside the one that is asked for."
    )
    ca_cert: DataSource | None = field(
        default=None, checked=False, doc="Whom to believe; else whom the egress' machine believes."
    )
    client_cert: DataSource | None = field(default=None, checked=False, doc="What the mesh shows.")
    client_key: DataSource | None = field(default=None, checked=False)

    def violations(self) -> Iterator[Violation]:
        if self.server_name is not None and not is_domain(self.server_name):
            yield Violation("serverName", "must be a valid DNS name")
        if self.mode not in MODES:
            yield _unknown("mode", MODES)
        for index, name in enumerate(self.subject_alt_names):
            yield from violations(name, f"subjectAltNames[{index}]")
        if self.client_cert is not None and self.client_key is None:
            yield Violation("clientKey", "must be defined when clientCert is defined")
        if self.client_key is not None and self.client_cert is None:
            yield Violation("clientCert", "must be defined when clientKey is defined")

    def sources(self) -> Iterator[tuple[str, DataSource]]:
        """Where certificates and keys come from, by the field that says so."""
        named = (("caCert", self.ca_cert), ("clientCert", self.client_cert), ("clientKey", self.client_key))
        return ((name, source) for name, source in named if source is not None)


@frozen
class Tls:
    """How TLS is spoken to the service."""

    enabled: bool = field(default=False, doc="Whether the egress speaks TLS; clients speak what the protocol says.")
    version: TlsVersion | None = field(default=None, doc="The versions that may be spoken.")
    allow_renegotiation: bool = field(default=False, doc="Whether the service may ask to begin anew.")
    verification: Verification | None = field(default=None, doc="Without it, all is verified.")

    def violations(self) -> Iterator[Violation]:
        for violation in wrong_versions(self.version):
            yield violation.under("version")


@frozen
class Extension:
    """Somebody else's way to reach the service."""

    type: str = field(default="", required=True, described_only=True)
    config: Any = None

    def violations(self) -> Iterator[Violation]:
        if not self.type:
            yield Violation("type", "must not be empty")


@frozen
class MeshExternalService:
    """A destination outside the mesh. Where an extension reaches it, endpoints and TLS are the extension's to judge."""

    match: Match = field(checked=False, doc="What clients call.")
    extension: Extension | None = field(default=None, checked=False, doc="Somebody else's way to reach the service.")
    endpoints: tuple[Endpoint, ...] = field(default=(), checked=False, doc="Where the service is.")
    tls: Tls | None = field(default=None, checked=False, doc="How TLS is spoken to the service.")

    @property
    def ports(self) -> tuple[Match]:
        """The ports clients may call: there is one."""
        return (self.match,)

    @property
    def verification(self) -> Verification | None:
        """What is verified over TLS, where it is said."""
        return None if self.tls is None else self.tls.verification

    def violations(self) -> Iterator[Violation]:
        yield from violations(self.match, "match")
        yield from self._own() if self.extension is None else violations(self.extension, "extension")
        if self.verification is not None:
            yield from _wrong_sources(self.verification)

    def _own(self) -> Iterator[Violation]:
        for index, endpoint in enumerate(self.endpoints):
            yield from violations(endpoint, f"endpoints[{index}]")
        if self.tls is not None:
            yield from violations(self.tls, "tls")


def _wrong_sources(verification: Verification) -> Iterator[Violation]:
    """Files and variables are those of a control plane's machine; who writes resources has no business there."""
    for name, source in verification.sources():
        path = f"tls.verification.{name}"
        if source.type not in SOURCES:
            yield Violation(f"{path}.type", f"{source.type} must be one of: {', '.join(SOURCES)}")
        else:
            yield from violations(source, path)


@frozen
class Status:
    """What the control plane found out."""

    vip: Vip = field(factory=Vip)
    addresses: tuple[Hostname, ...] = ()
    hostname_generators: tuple[GeneratorStatus, ...] = ()


def warnings(resource: Resource) -> Iterator[str]:
    """What is allowed and still questionable."""
    yield from sni_warnings("MeshExternalService", "extsvc", resource, [resource.spec.match.section])


KIND = Kind(
    "MeshExternalService",
    "meshexternalservices",
    MeshExternalService,
    short="extsvc",
    status=Status,
    global_to_zone=True,
    zone_to_global=True,
    destination=True,
    singular="meshexternalservice",
    title="Mesh External Service",
    name_problems=dns1035,
    warnings=warnings,
)
