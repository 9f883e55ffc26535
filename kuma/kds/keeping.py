"""Keeping what arrives from a peer: one update, one transaction."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence

import structlog
from attrs import evolve

from kuma.clock import Clock
from kuma.kds.metrics import Metrics
from kuma.kinds import KINDS
from kuma.model import Key, Resource
from kuma.store.api import AlreadyExists, Conflict, NotFound, Store, Writer
from kuma.sync.plan import Collide, Create, Delete, Incoming, Replace, Side, Step, arrived, gathered, plan, refusal
from kuma.xds.delta import Update

log = structlog.get_logger()

AT_ONCE = 50  # resources that are decoded before others have a turn
ONE_BY_ONE = 16  # more keys than this, and it is cheaper to list the kind
ATTEMPTS = 3
MOST_WAIT = 0.1


class Keeper:
    """Writes a peer's resources into the store: straight, as the peer has checked them by its own rules."""

    def __init__(self, store: Store, side: Side, clock: Clock, metrics: Metrics) -> None:
        self._store = store
        self._side = side
        self._clock = clock
        self._metrics = metrics

    async def keep(self, update: Update) -> str | None:
        """Keep an update; the answer is why some of it could not be kept. Raises StoreError and Undecodable."""
        began = time.perf_counter()
        incoming = await self._read(update)
        steps = await self._apply(incoming)
        problem = refusal(incoming, (step for step in steps if isinstance(step, Collide)))
        self._metrics.synced(time.perf_counter() - began)
        if problem is not None and self._side.owner is not None:
            self._metrics.refused(self._side.owner.name, update.type_url)
        done = sum(not isinstance(step, Collide) for step in steps)
        if done or problem:
            log.info("resources synced", kind=update.type_url, written=done, complete=update.complete, refused=problem)
        return problem

    async def _read(self, update: Update) -> Incoming:
        kind, read = KINDS[update.type_url], []
        for index, packed in enumerate(update.resources, start=1):
            read.append(one := arrived(kind, packed, self._side))
            if one.rewritten:
                log.warning("resource claimed another zone", kind=kind.name, mesh=one.key.mesh, name=one.key.name)
                self._metrics.rewritten(kind.name)
            if index % AT_ONCE == 0:
                await asyncio.sleep(0)
        return gathered(update, read, self._side)

    async def _apply(self, incoming: Incoming) -> Sequence[Step]:
        """Plan and write. Somebody else may write at the same time: then it is planned again."""
        for _ in range(ATTEMPTS - 1):
            try:
                return await self._attempt(incoming)
            except (AlreadyExists, Conflict, NotFound) as error:
                log.info("sync met another writer", kind=incoming.kind.name, reason=str(error))
                await self._clock.sleep(random.uniform(0, MOST_WAIT))
        return await self._attempt(incoming)

    async def _attempt(self, incoming: Incoming) -> Sequence[Step]:
        steps = plan(incoming, await self._downstream(incoming), self._side)
        if any(not isinstance(step, Collide) for step in steps):
            async with self._store.transaction() as writer:
                for step in steps:
                    await self._take(writer, step)
        return steps

    async def _downstream(self, incoming: Incoming) -> Sequence[Resource]:
        keys = incoming.keys
        if incoming.complete or len(keys) > ONE_BY_ONE:
            return await self._store.list(incoming.kind.name)
        return [resource for key in sorted(keys) if (resource := await self._stored(key)) is not None]

    async def _stored(self, key: Key) -> Resource | None:
        try:
            return await self._store.get(key)
        except NotFound:
            return None

    async def _take(self, writer: Writer, step: Step) -> None:
        match step:
            case Create(resource, owner):
                now = self._clock.now()
                await writer.create(evolve(resource, created=now, modified=now), owner)
            case Delete(key):
                await writer.delete(key)
            case Replace(resource):
                await writer.update(evolve(resource, modified=self._clock.now()))
