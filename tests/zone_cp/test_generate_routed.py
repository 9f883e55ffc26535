"""What policies say of routes holds for them, in whole configs."""

from __future__ import annotations

import json

import pytest

from tests.zone_cp.worlds import documents, proxy, shop
from zone_cp.generate import LDS, Workshop, generate

BACKEND = "kri_msvc_shop_z1__backend_http"
ROUTE = """
type: MeshHTTPRoute
mesh: shop
name: slow
labels: {kuma.io/display-name: slow, kuma.io/zone: z1, kuma.io/origin: zone}
spec:
  to:
  - targetRef: {kind: MeshService, labels: {kuma.io/display-name: backend}}
    rules: [{matches: [{path: {type: Exact, value: /slow}}], default: {}}]
"""
OF_ROUTE = {"kind": "MeshHTTPRoute", "labels": {"kuma.io/display-name": "slow"}}
OF_SERVICE = {"kind": "MeshService", "labels": {"kuma.io/display-name": "backend"}}

SAID = {
    "MeshTimeout": ({"http": {"requestTimeout": "7s"}}, {"timeout": "7s"}),
    "MeshRetry": (
        {"http": {"numRetries": 7, "retryOn": ["5xx"]}},
        {"retryPolicy": {"numRetries": 7, "retryOn": "5xx"}},
    ),
    "MeshLoadBalancingStrategy": (
        {"hashPolicies": [{"type": "Header", "header": {"name": "x-user"}}]},
        {"hashPolicy": [{"header": {"headerName": "x-user"}}]},
    ),
}


def policy(kind: str, target: object, default: object) -> str:
    spec = {"to": [{"targetRef": target, "default": default}]}
    return json.dumps({"type": kind, "mesh": "shop", "name": f"of-{kind.lower()}", "spec": spec})


def route_config(*more: str) -> dict:
    """How the client's sidecar routes requests to the backend."""
    mesh = shop(*more)
    config = generate(mesh, proxy(mesh, "frontend-01"), Workshop())
    (found,) = documents(config, "Listener", LDS)[BACKEND]["filterChains"][0]["filters"]
    return found["typedConfig"]["routeConfig"]


def actions(*more: str) -> dict[str, dict]:
    """What the client does with requests to the backend, by path."""
    (host,) = route_config(*more)["virtualHosts"]
    return {next(iter(one["match"].values())): one["route"] for one in host["routes"]}


@pytest.mark.parametrize("kind", SAID)
def test_what_is_said_of_a_route_holds_for_it_alone(kind):
    conf, expected = SAID[kind]
    found = actions(ROUTE, policy(kind, OF_ROUTE, conf))
    assert found["/slow"].items() >= expected.items()
    assert not found["/"].items() >= expected.items()


def test_what_is_said_of_a_route_beats_what_is_said_of_its_service():
    found = actions(
        ROUTE,
        policy("MeshTimeout", OF_SERVICE, {"http": {"requestTimeout": "3s"}}).replace("of-", "service-"),
        policy("MeshTimeout", OF_ROUTE, {"http": {"requestTimeout": "7s"}}),
    )
    assert (found["/slow"]["timeout"], found["/"]["timeout"]) == ("7s", "3s")


def test_what_is_said_of_a_route_that_is_not_there_changes_nothing():
    conf, _ = SAID["MeshTimeout"]
    assert actions(policy("MeshTimeout", OF_ROUTE, conf)) == actions()


FAULT = json.dumps({
    "type": "MeshFaultInjection",
    "mesh": "shop",
    "name": "of-others",
    "spec": {"targetRef": {"kind": "Dataplane", "labels": {"kuma.io/workload": "nobody"}}, "rules": []},
})  # fmt: skip


def test_requests_tell_who_sends_them_where_there_are_faults():
    assert "requestHeadersToAdd" not in route_config()
    (told,) = route_config(FAULT)["requestHeadersToAdd"]
    assert told["header"]["key"] == "x-kuma-tags"
    assert told["header"]["value"].startswith("&kuma.io/display-name=frontend-01&&kuma.io/env=universal&")


def test_requests_do_not_tell_for_faults_that_only_cast_a_shadow():
    shadow = {**json.loads(FAULT), "labels": {"kuma.io/effect": "shadow"}}
    assert route_config(json.dumps(shadow)) == route_config()


def test_requests_no_longer_tell_when_there_are_none():
    workshop, plain, faulty = Workshop(), shop(), shop(FAULT)
    made = [generate(mesh, proxy(mesh, "frontend-01"), workshop).resources(LDS) for mesh in (plain, faulty, plain)]
    assert made[0] == made[2] != made[1]
