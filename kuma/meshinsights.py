"""Keeps the numbers of every mesh as they are. For the leader only, on global and on zones that have no global."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import structlog
from attrs import evolve
from twisted.application.service import MultiService

from kuma.admission import Resources
from kuma.clock import Clock
from kuma.insights import counts_as, mesh_insight, overviews
from kuma.kinds import KINDS
from kuma.mirror import Difference, Mirror
from kuma.model import Key, Resource
from kuma.resources.meshinsight import MeshInsight
from kuma.schema import Invalid
from kuma.store.api import AlreadyExists, Conflict, NotFound, StoreError
from kuma.tasks import Running

log = structlog.get_logger()

COUNTED = tuple(kind.name for kind in KINDS.values() if kind.mesh_scoped and not kind.name.endswith("Insight"))
SEEN = ("Mesh", "DataplaneInsight", *COUNTED)


class MeshInsights(MultiService):
    """Counts a mesh anew when something in it came, went or connected; at most once per `pause`.

    It keeps a mirror of its own, of all that is counted.
    """

    def __init__(self, resources: Resources, clock: Clock, pause: timedelta) -> None:
        super().__init__()
        self._resources = resources
        self._clock = clock
        self._pause = pause
        self._due: dict[str, None] = {}
        self._counted: dict[Key, object] = {}
        self._stirred = asyncio.Event()
        self._mirror = Mirror(resources.store, SEEN, clock)
        self._mirror.subscribe(self._take)
        self._mirror.setServiceParent(self)
        Running("mesh insights", self._run, clock=clock).setServiceParent(self)

    def _take(self, difference: Difference) -> None:
        news = {put.key: counted for put in difference.puts if self._differs(put.key, counted := counts_as(put))}
        self._counted |= news
        for key in difference.deletes:
            self._counted.pop(key, None)
        if keys := (*news, *difference.deletes):
            self._due |= dict.fromkeys(key.mesh or key.name for key in keys)
            self._stirred.set()

    def _differs(self, key: Key, counted: object) -> bool:
        """Whether any number may be another one; most news of proxies are only counters of their own."""
        return key not in self._counted or self._counted[key] != counted

    async def _run(self) -> None:
        await self._mirror.completed()
        while True:
            await self._stirred.wait()
            self._stirred.clear()
            due, self._due = self._due, {}
            for mesh in due:
                await self._write(mesh)
            await self._clock.sleep(self._pause.total_seconds())

    async def _write(self, mesh: str) -> None:
        if self._mirror.get(Key("Mesh", "", mesh)) is None:
            return  # its insight has gone with it
        key, numbers = Key("MeshInsight", "", mesh), self._numbers(mesh)

        def change(stored: Resource | None) -> Resource:
            return Resource(key, numbers) if stored is None else evolve(stored, spec=numbers)

        try:
            await self._resources.upsert(key, change)
        except (AlreadyExists, Conflict, Invalid, NotFound) as error:
            log.debug("mesh insight not written", mesh=mesh, reason=str(error))  # the mesh has gone, or others count
        except StoreError as error:
            log.warning("mesh insight not written", mesh=mesh, reason=str(error))
            self._due[mesh] = None
            self._stirred.set()

    def _numbers(self, mesh: str) -> MeshInsight:
        proxies = overviews(self._mirror.of("Dataplane", mesh), self._mirror.of("DataplaneInsight", mesh))
        totals: Mapping[str, int] = {kind: len(self._mirror.of(kind, mesh)) for kind in COUNTED}
        return mesh_insight(proxies, totals)
