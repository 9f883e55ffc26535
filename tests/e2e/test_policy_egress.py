"""What policies say of a server name holds at the egress for that destination alone, and for its neighbour not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from attrs import frozen

from kuma.cli.demo.parts import Service
from kuma.cli.demo.world import MESH, example
from tests.e2e.traffic import EVERYBODY, HOST, Client, Zone, lone_zone, service, shows, to, wait_for

KIND = "MeshExternalService"
MEMBERS = "spiffe://default.lone.mesh.local/workload"
EGRESS = {"kind": "Dataplane", "labels": {"kuma.io/listener-zoneegress": "enabled"}}
LATE = {"x_set_response_delay_ms": "800"}


@frozen
class Gate:
    """A client, a server, and two names for one service outside, behind an egress."""

    zone: Zone
    client: Client

    def sni(self, name: str) -> dict[str, Any]:
        """What matches requests for a service outside."""
        found = self.zone.api.get(f"/meshes/{MESH}/meshexternalservices/{name}")["snis"]
        return {"sni": {"type": "Exact", "value": found[0]["sni"]}}

    def only_of_one(self, kind: str, target: dict[str, Any] = EGRESS, **default: Any):
        """A policy for a while that speaks of one of the two."""
        rule = {"matches": [self.sni("one")], "default": default}
        return self.zone.policy(kind, targetRef=target, rules=[rule])


@pytest.fixture(scope="module")
def gate() -> Iterator[Gate]:
    with lone_zone() as zone:
        zone.api.apply(example("identity.yaml"))
        allow = [{"default": {"allow": [{"spiffeID": {"type": "Prefix", "value": MEMBERS}}]}}]
        put(zone, "MeshTrafficPermission", "everybody", rules=allow)
        outside = Service.start(zone.world.processes, "outside")
        endpoints = [{"address": HOST, "port": outside.port}]
        for name, port, protocol in (("one", 80, "http"), ("two", 80, "http"), ("raw", 90, "tcp")):
            put(zone, KIND, name, match={"port": port, "protocol": protocol}, endpoints=endpoints)
        zone.serve("server", "127.0.0.2", {"raw": "tcp"})
        zone.egress("egress")
        refs = {name: {"kind": KIND, "name": name} for name in ("one", "two")}
        client = zone.client("client", {**refs, "server": zone.backend("server", "raw")})
        zone.ready()
        for name in client.outbounds:
            wait_for(f"{name} answers", lambda name=name: client.status(name) == 200)
        yield Gate(zone, client)


def put(zone: Zone, kind: str, name: str, **spec: Any) -> None:
    zone.api.put({"type": kind, "mesh": MESH, "name": name, "spec": spec})


@pytest.mark.scenario("U-faults-zp-01", "K-faults-zp-01")
def test_faults(gate):
    with gate.only_of_one("MeshFaultInjection", http=[{"abort": {"httpStatus": 503, "percentage": 100}}]):
        wait_for("one fails", lambda: gate.client.status("one") == 503)
        assert gate.client.statuses(5, "one") == {503: 5}
        assert gate.client.statuses(5, "two") == {200: 5}
    wait_for("one answers", lambda: gate.client.status("one") == 200)


@pytest.mark.scenario("U-ratelimit-zp-01")
def test_rate_limits(gate):
    limit = {"requestRate": {"num": 1, "interval": "1h"}, "onRateLimit": {"status": 429}}
    with gate.only_of_one("MeshRateLimit", local={"http": limit}):
        wait_for("one is limited", lambda: gate.client.status("one") == 429)
        assert gate.client.statuses(5, "one") == {429: 5}
        assert gate.client.statuses(5, "two") == {200: 5}
    wait_for("one answers", lambda: gate.client.status("one") == 200)


@pytest.mark.scenario("K-timeout-zp-01")
@pytest.mark.parametrize("target", [EVERYBODY, EGRESS], ids=["mesh", "egress"])
def test_timeouts(gate, target):
    began = time.monotonic()
    assert gate.client.status("one", **LATE) == 200
    assert time.monotonic() - began > 0.8
    with gate.only_of_one("MeshTimeout", target, http={"requestTimeout": "300ms"}):
        wait_for("one is given up", lambda: gate.client.status("one", **LATE) == 504)
        assert gate.client.status("two", **LATE) == 200
        assert gate.client.status("one") == 200
    wait_for("one is waited for", lambda: gate.client.status("one", **LATE) == 200)


@pytest.mark.scenario("K-mes-02")
def test_permissions(gate):
    with gate.zone.policy("MeshTrafficPermission", "denied", rules=[{"default": {"deny": [gate.sni("one")]}}]):
        wait_for("one is denied", lambda: gate.client.status("one") == 403)
        assert gate.client.statuses(5, "two") == {200: 5}
    wait_for("one answers", lambda: gate.client.status("one") == 200)


@pytest.mark.scenario("K-route-05")
def test_connections_leave_the_mesh_whatever_a_route_of_requests_says(gate):
    inside = {"backendRefs": [service("server", "raw")]}
    requests = {"matches": [{"path": {"type": "PathPrefix", "value": "/"}}], "default": inside}
    outside = {"kind": KIND, "labels": {"kuma.io/display-name": "raw"}, "port": 90}
    connections = {"default": {"backendRefs": [outside]}}
    of = service("server", "raw")
    assert gate.client.who("server") == "server"
    with (
        gate.zone.policy("MeshHTTPRoute", "requests", to=[{"targetRef": of, "rules": [requests]}]),
        gate.zone.policy("MeshTCPRoute", "connections", to=[{"targetRef": of, "rules": [connections]}]),
    ):
        wait_for("the service outside answers", lambda: gate.client.who("server") == "outside")
    wait_for("the server answers", lambda: gate.client.who("server") == "server")


def test_limits_of_a_service_outside_hold_at_the_egress(gate):
    """One try at a time: what a crowd wants beyond that is turned away."""
    one = {f"max{what}": 1 for what in ("Connections", "PendingRequests", "Requests")}
    of = {"kind": KIND, "labels": {"kuma.io/display-name": "one"}}

    def crowd(name: str) -> set[int]:
        with ThreadPoolExecutor(5) as pool:
            return set(pool.map(lambda _: gate.client.status(name, x_set_response_delay_ms="200"), range(5)))

    assert crowd("one") == {200}
    with gate.zone.policy("MeshCircuitBreaker", targetRef=EGRESS, to=[to(of, connectionLimits=one)]):
        wait_for("a crowd is too many", lambda: crowd("one") == {200, 503})
        assert crowd("two") == {200}


@pytest.mark.parametrize(
    "awareness",
    [
        {"localZone": {"affinityTags": [{"key": "rack"}]}},
        {"crossZone": {"failover": [{"to": {"type": "None"}}]}},
        {"crossZone": {"failover": [{"to": {"type": "Only", "zones": ["nowhere"]}}]}},
    ],
    ids=["local", "none", "only"],
)
def test_what_is_outside_is_in_no_zone(gate, awareness):
    """Wishes for zones neither take the egress from its clients, nor the service from the egress."""
    of = {"kind": KIND, "labels": {"kuma.io/display-name": "one"}}
    random = {"type": "Random"}
    with gate.zone.policy("MeshLoadBalancingStrategy", to=[to(of, localityAwareness=awareness, loadBalancer=random)]):
        for proxy in (gate.client.proxy, gate.zone.world.proxies["egress"]):
            shows(proxy, '"lb_policy": "RANDOM"')
        assert gate.client.statuses(10, "one") == {200: 10}
    assert gate.client.statuses(10, "one") == {200: 10}
