"""What access logs and traces are made of, Envoy takes: each with everything that it can say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from frozendict import frozendict

from kuma.envoy import api
from kuma.match import ToConfs, to_rules
from kuma.policies.meshaccesslog import POLICY as ACCESS_LOG
from kuma.policies.meshtrace import POLICY as TRACE
from kuma.rules import inbound_everywhere, to_everywhere
from kuma.telemetry import Collector
from tests.envoys import complaint
from tests.kuma.policies.parts import (
    BACKEND,
    EAST,
    LISTENER,
    at_listener,
    inbound,
    outbound,
    policy,
    route,
    selection,
    to_backend,
    to_mesh,
    upstream,
)
from tests.kuma.policies.telling import OTEL, caller, said_inward, said_of_all, said_outward, system, with_kuma_dp
from tests.kuma.policies.test_envoy_accepts import in_place
from tests.kuma.policies.test_meshtrace import DATADOG, ZIPKIN

JSON = {"type": "Json", "json": [{"key": "who", "value": "%REQ(X-Who)%"}], "omitEmptyValues": True}
EVERYBODY = [
    {"type": "File", "file": {"path": "/dev/null"}},
    {"type": "File", "file": {"path": "/dev/null", "format": JSON}},
    {"type": "Tcp", "tcp": {"address": "logs:514", "format": JSON}},
    {"type": "Tcp", "tcp": {"address": "logs:514"}},
    {"type": "OpenTelemetry", "openTelemetry": {"backendRef": OTEL}},
    {
        "type": "OpenTelemetry",
        "openTelemetry": {
            "backendRef": OTEL,
            "body": {"kvlistValue": {"values": [{"key": "a", "value": {"stringValue": "%START_TIME%"}}]}},
            "attributes": [{"key": "a.b", "value": "%KUMA_ZONE%"}],
        },
    },
]
MATCH = {"spiffeID": {"type": "Prefix", "value": "spiffe://east.mesh/a"}, "sni": {"type": "Exact", "value": "sni.a"}}
RULES = policy("MeshAccessLog", rules=[{"matches": [MATCH], "default": {"backends": EVERYBODY}}])
TO = policy("MeshAccessLog", to=[to_mesh(backends=EVERYBODY), to_backend(backends=EVERYBODY)])
COLLECTOR = {"type": "OpenTelemetry", "openTelemetry": {"backendRef": OTEL}}
SECURE = Collector("main", frozendict(team="watchers"), "otel.watch", 443, True, "/in")
CALLERS = {
    "grpc": caller(workdir="/tmp"),
    "http": caller(workdir="/tmp", collectors=(SECURE,), system_ca_path="/etc/ssl/certs/ca-certificates.crt"),
    "kuma-dp": with_kuma_dp(workdir="/tmp"),
}


def trace(backend):
    tags = [{"name": "a", "literal": "b"}, {"name": "c", "header": {"name": "x-c"}}]
    sampling = {"overall": 1, "client": "2.5", "random": 3}
    return policy("MeshTrace", default={"backends": [backend], "tags": tags, "sampling": sampling})


def inward(who, protocol, traced):
    part = inbound(protocol)
    part.caller = who
    ACCESS_LOG.inbound(part, at_listener(RULES))
    TRACE.inbound(part, inbound_everywhere(selection(traced), LISTENER))
    return part


def outward(who, protocol, traced):
    part = outbound(protocol, str(route("r1")))
    part.caller = who
    said = to_rules((TO,), EAST).for_destination(BACKEND).confs
    confs = ToConfs(frozendict({**said, route("r1"): said[BACKEND]}))
    ACCESS_LOG.outbound(part, confs)
    TRACE.outbound(part, to_everywhere((traced,)).for_destination(BACKEND))
    return part


def clusters(who, traced):
    part = system(who)
    for said in (said_inward(RULES), said_outward(TO)):
        ACCESS_LOG.system(part, said)
    TRACE.system(part, said_of_all(traced))
    return list({one.name: api.document(one) for one in part.clusters}.values())


@pytest.mark.skipif(
    not Path("/etc/ssl/certs/ca-certificates.crt").exists(), reason="Envoy looks into the system's authorities"
)
@pytest.mark.parametrize(
    ("who", "backend"),
    [("grpc", ZIPKIN), ("grpc", DATADOG), *((who, COLLECTOR) for who in CALLERS)],
    ids=lambda one: one if isinstance(one, str) else one["type"],
)
@pytest.mark.parametrize("protocol", ["http", "tcp"])
def test_envoy_takes_logs_and_traces(who, backend, protocol, tmp_path):
    traced = trace(backend)
    arriving, leaving = inward(CALLERS[who], protocol, traced), outward(CALLERS[who], protocol, traced)
    target = in_place(upstream("http").cluster)
    bootstrap = {
        "static_resources": {
            "listeners": [api.document(arriving.listener), api.document(leaving.listener)],
            "clusters": [api.document(arriving.cluster), api.document(target), *clusters(CALLERS[who], traced)],
        }
    }
    file = tmp_path / "envoy.json"
    file.write_text(json.dumps(bootstrap))
    assert complaint(file) == ""
