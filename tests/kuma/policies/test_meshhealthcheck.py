"""MeshHealthCheck: which check a destination gets, and what it asks."""

from __future__ import annotations

import pytest
from frozendict import frozendict

from kuma.envoy.draft import Caller
from kuma.policies.meshhealthcheck import POLICY
from tests.kuma.policies.parts import at_destination, policy, said, shown, to_backend, to_mesh, upstream


def edited(protocol, labels=None, **default):
    part = upstream(protocol)
    part.caller = Caller(labels=frozendict(labels or {}))
    POLICY.upstream(part, at_destination(policy("MeshHealthCheck", to=[to_mesh(**default)])))
    return shown(part.cluster)


def checks(protocol, **default):
    return edited(protocol, **default).get("healthChecks", [])


def test_nobody_is_asked_without_a_policy():
    part = upstream()
    before = part.cluster.SerializeToString()
    POLICY.upstream(part, at_destination())
    assert part.cluster.SerializeToString() == before


def test_what_is_not_said_has_defaults():
    (check,) = checks("http", http={})
    assert check == {
        "interval": "60s",
        "timeout": "15s",
        "unhealthyThreshold": 5,
        "healthyThreshold": 1,
        "httpHealthCheck": {"path": "/"},
    }


def test_an_http_check_says_who_asks_and_what():
    headers = {"set": [{"name": "x-a", "value": "b,c"}], "add": [{"name": "x-d", "value": "e"}]}
    http = {"path": "/health", "expectedStatuses": [200, 204], "requestHeadersToAdd": headers}
    (check,) = checks("http2", http=http, labels={"b": "2", "a": "1"})
    asked = check["httpHealthCheck"]
    assert asked["codecClientType"] == "HTTP2"
    assert asked["expectedStatuses"] == [{"start": "200", "end": "201"}, {"start": "204", "end": "205"}]
    assert [one["header"] for one in asked["requestHeadersToAdd"]] == [
        {"key": "x-kuma-tags", "value": "&a=1&&b=2&"},
        {"key": "x-d", "value": "e"},
        {"key": "x-a", "value": "b"},
        {"key": "x-a", "value": "c"},
    ]


def test_a_tcp_check_sends_the_bytes_as_written():
    (check,) = checks("tcp", tcp={"send": "cGluZwo=", "receive": ["a"]})
    assert check["tcpHealthCheck"] == {"send": {"text": "63476c755a776f3d"}, "receive": [{"text": "61"}]}


def test_an_empty_text_is_neither_sent_nor_looked_for():
    (check,) = checks("tcp", tcp={"send": "", "receive": ["", "a"]})
    assert check["tcpHealthCheck"] == {"receive": [{"text": "61"}]}


@pytest.mark.parametrize(
    ("protocol", "default", "check"),
    [
        ("http", {"http": {}, "tcp": {}}, "httpHealthCheck"),
        ("http", {"tcp": {}}, None),
        ("http", {"http": {"disabled": True}, "tcp": {}}, "tcpHealthCheck"),
        ("http", {"http": {"disabled": True}, "tcp": {"disabled": True}}, None),
        ("grpc", {"grpc": {}}, "grpcHealthCheck"),
        ("grpc", {"grpc": {"disabled": True}, "tcp": {}}, "tcpHealthCheck"),
        ("tcp", {"http": {}}, None),
        ("tcp", {"tcp": {"disabled": True}}, None),
        ("tls", {"tcp": {}}, None),
    ],
)
def test_the_protocol_chooses_the_check(protocol, default, check):
    found = checks(protocol, **default)
    assert [check in one for one in found] == ([True] if check else [])


def test_panic_can_fail_requests_even_without_a_check():
    cluster = edited("tcp", failTrafficOnPanic=True, http={})
    assert cluster["commonLbConfig"]["zoneAwareLbConfig"] == {"failTrafficOnPanic": True}
    assert "healthChecks" not in cluster


def test_panic_is_left_alone_where_localities_are_weighted():
    part = upstream()
    part.cluster.common_lb_config.locality_weighted_lb_config.SetInParent()
    POLICY.upstream(part, at_destination(policy("MeshHealthCheck", to=[to_mesh(failTrafficOnPanic=True, http={})])))
    assert part.cluster.common_lb_config.WhichOneof("locality_config_specifier") == "locality_weighted_lb_config"


def test_what_is_wrong_is_said():
    wrong = {
        "interval": "0s",
        "unhealthyThreshold": 0,
        "intervalJitterPercent": 101,
        "eventLogPath": "logs",
        "http": {"path": "", "expectedStatuses": [99]},
    }
    at = "spec.to[0].default"
    positive = "must be greater than zero when defined"
    assert said("MeshHealthCheck", to=[to_backend(**wrong), to_backend()]) == [
        (f"{at}.interval", positive),
        (f"{at}.unhealthyThreshold", positive),
        (f"{at}.intervalJitterPercent", "must be in inclusive range [0, 100]"),
        (f"{at}.eventLogPath", "must be a valid path when defined"),
        (f"{at}.http.path", "must be defined"),
        (f"{at}.http.expectedStatuses[0]", "must be in inclusive range [100, 599]"),
        ("spec.to[1].default", "must have at least one defined: http, tcp, grpc"),
    ]
