"""What kuma-dp is told of metrics: the document `meshmetric` of its dynamic config.

{"observability":{"metrics":{"applications":[{"path":"/metrics","port":8080,"address":""}],
 "backends":[{"type":"Prometheus","name":null}],"sidecar":{"includeUnused":false},"extraLabels":{"mesh":"shop"}}}}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from kuma.envoy.draft import System
from kuma.model import ZONE
from kuma.policies.meshmetric.spec import Application, Conf
from kuma.schema import go_duration, show
from kuma.telemetry import Collector

Json = dict[str, Any]
MINUTE = timedelta(minutes=1)
ROLES = {frozenset({"ZoneIngress"}): "zone-ingress", frozenset({"ZoneEgress"}): "zone-egress"}


def document(part: System, conf: Conf, backends: Iterable[Json]) -> str:
    """The document of one proxy; `backends` are those that kuma-dp serves."""
    metrics = {
        "applications": _applications(part, conf.applications or ()) or None,
        "backends": list(backends) or None,
        **({} if conf.sidecar is None else {"sidecar": show(conf.sidecar)}),
        "extraLabels": dict(sorted(_labels(part).items())),
    }
    return json.dumps({"observability": {"metrics": metrics}}, separators=(",", ":"), ensure_ascii=False)


def prometheus() -> Json:
    """Prometheus among the backends: whoever collects, kuma-dp answers one way."""
    return {"type": "Prometheus", "name": None}


def open_telemetry(collector: Collector, socket: str, interval: timedelta | None) -> Json:
    """A collector among the backends: where its listener is, and how often it is sent to.

    One that speaks HTTP has a path to which metrics are posted; else they are sent by gRPC.
    """
    told = {"endpoint": socket, "refreshInterval": go_duration(interval or MINUTE)}
    path = {"path": collector.signal_path("metrics")} if collector.http else {}
    return {"type": "OpenTelemetry", "name": collector.name, "openTelemetry": told | path}


def _applications(part: System, applications: Iterable[Application]) -> list[Json]:
    """A zone proxy stands beside no application."""
    if part.caller.only_zone_proxy:
        return []
    return [
        {**({"name": one.name} if one.name else {}), "path": one.path, "port": one.port, "address": one.address or ""}
        for one in applications
    ]


def _labels(part: System) -> Mapping[str, str]:
    caller = part.caller
    found = {"mesh": caller.mesh, "zone": caller.labels.get(ZONE, ""), "kuma.proxy_role": _role(part.networking)}
    if not caller.only_zone_proxy:
        found["kuma.workload"] = caller.workload
    return {name: value for name, value in found.items() if value}


def _role(networking: Any) -> str:
    if networking.gateway is not None:
        return "gateway"
    kinds = frozenset(one.type for one in networking.listeners)
    return ROLES.get(kinds, "zone-proxy") if kinds else "sidecar"
