"""Which connections are written when: what matters at once, counters in turn, each often enough to count as alive."""

from datetime import timedelta

import pytest
from frozendict import frozendict
from hypothesis import given
from hypothesis import strategies as st

from kuma.clock import SystemClock
from kuma.model import Key
from kuma.resources.dataplaneinsight import ServiceStats, Subscription
from zone_cp.insights import FEW, SLICES, Habits, Record, due

HABITS = Habits("cp-1", flush=timedelta(seconds=10), idle=timedelta(minutes=5))
CDS = "type.googleapis.com/envoy.config.cluster.v3.Cluster"
SDS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"


def record(place, urgent=False):
    subscription = Subscription(id=str(place), control_plane_instance_id="cp-1")
    made = Record(Key("Dataplane", "m", f"p{place}"), frozendict(), subscription, SystemClock(), urgent=urgent)
    made.news = False
    return made


def counted(records):
    for one in records:
        one.acknowledged(CDS)
    return records


def write(records, written, now):
    for one in written:
        one.urgent = one.news = False
        one.written = now
    return [*(one for one in records if one not in written), *written]


def test_what_is_urgent_is_written_at_once_whatever_else_waits():
    records = [*counted([record(place) for place in range(5)]), record(7, urgent=True)]
    assert [one.key.name for one in due(records, None, HABITS)] == ["p7"]


def flushed(records, began=0.0):
    """Write what is due in all slices of one flush; what was written, in order."""
    found = []
    for part in range(SLICES):
        now = began + part * HABITS.flush.total_seconds() / SLICES
        written = list(due(records, now, HABITS))
        records = write(records, written, now)
        found += written
    return records, found


def test_counters_of_a_few_proxies_are_written_within_a_flush_a_few_at_a_time():
    records = counted([record(place) for place in range(FEW)])
    assert list(due(records, None, HABITS)) == []
    assert len(list(due(records, 0.0, HABITS))) == FEW / SLICES
    assert flushed(records)[1] == records


def test_what_was_just_written_is_not_written_again_before_a_flush_has_passed():
    (one,) = write([], [record(1)], now=100.0)
    counted([one])
    assert list(due([one], 100.0 + HABITS.flush.total_seconds() - 0.1, HABITS)) == []
    assert list(due([one], 100.0 + HABITS.flush.total_seconds(), HABITS)) == [one]


@pytest.mark.parametrize("number", [300, 2000, 8000])
def test_counters_of_many_take_several_flushes_and_all_have_their_turn_while_they_count_as_alive(number):
    records, flushes = counted([record(place) for place in range(number)]), 0
    while any(one.news for one in records):
        records, found = flushed(records, flushes * HABITS.flush.total_seconds())
        assert len(found) <= max(FEW, number * HABITS.flush * 4 / HABITS.idle + SLICES)
        flushes += 1
    assert HABITS.flush < flushes * HABITS.flush <= HABITS.idle / 4 + HABITS.flush


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=30), st.booleans())
def test_nobody_is_written_twice_and_nobody_without_news(said, every):
    records = [record(place, urgent) for place, (urgent, _) in enumerate(said)]
    counted([one for one, (_, news) in zip(records, said, strict=True) if news])
    found = list(due(records, 0.0 if every else None, HABITS))
    assert len({one.key for one in found}) == len(found)
    assert all(one.urgent or one.news for one in found)


def test_a_record_that_has_ended_is_urgent():
    one = record(1)
    one.end()
    assert list(due([one], None, HABITS)) == [one]


def test_what_is_sent_and_answered_is_counted_by_type_and_in_total():
    one = record(1)
    one.sent(CDS)
    one.acknowledged(CDS)
    one.sent(CDS)
    one.rejected(CDS)
    one.sent(SDS)  # which is told in the total only
    status = one.subscription.status
    assert status.cds == ServiceStats(responses_sent=2, responses_acknowledged=1, responses_rejected=1)
    assert status.total == ServiceStats(responses_sent=3, responses_acknowledged=1, responses_rejected=1)
    assert (status.eds, status.lds) == (None, None)
    assert status.last_update_time is not None
    assert one.subscription.id == one.id
