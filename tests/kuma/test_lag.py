"""The loop's lag is measured: whoever holds it is seen."""

import asyncio
import time

from prometheus_client import CollectorRegistry

from kuma.clock import SystemClock
from kuma.lag import Lag
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
