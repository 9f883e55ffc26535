"""What a MeshMetric says: which metrics of a proxy and its applications there are, and who gets them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from attrs import frozen

from kuma.names import is_port
from kuma.schema import UInt32, Violation, field
from kuma.targetref import (
    MUST_BE_DEFINED,
    BackendResourceRef,
    TopLevelTargetRef,
    backend_resource,
    top_target,
    under,
)

PROMETHEUS, OPEN_TELEMETRY = "Prometheus", "OpenTelemetry"
TYPES = (PROMETHEUS, OPEN_TELEMETRY)
PROFILES = ("All", "None", "Basic")
SELECTORS = ("Regex", "Prefix", "Exact", "Contains")
TLS_MODES = ("Disabled", "ProvidedTLS", "ActiveMTLSBackend")
BAD_PORT = "port must be a valid (1-65535)"

Violations = Iterator[Violation]


def _words(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


@frozen
class Profile:
    """A choice of metrics."""

    name: str = field(default="", doc="All, Basic (what dashboards need) or None.", one_of=("All", "Basic", "None"))


@frozen
class Selector:
    """Metrics, by their names."""

    type: str = field(default="", doc="How names are compared.", one_of=("Prefix", "Regex", "Exact", "Contains"))
    match: str = field(default="", doc="What they are compared with.")

    def problems(self) -> Violations:
        """What is wrong with it."""
        if self.type not in SELECTORS:
            supported = _words(("Regex", "Prefix", "Exact"))
            yield Violation("type", f"unrecognized type '{self.type}' - {supported} are supported")
        elif self.type == "Regex" and not _compiles(self.match):
            yield Violation("match", "invalid regex")


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


@frozen
class Profiles:
    """Which metrics of Envoy are published."""

    append_profiles: tuple[Profile, ...] | None = field(default=None, doc="Choices; of several the broadest counts.")
    exclude: tuple[Selector, ...] | None = field(default=None, doc="Metrics that are left out.")
    include: tuple[Selector, ...] | None = field(default=None, doc="Metrics that are published whatever else is said.")

    def problems(self) -> Violations:
        """What is wrong with it."""
        for index, profile in enumerate(self.append_profiles or ()):
            if profile.name not in PROFILES:
                reason = f"unrecognized profile name '{profile.name}' - {_words(PROFILES)} are supported"
                yield Violation(f"appendProfiles[{index}].name", reason)
        for name, selectors in (("exclude", self.exclude), ("include", self.include)):
            for index, selector in enumerate(selectors or ()):
                yield from under(f"{name}[{index}]", selector.problems())


@frozen
class Sidecar:
    """The metrics of Envoy itself."""

    profiles: Profiles | None = field(default=None, doc="Which metrics are published.")
    include_unused: bool | None = field(default=None, doc="Whether metrics are published that never changed.")


@frozen
class Application:
    """Metrics of the application, published with Envoy's."""

    name: str | None = field(default=None, doc="What the application is called.")
    path: str = field(default="/metrics", doc="Where it publishes its metrics.")
    address: str | None = field(default=None, doc="The address at which it does; the proxy's own if unsaid.")
    port: UInt32 = field(default=0, doc="The port at which it does.")


@frozen
class Tls:
    """How whoever collects is talked to."""

    mode: str = field(default="Disabled", doc="ProvidedTLS: with the certificate that kuma-dp has.", one_of=TLS_MODES)


@frozen
class Prometheus:
    """Metrics as Prometheus collects them."""

    client_id: str | None = field(default=None, doc="Who collects.")
    port: UInt32 = field(default=5670, doc="Where the proxy publishes them.")
    path: str = field(default="/metrics", doc="Under which path.")
    tls: Tls | None = field(default=None, doc="How whoever collects is talked to.")


@frozen
class OpenTelemetry:
    """Metrics sent to a collector that speaks OTLP."""

    backend_ref: BackendResourceRef | None = field(default=None, doc="The MeshOpenTelemetryBackend that is meant.")
    refresh_interval: timedelta | None = field(default=None, doc="How often they are sent; every minute if unsaid.")


@frozen
class Backend:
    """Who gets metrics."""

    type: str = field(default="", doc="Which of them it is.", one_of=TYPES)
    prometheus: Prometheus | None = field(default=None, doc="Prometheus collects them.")
    open_telemetry: OpenTelemetry | None = field(default=None, doc="They are sent to a collector.")

    def problems(self) -> Violations:
        """What is wrong with it."""
        if self.type == PROMETHEUS:
            yield from self._prometheus()
        elif self.type == OPEN_TELEMETRY:
            yield from self._open_telemetry()
        else:
            supported = _words(TYPES)
            yield Violation("type", f"unrecognized type '{self.type}' - {supported} are supported")

    def _prometheus(self) -> Violations:
        if self.prometheus is None:
            yield Violation("prometheus", MUST_BE_DEFINED)
        elif not is_port(self.prometheus.port):
            yield Violation("port", BAD_PORT)

    def _open_telemetry(self) -> Violations:
        if self.open_telemetry is None:
            yield Violation("openTelemetry", MUST_BE_DEFINED)
        elif self.open_telemetry.backend_ref is None:
            yield Violation("openTelemetry.backendRef", MUST_BE_DEFINED)
        else:
            yield from under("openTelemetry.backendRef", backend_resource(self.open_telemetry.backend_ref))


@frozen
class Conf:
    """Which metrics there are, and who gets them."""

    sidecar: Sidecar | None = field(default=None, doc="The metrics of Envoy itself.")
    applications: tuple[Application, ...] | None = field(default=None, doc="The metrics of applications.")
    backends: tuple[Backend, ...] | None = field(default=None, doc="Who gets them; nobody: there are none.")

    def problems(self) -> Violations:
        """What is wrong with it; where the items of lists stand is said as tools know it."""
        if self.sidecar is not None and self.sidecar.profiles is not None:
            yield from under("sidecar.profiles", self.sidecar.profiles.problems())
        for index, one in enumerate(self.applications or ()):
            if not is_port(one.port):
                yield Violation(f"applications.application[{index}]", BAD_PORT)
        for index, backend in enumerate(self.backends or ()):
            yield from under(f"backends.backend[{index}]", backend.problems())


@frozen
class MeshMetric:
    """Which metrics of proxies there are, and who gets them."""

    target_ref: TopLevelTargetRef | None = field(default=None, doc="The proxies that the policy is for.")
    default: Conf = field(default=Conf(), doc="Which metrics there are, and who gets them.")

    def violations(self) -> Violations:
        """What is wrong with it."""
        yield from top_target(self.target_ref)
        yield from under("default", self.default.problems())
