"""Telemetry: the collectors that policies point at, as proxies need to know them.

A policy names a MeshOpenTelemetryBackend by labels; of several that carry them, the oldest is meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol, TypeVar

from attrs import frozen

from kuma.model import Labels, Resource
from kuma.names import is_ipv6
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
    return tuple(_collector(backend) for backend in oldest_first(backends.values()))


def oldest_first(backends: Iterable[Resource]) -> list[Resource]:
    """The order in which references look for what they mean."""
    return sorted(backends, key=lambda backend: (backend.created, backend.name))


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


class Labelled(Protocol):
    """What a reference can mean: a collector, or the resource that it comes from."""

    @property
    def labels(self) -> Labels: ...


L = TypeVar("L", bound=Labelled)


def resolved(ordered: Iterable[L], labels: Mapping[str, str] | None) -> L | None:
    """The first that carries all of these labels; None where there is none."""
    if not labels:
        return None
    return next((one for one in ordered if labels.items() <= one.labels.items()), None)


def host_and_port(host: str, port: int) -> str:
    """An endpoint as one text, as URLs have it."""
    return f"[{host}]:{port}" if is_ipv6(host) else f"{host}:{port}"


# What kuma-dp is told, where it stands between Envoy and the collectors (`/otel` of its dynamic config).

SIGNALS = ("traces", "logs", "metrics")
CERTIFICATE = ("client_certificate", "client_key")  # what is missing where mutual TLS is
Document = dict[str, Any]


def entry(collector: Collector, socket: str) -> Document:
    """A collector, and the Unix socket at which kuma-dp takes what is meant for it."""
    told: Document = {
        "name": collector.name,
        "socketPath": socket,
        "endpoint": host_and_port(collector.address, collector.port),
        "useHTTP": collector.http,
    }
    more: Document = {"useHTTPS": collector.https, "path": collector.path, "envPolicy": _env_policy(collector.env)}
    return told | _said(more)


def plan(signal: str, collector: Collector, inventory: Mapping[str, Any], several: bool) -> Document:
    """Whether a proxy can send a signal there, given which OTEL_ variables it has.

    `several` says that it sends the signal to other collectors, too: then variables can't say which one they mean.
    """
    shared, own = (inventory.get(scope) or {} for scope in ("shared", signal))
    env, present = collector.env or Env(), _has_input(shared) or _has_input(own)
    kinds = list(own.get("overrideKinds") or ())
    missing = list(_missing(signal, inventory)) if env.mode == "Required" else []
    reasons = {
        "EnvDisabledByPolicy": env.mode == "Disabled" and present,
        "RequiredEnvMissing": env.mode == "Required" and (not present or bool(missing)),
        "SignalOverridesDisallowed": bool(kinds) and env.allow_signal_overrides is False,
        "MultipleBackendsForSignal": several and present and env.mode != "Disabled",
    }
    blocked = [reason for reason, holds in reasons.items() if holds]
    found = {"envInputPresent": present, "overrideKinds": kinds, "missingFields": missing, "blockedReasons": blocked}
    return {"enabled": True, **_said(found)}


def _said(fields: Document) -> Document:
    return {name: value for name, value in fields.items() if value}


def _env_policy(env: Env | None) -> Document:
    if env is None:
        return {}
    overrides = {"allowSignalOverrides": env.allow_signal_overrides is not False}
    return {"mode": env.mode, "precedence": env.precedence, **_said(overrides)}


def _has_input(section: Mapping[str, Any]) -> bool:
    return any(value is True for name, value in section.items() if name.endswith("Present"))


def _missing(signal: str, inventory: Mapping[str, Any]) -> Iterator[str]:
    """The variables that would have to be there, out of errors such as `traces.client-key`."""
    found: dict[str, None] = {}
    for error in inventory.get("validationErrors") or ():
        scope, _, what = str(error).partition(".")
        if scope in ("shared", signal):
            found.update(dict.fromkeys(CERTIFICATE if what == "mtls" else (what.replace("-", "_").replace(" ", "_"),)))
    yield from found
