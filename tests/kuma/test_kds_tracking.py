"""What a sync connection leaves in a ZoneInsight, and in the metrics."""

from __future__ import annotations

import asyncio

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from kuma.kds.metrics import Metrics
from kuma.kds.together import for_ever, together
from kuma.kds.tracking import Remembered, Sink, Tracker, with_subscription
from kuma.resources.zoneinsight import Subscription, SubscriptionStatus, ZoneInsight
from kuma.store.api import Unavailable
from kuma.xds.delta import Node, Request, Response
from tests.hands import Hands

CLOCK = Hands()


def tracker(metrics=None):
    return Tracker(Subscription(global_instance_id="g"), "zone_instance_id", CLOCK, metrics or Metrics())


def hello(**metadata):
    return Request("Mesh", ("*",), node=Node("west", metadata))


def test_the_first_request_says_who_is_there():
    build = {"version": "2.9.0", "gitTag": "v2.9.0", "gitCommit": "abc", "buildDate": "today"}
    one = tracker()
    one.heard(hello(**{"version": {"kumaCp": build}, "config": "{}", "control-plane-id": "w"}))
    one.heard(hello(**{"version": {"kumaCp": {"version": "9"}}, "config": "other", "control-plane-id": "w2"}))
    said = one.subscription
    assert (said.version.kuma_cp.git_tag, said.config, said.zone_instance_id) == ("v2.9.0", "{}", "w2")
    assert said.global_instance_id == "g"
    assert said.online


def test_responses_and_their_answers_are_counted_by_kind():
    one = tracker()
    one.heard(hello())
    one.sent(Response("Mesh", "1"))
    one.heard(Request("Mesh", nonce="1"))
    one.sent(Response("Secret", "2"))
    one.heard(Request("Secret", nonce="2", error="user error\nno"))
    status = one.subscription.status
    assert (status.total.responses_sent, status.total.responses_acknowledged, status.total.responses_rejected) == (
        2,
        1,
        1,
    )
    assert status.stat["Secret"].responses_rejected == 1


def test_what_the_metrics_are_called():
    registry = CollectorRegistry()
    one = tracker(Metrics(registry))
    one.sent(Response("Mesh", "1"))
    one.heard(Request("Mesh", nonce="1", error="user error\nno"))
    labels = {"type_url": "Mesh", "confirmation": "NACK", "error_type": "user"}
    assert registry.get_sample_value("kds_delta_requests_received", labels) == 1
    assert registry.get_sample_value("kds_delta_responses_sent", {"type_url": "Mesh"}) == 1


anything = st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.dictionaries(st.text(), inner))


@given(st.dictionaries(st.sampled_from(("version", "config", "control-plane-id", "features")), anything))
def test_any_metadata_is_listened_to(metadata):
    tracker().heard(hello(**metadata))


def test_finished_connections_are_remembered_up_to_a_limit_and_in_brief():
    insight = ZoneInsight()
    for _ in range(4):
        one = tracker()
        one.sent(Response("Mesh", "1"))
        subscription = evolve(one.subscription, config="{}")
        insight = with_subscription(insight, subscription, Remembered(limit=3, compact=True), CLOCK)
    assert len(insight.subscriptions) == 3
    assert [one.online for one in insight.subscriptions] == [False, False, True]
    assert [one.config for one in insight.subscriptions] == ["", "", "{}"]
    assert [bool(one.status.stat) for one in insight.subscriptions] == [False, False, True]
    assert isinstance(insight.subscriptions[0].status, SubscriptionStatus)


async def test_a_sink_keeps_trying_and_says_that_the_connection_is_alive():
    clock, insights, away = Hands(), [ZoneInsight()], [True]
    one = Tracker(Subscription(), "zone_instance_id", clock, Metrics())

    async def write(change):
        if away[0]:
            raise Unavailable("switched off")
        insights.append(change(insights[-1]))

    running = asyncio.ensure_future(Sink(one, write, Remembered(), clock).run())
    await clock.advance(15)
    assert len(insights) == 1
    away[0] = False
    await clock.advance(10)
    assert len(insights) == 2
    await clock.advance(60)
    assert len(insights) == 2  # nothing new, nothing written
    await clock.advance(120, step=5)
    assert insights[-1].subscriptions[0].generation == 1
    running.cancel()


async def test_what_ends_one_ends_all():
    ended = []

    async def one():
        try:
            await for_ever()
        finally:
            ended.append("one")

    async def other():
        raise ValueError("over")

    with pytest.raises(ValueError, match="over"):
        await together(one(), other())
    assert ended == ["one"]
