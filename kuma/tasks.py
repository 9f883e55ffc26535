"""Work that goes on: asyncio tasks as Twisted services, restarted with backoff when they fail."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator

import structlog
from attrs import frozen
from twisted.application.service import MultiService, Service
from twisted.internet.defer import Deferred, maybeDeferred

from kuma.clock import Clock, SystemClock
from kuma.loop import deferred, future

log = structlog.get_logger()


@frozen
class Backoff:
    """Seconds to wait before each retry: doubling from `first` to `most`, each spread by up to `jitter` of itself."""

    first: float = 5.0
    most: float = 60.0
    jitter: float = 0.5
    chance: Callable[[], float] = random.random

    def waits(self) -> Iterator[float]:
        wait = self.first
        while True:
            yield wait * (1 + self.jitter * (2 * self.chance() - 1))
            wait = min(wait * 2, self.most)


class Running(Service):
    """Runs `main` from start to stop; a failure is logged and `main` begins again after a while.

    A run that lasted longer than the longest wait resets the backoff; an orderly return ends the work.
    """

    def __init__(
        self,
        name: str,
        main: Callable[[], Awaitable[None]],
        backoff: Backoff = Backoff(),
        clock: Clock = SystemClock(),  # noqa: B008 - it holds no state
    ) -> None:
        self.setName(name)
        self._main = main
        self._backoff = backoff
        self._clock = clock
        self._task: asyncio.Task[None] | None = None

    def startService(self) -> None:
        super().startService()
        self._task = asyncio.ensure_future(self._run())

    def stopService(self) -> Deferred[None]:
        super().stopService()
        return deferred(self._cancelled())

    async def _run(self) -> None:
        waits = self._backoff.waits()
        while True:
            began = self._clock.monotonic()
            try:
                await self._main()
            except Exception:
                log.exception("task failed", task=self.name)
            else:
                return
            if self._clock.monotonic() - began > self._backoff.most:
                waits = self._backoff.waits()
            await self._clock.sleep(next(waits))

    async def _cancelled(self) -> None:
        task, self._task = self._task, None
        if task is None:
            return
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class Ordered(MultiService):
    """Services that stand on each other: started in order, and stopped one after the other the other way round."""

    def stopService(self) -> Deferred[None]:
        Service.stopService(self)
        return deferred(self._stopped())

    async def _stopped(self) -> None:
        for service in reversed(self.services):
            if service.running:  # when one could not start, those after it were not started either
                await future(maybeDeferred(service.stopService))
