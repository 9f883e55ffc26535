"""Connections to Postgres: at most so many, made when needed, dropped when broken, old, or idle for long."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import psycopg2
import psycopg2.extensions
from attrs import define, field, frozen
from twisted.internet.defer import Deferred
from txpostgres import txpostgres

from kuma.clock import Clock, SystemClock
from kuma.loop import future
from kuma.store.api import Unavailable

WAIT = 5.0  # seconds for a free connection
ANSWER = 10.0  # seconds for a statement
# the server gives up with us: no statement goes on, no lock is held, for somebody who is gone
LIMITS = f"SET statement_timeout = {ANSWER * 1000:.0f}; SET idle_in_transaction_session_timeout = 60000"
AWAY = (psycopg2.OperationalError, psycopg2.InterfaceError)

Row = tuple[Any, ...]
FOREVER = float("inf")


@frozen
class Keeping:
    """How long connections are kept, in seconds, and how many idle ones. A lifetime or idle time of 0 has no end.

    A lifetime is longer by up to `jitter`, so that connections made together do not all end together.
    """

    lifetime: float = 3600.0
    jitter: float = 60.0
    idle: float = 1800.0
    least: int = 0
    most_idle: int = 50
    look: float = 30.0


AS_USUAL = Keeping()
SYSTEM = SystemClock()


class _Wire(txpostgres.Connection):  # type: ignore[misc]  # txpostgres publishes no types
    """A connection that notices its own end, also while nothing waits for an answer on it."""

    def __init__(self, lost: Callable[[], None]) -> None:
        super().__init__()
        self._lost = lost

    def continuePolling(self, swallowErrors: bool = False) -> None:  # noqa: N802, N803 - txpostgres' names
        try:
            super().continuePolling(swallowErrors)
        except psycopg2.Error:
            self._lost()
        else:
            # libpq closes its socket when the server is gone, while psycopg2 may still say that all is well
            if not self.closed and self.pollable().fileno() < 0:
                self._lost()

    def close(self) -> None:
        # the number of a closed socket is the next one's: watched on in its old role, it would never wake its new owner
        for cursor in self._cursors:
            self.reactor.removeReader(cursor)
            self.reactor.removeWriter(cursor)
        super().close()


@define(eq=False)
class Connection:
    """One connection; one statement at a time. `broken` once it can't be used any more.

    `ends` is when it is too old, `idle_since` when it was last used.
    """

    lost: Callable[[], None] = lambda: None
    broken: bool = False
    ends: float = FOREVER
    idle_since: float = 0.0
    _wire: Any = None

    async def open(self, dsn: str, patience: float) -> None:
        """Connect. Raises Unavailable."""
        self._wire = _Wire(self._ended)
        try:
            await _answer(self._wire.connect(dsn), patience)
        except BaseException:
            self.close()
            raise
        await self.run(LIMITS)

    async def run(self, statement: str, parameters: Sequence[Any] = ()) -> Outcome:
        """Run one statement. Raises Unavailable when the connection breaks, psycopg2.Error when Postgres refuses."""
        if self.broken:
            raise Unavailable("the connection is closed")
        cursor = self._wire.cursor()
        try:
            await _answer(cursor.execute(statement, parameters or None), ANSWER)
        except (Unavailable, asyncio.CancelledError):
            self.close()  # an answer may still be on its way: nobody else may take it for theirs
            raise
        return Outcome(cursor.rowcount, tuple(cursor.fetchall()) if cursor.description else ())

    def observe(self, observer: Callable[[Any], None]) -> None:
        """Tell every notification that arrives on it."""
        self._wire.addNotifyObserver(observer)

    def close(self) -> None:
        """End it; what waits on it fails."""
        self.broken = True
        if self._wire is not None and self._wire.pollable() is not None:
            self._wire.close()

    def _ended(self) -> None:
        if not self.broken:
            self.close()
            self.lost()


@frozen
class Outcome:
    """What a statement did: how many rows it touched, and those it returned."""

    count: int
    rows: tuple[Row, ...]


@define(eq=False)
class Pool:
    """At most `size` connections. While Postgres is away every use fails at once; nothing has to be restarted after."""

    dsn: str
    size: int
    connect_timeout: float
    keeping: Keeping = AS_USUAL
    clock: Clock = SYSTEM
    chance: Callable[[], float] = random.random
    _idle: list[Connection] = field(factory=list)
    _free: asyncio.Semaphore = field(init=False)
    _lent: int = 0
    _closed: bool = False

    def __attrs_post_init__(self) -> None:
        self._free = asyncio.Semaphore(self.size)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """One connection for the block's own use. Raises Unavailable."""
        try:
            async with asyncio.timeout(WAIT):
                await self._free.acquire()
        except TimeoutError:
            raise Unavailable(f"all {self.size} connections were busy for {WAIT:g} s") from None
        try:
            connection = await self._take()
            self._lent += 1
            try:
                yield connection
            finally:
                self._lent -= 1
                self._give_back(connection)
        finally:
            self._free.release()

    async def run(self, statement: str, parameters: Sequence[Any] = ()) -> Outcome:
        """Run one statement on its own."""
        async with self.connection() as connection:
            return await connection.run(statement, parameters)

    def close(self) -> None:
        """End all connections, those in use when they are given back."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()

    async def _take(self) -> Connection:
        while self._idle:
            connection = self._idle.pop()
            if self._fit(connection):
                return connection
        return await self._made()

    async def _made(self) -> Connection:
        connection = Connection()
        await connection.open(self.dsn, self.connect_timeout)
        keeping, now = self.keeping, self.clock.monotonic()
        connection.idle_since = now
        connection.ends = now + (keeping.lifetime + keeping.jitter * self.chance() if keeping.lifetime else FOREVER)
        return connection

    def _fit(self, connection: Connection) -> bool:
        """Whether it can be used; if it is too old for that it ends."""
        if not connection.broken and self.clock.monotonic() >= connection.ends:
            connection.close()
        return not connection.broken

    def _give_back(self, connection: Connection) -> None:
        if not self._fit(connection):
            return
        if self._closed or len(self._idle) >= self.keeping.most_idle:
            connection.close()
            return
        connection.idle_since = self.clock.monotonic()
        self._idle.append(connection)

    async def tend(self) -> None:
        """Now and then end what is too old or was idle too long, and make what is missing."""
        while not self._closed:
            await self.clock.sleep(self.keeping.look)
            self._end_idle()
            await self._fill_up()

    def _end_idle(self) -> None:
        """Those that were idle longest go first; as many stay as there have to be."""
        self._idle = [connection for connection in self._idle if self._fit(connection)]
        patience = self.keeping.idle or FOREVER
        spare = max(0, len(self._idle) + self._lent - self.keeping.least)
        for connection in self._idle[:spare]:
            if self.clock.monotonic() - connection.idle_since >= patience:
                connection.close()
        self._idle = [connection for connection in self._idle if not connection.broken]

    async def _fill_up(self) -> None:
        while not self._closed and len(self._idle) + self._lent < self.keeping.least:
            try:
                self._idle.insert(0, await self._made())
            except Unavailable:
                return  # the next look may find Postgres back


async def _answer(waiting: Deferred[Any], patience: float) -> None:
    """Wait for Postgres. Raises Unavailable.

    Who gives up waiting leaves the Deferred alone: cancelled, it would ask the server to cancel, and hold the whole
    process until that is answered.
    """
    answer = future(waiting)
    answer.add_done_callback(_seen)
    done, _ = await asyncio.wait((answer,), timeout=patience)
    if not done:
        raise Unavailable(f"Postgres did not answer within {patience:g} s")
    try:
        answer.result()
    except AWAY as error:
        raise Unavailable(first_line(error)) from None


def _seen(answer: asyncio.Future[Any]) -> None:
    """Take notice of an answer that nobody waits for any more."""
    if not answer.cancelled():
        answer.exception()


def first_line(error: Exception) -> str:
    """What an error says, without hints and positions."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
