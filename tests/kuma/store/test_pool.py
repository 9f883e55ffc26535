"""Waiting for a connection, without a server."""

from __future__ import annotations

import asyncio

import pytest

from kuma.store import pool
from kuma.store.api import Unavailable
from kuma.store.pool import Connection, Pool


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
