"""A destination in several zones: the own zone first, and the others when it is gone."""

from __future__ import annotations

from kuma.model import Key
from tests.ingress.test_zone import FRONTEND, INGRESS, ZONE_PROXY, chain
from tests.zone_cp.worlds import documents, proxy, resources, shop
from zone_cp.generate import CDS, EDS, LDS, Workshop, generate
from zone_cp.multizoneservices import multizone_now

BOTH = "kri_mzsvc_shop___backend_http"
WORLD = """
type: MeshMultiZoneService
mesh: shop
name: backend
labels: {kuma.io/display-name: backend, kuma.io/origin: global}
spec:
  selector: {meshService: {matchLabels: {kuma.io/display-name: backend}}}
  ports: [{port: 80, name: http, appProtocol: http}]
---
type: MeshService
mesh: shop
name: backend-d2622w4zxzdb6cfw
labels: {kuma.io/display-name: backend, kuma.io/zone: z2, kuma.io/origin: global}
spec:
  ports: [{port: 80, name: http, appProtocol: http}]
  identities: [{type: SpiffeID, value: spiffe://shop.z2.mesh.local/workload/backend}]
  state: Available
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
  outbound:
  - {port: 20001, backendRef: {kind: MeshService, name: frontend, port: 3000}}
  - {port: 20004, backendRef: {kind: MeshMultiZoneService, name: backend, port: 80}}
"""

MORE = """
type: Dataplane
mesh: shop
name: backend-02
labels: {kuma.io/workload: backend, kuma.io/zone: z1}
networking: {address: 10.0.0.3, inbound: [{name: http, port: 80, protocol: http}]}
"""
PATIENCE = """
type: MeshTimeout
mesh: shop
name: patience
spec:
  to:
  - targetRef: {kind: MeshMultiZoneService, labels: {kuma.io/display-name: backend}, sectionName: http}
    default: {connectionTimeout: 7s}
"""
ROUTE = """
type: MeshTCPRoute
mesh: shop
name: elsewhere
spec:
  to:
  - targetRef: {kind: MeshService, labels: {kuma.io/display-name: frontend}}
    rules:
    - default:
        backendRefs: [{kind: MeshMultiZoneService, labels: {kuma.io/display-name: backend}, port: 80}]
"""
PORTS = "  ports: [{port: 80, name: web, appProtocol: http}]\n  identities"


def localities(mesh, name="frontend-01"):
    config = generate(mesh, proxy(mesh, name), Workshop())
    assignment = documents(config, "ClusterLoadAssignment", EDS)[BOTH]
    return [(one["locality"]["zone"], one.get("priority", 0)) for one in assignment.get("endpoints", ())]


def test_the_own_zone_comes_first():
    assert localities(shop(WORLD)) == [("z1", 0), ("z2", 1)]


def test_the_other_zone_stays_when_the_own_is_gone():
    mesh = shop(WORLD).changed(deletes=[Key("Dataplane", "shop", "backend-01")])
    assert localities(mesh) == [("z2", 1)]


def test_a_zone_where_nobody_answers_is_left_out():
    assert localities(shop(WORLD.replace("state: Available", "state: Unavailable"))) == [("z1", 0)]


def test_it_is_called_by_one_name_and_answered_by_all_members():
    mesh = shop(WORLD)
    cluster = documents(generate(mesh, proxy(mesh, "frontend-01"), Workshop()), "Cluster", CDS)[BOTH]
    tls = cluster["transportSocket"]["typedConfig"]
    assert tls["sni"] == "sni.mzsvc.shop.backend.http"
    validation = tls["commonTlsContext"]["combinedValidationContext"]["defaultValidationContext"]
    assert [one["matcher"]["exact"] for one in validation["matchTypedSubjectAltNames"]] == [
        "spiffe://shop.z1.mesh.local/workload/backend",
        "spiffe://shop.z2.mesh.local/workload/backend",
    ]


def test_an_ingress_leads_to_its_own_zone_only():
    mesh = shop(WORLD, ZONE_PROXY)
    config = generate(mesh, proxy(mesh, "ingress-1"), Workshop())
    chains = documents(config, "Listener", LDS)[INGRESS]["filterChains"]
    assert chain("sni.mzsvc.shop.backend.http", BOTH) in chains
    assert localities(mesh, "ingress-1") == [("z1", 0)]


def test_a_new_member_moves_it():
    mesh = shop(WORLD)
    without = mesh.changed(deletes=[Key("MeshService", "shop", "backend-d2622w4zxzdb6cfw")])
    assert localities(without) == [("z1", 0)]
    again = without.changed([mesh.get("MeshService", "backend-d2622w4zxzdb6cfw")])
    assert localities(again) == [("z1", 0), ("z2", 1)]


def test_an_endpoint_that_comes_rebuilds_its_load_assignments_alone():
    mesh, workshop = shop(WORLD), Workshop()
    old = generate(mesh, proxy(mesh, "frontend-01"), workshop)
    before = workshop.built.copy()
    after = mesh.changed(resources(MORE))
    new = generate(after, proxy(after, "frontend-01"), workshop)
    assert dict(workshop.built - before) == {"assignment": 1, "view": 1}
    changed = {name for name, one in new.resources(EDS).items() if one.version != old.resources(EDS)[name].version}
    assert changed == {BOTH}
    assert all(new.by_type[url] == old.by_type[url] for url in (CDS, LDS))
    assert [len(one["lbEndpoints"]) for one in documents(new, "ClusterLoadAssignment", EDS)[BOTH]["endpoints"]] == [
        2,
        1,
    ]


def test_a_status_changes_nothing():
    mesh, workshop = shop(WORLD), Workshop()
    generate(mesh, proxy(mesh, "frontend-01"), workshop)
    before = workshop.built.copy()
    service = multizone_now(mesh.get("MeshMultiZoneService", "backend"), mesh.of("MeshService").values())
    after = mesh.changed([service])
    assert after is not mesh
    generate(after, proxy(after, "frontend-01"), workshop)
    assert not workshop.built - before


def test_a_policy_may_be_about_it_alone():
    mesh = shop(WORLD, PATIENCE)
    made = documents(generate(mesh, proxy(mesh, "frontend-01"), Workshop()), "Cluster", CDS)
    assert [made[name]["connectTimeout"] for name in (BOTH, FRONTEND)] == ["7s", "5s"]


def test_ports_are_matched_by_name():
    other = WORLD.replace(PORTS.replace("web", "http"), PORTS)
    assert localities(shop(other)) == [("z1", 0)]


def test_a_route_may_lead_to_it():
    mesh = shop(WORLD, ROUTE)
    config = generate(mesh, proxy(mesh, "frontend-01"), Workshop())
    (only,) = documents(config, "Listener", LDS)[FRONTEND]["filterChains"]
    cluster = "kri_mzsvc_shop___backend_80"  # as the route spells it
    assert only["filters"][0]["typedConfig"]["cluster"] == cluster
    made = documents(config, "Cluster", CDS)[cluster]
    assert made["transportSocket"]["typedConfig"]["sni"] == "sni.mzsvc.shop.backend.http"
    places = [documents(config, "ClusterLoadAssignment", EDS)[name]["endpoints"] for name in (cluster, BOTH)]
    assert places[0] == places[1]
