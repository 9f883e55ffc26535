"""What policies would change at a zone's border: of what leaves through its egress by name, of its ingress, of both."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from kuma.cli.demo.parts import Service
from kuma.cli.demo.world import MESH
from tests.e2e.conftest import HOST
from tests.e2e.shadows import CLIENT, OTHER, SERVER, Look, Shade, known_zone, policy, settled
from tests.e2e.traffic import Zone, to, wait_for

INGRESS, EGRESS = "ingress", "egress"
EVERY = (SERVER, OTHER, CLIENT, INGRESS, EGRESS)


OUTSIDE, ELSEWHERE = (f"kri_extsvc_default_lone__{name}_80" for name in ("outside", "elsewhere"))
GATES = {INGRESS: "self_zoneingress_dp_ingress", EGRESS: "self_zoneegress_dp_egress"}
OF = {kind: {"kind": "Dataplane", "labels": {f"kuma.io/listener-zone{kind}": "enabled"}} for kind in GATES}
LIMIT = "envoy.filters.http.local_ratelimit"


@pytest.fixture(scope="module")
def shade() -> Iterator[Shade]:
    with known_zone() as zone:
        for name in ("outside", "elsewhere"):
            put_service(zone, name)
        zone.serve(SERVER, "127.0.0.2", {"http": "http"})
        zone.serve(OTHER, "127.0.0.3", {"http": "http"})
        for name, kind in ((EGRESS, "ZoneEgress"), (INGRESS, "ZoneIngress")):
            zone.gate(name, kind)
        put_address(zone)
        refs = {name: {"kind": "MeshExternalService", "name": name} for name in ("outside", "elsewhere")}
        settled(zone, zone.client(CLIENT, {SERVER: zone.backend(SERVER), **refs}))
        yield Shade(zone)


def put_service(zone: Zone, name: str) -> None:
    """A service outside, at a first address and at a second if that one fails."""
    started = Service.start(zone.world.processes, name)
    endpoints = [{"address": HOST, "port": started.port, "priority": number} for number in (1, 2)]
    spec = {"match": {"port": 80, "protocol": "http"}, "endpoints": endpoints}
    zone.api.put({"type": "MeshExternalService", "mesh": MESH, "name": name, "spec": spec})


def put_address(zone: Zone) -> None:
    """Where other zones would find the ingress."""
    dataplane = wait_for("the ingress", partial(zone.api.get, f"/meshes/{MESH}/dataplanes/{INGRESS}"))
    port = dataplane["networking"]["listeners"][0]["port"]
    address = {"address": HOST, "port": port}
    zone.api.put({"type": "MeshZoneAddress", "mesh": MESH, "name": INGRESS, "spec": address})


def by_name(shade: Shade) -> dict[str, Any]:
    """What matches requests for the service outside."""
    found = shade.zone.api.get(f"/meshes/{MESH}/meshexternalservices/outside")
    return {"sni": {"type": "Exact", "value": found["snis"][0]["sni"]}}


def rule(shade: Shade, **default: Any) -> dict[str, Any]:
    return {"matches": [by_name(shade)], "default": default}


def chain(look: Look, destination: str) -> str:
    """The place of the egress's chain for a destination."""
    names = [one.get("name") for one in look.listener(GATES[EGRESS])["filterChains"]]
    return f"listener {GATES[EGRESS]}/filterChains/{names.index(destination)}/filters/0/typedConfig"


def assert_nothing_else(shade: Shade, *changed: str) -> None:
    """Of all other proxies nothing would change."""
    for name in sorted({*EVERY} - {*changed}):
        assert shade.look(name).difference == {}, name


@pytest.mark.scenario("U-config-zp-01")
def test_faults_of_what_is_asked_for_by_name(shade):
    faults = [{"abort": {"httpStatus": 503, "percentage": 50}}]
    injection = policy("MeshFaultInjection", target_ref=OF[EGRESS], rules=[rule(shade, http=faults)])
    with shade.shadow(injection):
        look = shade.seen(EGRESS)
        ((place, (_, filter_)),) = look.difference.items()
        assert place == f"{chain(look, OUTSIDE)}/httpFilters/1"
        assert filter_["name"] == "kri_mfi_default_lone__tested_"
        fault = filter_["typedConfig"]["extensionConfig"]["typedConfig"]
        assert fault["abort"] == {"httpStatus": 503, "percentage": {"numerator": 50}}
        (left_alone,) = filter_["typedConfig"]["xdsMatcher"]["matcherList"]["matchers"]
        asked = left_alone["predicate"]["notMatcher"]["singlePredicate"]
        assert asked["valueMatch"] == {"exact": by_name(shade)["sni"]["value"]}
        assert_nothing_else(shade, EGRESS, CLIENT)
        assert {place.rpartition("/")[2] for place in shade.look(CLIENT).difference} == {"requestHeadersToAdd"}


@pytest.mark.scenario("U-config-zp-01")
def test_rates_of_what_is_asked_for_by_name(shade):
    limit = {"http": {"requestRate": {"num": 5, "interval": "10s"}, "onRateLimit": {"status": 423}}}
    with shade.shadow(policy("MeshRateLimit", target_ref=OF[EGRESS], rules=[rule(shade, local=limit)])):
        look = shade.seen(EGRESS)
        at = chain(look, OUTSIDE)
        of_route = f"{at}/routeConfig/virtualHosts/0/routes/0/typedPerFilterConfig"
        assert set(look.difference) == {f"{at}/httpFilters/1", of_route}
        assert look.difference[f"{at}/httpFilters/1"][1]["name"] == LIMIT
        bucket = look.difference[of_route][1][LIMIT]["tokenBucket"]
        assert bucket == {"maxTokens": 5, "tokensPerFill": 5, "fillInterval": "10s"}
        assert_nothing_else(shade, EGRESS)


@pytest.mark.scenario("U-config-zp-02")
def test_timeouts_of_what_is_asked_for_by_name(shade):
    http = {"requestTimeout": "2s", "streamIdleTimeout": "4s", "requestHeadersTimeout": "5s"}
    default = {"connectionTimeout": "7s", "idleTimeout": "13s", "http": http}
    with shade.shadow(policy("MeshTimeout", target_ref=OF[EGRESS], rules=[rule(shade, **default)])):
        look = shade.seen(EGRESS)
        at = chain(look, OUTSIDE)
        assert look.difference == {
            f"{at}/commonHttpProtocolOptions": (None, {"idleTimeout": "0s"}),
            f"{at}/requestHeadersTimeout": (None, "5s"),
            f"{at}/routeConfig/virtualHosts/0/routes/0/route/timeout": ("0s", "2s"),
            f"{at}/routeConfig/virtualHosts/0/routes/0/route/idleTimeout": (None, "4s"),
        }
        assert_nothing_else(shade, EGRESS)


def cluster(name: str) -> dict[str, Any]:
    """A modification that adds a cluster, and a name it has in no config yet."""
    value = f"{{name: {name}, type: STATIC, connectTimeout: 5s}}"
    return {"appendModifications": [{"cluster": {"operation": "Add", "value": value}}]}


@pytest.mark.scenario("U-config-zp-05")
def test_what_is_patched_everywhere(shade):
    with shade.shadow(policy("MeshProxyPatch", default=cluster("added"))):
        for name in EVERY:
            look = shade.seen(name)
            assert look.changed == {"cluster added"}
            added = look.cluster("added")
            assert (added["type"], added["connectTimeout"]) == ("STATIC", "5s")


@pytest.mark.scenario("U-config-zp-05")
def test_what_is_not_there_is_not_patched(shade):
    patch = {"operation": "Patch", "match": {"name": "no-such-cluster"}, "value": "{connectTimeout: 9s}"}
    first = policy("MeshProxyPatch", "first", default={"appendModifications": [{"cluster": patch}]})
    second = policy("MeshProxyPatch", "second", target_ref=OF[INGRESS], default=cluster("added"))
    with shade.shadow(first, second):
        assert shade.seen(INGRESS).changed == {"cluster added"}  # so the other is known, too
        assert_nothing_else(shade, INGRESS)


@pytest.mark.scenario("U-config-zp-06")
def test_what_is_patched_at_one_gate(shade):
    patches = [policy("MeshProxyPatch", name, target_ref=OF[name], default=cluster(f"of-{name}")) for name in GATES]
    with shade.shadow(*patches):
        for name in GATES:
            assert shade.seen(name).changed == {f"cluster of-{name}"}
        assert_nothing_else(shade, *GATES)


CONNECTIONS = {"maxConnections": 2, "maxPendingRequests": 8, "maxRetries": 3, "maxRequests": 4}
OUTLIERS = {
    "interval": "5s",
    "healthyPanicThreshold": 20,
    "detectors": {"totalFailures": {"consecutive": 10}},
}
CHECKS = {"interval": "10s", "http": {"path": "/health", "expectedStatuses": [200, 201]}}
REF = {"kind": "MeshExternalService", "labels": {"kuma.io/display-name": "outside"}}


@pytest.mark.scenario("U-config-zp-07")
def test_limits_of_a_service_outside(shade):
    item = to(REF, connectionLimits=CONNECTIONS, outlierDetection=OUTLIERS)
    with shade.shadow(policy("MeshCircuitBreaker", target_ref=OF[EGRESS], to=[item])):
        look = shade.seen(EGRESS)
        assert look.changed == {f"cluster {OUTSIDE}"}
        found = look.of(f"cluster {OUTSIDE}")
        outliers = found.pop("outlierDetection")[1]
        limits = {f"circuitBreakers/thresholds/0/{field}": (None, limit) for field, limit in CONNECTIONS.items()}
        assert found == {**limits, "commonLbConfig": (None, {"healthyPanicThreshold": {"value": 20.0}})}
        assert outliers["interval"] == "5s"
        assert (outliers["consecutive5xx"], outliers["enforcingConsecutive5xx"]) == (10, 100)
        assert_nothing_else(shade, EGRESS)


@pytest.mark.scenario("U-config-zp-07")
def test_checks_of_a_service_outside(shade):
    with shade.shadow(policy("MeshHealthCheck", target_ref=OF[EGRESS], to=[to(REF, **CHECKS)])):
        look = shade.seen(EGRESS)
        ((place, (_, checks)),) = look.difference.items()
        assert place == f"cluster {OUTSIDE}/healthChecks"
        (check,) = checks
        assert check["interval"] == "10s"
        assert check["httpHealthCheck"]["path"] == "/health"
        statuses = check["httpHealthCheck"]["expectedStatuses"]
        assert statuses == [{"start": "200", "end": "201"}, {"start": "201", "end": "202"}]
        assert_nothing_else(shade, EGRESS)


@pytest.mark.scenario("U-config-zp-08")
def test_who_may_leave_by_name(shade):
    rules = [{"default": {"allow": [by_name(shade)]}}]
    with shade.shadow(policy("MeshTrafficPermission", target_ref=OF[EGRESS], rules=rules)):
        look = shade.seen(EGRESS)
        matchers = "httpFilters/0/typedConfig/matcher/matcherList/matchers"
        every = [place.removesuffix("/1") for place in look.difference]
        assert sorted(every) == sorted(f"{chain(look, of)}/{matchers}" for of in (OUTSIDE, ELSEWHERE))
        for _, matcher in look.difference.values():
            assert matcher["predicate"]["singlePredicate"]["valueMatch"] == {"exact": by_name(shade)["sni"]["value"]}
            assert matcher["onMatch"]["action"]["typedConfig"]["name"] == "kri_mtp_default_lone__tested_"
        assert_nothing_else(shade, EGRESS)
