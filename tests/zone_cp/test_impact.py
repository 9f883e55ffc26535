"""What a change means for a proxy's traffic."""

from __future__ import annotations

from attrs import evolve

from kuma.model import Key
from tests.zone_cp.worlds import proxy, resources, shop
from zone_cp.generate import Workshop, generate
from zone_cp.impact import impact

FRONTEND = "spiffe://shop.z1.mesh.local/workload/frontend"
BACKEND = "kri_msvc_shop_z1__backend_http"


def permission(action: str = "allow") -> str:
    rule = f"{{default: {{{action}: [{{spiffeID: {{type: Exact, value: '{FRONTEND}'}}}}]}}}}"
    return f"type: MeshTrafficPermission\nmesh: shop\nname: frontend\nspec:\n  rules: [{rule}]\n"


def route(prefix: str) -> str:
    match = f"[{{path: {{type: PathPrefix, value: {prefix}}}}}]"
    rule = f"{{matches: {match}, default: {{filters: []}}}}"
    target = "{kind: MeshService, labels: {kuma.io/display-name: backend}}"
    return f"type: MeshHTTPRoute\nmesh: shop\nname: r\nspec:\n  to: [{{targetRef: {target}, rules: [{rule}]}}]\n"


def config(mesh, name="frontend-01"):
    return generate(mesh, proxy(mesh, name), Workshop())


def told(before, after, name="frontend-01"):
    return [str(effect) for effect in impact(config(before, name), config(after, name))]


def test_nothing_changes_for_whom_it_does_not_concern():
    assert not told(shop(), shop(permission()).changed([], [Key("MeshTrafficPermission", "shop", "frontend")]))


def test_who_gains_and_who_loses_permission():
    before, after = shop(), shop(permission())
    name = "self_inbound_dp_http"
    drained = f"listener {name} changed: all of its connections are drained"
    assert told(before, after, "backend-01") == [drained, f"permission {name} gained: {FRONTEND} is allowed"]
    assert told(after, before, "backend-01") == [drained, f"permission {name} lost: {FRONTEND} is no longer allowed"]
    denied = shop(permission("deny"))
    assert told(after, denied, "backend-01") == [drained, f"permission {name} lost: {FRONTEND} is denied"]
    assert told(denied, before, "backend-01") == [drained, f"permission {name} gained: {FRONTEND} is no longer denied"]


def test_routes_that_come_and_go():
    changed = told(shop(), shop(route("/api")))
    assert changed[0] == f"listener {BACKEND} changed: all of its connections are drained"
    assert f'route {BACKEND} added: {{"prefix": "/api/"}}' in changed


def test_a_cluster_that_is_reached_otherwise():
    spec = "{to: [{targetRef: {kind: Mesh}, default: {connectionTimeout: 9s}}]}"
    timeout = f"type: MeshTimeout\nmesh: shop\nname: t\nspec: {spec}\n"
    assert f"cluster {BACKEND} changed: Envoy connects anew" in told(shop(), shop(timeout))


def test_endpoints_that_move():
    mesh = shop()
    (more,) = resources(
        "type: Dataplane\nmesh: shop\nname: backend-02\nlabels: {kuma.io/workload: backend, kuma.io/zone: z1}\n"
        "networking: {address: 10.0.0.3, inbound: [{name: http, port: 80, protocol: http}]}\n"
    )
    assert told(mesh, mesh.changed([more])) == [f"endpoints {BACKEND} changed: 1 -> 2"]


def test_outbounds_that_are_added_and_removed():
    mesh = shop()
    dataplane = mesh.get("Dataplane", "frontend-01")
    alone = evolve(dataplane, spec=evolve(dataplane.spec, networking=evolve(dataplane.spec.networking, outbound=())))
    without = mesh.changed([alone])
    assert f"listener {BACKEND} added" in told(without, mesh)
    assert f"cluster {BACKEND} removed: its connections are closed" in told(mesh, without)
