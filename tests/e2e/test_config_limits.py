"""What policies of failing and of limits would change: faults, rate limits, circuit breakers and retries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.shadows import (
    CLIENT,
    EVERYBODY_OF_MESH,
    HTTP_INBOUND,
    OTHER,
    ROUTE,
    SERVER,
    TCP_INBOUND,
    TO_OTHER,
    TO_SERVER,
    Look,
    Shade,
    of_route,
    policy,
    route,
    shades,
)
from tests.e2e.traffic import EVERYBODY, service, to, workload

PREFIX = {"spiffeID": {"type": "Prefix", "value": EVERYBODY_OF_MESH}}


@pytest.fixture(scope="module")
def shade() -> Iterator[Shade]:
    with shades() as made:
        yield made


def filters(look: Look, listener: str) -> list[str]:
    """The names of a listener's HTTP filters, in order."""
    return [one["name"] for one in look.manager(listener)["httpFilters"]]


RBAC, LIMIT, ROUTER = (f"envoy.filters.http.{name}" for name in ("rbac", "local_ratelimit", "router"))
MFI = "kri_mfi_default_lone__tested_"
FAULTS = [
    {"abort": {"httpStatus": 500, "percentage": "2.5"}},
    {"abort": {"httpStatus": 500, "percentage": 10}},
    {"delay": {"value": "5s", "percentage": 5}},
]
INJECTED = [
    {"abort": {"httpStatus": 500, "percentage": {"numerator": 250, "denominator": "TEN_THOUSAND"}}},
    {"abort": {"httpStatus": 500, "percentage": {"numerator": 10}}},
    {"delay": {"fixedDelay": "5s", "percentage": {"numerator": 5}}},
]


@pytest.mark.scenario("U-config-13")
def test_faults(shade):
    with shade.shadow(policy("MeshFaultInjection", rules=[{"matches": [PREFIX], "default": {"http": FAULTS}}])):
        look = shade.seen(SERVER)
        assert look.changed == {f"listener {HTTP_INBOUND}"}
        assert filters(look, HTTP_INBOUND) == [RBAC, MFI, MFI, MFI, ROUTER]
        found = [one["typedConfig"] for one in look.manager(HTTP_INBOUND)["httpFilters"][1:4]]
        for one, injected in zip(found, INJECTED, strict=True):
            assert one["@type"].endswith("common.matching.v3.ExtensionWithMatcher")
            assert one["extensionConfig"]["name"] == "envoy.filters.http.fault"
            assert injected.items() <= one["extensionConfig"]["typedConfig"].items()
            (left_alone,) = one["xdsMatcher"]["matcherList"]["matchers"]
            of_whom = left_alone["predicate"]["notMatcher"]["singlePredicate"]
            assert of_whom["valueMatch"] == {"prefix": EVERYBODY_OF_MESH}
            assert left_alone["onMatch"]["action"]["name"] == "skip"
        marked = shade.look(CLIENT)  # who calls says so, in what it sends; what it takes is as it was
        assert marked.changed == {f"listener {TO_SERVER}", f"listener {TO_OTHER}"}
        assert {place.rpartition("/")[2] for place in marked.difference} == {"requestHeadersToAdd"}


RATE = {"requestRate": {"num": 5, "interval": "10s"}}
LIMITED = {
    "http": {**RATE, "onRateLimit": {"status": 423, "headers": {"set": [{"name": "x-limited", "value": "yes"}]}}}
}
ALWAYS = {"numerator": 100}
OF_ROUTE = {
    "@type": "type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
    "statPrefix": "rate_limit",
    "status": {"code": "Locked"},
    "tokenBucket": {"maxTokens": 5, "tokensPerFill": 5, "fillInterval": "10s"},
    "filterEnabled": {"defaultValue": ALWAYS, "runtimeKey": "local_rate_limit_enabled"},
    "filterEnforced": {"defaultValue": ALWAYS, "runtimeKey": "local_rate_limit_enforced"},
    "responseHeadersToAdd": [
        {"header": {"key": "x-limited", "value": "yes"}, "appendAction": "OVERWRITE_IF_EXISTS_OR_ADD"}
    ],
}


@pytest.mark.scenario("U-config-14")
@pytest.mark.parametrize("target", [{"kind": "Dataplane"}, workload(SERVER)], ids=["all", "workload"])
def test_rate_limits(shade, target):
    with shade.shadow(policy("MeshRateLimit", target_ref=target, rules=[{"default": {"local": LIMITED}}])):
        look = shade.seen(SERVER)
        assert look.changed == {f"listener {HTTP_INBOUND}"}
        assert filters(look, HTTP_INBOUND) == [RBAC, LIMIT, ROUTER]
        (every,) = look.routes(HTTP_INBOUND)
        assert every["typedPerFilterConfig"] == {LIMIT: OF_ROUTE}
        assert shade.config(CLIENT)["diff"] == []


CONNECTIONS = {
    "maxConnectionPools": 5,
    "maxConnections": 10,
    "maxPendingRequests": 2,
    "maxRetries": 1,
    "maxRequests": 32,
}
OUTLIERS = {
    "interval": "5s",
    "baseEjectionTime": "30s",
    "maxEjectionPercent": 20,
    "healthyPanicThreshold": 20,
    "detectors": {
        "totalFailures": {"consecutive": 10},
        "gatewayFailures": {"consecutive": 11},
        "localOriginFailures": {"consecutive": 12},
        "successRate": {"minimumHosts": 5, "requestVolume": 13, "standardDeviationFactor": "1.9"},
        "failurePercentage": {"requestVolume": 14, "minimumHosts": 6, "threshold": 85},
    },
}
DETECTED = {
    "interval": "5s",
    "baseEjectionTime": "30s",
    "maxEjectionPercent": 20,
    "consecutive5xx": 10,
    "consecutiveGatewayFailure": 11,
    "consecutiveLocalOriginFailure": 12,
    "successRateMinimumHosts": 5,
    "successRateRequestVolume": 13,
    "successRateStdevFactor": 1900,
    "failurePercentageMinimumHosts": 6,
    "failurePercentageRequestVolume": 14,
    "failurePercentageThreshold": 85,
    **dict.fromkeys(("enforcingConsecutive5xx", "enforcingConsecutiveGatewayFailure"), 100),
    **dict.fromkeys(("enforcingConsecutiveLocalOriginFailure", "enforcingLocalOriginSuccessRate"), 100),
    **dict.fromkeys(("enforcingSuccessRate", "enforcingFailurePercentage"), 100),
    "enforcingFailurePercentageLocalOrigin": 100,
}


@pytest.mark.scenario("U-config-17")
def test_limits_of_inbounds(shade):
    with shade.shadow(policy("MeshCircuitBreaker", rules=[{"default": {"connectionLimits": CONNECTIONS}}])):
        for name, inbound in ((SERVER, HTTP_INBOUND), (CLIENT, TCP_INBOUND)):
            threshold = f"cluster {inbound}/circuitBreakers/thresholds/0"
            said = {f"{threshold}/{field}": (None, limit) for field, limit in CONNECTIONS.items()}
            assert shade.seen(name).difference == said


@pytest.mark.scenario("U-config-17")
def test_outliers_of_a_service(shade):
    with shade.shadow(policy("MeshCircuitBreaker", to=[to(service(SERVER), outlierDetection=OUTLIERS)])):
        assert shade.seen(CLIENT).difference == {
            f"cluster {TO_SERVER}/outlierDetection": (None, DETECTED),
            f"cluster {TO_SERVER}/commonLbConfig": (None, {"healthyPanicThreshold": {"value": 20.0}}),
        }
        assert shade.config(SERVER)["diff"] == []


def retrying(times: int) -> dict[str, Any]:
    back_off = {"baseInterval": "3s", "maxInterval": "4m"}
    return {"http": {"numRetries": times, "backOff": back_off, "retryOn": ["5xx"]}}


def retried(times: int) -> dict[str, Any]:
    return {"retryOn": "5xx", "numRetries": times, "retryBackOff": {"baseInterval": "3s", "maxInterval": "240s"}}


def retries(look: Look, listener: str) -> list[int]:
    """How often requests of each route are tried again."""
    return [one["route"]["retryPolicy"]["numRetries"] for one in look.routes(listener)]


@pytest.mark.scenario("U-config-18")
def test_retries_of_a_service(shade):
    with shade.shadow(policy("MeshRetry", to=[to(service(SERVER), **retrying(2))])):
        place = f"listener {TO_SERVER}/{ROUTE}/route/retryPolicy"
        assert shade.seen(CLIENT).difference == {place: (None, retried(2))}


@pytest.mark.scenario("U-config-18")
def test_retries_of_a_service_beat_those_of_all(shade):
    with shade.shadow(policy("MeshRetry", to=[to(service(SERVER), **retrying(2)), to(EVERYBODY, **retrying(3))])):
        assert shade.seen(CLIENT).difference == {
            f"listener {TO_SERVER}/{ROUTE}/route/retryPolicy": (None, retried(2)),
            f"listener {TO_OTHER}/{ROUTE}/route/retryPolicy": (None, retried(3)),
        }


@pytest.mark.scenario("U-config-18")
def test_retries_of_a_route_are_those_of_no_other(shade):
    retry = policy("MeshRetry", to=[to(service(SERVER), **retrying(2)), to(of_route("testing"), **retrying(7))])
    with shade.shadow(route("testing", "/test"), retry):
        look = shade.seen(CLIENT, "/test", "numRetries")
        assert look.changed == {f"listener {TO_SERVER}"}
        assert retries(look, TO_SERVER) == [7, 7, 2]
        assert shade.config(OTHER)["diff"] == []
