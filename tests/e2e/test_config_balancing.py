"""What MeshLoadBalancingStrategy would change: how an instance is chosen, by what, and how near it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.shadows import CLIENT, ROUTE, SERVER, TO_SERVER, Look, Shade, of_route, policy, route, shades
from tests.e2e.traffic import service, to

KIND = "MeshLoadBalancingStrategy"
RING = {"type": "RingHash", "ringHash": {"minRingSize": 100, "maxRingSize": 10000}}
COOKIE = {"type": "Cookie", "cookie": {"name": "session", "ttl": "10s", "path": "/"}}
BY_COOKIE = [{"cookie": {"name": "session", "ttl": "10s", "path": "/"}}]
ROUTES = {"one": "/first", "two": "/second", "three": "/third"}


@pytest.fixture(scope="module")
def shade() -> Iterator[Shade]:
    with shades() as made:
        yield made


def header(name: str) -> dict[str, Any]:
    return {"type": "Header", "header": {"name": name}}


def maglev(size: int) -> dict[str, Any]:
    return {"type": "Maglev", "maglev": {"tableSize": size}}


def hashed_by(look: Look) -> dict[str, str]:
    """By which one header requests to the server are told apart, by what their routes match."""
    return {
        next(iter(one["match"].values())): ",".join(by["header"]["headerName"] for by in one["route"]["hashPolicy"])
        for one in look.routes(TO_SERVER)
    }


@pytest.mark.scenario("U-config-19")
def test_a_ring_by_a_header_and_by_another_for_a_route(shade):
    of_service = policy(KIND, "of-service", to=[to(service(SERVER), loadBalancer=RING, hashPolicies=[header("x-all")])])
    of_one = policy(KIND, "of-route", to=[to(of_route("one"), hashPolicies=[header("x-one")])])
    routes = [route(name, prefix) for name, prefix in ROUTES.items()]
    paths = [path for prefix in ROUTES.values() for path in (prefix, f"{prefix}/")]
    with shade.shadow(*routes, of_service):
        look = shade.seen(CLIENT, "RING_HASH", *ROUTES.values())
        assert look.changed == {f"cluster {TO_SERVER}", f"listener {TO_SERVER}"}
        assert look.of(f"cluster {TO_SERVER}") == {
            "lbPolicy": (None, "RING_HASH"),
            "ringHashLbConfig": (None, {"minimumRingSize": "100", "maximumRingSize": "10000"}),
        }
        assert hashed_by(look) == dict.fromkeys([*paths, "/"], "x-all")
    with shade.shadow(*routes, of_service, of_one):
        look = shade.seen(CLIENT, "x-all", "x-one", *ROUTES.values())
        own = dict.fromkeys(("/first", "/first/"), "x-one")
        assert hashed_by(look) == dict.fromkeys([*paths, "/"], "x-all") | own


@pytest.mark.scenario("U-config-20")
def test_a_table_by_a_cookie_of_the_policy_whose_name_is_first(shade):
    first = policy(KIND, "first", to=[to(service(SERVER), loadBalancer=maglev(17), hashPolicies=[COOKIE])])
    second = policy(KIND, "second", to=[to(service(SERVER), loadBalancer=maglev(27))])
    expected = {
        f"cluster {TO_SERVER}/lbPolicy": (None, "MAGLEV"),
        f"cluster {TO_SERVER}/maglevLbConfig": (None, {"tableSize": "17"}),
        f"listener {TO_SERVER}/{ROUTE}/route/hashPolicy": (None, BY_COOKIE),
    }
    with shade.shadow(second):
        assert shade.seen(CLIENT).of(f"cluster {TO_SERVER}")["maglevLbConfig"] == (None, {"tableSize": "27"})
    with shade.shadow(first):
        assert shade.seen(CLIENT).difference == expected
    with shade.shadow(first, second):
        assert shade.seen(CLIENT, "cookie", "17").difference == expected


@pytest.mark.scenario("U-config-21")
def test_who_is_near_by_tags(shade):
    tags = {"localZone": {"affinityTags": [{"key": "k8s.io/node"}, {"key": "k8s.io/az"}]}}
    with shade.shadow(policy(KIND, to=[to(service(SERVER), localityAwareness=tags)])):
        assert shade.seen(CLIENT).difference == {
            f"cluster {TO_SERVER}/commonLbConfig": (None, {"localityWeightedLbConfig": {}}),
            f"endpoints {TO_SERVER}/endpoints/0/loadBalancingWeight": (None, 1),
            f"endpoints {TO_SERVER}/policy": (None, {"overprovisioningFactor": 200}),
        }
