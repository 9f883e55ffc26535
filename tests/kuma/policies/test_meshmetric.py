"""Metrics: who gets them, what Envoy passes on, and what kuma-dp is told."""

from __future__ import annotations

import hashlib
import json

import pytest
from attrs import evolve
from frozendict import frozendict

from kuma.kinds import KINDS
from kuma.policies.meshmetric import POLICY
from kuma.schema import parse
from tests.kuma.policies.parts import policy, said, shown
from tests.kuma.policies.telling import OTEL, caller, said_of_all, system, with_kuma_dp

PROMETHEUS = {"type": "Prometheus", "prometheus": {}}
COLLECTOR = {"type": "OpenTelemetry", "openTelemetry": {"backendRef": OTEL}}
NAME = "system_meshmetric_prometheus_default-backend"
KNOWN = (
    '{"observability":{"metrics":{"applications":[{"path":"/metrics","port":8080,"address":""}],"backends":[{"type":'
    '"Prometheus","name":null},{"type":"OpenTelemetry","name":"otel-collector","openTelemetry":{"endpoint":'
    '"/tmp/kuma-otel-otel-collector.sock","refreshInterval":"1m0s"}}],"sidecar":{"includeUnused":false},"extraLabels":'
    '{"kuma.proxy_role":"sidecar","kuma.workload":"backend","mesh":"default","zone":"zone-1"}}}}'
)


def edited(who=None, networking=None, **default):
    part = system(who or caller())
    document = {"networking": {"address": "10.0.0.1", **(networking or {})}}
    part.networking = parse(KINDS["Dataplane"].spec, document).networking
    POLICY.system(part, said_of_all(policy("MeshMetric", default=default)))
    return part


def metrics(part):
    return json.loads(part.documents["meshmetric"])["observability"]["metrics"]


@pytest.mark.parametrize("default", [{}, {"backends": []}, {"applications": [{"port": 80}]}])
def test_nobody_who_gets_metrics_means_none(default):
    part = edited(**default)
    assert (part.listeners, part.clusters, part.documents) == ([], [], {})


def test_prometheus_reaches_kuma_dp_through_envoy():
    part = edited(backends=[PROMETHEUS], who=evolve(caller(), features=frozenset({"feature-reuse-port"})))
    (cluster,), (listener,) = map(shown, part.clusters), map(shown, part.listeners)
    assert cluster["name"] == listener["name"] == NAME
    socket = cluster["loadAssignment"]["endpoints"][0]["lbEndpoints"][0]["endpoint"]["address"]["pipe"]["path"]
    assert "kuma-mh-" in socket
    assert listener["address"]["socketAddress"]["portValue"] == 5670
    assert listener["enableReusePort"] is True
    manager = listener["filterChains"][0]["filters"][0]["typedConfig"]
    (route,) = manager["routeConfig"]["virtualHosts"][0]["routes"]
    assert (route["match"], route["route"]["prefixRewrite"]) == ({"prefix": "/metrics"}, "/meshmetric")


def test_each_who_collects_has_a_listener_and_kuma_dp_is_told_once():
    other = {"type": "Prometheus", "prometheus": {"clientId": "Second one", "port": 5671, "path": "/all"}}
    part = edited(backends=[PROMETHEUS, other])
    assert [one.name for one in part.listeners] == [NAME, "system_meshmetric_prometheus_-econd-one"]
    assert metrics(part)["backends"] == [{"type": "Prometheus", "name": None}]


@pytest.mark.parametrize(("files", "chains"), [(("/cert", "/key"), 2), (("/cert", ""), 1)])
def test_tls_is_spoken_where_there_is_a_certificate(files, chains):
    backend = {"type": "Prometheus", "prometheus": {"tls": {"mode": "ProvidedTLS"}}}
    (listener,) = edited(backends=[backend], who=evolve(caller(), metrics_tls=files)).listeners
    assert len(listener.filter_chains) == chains
    assert (listener.filter_chains[-1].transport_socket.name != "") == (chains == 2)


def test_a_collector_is_reached_through_envoy_unless_kuma_dp_does_it():
    part = edited(backends=[COLLECTOR])
    (cluster,), (listener,) = part.clusters, part.listeners
    assert cluster.name == listener.name == "system_meshmetric_otel_main"
    assert listener.address.pipe.path == metrics(part)["backends"][0]["openTelemetry"]["endpoint"]
    through = edited(backends=[COLLECTOR], who=with_kuma_dp())
    assert (through.clusters, through.listeners, metrics(through)["backends"]) == ([], [], None)
    (told,) = json.loads(through.documents["otel"])["backends"]
    assert told["metrics"]["enabled"] is True


def test_a_collector_that_speaks_http_is_posted_metrics():
    http = evolve(caller().collectors[0], http=True, path="/otlp", port=443)
    part = edited(backends=[COLLECTOR], who=evolve(caller(), collectors=(http,)))
    (cluster,), (listener,) = map(shown, part.clusters), map(shown, part.listeners)
    assert "transportSocketMatches" in cluster or "transportSocket" in cluster
    assert "typedExtensionProtocolOptions" not in cluster, "HTTP/1.1"
    (told,) = metrics(part)["backends"]
    assert told["openTelemetry"]["path"] == "/otlp/v1/metrics"
    manager = listener["filterChains"][0]["filters"][0]["typedConfig"]
    (route,) = manager["routeConfig"]["virtualHosts"][0]["routes"]
    assert route["route"]["hostRewriteLiteral"] == "10.0.0.9:443"


def test_a_collector_that_is_not_there_is_left_out():
    part = edited(backends=[COLLECTOR], who=evolve(caller(), collectors=()))
    assert (part.clusters, metrics(part)["backends"]) == ([], None)


@pytest.mark.parametrize(
    ("networking", "alone", "role"),
    [
        ({}, False, "sidecar"),
        ({"gateway": {"type": "DELEGATED"}}, False, "gateway"),
        ({"listeners": [{"type": "ZoneEgress", "address": "10.0.0.1", "port": 1}]}, True, "zone-egress"),
        ({"listeners": [{"type": "ZoneIngress", "address": "10.0.0.1", "port": 1}]}, True, "zone-ingress"),
        (
            {
                "listeners": [
                    {"type": kind, "address": "10.0.0.1", "port": port}
                    for port, kind in ((1, "ZoneIngress"), (2, "ZoneEgress"))
                ]
            },
            True,
            "zone-proxy",
        ),
    ],
)
def test_what_a_proxy_is_called_in_its_metrics(networking, alone, role):
    who = evolve(caller(), only_zone_proxy=alone, workload="shop")
    found = metrics(edited(backends=[PROMETHEUS], applications=[{"port": 80}], who=who, networking=networking))
    assert found["extraLabels"]["kuma.proxy_role"] == role
    assert ("kuma.workload" in found["extraLabels"], found["applications"] is not None) == (not alone, not alone)


def test_the_document_is_written_as_every_kuma_dp_knows_it():
    labels = frozendict({"kuma.io/zone": "zone-1"})
    collectors = tuple(evolve(one, name="otel-collector") for one in caller().collectors)
    who = evolve(caller(), mesh="default", workload="backend", workdir="/tmp", labels=labels, collectors=collectors)
    default = {
        "applications": [{"port": 8080}],
        "backends": [PROMETHEUS, COLLECTOR],
        "sidecar": {"includeUnused": False},
    }
    text = edited(who=who, networking={}, **default).documents["meshmetric"]
    assert text == KNOWN
    assert hashlib.sha256(text.encode()).hexdigest().startswith("0ac3eb71dd44a32c")


@pytest.mark.parametrize(
    ("default", "field"),
    [
        ({"backends": [{"type": "Statsd"}]}, "backends.backend[0].type"),
        ({"backends": [{"type": "Prometheus", "prometheus": {"port": 70000}}]}, "backends.backend[0].port"),
        ({"backends": [{"type": "OpenTelemetry"}]}, "backends.backend[0].openTelemetry"),
        ({"applications": [{}]}, "applications.application[0]"),
        ({"sidecar": {"profiles": {"include": [{"type": "Like", "match": "a"}]}}}, "sidecar.profiles.include[0].type"),
    ],
)
def test_mistakes_are_named(default, field):
    assert [where for where, _ in said("MeshMetric", default=default)] == [f"spec.default.{field}"]
