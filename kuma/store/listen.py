"""Hearing of changes: a connection of its own on which Postgres notifies."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import structlog
from twisted.application.service import MultiService

from kuma.model import Key
from kuma.store.api import Change, Op, Unavailable
from kuma.store.follow import Followers
from kuma.store.pool import Connection
from kuma.tasks import Backoff, Running

log = structlog.get_logger()

LISTEN = "LISTEN resource_events"
STILL_THERE = 10.0  # seconds between looks at a connection that says nothing
OPS = {"INSERT": Op.CREATED, "UPDATE": Op.UPDATED, "DELETE": Op.DELETED}
AGAIN = Backoff(first=0.1, most=1.0)


class Listener(MultiService):
    """Tells followers what Postgres notifies, and that something was missed after the connection was away."""

    def __init__(self, dsn: str, connect_timeout: float, followers: Followers, deleted: Callable[[Key], None]) -> None:
        super().__init__()
        self._dsn = dsn
        self._timeout = connect_timeout
        self._followers = followers
        self._deleted = deleted
        self._was_away = False
        Running("postgres listener", self._keep_listening).setServiceParent(self)

    async def _keep_listening(self) -> None:
        waits = AGAIN.waits()
        while True:
            try:
                await self._listen()
            except Unavailable as away:
                if not self._was_away:
                    log.warning("store away", reason=away.reason)
                self._was_away = True
            else:
                waits = AGAIN.waits()
            await asyncio.sleep(next(waits))

    async def _listen(self) -> None:
        """Listen until the connection ends. Raises Unavailable when there is none."""
        lost = asyncio.Event()
        connection = Connection(lost.set)
        try:
            await connection.open(self._dsn, self._timeout)
            connection.observe(self._heard)
            await connection.run(LISTEN)
            if self._was_away:
                log.info("store back")
                self._was_away = False
            self._followers.missed()
            await self._until(lost, connection)
        finally:
            connection.close()
        self._was_away = True
        log.warning("store away", reason="the connection was closed")

    async def _until(self, lost: asyncio.Event, connection: Connection) -> None:
        while not lost.is_set():
            try:
                async with asyncio.timeout(STILL_THERE):
                    await lost.wait()
            except TimeoutError:
                await connection.run("SELECT 1")

    def _heard(self, notification: Any) -> None:
        change = change_of(notification.payload)
        if change is None:
            return
        if change.op is Op.DELETED:
            self._deleted(change.key)
        self._followers.tell((change,))


def change_of(payload: str) -> Change | None:
    """The change that a notification speaks of; None for what is none."""
    try:
        told = json.loads(payload)
        data = told["data"]
        return Change(OPS[told["action"]], Key(data["type"], data["mesh"], data["name"]))
    except (ValueError, KeyError, TypeError):
        log.warning("notification not understood", payload=payload[:200])
        return None
