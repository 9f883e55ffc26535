"""One of the instances that share a database leads. The lock's protocol is that of github.com/allisson/go-pglock.

A lock is a row with a number that its holder changes every second. Who finds the same number after a whole lease takes
the lock: its holder is gone. Nobody's clock is compared with anybody else's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import psycopg2
import structlog
from twisted.application.service import MultiService, Service
from twisted.internet.defer import Deferred

from kuma.clock import Clock
from kuma.loop import deferred, future
from kuma.store.api import Unavailable
from kuma.store.pool import Pool
from kuma.store.postgres import Database
from kuma.tasks import Running

log = structlog.get_logger()

NAME = "kuma-cp-lock"
LEASE = 5.0
HEARTBEAT = 1.0

NEXT = "SELECT nextval('locks_rvn')"
# The row is taken over when its number is the one seen a lease ago, or when nobody holds it (NULL).
ACQUIRE = """
INSERT INTO locks (name, record_version_number, data, owner) VALUES (%s, %s, %s, %s)
ON CONFLICT (name) DO UPDATE SET
  record_version_number = CASE WHEN COALESCE(locks.record_version_number = %s, TRUE)
                               THEN EXCLUDED.record_version_number ELSE locks.record_version_number END,
  owner = CASE WHEN COALESCE(locks.record_version_number = %s, TRUE) THEN EXCLUDED.owner ELSE locks.owner END
RETURNING record_version_number"""
BEAT = """
UPDATE locks SET record_version_number = nextval('locks_rvn') WHERE name = %s AND record_version_number = %s
RETURNING record_version_number"""
RELEASE = "DELETE FROM locks WHERE name = %s AND record_version_number = %s"


class Lock(Protocol):
    """A lock that one instance holds at a time."""

    async def acquire(self) -> bool:
        """Try once; whether it is ours. Raises Unavailable."""

    async def renew(self) -> bool:
        """Say that we live; whether it is still ours. Raises Unavailable."""

    async def release(self) -> None:
        """Let others have it."""


class AloneLock:
    """The lock of an instance that shares its store with nobody."""

    async def acquire(self) -> bool:
        return True

    async def renew(self) -> bool:
        return True

    async def release(self) -> None:
        return None


class PostgresLock:
    """The lock in a Postgres database."""

    def __init__(self, database: Database, owner: str) -> None:
        self._pool = Pool(database.dsn, 1, database.connect_timeout)
        self._owner = owner
        self._seen = 0
        self._held = 0

    async def acquire(self) -> bool:
        mine = int((await self._pool.run(NEXT)).rows[0][0])
        outcome = await self._pool.run(ACQUIRE, (NAME, mine, b"", self._owner, self._seen, self._seen))
        self._seen = int(outcome.rows[0][0])
        self._held = mine if self._seen == mine else 0
        return bool(self._held)

    async def renew(self) -> bool:
        outcome = await self._pool.run(BEAT, (NAME, self._held))
        self._held = int(outcome.rows[0][0]) if outcome.rows else 0
        return bool(self._held)

    async def release(self) -> None:
        if self._held:
            await self._pool.run(RELEASE, (NAME, self._held))
        self._pool.close()


class Leader(MultiService):
    """Runs services on the one instance that leads: made and started when it becomes ours, stopped when it is lost.

    An instance that can't reach its database leads no more: after a lease another one may.
    """

    def __init__(self, lock: Lock, make: Callable[[], Service], clock: Clock) -> None:
        super().__init__()
        self.setName("leader")
        self._lock = lock
        self._make = make
        self._clock = clock
        self._led: Service | None = None
        self._beaten = 0.0
        Running("leader election", self._elect, clock=clock).setServiceParent(self)

    @property
    def leading(self) -> bool:
        """Whether this instance leads."""
        return self._led is not None

    def stopService(self) -> Deferred[None]:
        stopped = super().stopService()
        return deferred(self._end(stopped))

    async def _end(self, stopped: Deferred[object]) -> None:
        await future(stopped)
        await self._follow()
        try:
            await self._lock.release()
        except (Unavailable, psycopg2.Error) as error:
            log.info("lock not released", reason=str(error))

    async def _elect(self) -> None:
        while True:
            if await self._asked(self._lock.acquire, LEASE):
                self._lead()
                while await self._holds_on():
                    await self._clock.sleep(HEARTBEAT)
                await self._follow()
            await self._clock.sleep(LEASE)

    async def _holds_on(self) -> bool:
        """Whether we lead on: renewed, or not known for less than a lease."""
        renewed = await self._asked(self._lock.renew, self._left())
        return renewed is not False and self._left() > 0

    def _left(self) -> float:
        """Seconds until others may take the lock, less what it takes to stop."""
        return self._beaten + LEASE - HEARTBEAT - self._clock.monotonic()

    async def _asked(self, question: Callable[[], Awaitable[bool]], patience: float) -> bool | None:
        """The lock's answer; None when the database can't be reached in time."""
        asked = self._clock.monotonic()
        try:
            async with asyncio.timeout(patience):
                ours = await question()
        except (Unavailable, TimeoutError, psycopg2.Error) as error:
            log.debug("no answer about the lock", reason=str(error))
            return None
        if ours:
            self._beaten = asked  # others may have seen it from then on
        return ours

    def _lead(self) -> None:
        self._led = self._make()
        self._led.startService()
        log.info("leading")

    async def _follow(self) -> None:
        led, self._led = self._led, None
        if led is not None:
            stopped = led.stopService()
            if isinstance(stopped, Deferred):
                await future(stopped)
            log.info("not leading")
