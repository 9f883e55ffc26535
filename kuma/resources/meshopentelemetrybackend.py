"""MeshOpenTelemetryBackend: a collector of telemetry, which policies name instead of repeating where it is."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from kuma.model import Kind
from kuma.names import is_domain, is_ip, is_port
from kuma.resources.parts import Condition
from kuma.schema import Int32, Violation, field

PROTOCOLS = ("grpc", "http")
MODES = ("Disabled", "Optional", "Required")
PRECEDENCES = ("ExplicitFirst", "EnvFirst")


@frozen
class Endpoint:
    """Where the collector takes telemetry."""

    address: str | None = field(default=None, doc="An IP address or a hostname; the proxy's own host if unsaid.")
    port: Int32 | None = field(default=None, ge=1, le=65535, described_only=True, doc="Its port; 4317 if unsaid.")
    path: str | None = field(default=None, doc="What stands before /v1/traces and the like; of protocol http only.")

    def problems(self, protocol: str) -> Iterator[Violation]:
        """What is wrong with it where this is spoken."""
        if self.address == "":
            yield Violation("address", "must not be empty")
        elif self.address is not None and not is_ip(self.address) and not is_domain(self.address):
            yield Violation("address", "address has to be a valid IP or hostname")
        if self.port is not None and not is_port(self.port):
            yield Violation("port", "port must be a valid (1-65535)")
        if self.path:
            yield from _path(self.path, protocol)


def _path(path: str, protocol: str) -> Iterator[Violation]:
    if protocol == "grpc":
        yield Violation("path", "must not be set when protocol is grpc")
    if not path.startswith("/"):
        yield Violation("path", "must start with /")
    if "?" in path or "#" in path:
        yield Violation("path", "must not contain query or fragment")


@frozen
class Env:
    """What the OTEL_ variables in a proxy's environment may say of the way to the collector."""

    mode: str = field(default="Optional", one_of=MODES, doc="Whether they are not heeded, may be there, or must be.")
    precedence: str = field(default="EnvFirst", one_of=PRECEDENCES, doc="Which of the two counts where both speak.")
    allow_signal_overrides: bool | None = field(
        default=None,
        doc="Whether there may be variables of their own for traces, logs and metrics; they may if unsaid.",
    )

    def violations(self) -> Iterator[Violation]:
        yield from _one_of("mode", self.mode, MODES)
        yield from _one_of("precedence", self.precedence, PRECEDENCES)


@frozen
class MeshOpenTelemetryBackend:
    """A collector that speaks OTLP."""

    endpoint: Endpoint | None = field(default=None, doc="Where it is.")
    protocol: str | None = field(default=None, one_of=PROTOCOLS, doc="How OTLP is carried; by gRPC if unsaid.")
    env: Env | None = field(default=None, doc="What a proxy's environment may say of it.")

    def violations(self) -> Iterator[Violation]:
        if self.endpoint is not None:
            wrong = self.endpoint.problems(self.protocol or "grpc")
            yield from (violation.under("endpoint") for violation in wrong)
        if self.protocol is not None:
            yield from _one_of("protocol", self.protocol, PROTOCOLS)


def _one_of(name: str, value: str, known: tuple[str, ...]) -> Iterator[Violation]:
    if value not in known:
        listed = ", ".join(f'"{one}"' for one in known)
        yield Violation(name, f'"{name}" must be one of [{listed}]')


@frozen
class Status:
    """What the control plane found out."""

    conditions: tuple[Condition, ...] = ()


KIND = Kind(
    "MeshOpenTelemetryBackend",
    "meshopentelemetrybackends",
    MeshOpenTelemetryBackend,
    short="motb",
    status=Status,
    global_to_zone=True,
    zone_to_global=True,
    singular="meshopentelemetrybackend",
    title="Mesh OpenTelemetry Backend",
)
