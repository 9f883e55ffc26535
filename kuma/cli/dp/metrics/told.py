"""What the control plane tells of metrics: whose they are, and which of them are published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve, field, frozen
from frozendict import frozendict

from kuma.cli.dp.metrics.exposition import As, also
from kuma.cli.dp.metrics.profiles import Choice, choice
from kuma.cli.dp.options import seconds

OPEN_TELEMETRY = "OpenTelemetry"
MINUTE = 60.0
SHORTEST = 0.1  # seconds between two times that metrics are sent


class Unreadable(ValueError):
    """Not what a control plane tells of metrics."""


@frozen
class Application:
    """Where an application has its metrics; without an address, at the proxy's own."""

    port: int
    path: str = "/metrics"
    address: str = ""
    name: str = ""

    def at(self, address: str) -> Application:
        """The same at an address."""
        return evolve(self, address=address)


@frozen
class Collector:
    """A collector of OTLP: the Unix socket where Envoy takes what is meant for it, and every how many seconds."""

    name: str
    socket: str
    interval: float = MINUTE
    path: str = ""  # where it takes metrics over HTTP; without one it is called by gRPC


@frozen
class Told:
    """The metrics of a proxy: its applications', a choice of its Envoy's, what labels all have, who is sent them."""

    applications: tuple[Application, ...] = ()
    choice: Choice = field(factory=Choice)
    unused: bool = False
    extra: Mapping[str, str] = frozendict()
    collectors: tuple[Collector, ...] = ()

    @property
    def labels(self) -> As:
        """How Prometheus' metrics are labelled."""
        return also(self.extra.items())

    @classmethod
    def of(cls, document: Any) -> Told:
        """What a `/meshmetric` document says. Raises Unreadable."""
        try:
            said = document["observability"]["metrics"]
            sidecar = said.get("sidecar") or {}
            return cls(
                tuple(_application(one) for one in said.get("applications") or ()),
                choice(sidecar.get("profiles")),
                bool(sidecar.get("includeUnused")),
                frozendict(said.get("extraLabels") or {}),
                tuple(_collector(one) for one in said.get("backends") or () if one["type"] == OPEN_TELEMETRY),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Unreadable(f"not a document of metrics: {error!r}") from None


def _application(said: Mapping[str, Any]) -> Application:
    address, name = said.get("address") or "", said.get("name") or ""
    return Application(int(said["port"]), said.get("path") or "/metrics", address, name)


def _collector(said: Mapping[str, Any]) -> Collector:
    where = said["openTelemetry"]
    interval = seconds(where.get("refreshInterval") or "1m")
    return Collector(said["name"], where["endpoint"], max(interval, SHORTEST), where.get("path") or "")
