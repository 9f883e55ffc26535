"""Collectors: what one may say, and which one a policy means."""

from __future__ import annotations

import pytest

from tests.kuma.policies.parts import said


def wrong(**spec):
    """What is wrong with a MeshOpenTelemetryBackend."""
    return [(field.removeprefix("spec."), message) for field, message in said("MeshOpenTelemetryBackend", **spec)]


def test_nothing_has_to_be_said():
    assert wrong() == []
    assert wrong(endpoint={"port": 4318, "path": "/otlp", "address": "otel.shop"}, protocol="http") == []


@pytest.mark.parametrize(
    ("endpoint", "where", "message"),
    [
        ({"address": ""}, "address", "must not be empty"),
        ({"address": "a b"}, "address", "address has to be a valid IP or hostname"),
        ({"port": 0}, "port", "port must be a valid (1-65535)"),
        ({"path": "x"}, "path", "must start with /"),
        ({"path": "/x?y"}, "path", "must not contain query or fragment"),
    ],
)
def test_where_no_collector_is(endpoint, where, message):
    assert wrong(protocol="http", endpoint=endpoint) == [(f"endpoint.{where}", message)]


def test_only_http_has_paths():
    expected = [("endpoint.path", "must not be set when protocol is grpc")]
    assert wrong(endpoint={"path": "/x"}) == wrong(endpoint={"path": "/x"}, protocol="grpc") == expected


def test_words_are_known():
    assert wrong(endpoint={"path": ""}) == []
    assert wrong(protocol="udp") == [("protocol", '"protocol" must be one of ["grpc", "http"]')]
    assert wrong(env={"mode": "Maybe", "precedence": "None"}) == [
        ("env.mode", '"mode" must be one of ["Disabled", "Optional", "Required"]'),
        ("env.precedence", '"precedence" must be one of ["ExplicitFirst", "EnvFirst"]'),
    ]
