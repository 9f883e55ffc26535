"""Turns: who may work next on the event loop that all share, and how much of it at once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator
from itertools import cycle, islice, repeat
from typing import TypeVar

from attrs import field, frozen

from kuma.clock import Clock

T = TypeVar("T")

Waiting = asyncio.Future[None]

ROUND = 0.005  # seconds that one round of the loop should take at most
MOST = 64  # turns in one round
NEW_TO_OLD = 3  # so many of those who have nothing yet come before one who has something older
AT_ONCE = 16  # writes that wait for their store at the same time
CROWD_TO_US = 3.0  # so much longer than a round of turns the loop is left to those who are still at the door


@frozen
class Queue:
    """Who waits, in the order in which they came: those who have nothing yet, and the others. Nobody starves."""

    new: deque[Waiting] = field(factory=deque)
    old: deque[Waiting] = field(factory=deque)
    old_first: Iterator[bool] = field(factory=lambda: cycle((*repeat(False, NEW_TO_OLD), True)))

    def __bool__(self) -> bool:
        return bool(self.new or self.old)

    def in_turn(self) -> Iterator[Waiting]:
        """Take them out one by one, those who have gone meanwhile left out.

        Whose turn it is goes on from one round to the next: in a crowd a round may be one turn.
        """
        while self:
            first, second = (self.old, self.new) if next(self.old_first) else (self.new, self.old)
            waiting = (first or second).popleft()
            if not waiting.done():
                yield waiting


class Turns:
    """Gives turns to whoever asks: as many in each round of the loop as keep the round short.

    While there is a crowd at the door most rounds belong to it: who is let in sooner is seen sooner by everybody, and a
    config that is made before all are there is made again.
    """

    def __init__(self, clock: Clock, crowded: Callable[[], bool] = lambda: False) -> None:
        self._clock = clock
        self._crowded = crowded
        self._queue = Queue()
        self._at_once = 1
        self._giving: asyncio.Task[None] | None = None

    def ask(self, waiting: Waiting, new: bool) -> None:
        """Wake whoever waits for this when its turn has come; `new` is who has nothing yet."""
        (self._queue.new if new else self._queue.old).append(waiting)
        if self._giving is None or self._giving.done():
            self._giving = asyncio.ensure_future(self._give())

    async def _give(self) -> None:
        while self._queue:
            began = self._clock.monotonic()
            for _, waiting in zip(range(self._at_once), self._queue.in_turn(), strict=False):
                waiting.set_result(None)
            await asyncio.sleep(0)  # they wake
            await asyncio.sleep(0)  # they have worked
            took = self._clock.monotonic() - began
            self._at_once = fitting(self._at_once, took)
            if self._crowded():
                await self._clock.sleep(CROWD_TO_US * min(took, ROUND))


def fitting(at_once: int, took: float) -> int:
    """How many turns to give in the next round, when so many took so many seconds."""
    if took > ROUND:
        return max(1, at_once // 2)
    return min(MOST, at_once + 1) if took < ROUND / 2 else at_once


async def some_at_once(work: Iterable[Awaitable[T]], at_once: int = AT_ONCE) -> list[T]:
    """Every result in order, a few waited for at a time: one by one thousands take as long as thousands of rounds."""
    waiting, done = iter(work), list[T]()
    while some := tuple(islice(waiting, at_once)):
        done += await asyncio.gather(*some)
    return done
