"""The loop's lag is measured: whoever holds it is seen."""

import asyncio
import time

import pytest
from prometheus_client import CollectorRegistry

from kuma.clock import SystemClock
from kuma.lag import REST, STEP, Lag
from kuma.loop import future
from tests.plugin import eventually


async def test_a_loop_that_was_held_is_seen_once():
    registry = CollectorRegistry()
    lag = Lag(registry, SystemClock())
    lag.startService()
    await asyncio.sleep(0)
    time.sleep(0.12)  # noqa: ASYNC251 - it holds the loop: that is what is measured
    await eventually(lambda: registry.get_sample_value("event_loop_lag_seconds_max") >= 0.03)
    assert registry.get_sample_value("event_loop_lag_seconds_count") >= 1
    await future(lag.stopService())


class Counted:
    """A clock on which every sleep is over at once, and how long they all were."""

    def __init__(self):
        self.slept = []

    def monotonic(self):
        return sum(self.slept)

    async def sleep(self, seconds):
        self.slept.append(seconds)
        await asyncio.sleep(0)


@pytest.mark.parametrize(("working", "expected"), [(1.0, STEP), (0.0, REST)])
async def test_who_does_nothing_is_seldom_looked_at(working, expected):
    clock = Counted()
    lag = Lag(CollectorRegistry(), clock, lambda: working * clock.monotonic())
    lag.startService()
    await eventually(lambda: len(clock.slept) > 3, every=0.0)
    assert clock.slept[1:4] == [expected] * 3
    await future(lag.stopService())
