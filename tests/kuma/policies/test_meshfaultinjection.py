"""MeshFaultInjection: which requests go wrong, and how."""

from __future__ import annotations

import pytest

from kuma.policies.meshfaultinjection import POLICY
from tests.kuma.policies.parts import at_listener, http, inbound, policy, said, to_mesh

CLIENT = {"spiffeID": {"type": "Prefix", "value": "spiffe://east.mesh/ns/shop"}}
ABORT = {"abort": {"httpStatus": 503, "percentage": 50}}
NAME = "kri_mfi_default___p_"


def faulty(protocol, *rules):
    part = inbound(protocol)
    POLICY.inbound(part, at_listener(policy("MeshFaultInjection", rules=list(rules))))
    return part.listener


def injected(*rules):
    filters = http(faulty("http", *rules))["httpFilters"]
    assert filters[-1]["name"] == "envoy.filters.http.router"
    assert {one["name"] for one in filters[:-1]} <= {NAME}
    return [one["typedConfig"] for one in filters[:-1]]


def faults(*every):
    return [one["extensionConfig"]["typedConfig"] for one in injected({"default": {"http": list(every)}})]


def test_nothing_goes_wrong_without_a_policy():
    assert http(faulty("http"))["httpFilters"][0]["name"] == "envoy.filters.http.router"


def test_only_requests_go_wrong():
    assert faulty("tcp", {"default": {"http": [ABORT]}}) == inbound("tcp").listener


def test_everyone_is_met_by_a_fault_for_everyone():
    (one,) = injected({"default": {"http": [ABORT]}})
    assert one["xdsMatcher"] == {}
    fault = one["extensionConfig"]["typedConfig"]
    assert fault["abort"] == {"httpStatus": 503, "percentage": {"numerator": 50}}


def test_whom_a_fault_is_not_for_skips_it():
    (one,) = injected({"matches": [CLIENT], "default": {"http": [ABORT]}})
    (matcher,) = one["xdsMatcher"]["matcherList"]["matchers"]
    asked = matcher["predicate"]["notMatcher"]["singlePredicate"]
    assert asked["valueMatch"] == {"prefix": CLIENT["spiffeID"]["value"]}
    assert matcher["onMatch"]["action"]["name"] == "skip"


def test_faults_of_all_rules_are_stacked_special_ones_first():
    every = injected({"default": {"http": [ABORT, ABORT]}}, {"matches": [CLIENT], "default": {"http": [ABORT]}})
    assert [one["xdsMatcher"] != {} for one in every] == [True, False, False]


@pytest.mark.parametrize(("taken", "met"), [([], 3), (["one"], 2), (["one", "two"], 3), (["three"], 1)])
def test_a_name_that_a_chain_does_not_take_meets_no_fault_there(taken, met):
    part = inbound("http")
    part.listener.filter_chains[0].filter_chain_match.server_names.extend(taken)
    rules = [{"matches": [{"sni": {"type": "Exact", "value": name}}]} for name in ("one", "two")]
    every = [{**rule, "default": {"http": [ABORT]}} for rule in ({}, *rules)]
    POLICY.inbound(part, at_listener(policy("MeshFaultInjection", rules=every)))
    assert len(http(part.listener)["httpFilters"]) == met + 1


@pytest.mark.parametrize(("limit", "kbps"), [("111Mbps", "111000"), ("5 kbps", "5"), ("2Gbps", "2000000")])
def test_a_bandwidth_is_counted_in_kbps(limit, kbps):
    (fault,) = faults({"responseBandwidth": {"limit": limit, "percentage": "62.9"}})
    assert fault["responseRateLimit"] == {
        "fixedLimit": {"limitKbps": kbps},
        "percentage": {"numerator": 6290, "denominator": "TEN_THOUSAND"},
    }


def test_several_faults_in_one():
    (fault,) = faults({**ABORT, "delay": {"value": "5s", "percentage": 5}})
    assert fault["delay"] == {"fixedDelay": "5s", "percentage": {"numerator": 5}}
    assert "abort" in fault


def test_what_is_wrong_is_said():
    wrong = [
        {"abort": {"httpStatus": 99, "percentage": 101}},
        {"delay": {"value": "-1s", "percentage": "a"}},
        {"responseBandwidth": {"limit": "5", "percentage": 1}},
    ]
    at = "spec.rules[0].default.http"
    assert said("MeshFaultInjection", rules=[{"default": {"http": wrong}}]) == [
        (f"{at}.abort[0].httpStatus", "must be in inclusive range [100, 599]"),
        (f"{at}.abort[0].percentage", "must be in inclusive range [0.0, 100.0]"),
        (f"{at}.delay[1].value", "must not be negative when defined"),
        (f"{at}.delay[1].percentage", "string must be a valid number"),
        (f"{at}.responseBandwidth[2].limit", "must be in kbps/Mbps/Gbps units"),
    ]
    some = {"kind": "Dataplane"}
    assert said("MeshFaultInjection", targetRef=some, to=[to_mesh()]) == [("spec.to", "must not be defined")]
    assert said("MeshFaultInjection", to=[to_mesh()]) == []


def test_a_status_that_ends_no_request_is_no_fault():
    early = {"abort": {"httpStatus": 103, "percentage": 50}, "delay": {"value": "1s", "percentage": 100}}
    (one,) = faults(early)
    assert "abort" not in one
    assert "delay" in one


@pytest.mark.parametrize(
    "nothing",
    [
        {"delay": {"value": "0s", "percentage": 50}},
        {"responseBandwidth": {"limit": "0 kbps", "percentage": 50}},
        {"responseBandwidth": {"limit": "Mbps", "percentage": 50}},
    ],
)
def test_to_wait_for_no_time_or_to_answer_at_no_speed_is_no_fault(nothing):
    assert list(faults({**nothing, "abort": {"httpStatus": 503, "percentage": 50}})[0]) == ["@type", "abort"]


def test_nothing_is_faster_than_envoy_can_count():
    (one,) = faults({"responseBandwidth": {"limit": f"{10**30}Gbps", "percentage": 50}})
    assert one["responseRateLimit"]["fixedLimit"]["limitKbps"] == str(2**64 - 1)
