"""Looks for garbage often and a little at a time: every look holds everybody up for as long as there is to look at.

Python itself looks when more objects have come than gone. Where as many go as come that is rarely, and then at very
many objects (decision 26). Nearly everything is freed without: it is only cycles that are looked for.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from itertools import count

from twisted.application.service import MultiService

from kuma.clock import Clock
from kuma.tasks import Running

PAUSE = 0.05  # seconds between looks at what is new
REST = 0.2  # seconds more until who did little is asked again
OLDER = 4  # looks, of which one is also at what the last ones have left
LITTLE = 0.005  # CPU seconds: whoever has done less since the last look has left little
ITSELF = 1_000, 1, 6_000  # when Python looks: soon where many come at once, and at everything rarely


class Garbage(MultiService):
    """Collects while it runs. What was made before it starts is taken to live as long as the process."""

    def __init__(self, clock: Clock, spent: Callable[[], float] = time.process_time) -> None:
        super().__init__()
        self._clock = clock
        self._spent = spent
        Running("garbage", self._run, clock=clock).setServiceParent(self)

    def startService(self) -> None:
        gc.collect()
        gc.freeze()
        gc.set_threshold(*ITSELF)
        super().startService()

    async def _run(self) -> None:
        for look in count(1):
            await self._work()
            gc.collect(1 if look % OLDER == 0 else 0)

    async def _work(self) -> None:
        """Wait until something was done."""
        before = self._spent()
        await self._clock.sleep(PAUSE)
        while self._spent() - before < LITTLE:
            await self._clock.sleep(REST)
