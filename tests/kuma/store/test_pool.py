"""Waiting for a connection, without a server."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from kuma.store import pool
from kuma.store.api import Unavailable
from kuma.store.pool import Connection, Keeping, Pool
from tests.hands import Hands


class Lent(Pool):
    """Its connections are never used."""

    async def _take(self) -> Connection:
        return Connection(broken=True)


async def hold(lent: Lent) -> None:
    async with lent.connection():
        await asyncio.Event().wait()


@pytest.mark.parametrize("steps", range(6))
async def test_who_is_cancelled_while_getting_a_connection_stops(steps: int) -> None:
    lent = Lent("", 1, 1)
    holding = asyncio.ensure_future(hold(lent))
    for _ in range(steps):
        await asyncio.sleep(0)
    holding.cancel()
    done, _ = await asyncio.wait({holding}, timeout=1)
    assert done, "the stop was lost"
    assert holding.cancelled()
    async with asyncio.timeout(1), lent.connection():
        pass


async def test_who_waits_too_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "WAIT", 0.01)
    lent = Lent("", 1, 1)
    async with lent.connection():
        with pytest.raises(Unavailable, match="busy"):
            async with lent.connection():
                pass
    async with lent.connection():
        pass


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Connection]:
    """Connections to nowhere, in the order in which they are opened."""
    made: list[Connection] = []

    async def open_(self: Connection, dsn: str, patience: float) -> None:
        if dsn == "away":
            raise Unavailable("away")
        made.append(self)

    monkeypatch.setattr(Connection, "open", open_)
    return made


def kept(hands: Hands, **keeping: float) -> Pool:
    return Pool("", 10, 1.0, Keeping(**keeping), hands, lambda: 0.5)


async def use(pool: Pool, together: int = 1) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(together):
            await stack.enter_async_context(pool.connection())


async def test_a_connection_is_used_again_until_it_is_too_old(opened: list[Connection]) -> None:
    hands = Hands()
    pool = kept(hands, lifetime=60, jitter=10)
    await use(pool)
    await hands.advance(64, step=64)
    await use(pool)
    assert len(opened) == 1
    await hands.advance(1)
    await use(pool)
    assert [one.broken for one in opened] == [True, False]


async def test_one_that_grows_old_in_use_ends_when_it_is_given_back(opened: list[Connection]) -> None:
    hands = Hands()
    pool = kept(hands, lifetime=60, jitter=0)
    async with pool.connection() as connection:
        await hands.advance(60, step=60)
        assert not connection.broken
    assert connection.broken


async def test_no_lifetime_is_for_ever(opened: list[Connection]) -> None:
    hands = Hands()
    pool = kept(hands, lifetime=0, idle=0)
    await use(pool)
    await hands.advance(10**6, step=10**6)
    await use(pool)
    assert len(opened) == 1


async def test_no_more_are_idle_than_may_be(opened: list[Connection]) -> None:
    await use(kept(Hands(), most_idle=2), together=3)
    assert sorted(one.broken for one in opened) == [False, False, True]


async def test_idle_ones_end_but_for_the_fewest_there_have_to_be(opened: list[Connection]) -> None:
    hands = Hands()
    pool = kept(hands, idle=100, least=1, look=10, lifetime=0)
    tending = asyncio.ensure_future(pool.tend())
    await use(pool, together=3)
    await hands.advance(95, step=5)
    assert not any(one.broken for one in opened)
    await hands.advance(20, step=5)
    assert sorted(one.broken for one in opened) == [False, True, True]
    tending.cancel()


async def test_missing_ones_are_made_once_postgres_is_there(opened: list[Connection]) -> None:
    hands = Hands()
    pool = kept(hands, least=2, look=10)
    pool.dsn = "away"
    tending = asyncio.ensure_future(pool.tend())
    await hands.advance(10, step=5)
    assert opened == []
    pool.dsn = ""
    await hands.advance(10, step=5)
    assert len(opened) == 2
    await use(pool, together=2)
    assert len(opened) == 2
    pool.close()
    assert all(one.broken for one in opened)
    await hands.advance(10, step=5)
    assert tending.done()
