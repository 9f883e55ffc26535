"""MeshRateLimit: limits for everyone and for some, and their answers."""

from __future__ import annotations

from kuma.envoy.ratelimit import HTTP_FILTER
from kuma.policies import meshtimeout
from kuma.policies.meshratelimit import KIND, POLICY
from tests.kuma.policies.parts import at_listener, filters, http, inbound, policy, routes_of, said, to_mesh

SOME = {"kind": "Dataplane"}
PREFIX = {"spiffeID": {"type": "Prefix", "value": "spiffe://east.mesh/ns/shop"}}
NOT_BY_IDENTITY = (
    "can't be specified when matches contain spiffeID because this field cannot be conditioned on source identity"
)


def requests(num, interval="1s", **more):
    return {"local": {"http": {"requestRate": {"num": num, "interval": interval}, **more}}}


def connections(num):
    return {"local": {"tcp": {"connectionRate": {"num": num, "interval": "1s"}}}}


def limited(protocol, *rules):
    part = inbound(protocol)
    POLICY.inbound(part, at_listener(policy("MeshRateLimit", targetRef=SOME, rules=list(rules))))
    return part.listener


def limits(listener):
    """The requests that each route lets in, and whom it asks for."""
    buckets = (one.get("typedPerFilterConfig", {}).get(HTTP_FILTER, {}) for one in routes_of(listener))
    return [one["tokenBucket"]["maxTokens"] if one else None for one in buckets]


def names_of_http_filters(listener):
    return [one["name"] for one in http(listener)["httpFilters"]]


def test_nothing_is_limited_without_a_policy():
    part = inbound("http")
    before = part.listener.SerializeToString()
    POLICY.inbound(part, at_listener())
    assert part.listener.SerializeToString() == before


def test_requests_are_limited_and_the_answer_is_told():
    headers = {"add": [{"name": "x-b", "value": "1,2"}], "set": [{"name": "x-a", "value": "1,2"}]}
    listener = limited("http", {"default": requests(100, "10s", onRateLimit={"status": 423, "headers": headers})})
    (route,) = routes_of(listener)
    limit = route["typedPerFilterConfig"][HTTP_FILTER]
    assert limit["statPrefix"] == "rate_limit"
    assert limit["status"] == {"code": "Locked"}
    assert limit["tokenBucket"] == {"maxTokens": 100, "tokensPerFill": 100, "fillInterval": "10s"}
    assert limit["filterEnforced"] == {"defaultValue": {"numerator": 100}, "runtimeKey": "local_rate_limit_enforced"}
    added = [(one["header"]["key"], one["header"]["value"]) for one in limit["responseHeadersToAdd"]]
    assert added == [("x-b", "1,2"), ("x-a", "1"), ("x-a", "2")]
    assert names_of_http_filters(listener) == [HTTP_FILTER, "envoy.filters.http.router"]


def test_connections_are_limited_first_of_all():
    first, *_ = filters(limited("tcp", {"default": connections(3)}))
    assert first["statPrefix"] == "tcp_rate_limit"
    assert first["tokenBucket"]["maxTokens"] == 3


def test_what_is_disabled_limits_nothing():
    listener = limited("http", {"default": requests(1, disabled=True)})
    assert limits(listener) == [None]
    assert HTTP_FILTER not in names_of_http_filters(listener)


def test_some_clients_have_a_limit_of_their_own():
    listener = limited("http", {"matches": [PREFIX], "default": requests(5)}, {"default": requests(100)})
    assert limits(listener) == [5, 100]
    state, *_ = filters(listener)
    assert state["onDownstreamTlsHandshake"][0]["objectKey"] == "kuma.mesh_rate_limit.match.spiffe_id"


def test_some_clients_may_have_no_limit():
    free = {"local": {"http": {"disabled": True}}}
    listener = limited("http", {"matches": [PREFIX], "default": free}, {"default": requests(100)})
    assert limits(listener) == [None, 100]
    assert "filterState" in routes_of(listener)[0]["match"]


def test_some_clients_limited_leave_the_others_free():
    listener = limited("http", {"matches": [PREFIX], "default": requests(5)})
    assert limits(listener) == [5, None]
    assert HTTP_FILTER in names_of_http_filters(listener)


def test_limits_and_timeouts_of_clients_live_together():
    part = inbound("http")
    rule = {"matches": [PREFIX], "default": requests(5)}
    POLICY.inbound(part, at_listener(policy("MeshRateLimit", targetRef=SOME, rules=[rule])))
    timed = {"matches": [PREFIX], "default": {"http": {"requestTimeout": "1s"}}}
    meshtimeout.POLICY.inbound(part, at_listener(policy("MeshTimeout", rules=[timed])))
    keys = [one["objectKey"] for one in filters(part.listener)[0]["onDownstreamTlsHandshake"]]
    assert keys == ["kuma.mesh_rate_limit.match.spiffe_id", "kuma.mesh_timeout.match.spiffe_id"]
    assert limits(part.listener) == [5, 5, None, None]


def test_what_is_wrong_is_said():
    assert said("MeshRateLimit") == [("spec", "at least one of 'to' or 'rules' has to be defined")]
    assert said("MeshRateLimit", rules=[{}]) == [("spec.rules", "must not be defined")]
    assert said("MeshRateLimit", targetRef=SOME, to=[to_mesh()]) == [("spec.to", "must not be defined")]
    assert said("MeshRateLimit", to=[to_mesh(**requests(0, "50ms"))]) == [
        ("spec.to[0].default.local.http.requestRate.num", "must be greater than 0"),
        ("spec.to[0].default.local.http.requestRate.interval", "must be greater than: 50ms"),
    ]
    assert said("MeshRateLimit", targetRef=SOME, rules=[{"matches": [PREFIX], "default": connections(1)}]) == [
        ("spec.rules[0].default.local.tcp", NOT_BY_IDENTITY)
    ]
    empty = {"local": {"http": {}}}
    assert said("MeshRateLimit", targetRef=SOME, rules=[{"default": {}}, {"default": empty}]) == [
        ("spec.rules[0].default.local", "must be defined"),
        ("spec.rules[1].default.local.http", "must have at least one defined: disabled, requestRate, onRateLimit"),
    ]


def test_a_status_that_envoy_has_no_word_for_is_left_out():
    listener = limited("http", {"default": requests(100, onRateLimit={"status": 430})})
    (route,) = routes_of(listener)
    assert "status" not in route["typedPerFilterConfig"][HTTP_FILTER]


def test_a_status_that_is_not_answered_is_warned_of():
    def warned(status):
        rules = [{"default": requests(1)}, {"default": requests(1, onRateLimit={"status": status})}]
        return list(KIND.warnings(policy("MeshRateLimit", targetRef=SOME, rules=rules)))

    where = "spec.rules[1].default.local.http"
    higher = f"'{where}.requestRate.status' must be 400 or higher. Please update your configuration."
    assert warned(302) == [higher]
    assert warned(430) == [f"'{where}.onRateLimit.status' is unknown to Envoy, which answers 429 instead"]
    assert warned(429) == []
