"""Alarms: one timer for many keys, each of which rings once, unless it is set again or switched off."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable

from twisted.application.service import MultiService

from kuma.clock import Clock
from kuma.model import Key
from kuma.tasks import Running


class Alarms(MultiService):
    """Calls `ring(key)` at the moment that was set for a key; the last setting counts."""

    def __init__(self, clock: Clock, ring: Callable[[Key], None]) -> None:
        super().__init__()
        self._clock = clock
        self._ring = ring
        self._heap: list[tuple[float, int, Key]] = []
        self._current: dict[Key, int] = {}
        self._numbers = itertools.count()
        self._earlier = asyncio.Event()
        Running("alarms", self._run, clock=clock).setServiceParent(self)

    def set(self, key: Key, seconds: float) -> None:
        """Ring for this key in so many seconds, and at no other moment set before."""
        number = next(self._numbers)
        self._current[key] = number
        heapq.heappush(self._heap, (self._clock.monotonic() + seconds, number, key))
        if self._heap[0][1] == number:
            self._earlier.set()
        if len(self._heap) > 2 * len(self._current) + 16:
            self._forget_the_outdated()

    def off(self, key: Key) -> None:
        """Do not ring for this key."""
        self._current.pop(key, None)

    async def _run(self) -> None:
        while True:
            self._earlier.clear()
            self._ring_due()
            if not self._heap:
                await self._earlier.wait()
            else:
                await self._sleep(self._heap[0][0] - self._clock.monotonic())

    def _ring_due(self) -> None:
        now = self._clock.monotonic()
        while self._heap and self._heap[0][0] <= now:
            _, number, key = heapq.heappop(self._heap)
            if self._current.get(key) == number:
                del self._current[key]
                self._ring(key)

    async def _sleep(self, seconds: float) -> None:
        """Until then, or until an earlier alarm was set."""
        waits = [asyncio.ensure_future(self._clock.sleep(seconds)), asyncio.ensure_future(self._earlier.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def _forget_the_outdated(self) -> None:
        self._heap = [entry for entry in self._heap if self._current.get(entry[2]) == entry[1]]
        heapq.heapify(self._heap)
