"""Tracing: which requests are traced, what their spans say, and who is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf.message import Message

from kuma.envoy import api
from kuma.envoy.endpoints import Fields
from kuma.envoy.typed import edit_http, extension

if TYPE_CHECKING:
    from kuma.envoy.api import FilterChain, HttpConnectionManager

ZIPKIN = "envoy.tracers.zipkin"
DATADOG = "envoy.tracers.datadog"
OPEN_TELEMETRY = "envoy.tracers.opentelemetry"


def trace(chain: FilterChain, tracing: Fields) -> None:
    """Trace the requests of a chain so, whatever was said before; chains that see no requests have nothing to trace."""

    def anew(manager: HttpConnectionManager) -> None:
        manager.tracing.CopyFrom(api.HttpConnectionManager.Tracing(**tracing))

    edit_http(chain, anew)


def provider(name: str, config: Message) -> Fields:
    """Who is told: one of the tracers above."""
    return extension(name, config)


def literal(name: str, value: str) -> Fields:
    """A tag with this value."""
    return {"tag": name, "literal": {"value": value}}


def from_header(name: str, header: str, default: str | None) -> Fields:
    """A tag with a request header's value."""
    return {"tag": name, "request_header": {"name": header, "default_value": default or ""}}


def share(percent: float) -> Fields:
    """A share of requests."""
    return {"value": percent}
