"""A zone egress: one filter chain for each service outside the mesh, and what its cluster is like."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from attrs import evolve

from kuma.layout import layout
from kuma.mesh import Mesh, mesh_of
from tests.zone_cp.worlds import METADATA, documents, proxy, resources, shop
from zone_cp.generate import CDS, EDS, LDS, Workshop, generate, prepare
from zone_cp.inspection import shown

EGRESS = """
type: Dataplane
mesh: shop
name: egress-1
labels: {kuma.io/workload: zone-proxy, kuma.io/zone: z1, kuma.io/origin: zone}
networking: {address: 10.1.0.9, listeners: [{type: ZoneEgress, name: egress, address: 10.1.0.9, port: 10002}]}
"""
CLIENT = """
type: Dataplane
mesh: shop
name: client
labels: {kuma.io/workload: client, kuma.io/zone: z1}
networking:
  address: 10.1.0.7
  outbound: [{port: 20003, backendRef: {kind: MeshExternalService, name: api}}]
"""
LISTENER, API = "self_zoneegress_dp_egress", "kri_extsvc_shop_z1__api_443"
HCM = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
TLS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"


def api(name: str = "api", **spec: Any) -> dict[str, Any]:
    match = {"port": 443, "protocol": "http"} | spec.pop("match", {})
    endpoints = [{"address": "192.0.2.1", "port": 80, "priority": 1}, {"address": "192.0.2.2", "port": 81}]
    labels = {"kuma.io/display-name": name, "kuma.io/zone": "z1", "team": "a"}
    whole = {"match": match, "endpoints": endpoints} | spec
    return {"type": "MeshExternalService", "mesh": "shop", "name": name, "labels": labels, "spec": whole}


def world(*services: dict[str, Any], more: str = "") -> Mesh:
    texts = [json.dumps(one) for one in services] + ([more] if more else [])
    return shop(EGRESS, CLIENT, *texts)


def held(mesh: Mesh, url: str, name: str = "egress-1", **metadata: Any) -> dict[str, Any]:
    one = proxy(mesh, name)
    one = evolve(one, metadata=evolve(METADATA, **metadata))
    return documents(generate(mesh, one, Workshop()), url.rpartition(".")[2], url)


def cluster(*, more: str = "", metadata: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    return held(world(api(**spec), more=more), CDS, **(metadata or {}))[API]


def manager(listener: dict[str, Any], chain: int = 0) -> dict[str, Any]:
    found = listener["filterChains"][chain]["filters"][-1]["typedConfig"]
    assert found["@type"] == HCM
    return found


def test_a_chain_takes_the_meshes_tls_and_forwards_requests_to_the_host_they_are_sent_to():
    listener = held(world(api()), LDS)[LISTENER]
    assert (listener["trafficDirection"], listener["statPrefix"]) == ("INBOUND", LISTENER)
    assert listener["listenerFilters"][0]["name"] == "envoy.filters.listener.tls_inspector"
    (chain,) = listener["filterChains"]
    assert chain["name"] == API
    server_name = "sni.extsvc.shop.z1.api.443"
    assert chain["filterChainMatch"] == {"transportProtocol": "tls", "serverNames": [server_name]}
    tls = chain["transportSocket"]["typedConfig"]
    assert tls["requireClientCertificate"] is True
    assert tls["commonTlsContext"]["combinedValidationContext"]["defaultValidationContext"] == {}
    found = manager(listener)
    assert [one["name"] for one in found["httpFilters"]] == ["envoy.filters.http.rbac", "envoy.filters.http.router"]
    (route,) = found["routeConfig"]["virtualHosts"][0]["routes"]
    assert (route["route"]["cluster"], route["route"]["autoHostRewrite"]) == (API, True)
    assert found["routeConfig"]["virtualHosts"][0]["name"] == API


def test_other_protocols_are_passed_on_as_bytes():
    (chain,) = held(world(api(match={"protocol": "tcp"})), LDS)[LISTENER]["filterChains"]
    assert [one["name"] for one in chain["filters"]] == [
        "envoy.filters.network.rbac",
        "envoy.filters.network.tcp_proxy",
    ]
    assert chain["filters"][1]["typedConfig"]["cluster"] == API


def test_chains_stand_in_the_order_of_the_services_names():
    listener = held(world(*(api(name) for name in ("web", "api", "mail"))), LDS)[LISTENER]
    names = [one["filterChainMatch"]["serverNames"][0].split(".")[4] for one in listener["filterChains"]]
    assert names == ["api", "mail", "web"]


def test_only_an_egress_with_an_identity_leads_out():
    mesh = world(api())
    made = generate(mesh, proxy(mesh, "egress-1", certificate=None), Workshop())
    assert LISTENER not in documents(made, "Listener", LDS)
    assert API not in documents(made, "Cluster", CDS)
    assert LISTENER not in held(world(), LDS)


def test_addresses_are_a_static_cluster_with_priorities():
    made = cluster()
    assert (made["type"], made["connectTimeout"]) == ("STATIC", "5s")
    (first, second) = made["loadAssignment"]["endpoints"]
    assert first["locality"] == {"subZone": "priority-0"}
    assert "priority" not in first
    assert (second["locality"], second["priority"]) == ({"subZone": "priority-1"}, 1)
    (endpoint,) = second["lbEndpoints"]
    assert endpoint["endpoint"]["address"]["socketAddress"] == {"address": "192.0.2.1", "portValue": 80}
    assert endpoint["metadata"]["filterMetadata"]["envoy.lb"]["team"] == "a"


def test_names_are_looked_up_for_ipv4_unless_the_egress_has_an_ipv6_address():
    mixed = [{"address": "192.0.2.1", "port": 80}, {"address": "api.example.com", "port": 80}]
    made = cluster(endpoints=mixed)
    assert (made["type"], made["dnsLookupFamily"]) == ("STRICT_DNS", "V4_ONLY")
    six = world(api(endpoints=mixed)).changed(resources(EGRESS.replace("10.1.0.9", "2001:db8::9", 1)))
    assert "dnsLookupFamily" not in held(six, CDS)[API]


@pytest.mark.parametrize(
    ("protocol", "spoken"),
    [("http", "httpProtocolOptions"), ("http2", "http2ProtocolOptions"), ("grpc", "http2ProtocolOptions")],
)
def test_the_service_is_spoken_to_in_its_protocol(protocol: str, spoken: str):
    options = cluster(match={"protocol": protocol})["typedExtensionProtocolOptions"]
    (only,) = options.values()
    assert only["explicitHttpConfig"] == {spoken: {}}
    assert only["commonHttpProtocolOptions"]["idleTimeout"] == "3600s"


def test_without_tls_nothing_is_secured():
    assert "transportSocketMatches" not in cluster()
    assert "typedExtensionProtocolOptions" not in cluster(match={"protocol": "tcp"})


def secured(*, ca_path: str = "", more: str = "", version: Any = None, **verification: Any) -> dict[str, Any]:
    tls = {"enabled": True, "allowRenegotiation": True, "version": version, "verification": verification or None}
    named = [{"address": "api.example.com", "port": 443}]
    made = cluster(tls=tls, endpoints=named, more=more, metadata={"system_ca_path": ca_path})
    (matched,) = made["transportSocketMatches"]
    assert (matched["name"], "match" in matched) == ("api.example.com", False)
    context: dict[str, Any] = matched["transportSocket"]["typedConfig"]
    assert (context["@type"], context["allowRenegotiation"]) == (TLS, True)
    return context


def matchers(context: dict[str, Any]) -> list[tuple[str, dict[str, str]]]:
    found = context["commonTlsContext"]["validationContext"].get("matchTypedSubjectAltNames", ())
    return [(one["sanType"], one["matcher"]) for one in found]


def test_a_service_is_believed_when_the_machine_believes_its_certificate():
    context = secured(ca_path="/etc/ssl/ca.pem", version={"min": "TLS12"})
    assert context["sni"] == "api.example.com"
    assert context["commonTlsContext"]["validationContext"]["trustedCa"] == {"filename": "/etc/ssl/ca.pem"}
    assert context["commonTlsContext"]["tlsParams"] == {"tlsMinimumProtocolVersion": "TLSv1_2"}
    assert matchers(context) == [("DNS", {"exact": "api.example.com"}), ("IP_ADDRESS", {"exact": "api.example.com"})]


@pytest.mark.parametrize("mode", ["Secured", "SkipSAN"])
def test_nobody_is_believed_when_nobody_can_vouch(mode: str):
    believed = secured(mode=mode)["commonTlsContext"]["validationContext"]
    assert believed == {"verifyCertificateHash": ["0" * 64]}
    assert secured()["commonTlsContext"]["validationContext"] == believed


def test_a_service_is_believed_under_names_that_are_said():
    names = [{"type": "Prefix", "value": "spiffe://"}, {"value": "other.example.com"}, {"type": "Prefix", "value": ""}]
    context = secured(ca_path="/ca", serverName="said.example.com", subjectAltNames=names)
    assert context["sni"] == "said.example.com"
    assert matchers(context) == [
        ("DNS", {"exact": "said.example.com"}), ("IP_ADDRESS", {"exact": "said.example.com"}),
        ("DNS", {"prefix": "spiffe://"}), ("DNS", {"exact": "other.example.com"}),
        ("IP_ADDRESS", {"prefix": "spiffe://"}), ("IP_ADDRESS", {"exact": "other.example.com"}),
    ]  # fmt: skip


def test_what_is_not_verified():
    assert matchers(secured(ca_path="/ca", mode="SkipSAN", serverName="said.example.com")) == []
    for mode in ("SkipCA", "SkipAll"):
        assert "commonTlsContext" not in secured(ca_path="/ca", mode=mode)
        spoken = secured(ca_path="/ca", mode=mode, version={"max": "TLS12"})["commonTlsContext"]
        assert spoken == {"tlsParams": {"tlsMaximumProtocolVersion": "TLSv1_2"}}


SECRET = "{{type: Secret, mesh: shop, name: {0}, data: {1}}}"
NAMED = {
    field: {"type": "Secret", "secretRef": {"kind": "Secret", "name": name}}
    for field, name in (("caCert", "ca"), ("clientCert", "certificate"), ("clientKey", "key"))
}


def test_secrets_stand_in_the_cluster():
    texts = "\n---\n".join(SECRET.format(name, "cGVt") for name in ("ca", "certificate", "key"))
    common = secured(more=texts, **NAMED)["commonTlsContext"]
    assert common["validationContext"]["trustedCa"] == {"inlineBytes": "cGVt"}
    (pair,) = common["tlsCertificates"]
    assert pair == {"certificateChain": {"inlineBytes": "cGVt"}, "privateKey": {"inlineBytes": "cGVt"}}


def test_a_service_whose_secrets_are_not_there_is_left_out():
    mesh = world(api(tls={"enabled": True, "verification": NAMED}), api("web"))
    assert [one for one in held(mesh, CDS) if one.startswith("kri_")] == ["kri_extsvc_shop_z1__web_443"]


def test_clients_speak_mtls_to_the_egress_and_ask_for_the_service():
    mesh = world(api())
    made = held(mesh, CDS, "client")[API]
    tls = made["transportSocket"]["typedConfig"]
    assert tls["sni"] == "sni.extsvc.shop.z1.api.443"
    (answers,) = tls["commonTlsContext"]["combinedValidationContext"]["defaultValidationContext"].values()
    assert answers == [{"sanType": "URI", "matcher": {"exact": "spiffe://shop.z1.mesh.local/workload/zone-proxy"}}]
    (spoken,) = made["typedExtensionProtocolOptions"].values()
    assert spoken["explicitHttpConfig"] == {"httpProtocolOptions": {}}
    (group,) = held(mesh, EDS, "client")[API]["endpoints"]
    assert "locality" not in group
    (endpoint,) = group["lbEndpoints"]
    assert endpoint["endpoint"]["address"]["socketAddress"] == {"address": "10.1.0.9", "portValue": 10002}
    assert endpoint["metadata"]["filterMetadata"]["envoy.lb"]["team"] == "a"
    (route,) = manager(held(mesh, LDS, "client")[API])["routeConfig"]["virtualHosts"][0]["routes"]
    assert route["route"]["autoHostRewrite"] is True


def test_an_ingress_leads_to_nothing_outside():
    both = EGRESS.replace("[{type", "[{type: ZoneIngress, address: 10.1.0.9, port: 10001}, {type")
    mesh = world(api()).changed(resources(both))
    listeners = held(mesh, LDS)
    assert len(listeners["self_zoneingress_dp_10001"]["filterChains"]) == 2
    assert len(listeners[LISTENER]["filterChains"]) == 1
    assert API not in held(mesh, EDS)


def test_an_egress_that_also_calls_what_is_outside_does_it_through_the_egress():
    both = EGRESS.replace(
        "address: 10.1.0.9,",
        "address: 10.1.0.9, outbound: [{port: 20003, backendRef: {kind: MeshExternalService, name: api}}],",
        1,
    )
    mesh = world(api()).changed(resources(both))
    clusters, listeners = held(mesh, CDS), held(mesh, LDS)
    out = f"self_zoneegress_dp_{API}"
    assert (clusters[API]["type"], clusters[out]["type"]) == ("EDS", "STATIC")
    (route,) = manager(listeners[LISTENER])["routeConfig"]["virtualHosts"][0]["routes"]
    assert route["route"]["cluster"] == out


POLICIES = """
type: MeshTimeout
mesh: shop
name: rules
spec:
  rules:
  - matches: [{sni: {type: Exact, value: sni.extsvc.shop.z1.api.443}}]
    default: {http: {requestTimeout: 2s}}
---
type: MeshTimeout
mesh: shop
name: to
spec: {to: [{targetRef: {kind: MeshExternalService, labels: {team: a}}, default: {connectionTimeout: 3s}}]}
---
type: MeshLoadBalancingStrategy
mesh: shop
name: hashing
spec:
  to:
  - targetRef: {kind: MeshExternalService, labels: {team: a}}
    default:
      localityAwareness: {localZone: {affinityTags: [{key: team}]}}
      hashPolicies: [{type: Header, header: {name: x-user}}]
      loadBalancer: {type: RingHash}
---
type: MeshCircuitBreaker
mesh: shop
name: limits
spec:
  to: [{targetRef: {kind: MeshExternalService, labels: {team: a}}, default: {connectionLimits: {maxConnections: 2}}}]
---
type: MeshHealthCheck
mesh: shop
name: checks
spec: {to: [{targetRef: {kind: MeshExternalService, labels: {team: a}}, default: {http: {path: /health}}}]}
---
type: MeshRateLimit
mesh: shop
name: rates
spec:
  rules:
  - default:
      local: {http: {requestRate: {num: 9, interval: 1s}}, tcp: {connectionRate: {num: 9, interval: 1s}}}
---
type: MeshFaultInjection
mesh: shop
name: faults
spec:
  rules:
  - matches: [{sni: {type: Exact, value: sni.extsvc.shop.z1.api.443}}]
    default: {http: [{abort: {httpStatus: 503, percentage: 1}}]}
---
type: MeshTrafficPermission
mesh: shop
name: api-only
spec:
  rules:
  - default:
      deny: [{spiffeID: {type: Exact, value: "spiffe://shop.z1.mesh.local/workload/other"}}]
      allow: [{sni: {type: Exact, value: sni.extsvc.shop.z1.api.443}}]
"""


def test_policies_say_what_leaves():
    mesh = world(api(), api("web", match={"port": 80}), more=POLICIES)
    made = held(mesh, CDS)[API]
    assert made["connectTimeout"] == "3s"
    assert made["lbPolicy"] == "RING_HASH"
    assert "commonLbConfig" not in made
    assert made["circuitBreakers"]["thresholds"][0]["maxConnections"] == 2
    assert made["healthChecks"][0]["httpHealthCheck"]["path"] == "/health"
    listener = held(mesh, LDS)[LISTENER]
    filters = [[one["name"] for one in manager(listener, index)["httpFilters"]] for index in (0, 1)]
    limited = "envoy.filters.http.local_ratelimit"
    assert filters[0] == ["envoy.filters.http.rbac", "kri_mfi_shop___faults_", limited, "envoy.filters.http.router"]
    (permission, *_) = manager(listener)["httpFilters"]
    answers = permission["typedConfig"]["matcher"]["matcherList"]["matchers"]
    assert [one["onMatch"]["action"]["typedConfig"].get("action", "ALLOW") for one in answers] == [
        "DENY",
        "ALLOW",
        "ALLOW",
    ]
    ((one,), (other,)) = (manager(listener, index)["routeConfig"]["virtualHosts"][0]["routes"] for index in (0, 1))
    assert one["route"]["timeout"] == "2s"
    assert one["route"]["hashPolicy"] == [{"header": {"headerName": "x-user"}}]
    assert other["route"]["timeout"] != "2s"


def counted(workshop: Workshop, mesh: Mesh, *names: str) -> Counter[str]:
    before = workshop.built.copy()
    for name in names:
        for _ in prepare(mesh, proxy(mesh, name), workshop):
            pass
        generate(mesh, proxy(mesh, name), workshop)
    return workshop.built - before


def test_a_service_that_changes_rebuilds_what_leads_to_it():
    second = EGRESS.replace("egress-1", "egress-2")
    mesh = world(*(api(f"s{number}") for number in range(20)), more=second)
    workshop, both = Workshop(), ("egress-1", "egress-2")
    assert counted(workshop, mesh, *both)["exit cluster"] == 20
    moved = mesh.changed(resources(json.dumps(api("s7", endpoints=[{"address": "192.0.2.9", "port": 80}]))))
    built = counted(workshop, moved, *both)
    assert (built["exit cluster"], built["way out"]) == (1, 2)
    elsewhere = moved.changed(resources(CLIENT.replace("10.1.0.7", "10.1.0.8")))
    assert not counted(workshop, elsewhere, *both)
    others = "{type: MeshTimeout, mesh: shop, name: t, spec: {targetRef: {kind: Dataplane, labels: {a: b}}, rules: []}}"
    ruled = counted(workshop, moved.changed(resources(others)), *both)
    assert not ruled.keys() & {"exit cluster", "way out"}


def test_each_step_of_preparing_builds_one_part():
    mesh, workshop = world(*(api(f"s{number}") for number in range(5))), Workshop()
    egress = proxy(mesh, "egress-1")
    assert len(list(prepare(mesh, egress, workshop))) == 10
    assert not list(prepare(mesh, egress, workshop))


def test_a_mesh_without_an_egress_has_clients_that_reach_nobody():
    mesh = mesh_of(
        "shop", "z1", [one for kind in world(api()).kinds.values() for one in kind.values() if one.name != "egress-1"]
    )
    assert "transportSocket" not in held(mesh, CDS, "client")[API]
    assert held(mesh, EDS, "client")[API] == {"clusterName": API}


def test_no_key_is_shown_to_people():
    verification = {field: {"type": "InsecureInline", "insecureInline": {"value": "pem"}} for field in NAMED}
    mesh = world(api(tls={"enabled": True, "verification": verification}))
    found = shown(generate(mesh, proxy(mesh, "egress-1"), Workshop()))[CDS][API]
    (matched,) = found["transportSocketMatches"]
    (pair,) = matched["transportSocket"]["typedConfig"]["commonTlsContext"]["tlsCertificates"]
    assert pair["privateKey"] == {"inlineBytes": "[redacted]"}


def test_what_a_proxy_listens_on_and_reaches_for_is_told():
    client = CLIENT.replace("name: api}", "name: api, port: 9}")
    mesh = world(api()).changed(resources(client))
    assert API in held(mesh, LDS, "client")
    assert [one["kri"] for one in layout(mesh, mesh.get("Dataplane", "client"))["outbounds"]] == [API]
    (listener,) = layout(mesh, mesh.get("Dataplane", "egress-1"))["listeners"]
    assert listener["proxyResourceName"] == LISTENER
