"""How a proxy's Envoy reaches a collector of telemetry: by itself, or through the kuma-dp beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from frozendict import frozendict

from kuma.envoy import clusters, names, tls
from kuma.envoy.draft import Caller, System
from kuma.envoy.endpoints import Fields, pipe
from kuma.names import is_ipv6
from kuma.telemetry import SIGNALS, THROUGH_KUMA_DP, Collector, entry, host_and_port, plan

if TYPE_CHECKING:
    from kuma.envoy.api import Cluster

OWN_HOST = "127.0.0.1"
HTTP_TIMEOUT = timedelta(seconds=10)
DOCUMENT = "otel"
NOTHING: frozendict[str, Any] = frozendict()


def through_kuma_dp(caller: Caller) -> bool:
    """Whether the proxy's kuma-dp takes telemetry, by gRPC, and passes it on."""
    return THROUGH_KUMA_DP in caller.features


def speaks_http(caller: Caller, collector: Collector) -> bool:
    """Whether Envoy is to send OTLP over HTTP; else it is by gRPC."""
    return collector.http and not through_kuma_dp(caller)


def address(caller: Caller, collector: Collector) -> str:
    """Where the collector is, as seen from the proxy."""
    return collector.address or caller.host_ip or OWN_HOST


def url(caller: Caller, collector: Collector, signal: str) -> str:
    """Where the collector takes `traces`, `logs` or `metrics` over HTTP."""
    scheme = "https" if collector.https else "http"
    return f"{scheme}://{host_and_port(address(caller, collector), collector.port)}{collector.signal_path(signal)}"


def http_service(cluster: str, url: str) -> Fields:
    """Sending OTLP over HTTP, as traces and logs take it."""
    return {"http_uri": {"uri": url, "cluster": cluster, "timeout": HTTP_TIMEOUT}}


def socket(caller: Caller, collector: Collector) -> str:
    """Where the proxy's kuma-dp takes what is meant for a collector."""
    return names.socket(caller.workdir, f"kuma-otel-{collector.name}")


def cluster(name: str, caller: Caller, collector: Collector) -> Cluster:
    """The cluster of a collector."""
    if through_kuma_dp(caller):
        made = clusters.static(name, pipe(socket(caller, collector)))
    else:
        made = clusters.host(name, address(caller, collector), collector.port, is_ipv6(caller.address))
    if not speaks_http(caller, collector):
        clusters.speak(made, "http2")
    elif collector.https:
        tls.secure_host(made, tls.public(address(caller, collector), caller.system_ca_path))
    return made


def tell_kuma_dp(part: System, signal: str, collectors: Sequence[Collector], more: Mapping[str, Any] = NOTHING) -> None:
    """Let kuma-dp know that a signal comes its way, and for whom, where it passes telemetry on.

    A collector of several signals is told of once. `more` is what else there is to say of this signal.
    """
    if not through_kuma_dp(part.caller) or not collectors:
        return
    known = json.loads(part.documents.get(DOCUMENT, '{"backends":[]}'))["backends"]
    by_name = {one["name"]: one for one in known}
    for one in collectors:
        told = by_name.get(one.name) or entry(one, socket(part.caller, one))
        told[signal] = plan(signal, one, part.caller.otel_env, len(collectors) > 1) | dict(more)
        by_name[one.name] = told
    backends = [_in_order(by_name[name]) for name in sorted(by_name)]
    part.documents[DOCUMENT] = json.dumps({"backends": backends}, separators=(",", ":"), ensure_ascii=False)


def _in_order(told: dict[str, Any]) -> dict[str, Any]:
    signals = {name: told[name] for name in SIGNALS if name in told}
    return {name: value for name, value in told.items() if name not in SIGNALS} | signals
