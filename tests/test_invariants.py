"""The checks that end every end-to-end suite find what they look for."""

from __future__ import annotations

import pytest

from tests.e2e.invariants import churn, refusals, tracebacks


@pytest.mark.parametrize(
    ("series", "count"),
    [
        ('xds_requests_received{type_url="Cluster",confirmation="NACK",error_type="other"}', 3),
        ('kds_delta_requests_received{type_url="Mesh",confirmation="NACK",error_type="other"}', 1),
        ('kds_nack_total{zone_name="east",resource_type="Dataplane"}', 1),
    ],
)
def test_refused_configs_are_found(series: str, count: int) -> None:
    assert list(refusals({series: count})) == [f"{series} is {count}"]


@pytest.mark.parametrize(
    ("series", "count"),
    [
        ('xds_requests_received{type_url="Cluster",confirmation="NACK",error_type="other"}', 2),
        ('xds_requests_received{type_url="Cluster",confirmation="ACK",error_type="no_error"}', 50),
        ('kds_delta_requests_received{type_url="Mesh",confirmation="ACK",error_type="no_error"}', 50),
        ('kds_delta_requests_received{type_url="Secret",confirmation="NACK",error_type="user"}', 5),
        ('kds_nack_total{zone_name="east",resource_type="Dataplane"}', 0),
    ],
)
def test_what_is_in_order_is_not_found(series: str, count: int) -> None:
    assert not list(refusals({series: count}))


def changed(version: str, proxy: str = "web") -> dict[str, object]:
    return {"event": "configs changed", "mesh": "default", "proxies": [proxy], "versions": {"Cluster": version}}


def test_the_same_config_again_and_again_is_found() -> None:
    same = [changed("a"), changed("b"), changed("a", "other"), changed("b"), changed("b")]
    assert list(churn(same)) == ["Cluster of web in default changed to b 3 times in a row"]
    assert not list(churn([changed("a"), changed("a"), changed("b"), changed("a")]))
    assert not list(churn([changed("a"), {"event": "starting"}, changed("a"), {"event": "starting"}, changed("a")]))


def test_tracebacks_are_found_inside_events_too() -> None:
    assert tracebacks('{"event": "x", "exception": "Traceback (most recent call last):\\n  File"}\n')
    assert not tracebacks('{"event": "fine"}\n')
