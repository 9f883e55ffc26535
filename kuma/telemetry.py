"""Telemetry: the collectors that policies point at, as proxies need to know them.

A policy names a MeshOpenTelemetryBackend by labels; of several that carry them, the oldest is meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import frozen

from kuma.model import Labels, Resource
from kuma.resources.meshopentelemetrybackend import Endpoint, Env
from kuma.resources.parts import Condition

OTLP_PORT = 4317
HTTPS_PORT = 443
THROUGH_KUMA_DP = "feature-otel-via-kuma-dp"


@frozen
class Status:
    """What a control plane found out about a policy that names collectors."""

    conditions: tuple[Condition, ...] = ()


@frozen(cache_hash=True)
class Collector:
    """A collector of OTLP. Its address is empty where it stands on each proxy's own host."""

    name: str
    labels: Labels
    address: str = ""
    port: int = OTLP_PORT
    http: bool = False
    path: str = ""
    env: Env | None = None

    @property
    def https(self) -> bool:
        """Whether it is spoken to over TLS."""
        return self.http and self.port == HTTPS_PORT

    def signal_path(self, signal: str) -> str:
        """Where it takes `traces`, `logs` or `metrics` over HTTP."""
        return f"{self.path.rstrip('/')}/v1/{signal}"


def collectors_of(backends: Mapping[str, Resource]) -> tuple[Collector, ...]:
    """The collectors of a mesh, oldest first."""
    ordered = sorted(backends.values(), key=lambda backend: (backend.created, backend.name))
    return tuple(_collector(backend) for backend in ordered)


def _collector(backend: Resource) -> Collector:
    endpoint = backend.spec.endpoint or Endpoint()
    return Collector(
        backend.display_name,
        backend.labels,
        endpoint.address or "",
        OTLP_PORT if endpoint.port is None else endpoint.port,
        backend.spec.protocol == "http",
        endpoint.path or "",
        backend.spec.env,
    )


def resolved(collectors: Iterable[Collector], labels: Mapping[str, str] | None) -> Collector | None:
    """The collector that carries all of these labels, of several the oldest; None where there is none."""
    if not labels:
        return None
    return next((one for one in collectors if labels.items() <= one.labels.items()), None)
