"""MeshTCPRoute: where connections go."""

from __future__ import annotations

import json

from tests.kuma.policies.parts import said
from tests.zone_cp.worlds import documents, proxy, shop
from zone_cp.generate import CDS, LDS, Workshop, generate

FRONTEND, BACKEND = "kri_msvc_shop_z1__frontend_3000", "kri_msvc_shop_z1__backend_http"


def ref(name: str, port: int = 0, weight: int = 1) -> dict:
    found = {"kind": "MeshService", "labels": {"kuma.io/display-name": name}, "weight": weight}
    return {**found, "port": port} if port else found


def target(name: str) -> dict:
    return {"kind": "MeshService", "labels": {"kuma.io/display-name": name}}


def policy(name: str, *refs: dict, kind: str = "MeshTCPRoute") -> str:
    rules = [{"default": {"backendRefs": list(refs)}}] if refs else []
    if kind == "MeshHTTPRoute":
        rules = [{"matches": [{"path": {"type": "PathPrefix", "value": "/"}}], **rules[0]}]
    return json.dumps({
        "type": kind, "mesh": "shop", "name": "r", "spec": {"to": [{"targetRef": target(name), "rules": rules}]}
    })  # fmt: skip


def config(*policies: str):
    mesh = shop(*policies)
    return generate(mesh, proxy(mesh, "frontend-01"), Workshop())


def chain(name: str, *policies: str) -> dict:
    return documents(config(*policies), "Listener", LDS)[name]["filterChains"][0]


def tcp(name: str, *policies: str) -> dict:
    (only,) = chain(name, *policies)["filters"]
    return only["typedConfig"]


def test_without_a_route_connections_go_to_the_destination():
    assert tcp(FRONTEND)["cluster"] == FRONTEND


def test_connections_are_shared_by_weight():
    made = policy("frontend", ref("frontend", 3000, 1), ref("backend", 80, 2))
    assert tcp(FRONTEND, made)["weightedClusters"] == {
        "clusters": [{"name": FRONTEND, "weight": 1}, {"name": "kri_msvc_shop_z1__backend_80", "weight": 2}]
    }
    assert "kri_msvc_shop_z1__backend_80" in documents(config(made), "Cluster", CDS)


def test_a_route_without_rules_goes_to_its_target():
    assert tcp(FRONTEND, policy("frontend"))["cluster"] == FRONTEND


def test_it_takes_an_http_destination_that_no_http_route_speaks_of():
    assert tcp(BACKEND, policy("backend", ref("backend", 80)))["cluster"] == "kri_msvc_shop_z1__backend_80"


def test_an_http_route_comes_first():
    both = (policy("backend", ref("backend", 80)), policy("backend", ref("backend", 80), kind="MeshHTTPRoute"))
    assert chain(BACKEND, *both)["filters"][-1]["name"] == "envoy.filters.network.http_connection_manager"


def test_no_backend_that_exists_is_no_listener():
    assert FRONTEND not in documents(config(policy("frontend", ref("nobody", 80))), "Listener", LDS)


def test_no_backend_that_takes_any_is_a_listener_that_leads_nowhere():
    assert chain(FRONTEND, policy("frontend", ref("backend", 80, 0))) == {}


def test_every_rule_says_where_to():
    empty = {"targetRef": target("frontend"), "rules": [{"default": {}}]}
    assert said("MeshTCPRoute", to=[empty]) == [("spec.to[0].rules[0].default.backendRefs", "must be defined")]
