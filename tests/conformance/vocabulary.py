"""Envoy's words for small things: a client, an endpoint, a bandwidth."""

from __future__ import annotations

from typing import Any

from kuma.envoy.accesslog import condition
from kuma.policies.meshfaultinjection import ResponseBandwidth
from kuma.schema import parse
from kuma.targetref import Match
from kuma.telemetry import host_and_port
from tests.conformance.case import by_run, value


def client(found: Any) -> str:
    """A match, its fields spelled as a Go program does, as an expression."""
    said = {key.lower(): {name.lower(): text for name, text in one.items()} for key, one in found["match"].items()}
    return condition(parse(Match, {"spiffeID": said.get("spiffeid"), "sni": said.get("sni")}))


def kbps(found: Any) -> Any:
    """A bandwidth as a filter takes it."""
    return ResponseBandwidth(found["input"], 0).fault()["response_rate_limit"]["fixed_limit"]["limit_kbps"]


def endpoint(found: Any) -> str:
    """Where a collector is, as one text."""
    return host_and_port(found["endpoint"]["Target"], found["endpoint"]["Port"])


SUITES = {
    "unit-envoy": by_run(
        {
            "bandwidth-to-kbps": value(kbps),
            "match-to-cel": value(client),
            "otel-endpoint-format": value(endpoint),
        }
    ),
}
