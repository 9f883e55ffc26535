"""Traces: which requests are traced, and who is told."""

from __future__ import annotations

import json

import pytest
from frozendict import frozendict

from kuma.envoy.draft import ZoneListener
from kuma.model import Kri
from kuma.policies.meshtrace import POLICY
from kuma.rules import inbound_everywhere, to_everywhere
from kuma.telemetry import Collector
from tests.kuma.policies.parts import BACKEND, LISTENER, http, inbound, outbound, policy, selection, shown
from tests.kuma.policies.telling import OTEL, caller, said_of_all, system, with_kuma_dp

ZIPKIN = {"type": "Zipkin", "zipkin": {"url": "http://jaeger.watch:9411/api/v2/spans"}}
DATADOG = {"type": "Datadog", "datadog": {"url": "http://agent:8126", "splitService": True}}
COLLECTOR = {"type": "OpenTelemetry", "openTelemetry": {"backendRef": OTEL}}


def trace(*backends, **default):
    return policy("MeshTrace", default={"backends": list(backends), **default})


def inward(one, protocol="http", **facts):
    part = inbound(protocol)
    part.caller = caller(**facts)
    POLICY.inbound(part, inbound_everywhere(selection(one), LISTENER))
    return part


def outward(one, destination=BACKEND, **facts):
    part = outbound("http")
    part.destination, part.caller = destination, caller(**facts)
    POLICY.outbound(part, to_everywhere((one,)).for_destination(destination))
    return part


def tracing(part):
    return http(part.listener).get("tracing")


def provider(part):
    return tracing(part)["provider"]["typedConfig"]


def clusters(one, who=None):
    part = system(who or caller())
    POLICY.system(part, said_of_all(one))
    return part.clusters


@pytest.mark.parametrize("one", [trace(), trace(tags=[{"name": "a", "literal": "b"}])])
def test_without_a_backend_nothing_is_traced(one):
    assert tracing(inward(one)) is None
    assert tracing(outward(one)) is None
    assert clusters(one) == []


def test_connections_are_not_traced():
    assert shown(inward(trace(ZIPKIN), "tcp").listener) == shown(inbound("tcp").listener)


def test_zipkin():
    part = inward(trace(ZIPKIN))
    assert tracing(part)["provider"]["name"] == "envoy.tracers.zipkin"
    name = "system_meshtrace_zipkin_http---jaeger-watch-9411-api-v2-spans"
    assert provider(part) == {
        "@type": "type.googleapis.com/envoy.config.trace.v3.ZipkinConfig",
        "collectorCluster": name,
        "collectorEndpoint": "/api/v2/spans",
        "collectorEndpointVersion": "HTTP_JSON",
        "collectorHostname": "jaeger.watch:9411",
        "sharedSpanContext": True,
    }
    (cluster,) = clusters(trace(ZIPKIN))
    assert cluster.name == name
    assert shown(cluster)["type"] == "STRICT_DNS"
    assert shown(cluster)["dnsLookupFamily"] == "V4_ONLY"


def test_zipkin_over_tls_where_no_port_is_said():
    one = trace({"type": "Zipkin", "zipkin": {"url": "https://10.0.0.1", "apiVersion": "httpProto"}})
    assert provider(inward(one))["collectorEndpoint"] == "/api/v2/spans"
    (cluster,) = clusters(one, caller(system_ca_path="/etc/ca.pem"))
    found = shown(cluster)
    assert found["type"] == "STATIC"
    endpoint = found["loadAssignment"]["endpoints"][0]["lbEndpoints"][0]["endpoint"]
    assert endpoint["address"]["socketAddress"] == {"address": "10.0.0.1", "portValue": 443}
    (match,) = found["transportSocketMatches"]
    assert match["transportSocket"]["typedConfig"]["allowRenegotiation"] is True
    assert "/etc/ca.pem" in json.dumps(match)


def test_datadog_knows_the_sides_of_a_service():
    one = trace(DATADOG)
    assert provider(inward(one))["serviceName"] == "web_INBOUND"
    assert provider(outward(one))["serviceName"] == f"web_OUTBOUND_{BACKEND}"
    whole = trace({"type": "Datadog", "datadog": {"url": "http://agent:8126"}})
    assert provider(outward(whole))["serviceName"] == "web"
    assert [one.name for one in clusters(one)] == ["system_meshtrace_datadog_http---agent-8126"]


def test_a_collector_by_grpc():
    part = outward(trace(COLLECTOR))
    assert provider(part) == {
        "@type": "type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig",
        "grpcService": {"envoyGrpc": {"clusterName": "system_meshtrace_otel_main"}},
        "serviceName": "web",
    }
    (cluster,) = clusters(trace(COLLECTOR))
    assert "http2ProtocolOptions" in json.dumps(shown(cluster))


@pytest.mark.parametrize(
    ("known", "url"),
    [
        ({"address": "otel.watch", "port": 4318}, "http://otel.watch:4318/v1/traces"),
        ({"address": "otel.watch", "port": 443, "path": "/in/"}, "https://otel.watch:443/in/v1/traces"),
        ({"port": 4318}, "http://10.9.9.9:4318/v1/traces"),
    ],
)
def test_a_collector_by_http(known, url):
    collector = Collector("main", frozendict(team="watchers"), http=True, **known)
    who = {"collectors": (collector,), "host_ip": "10.9.9.9"}
    found = provider(outward(trace(COLLECTOR), **who))
    assert found["httpService"] == {"httpUri": {"uri": url, "cluster": "system_meshtrace_otel_main", "timeout": "10s"}}
    (cluster,) = clusters(trace(COLLECTOR), caller(**who))
    assert "http2" not in json.dumps(shown(cluster))
    assert bool(cluster.transport_socket_matches) == url.startswith("https")


def test_a_collector_behind_kuma_dp():
    part = system(with_kuma_dp())
    POLICY.system(part, said_of_all(trace(COLLECTOR)))
    assert "/run/web/kuma-otel-main.sock" in str(part.clusters[0])
    (told,) = json.loads(part.documents["otel"])["backends"]
    assert told["traces"] == {"enabled": True}


def test_a_collector_that_is_not_there_is_told_nothing():
    assert "provider" not in tracing(inward(trace(COLLECTOR), collectors=()))
    assert clusters(trace(COLLECTOR), caller(collectors=())) == []


def test_shares_of_requests():
    found = tracing(inward(trace(ZIPKIN, sampling={"overall": 80, "random": "60.1"})))
    assert (found["overallSampling"], found["randomSampling"]) == ({"value": 80}, {"value": 60.1})
    assert "clientSampling" not in found


def test_tags_say_where_a_span_comes_from():
    tags = [
        {"name": "team", "literal": "core"},
        {"name": "env", "header": {"name": "x-env", "default": "prod"}},
        {"name": "kuma.zone", "literal": "mine"},
    ]
    assert tracing(inward(trace(ZIPKIN, tags=tags)))["customTags"] == [
        {"tag": "team", "literal": {"value": "core"}},
        {"tag": "env", "requestHeader": {"name": "x-env", "defaultValue": "prod"}},
        {"tag": "kuma.zone", "literal": {"value": "mine"}},
        {"tag": "kuma.mesh", "literal": {"value": "shop"}},
        {"tag": "kuma.workload", "literal": {"value": "kri_wl_shop_east__web_"}},
    ]
    without = tracing(inward(trace(ZIPKIN), workload="", zone=""))["customTags"]
    assert [tag["tag"] for tag in without] == ["kuma.mesh"]


@pytest.mark.parametrize(
    ("facts", "service"),
    [
        ({}, "web"),
        ({"workload": ""}, "unknown"),
        ({"workload": "", "only_zone_proxy": True}, "web-1"),
        ({"only_zone_proxy": True}, "web"),
    ],
)
def test_what_the_service_is_called(facts, service):
    assert provider(inward(trace(COLLECTOR), **facts))["serviceName"] == service


def test_what_leaves_the_mesh_is_traced_by_its_egress():
    assert tracing(outward(trace(ZIPKIN), Kri("extsvc", "shop", "", "", "payments", "443"))) is None
    assert tracing(outward(trace(ZIPKIN), Kri("mzsvc", "shop", "", "", "backend", "80"))) is not None
    part = outbound("http")
    egress = ZoneListener("out", "10.0.0.1", 10002, True, None, part.listener, caller(workload="egress"))
    POLICY.zone_listener(egress, inbound_everywhere(selection(trace(DATADOG)), LISTENER))
    assert provider(part)["serviceName"] == "egress"


def test_a_later_policy_takes_the_place_of_an_earlier_one():
    one = inbound_everywhere(selection(trace(ZIPKIN, sampling={"overall": 1, "random": 2})), LISTENER)
    part = inbound("http")
    part.caller = caller()
    POLICY.inbound(part, one)
    first = tracing(part)
    POLICY.inbound(part, one)
    assert tracing(part) == first
