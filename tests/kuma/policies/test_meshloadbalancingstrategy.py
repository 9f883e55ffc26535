"""MeshLoadBalancingStrategy: who is chosen, what is hashed, and where one turns."""

from __future__ import annotations

import pytest
from frozendict import frozendict

from kuma.envoy.draft import Caller, Endpoints
from kuma.envoy.endpoints import Endpoint, assignment
from kuma.policies.meshloadbalancingstrategy import POLICY
from tests.kuma.policies.parts import (
    BACKEND,
    at_destination,
    outbound,
    policy,
    routes_of,
    said,
    shown,
    to_backend,
    to_mesh,
    upstream,
)


def confs(**default):
    return at_destination(policy("MeshLoadBalancingStrategy", to=[to_mesh(**default)]))


def at(number, zone, **labels):
    tags = frozendict({"kuma.io/zone": zone, **labels})
    return Endpoint(f"10.0.0.{number}", 80, zone, tags, remote=zone != "zone-1")


def seen(endpoints, said_of_it, **labels):
    part = Endpoints(BACKEND, "zone-1", assignment(str(BACKEND), endpoints), Caller(labels=frozendict(labels)))
    POLICY.endpoints(part, said_of_it)
    return shown(part.assignment)


def places(endpoints, said_of_it, **labels):
    return [
        (one["locality"]["zone"], one["locality"].get("subZone", ""), one.get("priority", 0))
        for one in seen(endpoints, said_of_it, **labels)["endpoints"]
    ]


EVERYWHERE = [at(number, f"zone-{number}") for number in range(1, 6)]


def clustered(**default):
    part = upstream()
    POLICY.upstream(part, confs(**default))
    return shown(part.cluster)


def test_without_a_policy_only_the_own_zone_comes_first():
    assert places(EVERYWHERE[:2], at_destination()) == [("zone-1", "", 0), ("zone-2", "", 1)]
    part = upstream()
    POLICY.upstream(part, at_destination())
    assert part.cluster == upstream().cluster


def test_places_can_be_made_not_to_count():
    unaware = confs(localityAwareness={"disabled": True})
    assert [priority for _, _, priority in places(EVERYWHERE, unaware)] == [0] * 5


def test_failover_takes_zones_in_order_and_leaves_the_rest_out():
    failover = [
        {"to": {"type": "AnyExcept", "zones": ["zone-3", "zone-4", "zone-5"]}},
        {"from": {"zones": ["zone-1"]}, "to": {"type": "Only", "zones": ["zone-3"]}},
        {"to": {"type": "Only", "zones": ["zone-4"]}},
    ]
    found = places(EVERYWHERE, confs(localityAwareness={"crossZone": {"failover": failover}}))
    assert found == [("zone-1", "", 0), ("zone-2", "", 1), ("zone-3", "", 2), ("zone-4", "", 3)]


def test_wishes_of_other_zones_callers_still_count():
    failover = [{"from": {"zones": ["zone-9"]}, "to": {"type": "Any"}}, {"to": {"type": "Any"}}]
    found = places(EVERYWHERE[:2], confs(localityAwareness={"crossZone": {"failover": failover}}))
    assert found == [("zone-1", "", 0), ("zone-2", "", 2)]


def test_none_turns_to_nobody():
    cross = {"failover": [{"to": {"type": "None"}}]}
    assert places(EVERYWHERE, confs(localityAwareness={"crossZone": cross})) == [("zone-1", "", 0)]


@pytest.mark.parametrize(("percentage", "factor"), [(70, 100), (50, 200), ("25", 400), ("0.0000001", 2**32 - 1)])
def test_a_threshold_is_a_factor(percentage, factor):
    cross = {"failoverThreshold": {"percentage": percentage}}
    found = seen(EVERYWHERE, confs(localityAwareness={"crossZone": cross}))
    assert found["policy"] == {"overprovisioningFactor": factor}


def test_the_nearest_of_the_own_zone_get_most():
    tags = {"affinityTags": [{"key": "node"}, {"key": "rack"}, {"key": "absent"}]}
    endpoints = [at(1, "zone-1", node="a", rack="r"), at(2, "zone-1", rack="r"), at(3, "zone-1")]
    found = seen(endpoints, confs(localityAwareness={"localZone": tags}), node="a", rack="r")["endpoints"]
    weights = {one["locality"].get("subZone", ""): one["loadBalancingWeight"] for one in found}
    assert weights == {"node=a": 900, "rack=r": 90, "": 1}
    assert "localityWeightedLbConfig" in clustered(localityAwareness={"localZone": tags})["commonLbConfig"]


def test_there_may_be_more_tags_than_a_weight_has_zeros():
    tags = {"affinityTags": [{"key": "node"}, *({"key": f"k{number}"} for number in range(10))]}
    found = seen([at(1, "zone-1", node="a")], confs(localityAwareness={"localZone": tags}), node="a")["endpoints"]
    assert [one["loadBalancingWeight"] for one in found] == [900_000_000]


def test_places_stand_in_the_order_of_zone_and_tag_as_one_text():
    endpoints = [at(1, "zone-1", node="a"), at(2, "zone-1-b")]
    said = {"localZone": {"affinityTags": [{"key": "node"}]}, "crossZone": {"failover": [{"to": {"type": "Any"}}]}}
    found = places(endpoints, confs(localityAwareness=said), node="a")
    assert found == [("zone-1-b", "", 1), ("zone-1", "node=a", 0)]


def test_what_a_gateway_says_of_itself_counts_before_its_labels():
    tags = {"affinityTags": [{"key": "rack"}]}
    endpoints = [at(1, "zone-1", rack="r"), at(2, "zone-1", rack="s")]
    caller = Caller(labels=frozendict(rack="s"), gateway=frozendict(rack="r"))
    part = Endpoints(BACKEND, "zone-1", assignment(str(BACKEND), endpoints), caller)
    POLICY.endpoints(part, confs(localityAwareness={"localZone": tags}))
    found = {one["locality"].get("subZone", ""): len(one["lbEndpoints"]) for one in shown(part.assignment)["endpoints"]}
    assert found == {"rack=r": 1, "": 1}


def test_what_is_hashed_is_said_of_the_route():
    part = outbound("http")
    hashed = [{"type": "Header", "terminal": True, "header": {"name": "x-user"}}]
    POLICY.outbound(part, confs(hashPolicies=hashed))
    assert routes_of(part.listener)[0]["route"]["hashPolicy"] == [
        {"header": {"headerName": "x-user"}, "terminal": True}
    ]


@pytest.mark.parametrize(
    ("balancer", "expected"),
    [
        ({"type": "Random"}, {"lbPolicy": "RANDOM"}),
        ({"type": "LeastRequest"}, {"lbPolicy": "LEAST_REQUEST"}),
        (
            {"type": "LeastRequest", "leastRequest": {"choiceCount": 4}},
            {"lbPolicy": "LEAST_REQUEST", "leastRequestLbConfig": {"choiceCount": 4}},
        ),
        (
            {"type": "Maglev", "maglev": {"tableSize": 7}},
            {"lbPolicy": "MAGLEV", "maglevLbConfig": {"tableSize": "7"}},
        ),
    ],
)
def test_the_way_to_choose(balancer, expected):
    cluster = clustered(loadBalancer=balancer)
    assert {key: value for key, value in cluster.items() if key.startswith(("lb", "least", "maglev"))} == expected


def test_what_is_wrong_is_said():
    cross = {"crossZone": {"failover": [{"to": {"type": "Any"}}]}}
    assert said("MeshLoadBalancingStrategy", to=[to_backend(localityAwareness=cross)]) == [
        ("spec.to[0].default.localityAwareness.crossZone", "must not be set: MeshService traffic is local")
    ]
    tags = {"localZone": {"affinityTags": [{"key": "a", "weight": 1}, {"key": "b"}]}}
    zero = {"crossZone": {"failoverThreshold": {"percentage": 0}}}
    assert said("MeshLoadBalancingStrategy", to=[to_mesh(localityAwareness={**tags, **zero})]) == [
        (
            "spec.to[0].default.localityAwareness.localZone.affinityTags",
            "all or none affinity tags should have weight",
        ),
        ("spec.to[0].default.localityAwareness.crossZone.failoverThreshold.percentage", "must be greater than 0"),
    ]
    only = "field is not allowed when targetRef.kind is MeshHTTPRoute, only hashPolicies is supported"
    route = {"targetRef": {"kind": "MeshHTTPRoute", "labels": {"kuma.io/display-name": "r"}}}
    assert said("MeshLoadBalancingStrategy", to=[{**route, "default": {"loadBalancer": {"type": "Random"}}}]) == [
        ("spec.to[0].default.loadBalancer", only)
    ]
    assert said("MeshLoadBalancingStrategy", to=[to_mesh(hashPolicies=[{"type": "SourceIP"}])]) == [
        ("spec.to[0].default.hashPolicies[0].type", "unrecognized type")
    ]
    assert said("MeshLoadBalancingStrategy", to=[to_mesh(hashPolicies=[{"type": "Header"}])]) == [
        ("spec.to[0].default.hashPolicies[0].header", "must be defined")
    ]
