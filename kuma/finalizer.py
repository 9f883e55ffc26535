"""Ends the connections whose control plane died before it could say so. For the leader only; global and zone alike."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta

import structlog
from attrs import evolve
from twisted.application.service import MultiService

from kuma.admission import Resources
from kuma.insights import Generations, finalized, generations
from kuma.model import Key, Resource
from kuma.store.api import StoreError
from kuma.tasks import Running

log = structlog.get_logger()


Living = Callable[[], Awaitable[Collection[str]]]
"""Which instances of the control plane are known to be there."""


async def unknown() -> Collection[str]:
    """Nobody knows which instances are there: every connection has to count on."""
    return ()


class Finalizer(MultiService):
    """Looks at all insights of a kind every `idle`.

    An online connection is over when it has not counted on since the last look, and the instance that holds it was not
    among the `living` at either of them.
    """

    def __init__(self, resources: Resources, kind: str, idle: timedelta, living: Living = unknown) -> None:
        super().__init__()
        Running(f"finalizer of {kind}s", self._run, clock=resources.clock).setServiceParent(self)
        self._resources = resources
        self._kind = kind
        self._idle = idle
        self._living = living
        self._clock = resources.clock
        self._before: dict[Key, Generations] | None = None

    async def _run(self) -> None:
        self._before = None  # what an earlier leadership saw is too old to compare with
        while True:
            try:
                await self._look()
            except StoreError as error:
                log.warning("insights not looked at", kind=self._kind, reason=str(error))
            await self._clock.sleep(self._idle.total_seconds())

    async def _look(self) -> None:
        # whoever begins to lead finds the list of the leader before, who may be dead: the first look believes nobody
        living = () if self._before is None else await self._living()
        insights = await self._resources.list(self._kind)
        for insight in insights:
            before = (self._before or {}).get(insight.key, {})
            if finalized(insight.spec, before, self._clock.now(), living) != insight.spec:
                await self._finalize(insight.key, before, living)
        self._before = {insight.key: generations(insight.spec, living) for insight in insights}

    async def _finalize(self, key: Key, before: Generations, living: Collection[str]) -> None:
        def change(stored: Resource | None) -> Resource | None:
            if stored is None:
                return None
            return evolve(stored, spec=finalized(stored.spec, before, self._clock.now(), living))

        await self._resources.upsert(key, change)
        log.info("connection ended in its absence", insight=str(key))
