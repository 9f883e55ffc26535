"""Looking at proxies from their zone and from the global control plane: what they hold, count and reach, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from kuma.cli.demo.http import ask
from kuma.cli.demo.world import MESH, World, example
from kuma.model import hashed_name
from tests.cli.ran import Done, ran
from tests.e2e.conftest import HOST, free_ports, wait_for, world

ZONE = "east"
WITHIN = 30.0
WITH_ADMIN = "networking:\n  admin: { port: {{ admin }} }"
"""Proxies that share one address need admin ports of their own."""
PROXIES = {
    "server": example("service.yaml"),
    "ingress": example("ingress.yaml"),
    "egress": example("ingress.yaml").replace("ZoneIngress, name: ingress", "ZoneEgress, name: egress"),
}
TIMEOUT = {
    "type": "MeshTimeout",
    "mesh": MESH,
    "name": "for-all",
    "spec": {
        "targetRef": {"kind": "Mesh"},
        "to": [{"targetRef": {"kind": "Mesh"}, "default": {"idleTimeout": "7m"}}],
    },
}
TOLD = {
    "xds": ('"system_envoy_admin"', '"dataplane.proxyType": "dataplane"'),
    "stats": ("server.live: 1",),
    "clusters": ("system_envoy_admin::",),
}
"""What stands in each page."""


@pytest.fixture(scope="module")
def made() -> Iterator[World]:
    with world(zones=(ZONE,), settings={"KUMA_STORE_TYPE": "memory"}) as one:
        one.place_control_planes()
        one.start_control_planes()
        one.connect_zones()
        wait_for("the mesh", partial(one.planes[ZONE].api.get, f"/meshes/{MESH}"))
        for name, template in PROXIES.items():
            start(one, name, template)
        for proxy in one.proxies.values():
            proxy.wait()
        yield one


def start(one: World, name: str, template: str) -> None:
    port, service, admin = map(str, free_ports(3))
    variables = {"name": name, "workload": name, "address": HOST, "port": port, "servicePort": service, "admin": admin}
    definition = template.replace("networking:", WITH_ADMIN)
    one.proxies[name] = one.sidecars(ZONE).start(MESH, definition, variables)


def path(plane: str, name: str) -> str:
    """Where a Dataplane lies in a control plane: elsewhere than in its zone it has another name."""
    known = name if plane == ZONE else hashed_name(MESH, name, ZONE)
    return f"/meshes/{MESH}/dataplanes/{known}"


def shows(one: World, plane: str, name: str, page: str) -> bool:
    """Whether a page of a proxy's Envoy is told, with all that stands in it."""
    answer = ask(one.planes[plane].api.url + f"{path(plane, name)}/{page}")
    return answer.status == 200 and all(part in answer.body.decode() for part in TOLD[page])


@pytest.mark.scenario("U-inspect-01", "M-inspect-01")
@pytest.mark.parametrize("plane", [ZONE, "global"])
@pytest.mark.parametrize("name", sorted(PROXIES))
def test_envoys_tell_of_themselves(made: World, plane: str, name: str) -> None:
    for page in TOLD:
        wait_for(f"{page} of {name} from {plane}", partial(shows, made, plane, name, page), WITHIN)


def test_what_a_proxy_shows_to_its_control_plane_is_not_told(made: World) -> None:
    dump = ask(made.global_.api.url + f"{path('global', 'server')}/xds").body.decode()
    token = (made.proxies["server"].folder / "token").read_text()
    assert token not in dump


def selected(one: World) -> list[dict[str, Any]]:
    found = one.global_.api.get(f"/meshes/{MESH}/meshtimeouts/{TIMEOUT['name']}/_resources/dataplanes")
    return list(found["items"]) if found["total"] == len(found["items"]) else []


@pytest.mark.scenario("M-inspect-02")
def test_a_policy_tells_whom_it_selects(made: World) -> None:
    made.global_.api.put(TIMEOUT)
    expected = sorted(hashed_name(MESH, name, ZONE) for name in PROXIES)
    wait_for("all proxies", lambda: sorted(one["name"] for one in selected(made)) == expected)


@pytest.mark.scenario("M-inspect-03")
def test_the_global_control_plane_tells_the_rules_of_a_proxy(made: World) -> None:
    made.global_.api.put(TIMEOUT)
    told = made.global_.api.get(f"{path('global', 'server')}/_rules")
    assert told["resource"]["name"] == hashed_name(MESH, "server", ZONE)
    rules = {one["type"]: one for one in told["rules"]}
    origins = rules["MeshTimeout"]["toResourceRules"][0]["origin"]
    assert TIMEOUT["name"] in [one["resourceMeta"]["name"] for one in origins]


PATCH = """
type: MeshProxyPatch
mesh: default
name: not-for-envoy
spec:
  targetRef: { kind: Dataplane, labels: { kuma.io/workload: server } }
  default:
    appendModifications:
    - networkFilter:
        operation: AddFirst
        match: { origin: inbound }
        value: |
          name: envoy.filters.network.rbac
          typedConfig:
            "@type": type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC
            statPrefix: wrong
            matcher: {}
            rules: { policies: { one: { permissions: [{ header: { name: a } }], principals: [{ any: true }] } } }
"""


CHAINS = {"type": "MeshTimeout", "mesh": MESH, "name": "chains", "labels": {"kuma.io/origin": "zone"}}


def applied(one: World, plane: str, text: str, *more: str) -> Done:
    """How `kumactl apply --wait` ends."""
    config = one.folder / "kumactl"
    address = one.planes[plane].api.url
    add = ("config", "control-planes", "add", "--name", plane, "--address", address, "--overwrite")
    assert ran(["--config-file", str(config), *add]).code == 0
    return ran(["--config-file", str(config), "apply", "-f", "-", "--wait", *more], text)


@pytest.mark.parametrize("plane", [ZONE, "global"])
def test_applying_waits_until_proxies_have_it(made: World, plane: str) -> None:
    policy = {**TIMEOUT, "name": f"waited-for-{plane}", "labels": {"kuma.io/origin": "zone"} if plane == ZONE else {}}
    done = applied(made, plane, json.dumps(policy))
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith("3 of 3 proxies have acknowledged\n")


def test_what_envoy_refuses_is_told(made: World) -> None:
    done = applied(made, "global", PATCH, "--wait-timeout", "30s")
    assert "refused it: " in done.err, done
    assert done.code == 1
    made.global_.api.delete("MeshProxyPatch", "not-for-envoy", MESH)
    done = applied(made, "global", json.dumps({**TIMEOUT, "name": "after-all"}))
    assert (done.code, done.err) == (0, "")


@pytest.mark.scenario("U-api-03")
def test_a_mesh_is_shown_for_either_store(made: World) -> None:
    api = made.planes[ZONE].api
    assert api.get(f"/meshes/{MESH}")["type"] == "Mesh"
    manifest = api.get(f"/meshes/{MESH}?format=k8s")
    assert (manifest["kind"], manifest["apiVersion"]) == ("Mesh", "kuma.io/v1alpha1")


@pytest.mark.scenario("U-api-05")
def test_a_mesh_has_a_key_that_signs_its_proxies_tokens(made: World) -> None:
    request = {"name": "mesh-system:admin", "groups": ["mesh-system:admin"], "validFor": "24h"}
    api = made.global_.api
    token = api.post("/tokens/user", request).body.decode()
    elsewhere = {"X-Forwarded-For": "203.0.113.7"}
    key = f"{api.url}/meshes/{MESH}/secrets/dataplane-token-signing-key-{MESH}-1?format=k8s"
    assert ask(key, headers=elsewhere).status == 403
    manifest = ask(key, headers={**elsewhere, "Authorization": f"Bearer {token}"}).json
    assert (manifest["kind"], manifest["apiVersion"], manifest["type"]) == ("Secret", "v1", "system.kuma.io/secret")


def test_waiting_ends_also_where_only_filter_chains_change(made: World) -> None:
    """Envoy goes on showing the version that a listener began with when only its filter chains are replaced."""
    for seconds in ("41s", "42s"):
        spec = {"rules": [{"default": {"http": {"requestTimeout": seconds}}}]}
        done = applied(made, ZONE, json.dumps(CHAINS | {"spec": spec}), "--wait-timeout", "20s")
        assert (done.code, done.err) == (0, "")
