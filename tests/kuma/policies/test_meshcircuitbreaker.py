"""MeshCircuitBreaker: limits and outlier detection, and what every cluster tells."""

from __future__ import annotations

import pytest

from kuma.envoy import api
from kuma.policies.meshcircuitbreaker import POLICY
from tests.kuma.policies.parts import (
    at_destination,
    at_listener,
    inbound,
    policy,
    said,
    shown,
    to_backend,
    to_mesh,
    upstream,
)

TRACKED = {"thresholds": [{"trackRemaining": True}]}


def test_every_cluster_tells_what_is_left():
    inward, outward, other = inbound(), upstream(), api.Cluster(name="system_x")
    POLICY.inbound(inward, at_listener())
    POLICY.upstream(outward, at_destination())
    POLICY.cluster(other)
    assert [shown(one)["circuitBreakers"] for one in (inward.cluster, outward.cluster, other)] == [TRACKED] * 3


def test_limits_of_several_policies_come_together():
    confs = at_destination(
        policy("MeshCircuitBreaker", "mesh", to=[to_mesh(connectionLimits={"maxConnections": 1, "maxRetries": 3})]),
        policy("MeshCircuitBreaker", "backend", to=[to_backend(connectionLimits={"maxConnections": 2})]),
    )
    part = upstream()
    POLICY.upstream(part, confs)
    assert shown(part.cluster)["circuitBreakers"] == {
        "thresholds": [{"maxConnections": 2, "maxRetries": 3, "trackRemaining": True}]
    }


def test_an_inbound_has_the_limits_of_rules():
    part = inbound()
    rules = at_listener(policy("MeshCircuitBreaker", rules=[{"default": {"connectionLimits": {"maxRequests": 7}}}]))
    POLICY.inbound(part, rules)
    assert shown(part.cluster)["circuitBreakers"]["thresholds"][0]["maxRequests"] == 7


def test_detectors_that_nobody_wants_are_not_enforced():
    outlier = {
        "interval": "5s",
        "maxEjectionPercent": 20,
        "splitExternalAndLocalErrors": True,
        "healthyPanicThreshold": "61.9",
        "detectors": {
            "totalFailures": {"consecutive": 10},
            "gatewayFailures": {},
            "successRate": {"minimumHosts": 5, "standardDeviationFactor": "1.9"},
        },
    }
    part = upstream()
    POLICY.upstream(part, at_destination(policy("MeshCircuitBreaker", to=[to_mesh(outlierDetection=outlier)])))
    document = shown(part.cluster)
    assert document["commonLbConfig"] == {"healthyPanicThreshold": {"value": 61.9}}
    assert document["outlierDetection"] == {
        "interval": "5s",
        "maxEjectionPercent": 20,
        "splitExternalLocalOriginErrors": True,
        "consecutive5xx": 10,
        "enforcingConsecutive5xx": 100,
        "enforcingConsecutiveGatewayFailure": 100,
        "enforcingConsecutiveLocalOriginFailure": 0,
        "enforcingSuccessRate": 100,
        "enforcingLocalOriginSuccessRate": 100,
        "successRateMinimumHosts": 5,
        "successRateStdevFactor": 1900,
        "enforcingFailurePercentage": 0,
        "enforcingFailurePercentageLocalOrigin": 0,
    }


def test_disabled_detection_is_none():
    part = upstream()
    outlier = {"disabled": True, "detectors": {"totalFailures": {"consecutive": 1}}, "healthyPanicThreshold": 10}
    POLICY.upstream(part, at_destination(policy("MeshCircuitBreaker", to=[to_mesh(outlierDetection=outlier)])))
    assert "outlierDetection" not in shown(part.cluster)
    assert "commonLbConfig" not in shown(part.cluster)


@pytest.mark.parametrize(
    ("outlier", "field", "message"),
    [
        ({}, "detectors", "must be defined"),
        (
            {"detectors": {"totalFailures": {"consecutive": 0}}},
            "detectors.totalFailures.consecutive",
            "must be greater than 0",
        ),
        (
            {"detectors": {"successRate": {"standardDeviationFactor": "0"}}},
            "detectors.successRate.standardDeviationFactor",
            "must be greater than 0",
        ),
        (
            {"detectors": {"failurePercentage": {"threshold": 101}}},
            "detectors.failurePercentage.threshold",
            "must be in inclusive range [0, 100]",
        ),
        (
            {"detectors": {"totalFailures": {}}, "healthyPanicThreshold": "100.5"},
            "healthyPanicThreshold",
            "must be in inclusive range [0.0, 100.0]",
        ),
        (
            {"detectors": {"totalFailures": {}}, "baseEjectionTime": "0s"},
            "baseEjectionTime",
            "must be greater than zero when defined",
        ),
    ],
)
def test_outlier_detection_is_checked(outlier, field, message):
    path = "spec.to[0].default.outlierDetection."
    assert said("MeshCircuitBreaker", to=[to_mesh(outlierDetection=outlier)]) == [(path + field, message)]


@pytest.mark.parametrize("factor", ["nan", "inf", "1e999", "1_0", "", "-"])
def test_a_factor_is_a_number(factor):
    detectors = {"successRate": {"standardDeviationFactor": factor}}
    path = "spec.to[0].default.outlierDetection.detectors.successRate.standardDeviationFactor"
    assert said("MeshCircuitBreaker", to=[to_mesh(outlierDetection={"detectors": detectors})]) == [
        (path, "invalid number")
    ]


def test_rules_are_checked_before_to():
    problems = said("MeshCircuitBreaker", rules=[{"default": {}}], to=[to_mesh()])
    message = "at least one of: 'connectionLimits' or 'outlierDetection' should be configured"
    assert problems == [("spec.from[0].default", message), ("spec.to[0].default", message)]
