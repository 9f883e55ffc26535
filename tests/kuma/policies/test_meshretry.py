"""MeshRetry: retries of connections, requests and calls."""

from __future__ import annotations

from attrs import evolve

from kuma.match import ToConfs
from kuma.policies.meshretry import POLICY, Conf, Http
from kuma.schema import parse
from tests.kuma.policies.parts import (
    BACKEND,
    at_destination,
    filters,
    outbound,
    policy,
    route,
    routes_of,
    said,
    to_mesh,
)

DEFAULT_OF_A_MESH = {
    "tcp": {"maxConnectAttempt": 5},
    "http": {"numRetries": 5, "perTryTimeout": "16s", "backOff": {"baseInterval": "25ms", "maxInterval": "250ms"}},
    "grpc": {"numRetries": 5, "perTryTimeout": "16s", "backOff": {"baseInterval": "25ms", "maxInterval": "250ms"}},
}


def retried(protocol, **default):
    part = outbound(protocol)
    POLICY.outbound(part, at_destination(policy("MeshRetry", to=[to_mesh(**default)])))
    return routes_of(part.listener)[0]["route"].get("retryPolicy")


def test_nothing_is_retried_without_a_policy():
    part = outbound("http")
    POLICY.outbound(part, at_destination())
    assert "retryPolicy" not in routes_of(part.listener)[0]["route"]


def test_http_by_default():
    assert retried("http", **DEFAULT_OF_A_MESH) == {
        "retryOn": "gateway-error,connect-failure,refused-stream",
        "numRetries": 5,
        "perTryTimeout": "16s",
        "retryBackOff": {"baseInterval": "0.025s", "maxInterval": "0.250s"},
    }


def test_grpc_by_default():
    policy_of_calls = retried("grpc", **DEFAULT_OF_A_MESH)
    assert policy_of_calls["retryOn"] == (
        "cancelled,connect-failure,gateway-error,refused-stream,reset,resource-exhausted,unavailable"
    )
    assert retried("grpc", grpc={"retryOn": ["Canceled", "Unavailable"]})["retryOn"] == "canceled,unavailable"


def test_http2_is_not_retried():
    assert retried("http2", **DEFAULT_OF_A_MESH) is None


def test_tcp_tries_to_connect_again():
    part = outbound("tcp")
    POLICY.outbound(part, at_destination(policy("MeshRetry", to=[to_mesh(**DEFAULT_OF_A_MESH)])))
    assert filters(part.listener)[0]["maxConnectAttempts"] == 5


def test_no_retries_are_no_policy():
    assert retried("http", http={"numRetries": 0}) is None


def test_statuses_methods_and_headers():
    http = {
        "retryOn": ["503", 409, "HttpMethodGet"],
        "retriableRequestHeaders": [{"name": "x-a", "type": "Prefix", "value": "b"}],
        "retriableResponseHeaders": [{"name": "x-c", "type": "Absent"}, {"name": "x-d", "value": "e"}],
        "rateLimitedBackOff": {"resetHeaders": [{"name": "retry-after", "format": "Seconds"}]},
    }
    assert retried("http", http=http) == {
        "retryOn": "gateway-error,connect-failure,refused-stream,retriable-status-codes",
        "retriableStatusCodes": [503, 409],
        "retriableRequestHeaders": [
            {"name": ":method", "stringMatch": {"exact": "GET"}},
            {"name": "x-a", "stringMatch": {"prefix": "b"}},
        ],
        "retriableHeaders": [
            {"name": "x-c", "presentMatch": False},
            {"name": "x-d", "stringMatch": {"exact": "e"}},
        ],
        "rateLimitedRetryBackOff": {"resetHeaders": [{"name": "retry-after"}]},
    }


def test_every_value_begins_with_nothing_and_an_empty_pattern_is_an_empty_value():
    headers = [{"name": "x-a", "type": "Prefix", "value": ""}, {"name": "x-b", "type": "RegularExpression"}]
    assert retried("http", http={"retriableResponseHeaders": headers})["retriableHeaders"] == [
        {"name": "x-a", "presentMatch": True},
        {"name": "x-b", "stringMatch": {"exact": ""}},
    ]


def test_other_endpoints_are_tried():
    http = {
        "hostSelection": [
            {"predicate": "OmitPreviousHosts"},
            {"predicate": "OmitHostsWithTags", "tags": {"team": "a", "kuma.io/service": "b"}},
            {"predicate": "OmitPreviousPriorities"},
        ],
        "hostSelectionMaxAttempts": 3,
    }
    selected = retried("http", http=http)
    hosts, tags = selected["retryHostPredicate"]
    assert hosts["name"] == "envoy.retry_host_predicates.previous_hosts"
    assert tags["typedConfig"]["metadataMatch"] == {"filterMetadata": {"envoy.lb": {"team": "a"}}}
    assert selected["retryPriority"]["typedConfig"]["updateFrequency"] == 2
    assert selected["hostSelectionRetryMaxAttempts"] == "3"


def test_an_interval_that_nobody_said_is_said_to_envoy():
    assert retried("http", http={"backOff": {"maxInterval": "1s"}})["retryBackOff"] == {
        "baseInterval": "0.025s",
        "maxInterval": "1s",
    }


def test_the_longest_wait_is_not_shorter_than_the_first():
    """Envoy would refuse the listener, and with it everything that has changed."""
    assert retried("http", http={"backOff": {"baseInterval": "1s", "maxInterval": "10ms"}})["retryBackOff"] == {
        "baseInterval": "1s",
        "maxInterval": "1s",
    }
    assert retried("grpc", grpc={"backOff": {"maxInterval": "10ms"}})["retryBackOff"] == {
        "baseInterval": "0.010s",
        "maxInterval": "0.010s",
    }


def test_a_route_s_own_retries_replace_the_destination_s():
    own = route()
    part = outbound("http", str(own), "other")
    general, special = Conf(http=Http(num_retries=1)), Conf(http=Http(num_retries=9))
    confs = ToConfs(evolve(at_destination(), confs=at_destination().confs | {BACKEND: general, own: special}).confs)
    POLICY.outbound(part, confs)
    assert [one["route"]["retryPolicy"]["numRetries"] for one in routes_of(part.listener)] == [9, 1]


def test_what_is_stored_is_read_again():
    conf = parse(Conf, DEFAULT_OF_A_MESH)
    assert conf.grpc.back_off.max_interval.microseconds == 250_000


def test_protocols_must_say_something():
    assert said("MeshRetry", to=[to_mesh(tcp={}, http={}, grpc={})]) == [
        ("spec.to[0].default.conf.tcp", "must not be empty"),
        ("spec.to[0].default.conf.http", "must not be empty"),
        ("spec.to[0].default.conf.grpc", "must not be empty"),
    ]
    assert said("MeshRetry", to=[to_mesh(tcp={"maxConnectAttempt": 0}, http={"hostSelectionMaxAttempts": 1})]) == [
        ("spec.to[0].default.conf.tcp.maxConnectAttempt", "must be greater than 0"),
        ("spec.to[0].default.conf.http", "must not be empty"),
    ]


def test_waiting_is_checked():
    http = {
        "backOff": {},
        "rateLimitedBackOff": {"resetHeaders": [{"name": "x", "format": "Days"}], "maxInterval": "0s"},
    }
    assert said("MeshRetry", to=[to_mesh(http=http)]) == [
        ("spec.to[0].default.conf.http.backOff", "must not be empty"),
        ("spec.to[0].default.conf.http.rateLimitedBackOff.resetHeaders[0].format", "unknown format 'Days'"),
        ("spec.to[0].default.conf.http.rateLimitedBackOff.maxInterval", "must be defined and greater than zero"),
    ]
