"""Changing ZoneInsights that several writers share."""

from __future__ import annotations

import random
from collections.abc import Callable

from attrs import evolve

from kuma.clock import Clock
from kuma.kds.tracking import insight_key
from kuma.model import Key, Resource
from kuma.resources.zoneinsight import ZoneInsight
from kuma.store.api import AlreadyExists, Conflict, NotFound, Store

ATTEMPTS = 10
FIRST_WAIT = 0.2
JITTER = 0.3


class Insights:
    """The ZoneInsights of a store. `owned`: each goes when its Zone goes, and there is none without one."""

    def __init__(self, store: Store, clock: Clock, owned: bool) -> None:
        self._store = store
        self._clock = clock
        self._owned = owned

    async def change(self, zone: str, change: Callable[[ZoneInsight], ZoneInsight]) -> None:
        """Change the zone's insight, or begin one; who loses a race tries again. Raises StoreError."""
        wait = FIRST_WAIT
        for _ in range(ATTEMPTS - 1):
            try:
                await self._attempt(zone, change)
            except (AlreadyExists, Conflict):
                await self._clock.sleep(wait * (1 + JITTER * random.uniform(-1, 1)))
                wait *= 2
            else:
                return
        await self._attempt(zone, change)

    async def get(self, zone: str) -> ZoneInsight:
        """The zone's insight. Raises NotFound."""
        insight: ZoneInsight = (await self._store.get(insight_key(zone))).spec
        return insight

    async def _attempt(self, zone: str, change: Callable[[ZoneInsight], ZoneInsight]) -> None:
        now = self._clock.now()
        try:
            stored = await self._store.get(insight_key(zone))
        except NotFound:
            new = Resource(insight_key(zone), change(ZoneInsight()), created=now, modified=now)
            await self._store.create(new, Key("Zone", "", zone) if self._owned else None)
            return
        changed = change(stored.spec)
        if changed != stored.spec:
            await self._store.update(evolve(stored, spec=changed, modified=now))
