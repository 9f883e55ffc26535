"""Policies across three zones: what is written on global or in one zone holds for requests that leave it."""

from __future__ import annotations

import http.client
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from attrs import frozen

from kuma.cli.demo.world import MESH
from tests.e2e.conftest import world
from tests.e2e.traffic import (
    EVERYBODY,
    HOST,
    IN_MEMORY,
    NO_POLICIES,
    Client,
    Placed,
    Zone,
    service,
    settled,
    shows,
    to,
    wait_for,
)

NAMES = ("east", "west", "north")  # the first has no server
LATE = {"x_set_response_delay_ms": "800"}
SHORT = "300ms"
BOTH = {"kind": "MeshMultiZoneService", "labels": {"kuma.io/display-name": "both"}}
ALL = {"path": {"type": "PathPrefix", "value": "/"}}
REMOTE = "kri_msvc_default_west__server_http"


@frozen
class Towns:
    """Global and its zones: a client in east, servers in west and north, another client beside the one in west."""

    global_: Zone
    east: Zone
    west: Zone
    north: Zone
    client: Client
    neighbour: Client

    def timed_out(self, name: str = "server", path: str = "/") -> bool:
        return self.client.status(name, path, **LATE) == 504

    def waited_for(self, name: str = "server", path: str = "/") -> bool:
        began = time.monotonic()
        return self.client.status(name, path, **LATE) == 200 and time.monotonic() - began > 0.8


def of(zone: str, name: str = "server", section: str | None = None) -> dict[str, Any]:
    """A MeshService of one zone."""
    ref = service(name, section)
    return ref | {"labels": ref["labels"] | {"kuma.io/zone": zone}}


@pytest.fixture(scope="module")
def towns() -> Iterator[Towns]:
    with world(zones=NAMES, settings=IN_MEMORY) as made:
        made.place_control_planes()
        made.start_control_planes()
        made.connect_zones()
        made.global_.api.put(NO_POLICIES)
        made.identify()
        placed = Placed()
        global_ = Zone(made, "global", made.global_.api, placed=placed)
        zones = {name: Zone(made, name, made.planes[name].api, placed=placed) for name in NAMES}
        for name, address in (("west", "127.0.0.2"), ("north", "127.0.0.3")):
            made.start_ingress(name)
            zones[name].serve(f"server-{name}", address, {"http": "http", "raw": "tcp"}, of="server")
        zones["west"].serve("alias", "127.0.0.4", {"http": "http", "raw": "tcp"})
        made.global_.api.put(both())
        yield started(global_, zones)


def both() -> dict[str, Any]:
    selector = {"meshService": {"matchLabels": {"kuma.io/display-name": "server"}}}
    ports = [{"name": "http", "port": 80, "appProtocol": "http"}]
    return {
        "type": "MeshMultiZoneService",
        "mesh": MESH,
        "name": "both",
        "spec": {"selector": selector, "ports": ports},
    }


def started(global_: Zone, zones: dict[str, Zone]) -> Towns:
    west = {section: zones["west"].ports["server", section] for section in ("http", "raw")}
    far = {"server": of("west") | {"port": west["http"]}, "raw": of("west") | {"port": west["raw"]}}
    client = zones["east"].client("client", {**far, "both": BOTH | {"port": 80}})
    near = {"server": of("west") | {"port": west["http"]}, "both": BOTH | {"port": 80}}
    neighbour = zones["west"].client("neighbour", near)
    global_.ready()
    towns = Towns(global_, *zones.values(), client, neighbour)
    wait_for("who is known is not let in", lambda: client.status() == client.status("both") == 403)
    return towns


@pytest.fixture(scope="module")
def allowed(towns: Towns) -> Towns:
    """The zones, once everybody is let in."""
    everybody = {"allow": [{"spiffeID": {"type": "Prefix", "value": f"spiffe://{MESH}"}}]}
    spec = {"rules": [{"default": everybody}]}
    towns.global_.api.put({"type": "MeshTrafficPermission", "mesh": MESH, "name": "everybody", "spec": spec})
    for client in (towns.client, towns.neighbour):
        for name in client.outbounds:
            settled(f"{name} answers", partial(answers, client, name))
    return towns


def answers(client: Client, name: str) -> bool:
    return client.status(name) == 200


@pytest.mark.scenario("M-permission-01")
def test_nobody_is_let_in_without_a_permission(towns):
    assert towns.client.statuses(5) == {403: 5}
    assert towns.client.said("raw") == b""


@pytest.mark.scenario("M-permission-02")
def test_a_permission_of_all_zones_lets_in(allowed):
    assert allowed.client.everybody(5) == {"server-west": 5}
    assert allowed.client.who("raw") == "server-west"


# Which zone.


@pytest.mark.scenario("M-locality-01")
def test_who_has_no_server_at_home_reaches_all_zones(allowed):
    wait_for("both zones answer", lambda: set(allowed.client.everybody(20, "both")) == {"server-west", "server-north"})


def balanced(towns: Towns, **awareness: Any):
    return towns.global_.policy("MeshLoadBalancingStrategy", to=[to(BOTH, localityAwareness=awareness)])


@pytest.mark.scenario("M-locality-02")
@pytest.mark.parametrize("first", ["west", "north"])
def test_zones_are_asked_in_the_wished_order(allowed, first):
    wishes = [{"to": {"type": "Only", "zones": [first]}}, {"to": {"type": "Any"}}]
    cross = {"failover": wishes, "failoverThreshold": {"percentage": 100}}
    with balanced(allowed, crossZone=cross):
        settled("only the first answers", lambda: allowed.client.everybody(10, "both") == {f"server-{first}": 10})
    wait_for("both zones answer", lambda: len(allowed.client.everybody(20, "both")) == 2)


@pytest.mark.scenario("M-locality-02")
def test_the_next_zone_is_asked_while_the_first_has_no_server_and_no_longer(allowed):
    wishes = [{"to": {"type": "Only", "zones": ["north"]}}, {"to": {"type": "Any"}}]
    first = allowed.global_.instances["server-north"]
    with balanced(allowed, crossZone={"failover": wishes}):
        settled("only the first answers", lambda: allowed.client.everybody(10, "both") == {"server-north": 10})
        first.proxy.stop()
        try:
            settled("the next answers", lambda: allowed.client.everybody(5, "both") == {"server-west": 5})
        finally:
            first.proxy.process.start()
        first.proxy.wait()
        settled("the first answers again", lambda: allowed.client.everybody(5, "both") == {"server-north": 5})
    wait_for("both zones answer", lambda: len(allowed.client.everybody(20, "both")) == 2)


def test_zones_that_are_not_wished_for_are_never_asked(allowed):
    with balanced(allowed, crossZone={"failover": [{"to": {"type": "AnyExcept", "zones": ["west"]}}]}):
        settled("only north answers", lambda: allowed.client.everybody(10, "both") == {"server-north": 10})
        local = allowed.neighbour.everybody(10, "both")
        assert local == {"server-west": 10}


@pytest.mark.scenario("M-locality-03")
def test_places_may_not_count(allowed):
    assert allowed.neighbour.everybody(10, "both") == {"server-west": 10}
    with balanced(allowed, disabled=True):
        wait_for("the other zone answers, too", lambda: len(allowed.neighbour.everybody(20, "both")) == 2)
    settled("only the own zone answers", lambda: allowed.neighbour.who("both") == "server-west")


@pytest.mark.scenario("M-mmzs-03", "M-mmzs-04")
def test_the_other_zone_stands_in_while_the_own_has_no_server_and_no_longer(allowed):
    assert allowed.neighbour.everybody(10, "both") == {"server-west": 10}
    local = allowed.global_.instances["server-west"]
    local.proxy.stop()
    try:
        settled("the other zone answers", lambda: allowed.neighbour.everybody(5, "both") == {"server-north": 5})
    finally:
        local.proxy.process.start()
    local.proxy.wait()
    settled("the own zone answers", lambda: allowed.neighbour.everybody(5, "both") == {"server-west": 5})
    wait_for("the server answers from afar", lambda: answers(allowed.client, "server"))


# Routes.


def routed(zone: Zone, target: dict[str, Any], *rules: Any, name: str = "tested"):
    return zone.policy("MeshHTTPRoute", name, to=[{"targetRef": target, "rules": rules}])


def rule(match: dict[str, Any], *backends: dict[str, Any]) -> dict[str, Any]:
    return {"matches": [match], "default": {"backendRefs": backends} if backends else {}}


def below(path: str) -> dict[str, Any]:
    return {"path": {"type": "PathPrefix", "value": path}}


@pytest.mark.scenario("M-route-01")
def test_a_route_of_global_leads_to_another_service_of_the_other_zone(allowed):
    with routed(allowed.global_, of("west"), rule(ALL, of("west", "alias", "http"))):
        wait_for("the alias answers", lambda: allowed.client.who() == "alias")
        assert allowed.client.everybody(100) == {"alias": 100}
    wait_for("the server answers", lambda: allowed.client.who() == "server-west")


@pytest.mark.scenario("M-route-02")
def test_a_route_leads_to_a_service_of_both_zones_wherever_they_are(allowed):
    port = {"sectionName": "http"}
    away = to(BOTH | port, localityAwareness={"disabled": True})
    with (
        allowed.global_.policy("MeshLoadBalancingStrategy", to=[away]),
        routed(allowed.global_, BOTH, rule(ALL, BOTH | port | {"port": 80})),
    ):
        wait_for("both answer", lambda: len(allowed.neighbour.everybody(20, "both")) == 2)
        seen = allowed.neighbour.everybody(100, "both")
        assert set(seen) == {"server-west", "server-north"}
        assert min(seen.values()) > 20


@pytest.mark.scenario("M-route-03", "M-ms-policy-02")
def test_each_path_may_lead_to_another_zone(allowed):
    rules = (
        rule(below("/near"), of("west", "alias", "http")),
        rule(below("/far"), of("north", "server", "http")),
        rule(below("/both"), BOTH | {"port": 80}),
    )
    wanted = {"/near/it": "alias", "/far/it": "server-north", "/both/it": "server-west", "/": "server-west"}
    with routed(allowed.global_, of("west"), *rules):
        for path, who in wanted.items():
            settled(f"{path} leads to {who}", partial(leads, allowed.neighbour, path, who))
    assert allowed.neighbour.who(path="/far") == "server-west"


def leads(client: Client, path: str, who: str) -> bool:
    return client.who(path=path) == who


@pytest.mark.scenario("M-route-04")
def test_connections_are_led_to_another_service_of_the_other_zone(allowed):
    rules = [{"default": {"backendRefs": [of("west", "alias", "raw")]}}]
    with allowed.global_.policy("MeshTCPRoute", to=[{"targetRef": of("west", section="raw"), "rules": rules}]):
        settled("the alias answers", lambda: allowed.client.who("raw") == "alias")
    wait_for("the server answers", lambda: allowed.client.who("raw") == "server-west")


# Timeouts.

REQUEST = {"http": {"requestTimeout": SHORT}}


@pytest.mark.scenario("M-timeout-01")
def test_a_timeout_of_a_route_holds_for_its_path(allowed):
    assert allowed.waited_for(path="/path/with/timeout")
    of_route = {"kind": "MeshHTTPRoute", "labels": {"kuma.io/display-name": "slow"}}
    with (
        routed(allowed.global_, of("west"), rule(below("/path/with/timeout")), name="slow"),
        allowed.global_.policy("MeshTimeout", to=[to(of_route, **REQUEST)]),
    ):
        settled("requests are given up", lambda: allowed.timed_out(path="/path/with/timeout"), times=3)
        assert allowed.waited_for()


@pytest.mark.scenario("M-timeout-02", "M-timeout-03")
@pytest.mark.parametrize(("name", "target"), [("server", service("server")), ("both", BOTH)])
def test_a_zone_has_timeouts_of_its_own(allowed, name, target):
    assert allowed.waited_for(name)
    with allowed.east.policy("MeshTimeout", to=[to(target, **REQUEST)]):
        wait_for("requests are given up", lambda: allowed.timed_out(name))
        assert allowed.neighbour.status(name, **LATE) == 200
    wait_for("requests are waited for", lambda: allowed.waited_for(name))


@pytest.mark.scenario("M-timeout-04")
def test_idle_connections_to_another_zone_end(allowed):
    active, ended = (f"cluster.{REMOTE}.upstream_cx_{what}" for what in ("active", "idle_timeout"))
    assert allowed.client.status() == 200
    assert allowed.client.stat(active) > 0
    assert allowed.client.stat(ended) == 0
    with allowed.global_.policy("MeshTimeout", to=[to(EVERYBODY, idleTimeout=SHORT)]):
        shows(allowed.client.proxy, '"idle_timeout": "0.300s"')
        assert allowed.client.status() == 200
        wait_for("none is left", lambda: allowed.client.stat(active) == 0)
        assert allowed.client.stat(ended) > 0


# TLS, faults, retries, health.


@pytest.mark.scenario("M-tls-01")
def test_the_newest_tls_crosses_zones(allowed):
    wishes = [{"default": {"tlsVersion": {"min": "TLS13", "max": "TLS13"}}}]
    newest = f"cluster.{REMOTE}.ssl.versions.TLSv1.3"
    assert allowed.client.stat(newest) == 0
    with allowed.global_.policy("MeshTLS", rules=wishes):
        wait_for("it is spoken", lambda: answers(allowed.client, "server") and allowed.client.stat(newest) > 0)
        settled("requests are answered", lambda: answers(allowed.client, "server"))
    settled("requests are answered", lambda: answers(allowed.client, "server"))


def many(client: Client, count: int = 200) -> Counter[int]:
    """What so many requests on one connection are answered with."""
    connection = http.client.HTTPConnection(HOST, client.outbounds["server"], timeout=10)
    seen: Counter[int] = Counter()
    for _ in range(count):
        connection.request("GET", "/")
        response = connection.getresponse()
        response.read()
        seen[response.status] += 1
    connection.close()
    return seen


@pytest.mark.scenario("M-ms-policy-04", "M-ms-policy-05")
def test_retries_save_requests_that_fail_in_the_other_zone(allowed):
    saved = f"cluster.{REMOTE}.upstream_rq_retry_success"
    half = [{"default": {"http": [{"abort": {"httpStatus": 503, "percentage": 50}}]}}]
    retry = {"http": {"numRetries": 20, "retryOn": ["503"], "backOff": {"baseInterval": "1ms", "maxInterval": "2ms"}}}
    faulty = {"kind": "Dataplane", "labels": {"kuma.io/workload": "server"}}
    with allowed.west.policy("MeshFaultInjection", target_ref=faulty, rules=half):
        wait_for("some fail", lambda: allowed.client.status() == 503)
        seen = many(allowed.client)
        assert set(seen) == {200, 503}
        assert 65 < seen[503] < 135
        assert allowed.client.stat(saved) == 0
        with allowed.east.policy("MeshRetry", to=[to(of("west"), **retry)]):
            wait_for("none fails", lambda: allowed.client.statuses(10) == {200: 10})
            assert many(allowed.client) == {200: 200}
            assert allowed.client.stat(saved) > 0


@pytest.mark.scenario("M-ms-policy-06")
def test_servers_of_the_other_zone_are_checked_through_its_ingress(allowed):
    often = {"interval": "200ms", "timeout": "1s", "noTrafficInterval": "200ms", "unhealthyThreshold": 1}
    never = {"healthyPanicThreshold": 0, "detectors": {"totalFailures": {"consecutive": 1_000}}}
    assert allowed.client.statuses(3) == {200: 3}
    with (
        allowed.east.policy("MeshCircuitBreaker", to=[to(of("west"), outlierDetection=never)]),
        allowed.east.policy("MeshHealthCheck", to=[to(of("west"), **often, http={"expectedStatuses": [500]})]),
    ):
        wait_for("nobody is asked", lambda: allowed.client.status() == 503)
        assert allowed.client.statuses(10) == {503: 10}
        assert allowed.neighbour.status() == 200
    wait_for("the server is asked", lambda: allowed.client.status() == 200)
