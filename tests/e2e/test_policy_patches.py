"""What a MeshProxyPatch says in Envoy's own terms holds for the proxies it is for, and for no others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from attrs import frozen

from kuma.cli.demo.parts import Proxy
from tests.e2e.traffic import HOST, Client, Zone, lone_zone, wait_for, workload

ROUTER, MANAGER = "envoy.filters.http.router", "envoy.filters.network.http_connection_manager"
FILTERS = "type.googleapis.com/envoy.extensions.filters"
LUA = f"{FILTERS}.http.lua.v3.Lua"
HEADER = {"header": {"key": "x-header", "value": "test"}}
EVERY_PROXY = {"kind": "Dataplane"}


def gate(kind: str) -> dict[str, Any]:
    """How policies name the zone proxies of a kind."""
    return {"kind": "Dataplane", "labels": {f"kuma.io/listener-zone{kind}": "enabled"}}


def patch(zone: Zone, target: dict[str, Any], *changes: dict[str, Any], name: str = "tested") -> Any:
    """A MeshProxyPatch for a while."""
    return zone.policy("MeshProxyPatch", name, targetRef=target, default={"appendModifications": list(changes)})


def new_cluster(name: str) -> dict[str, Any]:
    """Adds a cluster."""
    where = {"endpoint": {"address": {"socket_address": {"address": HOST, "port_value": 1}}}}
    assignment = {"cluster_name": name, "endpoints": [{"lb_endpoints": [where]}]}
    cluster = {"name": name, "type": "STATIC", "connect_timeout": "1s", "load_assignment": assignment}
    return {"cluster": {"operation": "Add", "value": json.dumps(cluster)}}


@pytest.fixture(scope="module")
def zone() -> Iterator[Zone]:
    with lone_zone() as made:
        yield made


# Zone proxies: these tests come first, while there are no others.


@pytest.fixture(scope="module")
def gates(zone: Zone) -> dict[str, Proxy]:
    """An ingress and an egress, and nothing else in the mesh."""
    made = {"ingress": zone.gate("ingress", "ZoneIngress"), "egress": zone.egress("egress")}
    for proxy in made.values():
        proxy.wait()
    return made


def has(proxy: Proxy, cluster: str) -> bool:
    """Whether the live Envoy has a cluster, and an endpoint in it."""
    return f"{cluster}::{HOST}:1::" in proxy.admin.get("/clusters").body.decode()


@pytest.mark.scenario("U-proxypatch-zp-01")
def test_zone_proxies_are_patched_like_all_others(zone, gates):
    assert not any(has(proxy, "added") for proxy in gates.values())
    with patch(zone, EVERY_PROXY, new_cluster("added")):
        for proxy in gates.values():
            wait_for(f"{proxy.name} has it", lambda proxy=proxy: has(proxy, "added"))
    assert not any(has(proxy, "added") for proxy in gates.values())


@pytest.mark.scenario("U-proxypatch-zp-02")
def test_each_kind_of_zone_proxy_has_its_own_patches(zone, gates):
    """A patch of all that comes later tells when both proxies hold what was there before it."""
    own = {kind: new_cluster(f"of-{kind}") for kind in gates}
    with (
        patch(zone, gate("ingress"), own["ingress"], name="ingress"),
        patch(zone, gate("egress"), own["egress"], name="egress"),
    ):
        for kind, proxy in gates.items():
            wait_for(f"{kind} has its own", lambda kind=kind, proxy=proxy: has(proxy, f"of-{kind}"))
        with patch(zone, EVERY_PROXY, new_cluster("later"), name="later"):
            for proxy in gates.values():
                wait_for(f"{proxy.name} has all", lambda proxy=proxy: has(proxy, "later"))
            held = {(kind, of) for kind, proxy in gates.items() for of in gates if has(proxy, f"of-{of}")}
            assert held == {("ingress", "ingress"), ("egress", "egress")}


# Sidecars.


@frozen
class Pair:
    """Two clients of a server; patches are for the first."""

    zone: Zone
    patched: Client
    other: Client

    def patch(self, *changes: dict[str, Any]) -> Any:
        """Changes to the first client's proxy, for a while."""
        return patch(self.zone, workload("patched"), *changes)


@pytest.fixture(scope="module")
def pair(zone: Zone) -> Pair:
    zone.serve("server", "127.0.0.2", {"http": "http"})
    refs = {"server": zone.backend("server")}
    made = Pair(zone, zone.client("patched", refs), zone.client("other", refs))
    zone.ready()
    for client in (made.patched, made.other):
        wait_for(f"{client.name} is answered", lambda client=client: client.status() == 200)
    return made


def received(client: Client) -> str | None:
    """What the server is told in a header that no client sends."""
    value: str | None = client.ask().json["headers"].get("x-header")
    return value


def lua(told: str) -> str:
    """A filter that tells the server something."""
    script = f'function envoy_on_request(handle) handle:headers():add("x-header", "{told}") end'
    config = {"@type": LUA, "default_source_code": {"inline_string": script}}
    return json.dumps({"name": "envoy.filters.http.lua", "typedConfig": config})


def in_manager(**said: Any) -> dict[str, Any]:
    """Patches what handles requests of outbounds."""
    return {"networkFilter": {"operation": "Patch", "match": {"name": MANAGER, "origin": "outbound"}, **said}}


FILTER = {"operation": "AddBefore", "match": {"name": ROUTER, "origin": "outbound"}, "value": lua("test")}
APPENDED = [{"op": "add", "path": "/routeConfig/requestHeadersToAdd/-", "value": HEADER}]
MERGED = {
    "name": MANAGER,
    "typedConfig": {
        "@type": f"{FILTERS}.network.http_connection_manager.v3.HttpConnectionManager",
        "route_config": {"request_headers_to_add": [HEADER]},
    },
}
WAYS = {
    "filter": {"httpFilter": FILTER},
    "json": in_manager(jsonPatches=APPENDED),
    "merged": in_manager(value=json.dumps(MERGED)),
    "host": {
        "virtualHost": {
            "operation": "Patch",
            "match": {"origin": "outbound"},
            "value": json.dumps({"request_headers_to_add": [HEADER]}),
        }
    },
}


@pytest.mark.scenario("U-proxypatch-01", "K-proxypatch-01")
@pytest.mark.parametrize("way", WAYS)
def test_requests_are_changed_as_the_patch_says(pair, way):
    assert received(pair.patched) is None
    with pair.patch(WAYS[way]):
        wait_for("the server is told", lambda: received(pair.patched) == "test")
        assert received(pair.other) is None
    assert received(pair.patched) is None


def test_later_changes_see_what_earlier_ones_made(pair):
    changed = {"operation": "Patch", "match": {"name": "envoy.filters.http.lua"}, "value": lua("again")}
    with pair.patch({"httpFilter": FILTER}, {"httpFilter": changed}):
        wait_for("the server is told the latter", lambda: received(pair.patched) == "again")
    removed = {"operation": "Remove", "match": {"name": "envoy.filters.http.lua"}}
    with pair.patch({"httpFilter": FILTER}, {"httpFilter": removed}, in_manager(jsonPatches=[_renamed()])):
        wait_for("the last change is there", lambda: pair.patched.ask().headers["server"] == "patched")
        assert received(pair.patched) is None


def _renamed() -> dict[str, Any]:
    return {"op": "add", "path": "/serverName", "value": "patched"}


def test_a_patch_of_what_is_not_there_changes_nothing(pair):
    elsewhere = {**FILTER, "match": {"name": ROUTER, "origin": "outbound", "listenerName": "nowhere"}}
    with pair.patch({"httpFilter": elsewhere}, in_manager(jsonPatches=[_renamed()])):
        wait_for("the last change is there", lambda: pair.patched.ask().headers["server"] == "patched")
        assert received(pair.patched) is None


def test_a_cluster_that_is_removed_leads_nowhere(pair):
    gone = {"operation": "Remove", "match": {"origin": "outbound"}}
    with pair.patch({"cluster": gone}):
        wait_for("nobody answers", lambda: pair.patched.status() == 503)
        assert pair.other.status() == 200
    wait_for("the server answers", lambda: pair.patched.status() == 200)
