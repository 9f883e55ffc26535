"""Ends the connections whose control plane died before it could say so. For the leader only; global and zone alike."""

from __future__ import annotations

from datetime import timedelta

import structlog
from attrs import evolve
from twisted.application.service import MultiService

from kuma.admission import Resources
from kuma.clock import Clock
from kuma.insights import Generations, finalized, generations
from kuma.model import Key, Resource
from kuma.store.api import StoreError
from kuma.tasks import Running

log = structlog.get_logger()


class Finalizer(MultiService):
    """Looks at all insights of a kind every `idle`: an online connection that did not count on since is over."""

    def __init__(self, resources: Resources, kind: str, idle: timedelta, clock: Clock) -> None:
        super().__init__()
        Running(f"finalizer of {kind}s", self._run, clock=clock).setServiceParent(self)
        self._resources = resources
        self._kind = kind
        self._idle = idle
        self._clock = clock
        self._before: dict[Key, Generations] = {}

    async def _run(self) -> None:
        self._before = {}  # what an earlier leadership saw is too old to compare with
        while True:
            try:
                await self._look()
            except StoreError as error:
                log.warning("insights not looked at", kind=self._kind, reason=str(error))
            await self._clock.sleep(self._idle.total_seconds())

    async def _look(self) -> None:
        insights = await self._resources.list(self._kind)
        for insight in insights:
            before = self._before.get(insight.key, {})
            if finalized(insight.spec, before, self._clock.now()) != insight.spec:
                await self._finalize(insight.key, before)
        self._before = {insight.key: generations(insight.spec) for insight in insights}

    async def _finalize(self, key: Key, before: Generations) -> None:
        def change(stored: Resource | None) -> Resource | None:
            if stored is None:
                return None
            return evolve(stored, spec=finalized(stored.spec, before, self._clock.now()))

        await self._resources.upsert(key, change)
        log.info("connection ended in its absence", insight=str(key))
