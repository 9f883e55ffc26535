"""How long the event loop keeps everybody waiting: the time between when something was due and when it was done."""

from __future__ import annotations

import time
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Gauge, Histogram
from twisted.application.service import MultiService

from kuma.clock import Clock
from kuma.tasks import Running

STEP = 0.05  # seconds between looks while there is work: whatever holds the loop for longer is seen
REST = 0.25  # seconds between looks while there is none: to be woken costs an idle process more than the look
WORK = 0.1  # of a core
SECONDS = (0.001, 0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class Lag(MultiService):
    """Measures the lag of the loop, as a histogram and as the longest since the last look at it.

    It looks often while there is work, and seldom while there is none: then nobody holds anybody up.
    """

    def __init__(
        self, registry: CollectorRegistry, clock: Clock, spent: Callable[[], float] = time.process_time
    ) -> None:
        super().__init__()
        Running("lag", self._watch, clock=clock).setServiceParent(self)
        self._clock = clock
        self._spent = spent
        self._longest = 0.0
        self._seen = Histogram("event_loop_lag_seconds", "Lag of the event loop.", buckets=SECONDS, registry=registry)
        longest = Gauge("event_loop_lag_seconds_max", "The longest lag since it was asked for.", registry=registry)
        longest.set_function(self._taken)

    async def _watch(self) -> None:
        step = STEP
        while True:
            began, before = self._clock.monotonic(), self._spent()
            await self._clock.sleep(step)
            lag = max(0.0, self._clock.monotonic() - began - step)
            self._seen.observe(lag)
            self._longest = max(self._longest, lag)
            step = STEP if self._spent() - before >= WORK * step else REST

    def _taken(self) -> float:
        longest, self._longest = self._longest, 0.0
        return longest
