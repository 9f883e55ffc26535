"""A zone ingress: one filter chain for each destination of the zone, chosen by server name."""

from __future__ import annotations

from kuma.envoy import api
from tests.zone_cp.test_generate import FAR
from tests.zone_cp.worlds import documents, proxy, resources, shop
from zone_cp.generate import CDS, EDS, LDS, Workshop, generate

ZONE_PROXY = """
type: Dataplane
mesh: shop
name: ingress-1
labels: {kuma.io/workload: zone-proxy, kuma.io/zone: z1}
networking: {address: 10.1.0.9, listeners: [{type: ZoneIngress, name: ingress, address: 10.1.0.9, port: 10001}]}
"""
INGRESS = "self_zoneingress_dp_ingress"
BACKEND, FRONTEND = "kri_msvc_shop_z1__backend_http", "kri_msvc_shop_z1__frontend_3000"


def config(*more: str, name: str = "ingress-1"):
    mesh = shop(ZONE_PROXY, *more)
    return generate(mesh, proxy(mesh, name), Workshop())


def chain(server_name: str, cluster: str) -> dict:
    return {
        "filterChainMatch": {"transportProtocol": "tls", "serverNames": [server_name]},
        "filters": [
            {
                "name": "envoy.filters.network.tcp_proxy",
                "typedConfig": {
                    "@type": "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
                    "statPrefix": cluster,
                    "cluster": cluster,
                },
            }
        ],
    }


def test_the_listener_leads_every_server_name_of_the_zone_to_its_cluster_and_terminates_nothing():
    listener = documents(config(), "Listener", LDS)[INGRESS]
    assert listener == {
        "name": INGRESS,
        "statPrefix": INGRESS,
        "trafficDirection": "INBOUND",
        "enableReusePort": True,
        "address": {"socketAddress": {"address": "10.1.0.9", "portValue": 10001}},
        "listenerFilters": [
            {
                "name": "envoy.filters.listener.tls_inspector",
                "typedConfig": {
                    "@type": "type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector"
                },
            }
        ],
        "filterChains": [
            chain("sni.msvc.shop.z1.backend.http", BACKEND),
            chain("sni.msvc.shop.z1.frontend.3000", FRONTEND),
        ],
    }


def test_its_clusters_pass_bytes_on():
    made = documents(config(), "Cluster", CDS)[BACKEND]
    assert made == {
        "name": BACKEND,
        "type": "EDS",
        "connectTimeout": "5s",
        "edsClusterConfig": {"edsConfig": {"ads": {}, "resourceApiVersion": "V3"}},
        "circuitBreakers": {"thresholds": [{"trackRemaining": True}]},
    }


def test_what_lives_in_other_zones_is_not_led_to():
    made = config(FAR)
    assert len(documents(made, "Listener", LDS)[INGRESS]["filterChains"]) == 2
    assert documents(made, "ClusterLoadAssignment", EDS).keys() == {BACKEND, FRONTEND}


def test_a_service_without_endpoints_has_its_chain_and_an_empty_load_assignment():
    idle = """
type: MeshService
mesh: shop
name: idle
labels: {kuma.io/display-name: idle, kuma.io/zone: z1}
spec: {ports: [{port: 80, name: http}]}
"""
    name = "kri_msvc_shop_z1__idle_http"
    made = config(idle)
    assert documents(made, "ClusterLoadAssignment", EDS)[name] == {"clusterName": name}
    assert chain("sni.msvc.shop.z1.idle.http", name) in documents(made, "Listener", LDS)[INGRESS]["filterChains"]


def test_nothing_to_lead_to_is_no_listener():
    mesh = shop(ZONE_PROXY)
    mesh = mesh.changed(deletes=[one.key for one in mesh.of("MeshService").values()])
    assert INGRESS not in documents(generate(mesh, proxy(mesh, "ingress-1"), Workshop()), "Listener", LDS)


def test_ingresses_of_a_zone_share_their_clusters_and_endpoints():
    second = ZONE_PROXY.replace("ingress-1", "ingress-2").replace("10.1.0.9", "10.1.0.10")
    mesh, workshop = shop(ZONE_PROXY, second), Workshop()
    one, two = (generate(mesh, proxy(mesh, name), workshop) for name in ("ingress-1", "ingress-2"))
    for url in (CDS, EDS):
        assert all(a is b for a, b in zip(one.by_type[url][:2], two.by_type[url][:2], strict=True))


def test_an_ingress_that_also_reaches_for_a_destination_speaks_mtls_to_it_only_for_itself():
    both = """
type: Dataplane
mesh: shop
name: both
labels: {kuma.io/zone: z1}
networking:
  address: 10.1.0.9
  outbound: [{port: 20002, backendRef: {kind: MeshService, name: backend, port: 80}}]
  listeners: [{type: ZoneIngress, address: 10.1.0.9, port: 10001}]
"""
    made = config(both, name="both")
    clusters = documents(made, "Cluster", CDS)
    assert "transportSocket" in clusters[BACKEND]
    assert "transportSocket" not in clusters[FRONTEND]
    passing = f"self_zoneingress_dp_{BACKEND}"
    assert "transportSocket" not in clusters[passing]
    endpoints = documents(made, "ClusterLoadAssignment", EDS)
    assert endpoints[passing] == endpoints[BACKEND] | {"clusterName": passing}
    (led, _) = documents(made, "Listener", LDS)["self_zoneingress_dp_10001"]["filterChains"]
    assert led["filters"][0]["typedConfig"]["cluster"] == passing
    names = [name for layer in made.by_type[CDS] for name in layer.resources]
    assert len(names) == len(set(names))


def test_the_chains_come_in_the_order_of_their_names():
    service = (
        "{{type: MeshService, mesh: shop, name: s{}, labels: {{kuma.io/zone: z1}}, spec: {{ports: [{{port: 80}}]}}}}"
    )
    more = [service.format(index) for index in (3, 1, 2)]
    mesh = shop(ZONE_PROXY).changed([one for text in more for one in resources(text)])
    packed = generate(mesh, proxy(mesh, "ingress-1"), Workshop()).resources(LDS)[INGRESS]
    chains = api.Listener.FromString(packed.body).filter_chains
    names = [one.filter_chain_match.server_names[0] for one in chains]
    assert names == sorted(names)
    assert len(names) == 5
