"""A clock whose hands tests move."""

import asyncio
from datetime import UTC, datetime, timedelta

BEGAN = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Hands:
    """Stands still until `advance` moves it on; who sleeps wakes when the hands come by."""

    def __init__(self):
        self.seconds = 0.0
        self._sleepers = []

    def now(self) -> datetime:
        return BEGAN + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        waking = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.seconds + seconds, waking))
        await waking

    async def advance(self, seconds: float, step: float = 0.25) -> None:
        """Move on in steps, and let everybody who is woken do its work in between."""
        until = self.seconds + seconds
        await settle()
        while self.seconds < until:
            self.seconds = min(self.seconds + step, until)
            for at, waking in tuple(self._sleepers):
                if at <= self.seconds:
                    self._sleepers.remove((at, waking))
                    if not waking.done():
                        waking.set_result(None)
            await settle()


async def settle(rounds: int = 30) -> None:
    """Let everything that can go on without time passing go on."""
    for _ in range(rounds):
        await asyncio.sleep(0)
