"""What a sidecar holds: its inbounds, its outbounds, its secrets, in Envoy's words."""

from __future__ import annotations

import pytest
from attrs import evolve

from kuma.envoy.names import ADMIN, READINESS, TRUST_BUNDLE
from tests.zone_cp.worlds import METADATA, SECRET, documents, proxy, shop
from zone_cp.generate import CDS, EDS, LDS, SDS, Workshop, WrongAdmin, generate

BACKEND, FRONTEND = "kri_msvc_shop_z1__backend_http", "kri_msvc_shop_z1__frontend_3000"


def frontend(*more: str, **changes):
    mesh = shop(*more)
    return generate(mesh, evolve(proxy(mesh, "frontend-01"), **changes), Workshop())


def clusters(config):
    return documents(config, "Cluster", CDS)


def listeners(config):
    return documents(config, "Listener", LDS)


def test_a_sidecar_holds_its_side_and_what_it_reaches_for():
    config = frontend()
    assert clusters(config).keys() == {BACKEND, FRONTEND, "self_inbound_dp_3000", ADMIN, READINESS}
    assert documents(config, "ClusterLoadAssignment", EDS).keys() == {BACKEND, FRONTEND}
    assert listeners(config).keys() == {BACKEND, FRONTEND, "self_inbound_dp_3000", ADMIN}
    assert documents(config, "Secret", SDS).keys() == {SECRET, TRUST_BUNDLE}


def test_the_types_travel_clusters_before_what_refers_to_them():
    assert list(frontend().by_type) == [CDS, EDS, LDS, SDS]


def test_proxies_speak_http2_over_mtls_to_each_other_whatever_the_application_speaks():
    cluster = clusters(frontend())[FRONTEND]
    assert cluster["type"] == "EDS"
    assert cluster["edsClusterConfig"] == {"edsConfig": {"ads": {}, "resourceApiVersion": "V3"}}
    options = cluster["typedExtensionProtocolOptions"]["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"]
    assert options["explicitHttpConfig"] == {"http2ProtocolOptions": {}}
    tls = cluster["transportSocket"]["typedConfig"]
    assert tls["sni"] == "sni.msvc.shop.z1.frontend.3000"
    common = tls["commonTlsContext"]
    assert common["alpnProtocols"] == ["kuma"]
    assert common["tlsCertificateSdsSecretConfigs"][0]["name"] == SECRET
    assert common["combinedValidationContext"]["defaultValidationContext"] == {
        "matchTypedSubjectAltNames": [
            {"sanType": "URI", "matcher": {"exact": "spiffe://shop.z1.mesh.local/workload/frontend"}}
        ]
    }


def test_without_an_identity_nothing_is_encrypted():
    config = frontend(certificate=None)
    assert "transportSocket" not in clusters(config)[BACKEND]
    assert "transportSocket" not in listeners(config)["self_inbound_dp_3000"]["filterChains"][0]
    assert documents(config, "Secret", SDS).keys() == {TRUST_BUNDLE}


def test_a_destination_whose_proxies_do_not_all_have_identities_is_reached_in_plaintext():
    not_ready = """
type: MeshService
mesh: shop
name: backend
labels: {kuma.io/display-name: backend, kuma.io/zone: z1, kuma.io/origin: zone}
spec:
  selector: {dataplaneLabels: {matchLabels: {kuma.io/workload: backend}}}
  ports: [{port: 80, name: http, targetPort: http, appProtocol: http}]
status: {tls: {status: NotReady}}
"""
    assert "transportSocket" not in clusters(frontend(not_ready))[BACKEND]


def test_an_inbound_takes_only_those_of_trusted_domains():
    chain = listeners(frontend())["self_inbound_dp_3000"]["filterChains"][0]
    context = chain["transportSocket"]["typedConfig"]
    assert context["requireClientCertificate"] is True
    validation = context["commonTlsContext"]["combinedValidationContext"]
    assert validation["defaultValidationContext"] == {
        "matchTypedSubjectAltNames": [{"sanType": "URI", "matcher": {"prefix": "spiffe://shop.z1.mesh.local/"}}]
    }
    assert validation["validationContextSdsSecretConfig"]["name"] == TRUST_BUNDLE
    assert chain["filters"][0]["name"] == "envoy.filters.network.rbac"


def test_an_http_inbound_hands_on_to_the_port_of_the_application():
    mesh = shop()
    config = generate(mesh, proxy(mesh, "backend-01"), Workshop())
    cluster = clusters(config)["self_inbound_dp_http"]
    assert cluster["loadAssignment"]["endpoints"] == [
        {"lbEndpoints": [{"endpoint": {"address": {"socketAddress": {"address": "10.0.0.2", "portValue": 8080}}}}]}
    ]
    manager = listeners(config)["self_inbound_dp_http"]["filterChains"][0]["filters"][0]["typedConfig"]
    assert manager["forwardClientCertDetails"] == "SANITIZE_SET"
    assert manager["setCurrentClientCertDetails"] == {"uri": True}
    assert manager["routeConfig"]["requestHeadersToRemove"] == ["x-kuma-tags"]
    assert [one["name"] for one in manager["httpFilters"]] == ["envoy.filters.http.rbac", "envoy.filters.http.router"]


def test_an_inbound_says_whose_it_is():
    tags = listeners(frontend())["self_inbound_dp_3000"]["metadata"]["filterMetadata"]["io.kuma.tags"]
    assert tags["kuma.io/workload"] == "frontend"


def test_an_http_outbound_has_a_route_for_everything():
    listener = listeners(frontend())[BACKEND]
    assert listener["address"] == {"socketAddress": {"address": "127.0.0.1", "portValue": 20002}}
    assert listener["metadata"]["filterMetadata"]["io.kuma.tags"] == {"kuma.io/unified-name": BACKEND}
    manager = listener["filterChains"][0]["filters"][0]["typedConfig"]
    assert manager["normalizePath"] is True
    assert manager["routeConfig"]["virtualHosts"] == [
        {
            "name": BACKEND,
            "domains": ["*"],
            "routes": [
                {
                    "name": "9Zuf5Tg79OuZcQITwBbQykxAk2u4fRKrwYn3//AL4Yo=",
                    "match": {"prefix": "/"},
                    "route": {"cluster": BACKEND, "timeout": "15s", "idleTimeout": "1800s"},
                }
            ],
        }
    ]


def test_internal_addresses_leave_out_ipv6_where_there_is_none():
    manager = listeners(frontend())[BACKEND]["filterChains"][0]["filters"][0]["typedConfig"]
    prefixes = [one["addressPrefix"] for one in manager["internalAddressConfig"]["cidrRanges"]]
    assert prefixes == ["10.0.0.0", "192.168.0.0", "172.16.0.0", "127.0.0.1"]


def test_a_grpc_outbound_counts_messages():
    grpc = """
type: MeshService
mesh: shop
name: backend
labels: {kuma.io/display-name: backend, kuma.io/zone: z1}
spec: {selector: {dataplaneLabels: {matchLabels: {kuma.io/workload: backend}}}, ports: [{port: 80, appProtocol: grpc}]}
"""
    listener = listeners(frontend(grpc))["kri_msvc_shop_z1__backend_80"]
    manager = listener["filterChains"][0]["filters"][0]["typedConfig"]
    names = [one["name"] for one in manager["httpFilters"]]
    assert names == ["envoy.filters.http.grpc_stats", "envoy.filters.http.router"]


def test_endpoints_are_the_ready_inbounds_with_the_labels_of_their_dataplane():
    assignment = documents(frontend(), "ClusterLoadAssignment", EDS)[BACKEND]
    assert assignment["clusterName"] == BACKEND
    (locality,) = assignment["endpoints"]
    assert locality["locality"] == {"zone": "z1"}
    (endpoint,) = locality["lbEndpoints"]
    assert endpoint["endpoint"]["address"] == {"socketAddress": {"address": "10.0.0.2", "portValue": 80}}
    assert endpoint["loadBalancingWeight"] == 1
    metadata = endpoint["metadata"]["filterMetadata"]
    assert metadata["envoy.lb"] == metadata["envoy.transport_socket_match"]
    assert metadata["envoy.lb"]["kuma.io/protocol"] == "http"
    assert metadata["envoy.lb"]["version"] == "v2"


@pytest.mark.parametrize("inbound", ["state: NotReady", "state: Ignored", "health: {ready: false}"])
def test_who_is_not_ready_is_no_endpoint(inbound):
    ill = f"""
type: Dataplane
mesh: shop
name: backend-01
labels: {{kuma.io/workload: backend, kuma.io/zone: z1}}
networking: {{address: 10.0.0.2, inbound: [{{name: http, port: 80, {inbound}}}]}}
"""
    assert "endpoints" not in documents(frontend(ill), "ClusterLoadAssignment", EDS)[BACKEND]


def test_a_service_of_another_zone_is_reached_through_that_zones_ingress():
    config = frontend(FAR)
    far = "kri_msvc_shop_z2__far_http"
    assignment = documents(config, "ClusterLoadAssignment", EDS)[far]
    assert assignment["endpoints"] == [
        {
            "locality": {"zone": "z2"},
            "priority": 1,
            "lbEndpoints": [
                {
                    "endpoint": {"address": {"socketAddress": {"address": "203.0.113.7", "portValue": 10001}}},
                    "loadBalancingWeight": 1,
                    "metadata": {
                        "filterMetadata": {
                            "envoy.lb": {"kuma.io/zone": "z2"},
                            "envoy.transport_socket_match": {"kuma.io/zone": "z2"},
                        }
                    },
                }
            ],
        }
    ]
    tls = clusters(config)[far]["transportSocket"]["typedConfig"]
    assert tls["sni"] == "sni.msvc.shop.z2.far.http"


def test_a_destination_that_no_server_name_can_say_has_a_listener_and_no_cluster():
    dotted = """
type: MeshService
mesh: shop
name: backend
labels: {kuma.io/display-name: backend, kuma.io/zone: z1}
spec:
  selector: {dataplaneLabels: {matchLabels: {kuma.io/workload: backend}}}
  ports: [{port: 80, name: dotted.name, appProtocol: http}]
status: {tls: {status: Ready}}
"""
    config = frontend(dotted)
    name = "kri_msvc_shop_z1__backend_dotted.name"
    assert name in listeners(config)
    assert name not in clusters(config)
    assert name not in documents(config, "ClusterLoadAssignment", EDS)


def test_an_outbound_to_nothing_is_left_out():
    reaching = """
type: Dataplane
mesh: shop
name: frontend-01
labels: {kuma.io/workload: frontend, kuma.io/zone: z1}
networking:
  address: 10.0.0.1
  inbound: [{port: 3000, protocol: tcp}]
  outbound: [{port: 20002, backendRef: {kind: MeshService, name: nobody, port: 80}}]
"""
    assert listeners(frontend(reaching)).keys() == {"self_inbound_dp_3000", ADMIN}


def test_the_port_of_no_workload_is_no_inbound():
    idle = """
type: Dataplane
mesh: shop
name: frontend-01
labels: {kuma.io/workload: frontend}
networking: {address: 10.0.0.1, inbound: [{port: 49151}]}
"""
    assert listeners(frontend(idle)).keys() == {ADMIN}


def test_admin_answers_all_whether_it_is_ready_and_the_control_plane_everything():
    plain, secured = listeners(frontend())[ADMIN]["filterChains"]
    ready = {"match": {"prefix": "/ready"}, "route": {"cluster": READINESS, "prefixRewrite": "/ready"}}
    everything = {"match": {"prefix": "/"}, "route": {"cluster": ADMIN, "prefixRewrite": "/"}}
    assert _routes(plain) == [ready]
    assert _routes(secured) == [ready, everything]
    validation = secured["transportSocket"]["typedConfig"]["commonTlsContext"]["validationContext"]
    assert validation["matchTypedSubjectAltNames"] == [{"sanType": "DNS", "matcher": {"exact": "kuma-cp"}}]


def _routes(chain):
    (host,) = chain["filters"][0]["typedConfig"]["routeConfig"]["virtualHosts"]
    return host["routes"]


def test_without_an_admin_port_there_is_no_admin():
    config = frontend(metadata=evolve(METADATA, admin_port=0))
    assert ADMIN not in listeners(config)
    assert not {ADMIN, READINESS} & clusters(config).keys()


def test_an_admin_on_the_proxys_own_address_needs_no_listener():
    local = evolve(METADATA, admin_socket="", admin_address="::1")
    alone = """
type: Dataplane
mesh: shop
name: frontend-01
networking: {address: "::1", inbound: [{port: 3000}]}
"""
    assert ADMIN not in listeners(frontend(alone, metadata=local))


@pytest.mark.parametrize(
    "changes",
    [{"admin_address": "10.0.0.1"}, {"admin_address": "10.0.0.1", "admin_socket": ""}, {"readiness_port": 0}],
)
def test_an_admin_that_cannot_be_is_refused(changes):
    with pytest.raises(WrongAdmin):
        frontend(metadata=evolve(METADATA, **changes))


def test_keys_do_not_show_in_what_is_printed():
    mesh = shop()
    one = proxy(mesh, "frontend-01")
    assert "admin key" not in repr(one)
    assert "b'key'" not in repr(one)


FAR = """
type: MeshService
mesh: shop
name: far-4cx47v8b5wcd4764
labels: {kuma.io/display-name: far, kuma.io/zone: z2, kuma.io/origin: global}
spec:
  selector: {dataplaneLabels: {matchLabels: {kuma.io/workload: far}}}
  ports: [{port: 80, name: http, appProtocol: http}]
  identities: [{type: SpiffeID, value: spiffe://shop.z2.mesh.local/workload/far}]
---
type: MeshZoneAddress
mesh: shop
name: ingress-z2
labels: {kuma.io/zone: z2, kuma.io/origin: global}
spec: {address: 203.0.113.7, port: 10001}
---
type: Dataplane
mesh: shop
name: frontend-01
labels: {kuma.io/workload: frontend, kuma.io/zone: z1}
networking:
  address: 10.0.0.1
  inbound: [{port: 3000, protocol: tcp}]
  outbound: [{port: 20003, backendRef: {kind: MeshService, labels: {kuma.io/display-name: far}, port: 80}}]
"""
