"""Dataplanes that their proxies bring along: written when the proxy connects, removed some time after it has left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import structlog
from attrs import evolve, frozen
from twisted.application.service import Service
from twisted.internet.defer import Deferred

from kuma.admission import Resources
from kuma.clock import Clock
from kuma.insights import newest
from kuma.loop import deferred
from kuma.model import Key, Resource
from kuma.store.api import NotFound, StoreError, Unavailable
from kuma.tasks import Backoff

log = structlog.get_logger()

DATAPLANE = "dataplane.resource"  # in a node's metadata: the Dataplane that its proxy brings along
AT_ONCE = (
    16  # registrations that are written at a time, first come first served: a herd leaves the store to others, too
)
AGAIN = Backoff(first=0.5, most=5.0)


Tasks = dict[Key, asyncio.Task[None]]
Check = Callable[[Resource], None]
Again = Callable[[Resource, Resource], Resource]
"""What is kept of a Dataplane that is brought, where there is one already."""


def as_brought(brought: Resource, _: Resource) -> Resource:
    """Nothing was found out about the one that is there."""
    return brought


@frozen
class Leaving:
    """When a proxy that brought its Dataplane has left: `delay` after its stream ended, if it is not back `here`."""

    instance: str
    delay: timedelta
    here: Callable[[Key], bool]


class Dataplanes(Service):
    """Registers the Dataplanes that proxies bring, and removes them some time after their streams have ended.

    A Dataplane stays if its proxy comes back in time, if it is connected to another instance by then, or if this
    control plane itself stops: then nothing is known about the proxy.
    """

    def __init__(self, resources: Resources, leaving: Leaving, clock: Clock, again: Again = as_brought) -> None:
        self._resources = resources
        self._leaving = leaving
        self._clock = clock
        self._again = again
        self._door = asyncio.Semaphore(AT_ONCE)
        self._writes: Tasks = {}
        self._removals: Tasks = {}

    async def arrive(self, brought: Resource, may_replace: Check) -> Resource | None:
        """Write the Dataplane of a proxy that has connected; `may_replace` raises what is against replacing another.

        None when the store is away: it is written as soon as the store is back, and the proxy need not wait for that.
        Raises what the rules for writing, or `may_replace`, say against it.
        """
        _cancel(self._removals, brought.key)
        _cancel(self._writes, brought.key)
        try:
            return await self._write(brought, may_replace)
        except Unavailable as error:
            log.warning("dataplane not registered yet", proxy=brought.name, mesh=brought.mesh, reason=str(error))
            _begin(self._writes, brought.key, self._write_later(brought, may_replace))
            return None

    def leave(self, key: Key) -> None:
        """A stream of a proxy that brought its Dataplane has ended."""
        if not self._leaving.here(key):
            _cancel(self._writes, key)
        _cancel(self._removals, key)
        if self.running:
            _begin(self._removals, key, self._remove_later(key))

    def stopService(self) -> Deferred[None]:
        super().stopService()
        tasks = (*self._writes.values(), *self._removals.values())
        for task in tasks:
            task.cancel()
        return deferred(_ended(tasks))

    async def _write(self, brought: Resource, may_replace: Check) -> Resource:
        def change(stored: Resource | None) -> Resource:
            if stored is None:
                return brought
            may_replace(stored)
            return evolve(stored, spec=self._again(brought, stored).spec, labels=brought.labels)

        async with self._door:
            written = await self._resources.upsert(brought.key, change)
        log.info("dataplane registered", proxy=brought.name, mesh=brought.mesh)
        return written or brought

    async def _write_later(self, brought: Resource, may_replace: Check) -> None:
        for wait in AGAIN.waits():
            await self._clock.sleep(wait)
            try:
                await self._write(brought, may_replace)
            except Unavailable:
                continue
            except Exception:
                log.exception("dataplane not registered", proxy=brought.name, mesh=brought.mesh)
            return

    async def _remove_later(self, key: Key) -> None:
        await self._clock.sleep(self._leaving.delay.total_seconds())
        for wait in AGAIN.waits():
            try:
                await self._remove(key)
            except Unavailable as error:
                log.warning("dataplane not removed yet", proxy=key.name, mesh=key.mesh, reason=str(error))
            except StoreError as error:
                log.warning("dataplane not removed", proxy=key.name, mesh=key.mesh, reason=str(error))
                return
            else:
                return
            await self._clock.sleep(wait)

    async def _remove(self, key: Key) -> None:
        if self._leaving.here(key) or await self._elsewhere(key):
            return
        try:
            await self._resources.delete(key)
        except NotFound:
            return  # somebody else was faster
        log.info("dataplane removed", proxy=key.name, mesh=key.mesh)

    async def _elsewhere(self, key: Key) -> bool:
        """Whether the proxy has connected to another instance since."""
        try:
            insight = await self._resources.get(evolve(key, kind="DataplaneInsight"))
        except NotFound:
            return False
        last = newest(insight.spec)
        return last is not None and last.control_plane_instance_id != self._leaving.instance


def _begin(tasks: Tasks, key: Key, work: Coroutine[Any, Any, None]) -> None:
    task = tasks[key] = asyncio.ensure_future(work)
    task.add_done_callback(lambda done: tasks.pop(key) if tasks.get(key) is done else None)


def _cancel(tasks: Tasks, key: Key) -> None:
    if (task := tasks.pop(key, None)) is not None:
        task.cancel()


async def _ended(tasks: tuple[asyncio.Task[None], ...]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)
