"""Keeps the numbers of every mesh as they are. For the leader only, on global and on zones that have no global."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import timedelta

import structlog
from attrs import define, evolve, field
from twisted.application.service import MultiService

from kuma.admission import Resources
from kuma.clock import Clock
from kuma.insights import Census, Overview, Standing, mesh_insight
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
OF_PROXIES = ("Dataplane", "DataplaneInsight")


@define
class Proxies:
    """Counts the proxies of a mesh, one by one as they become others."""

    _standing: dict[str, Standing] = field(factory=dict)
    _census: Counter[Standing] = field(factory=Counter)

    @property
    def census(self) -> Census:
        """How many stand so."""
        return self._census

    def stands(self, name: str, now: Standing | None) -> bool:
        """A proxy stands so now, or is gone; whether that is news."""
        before = self._standing.pop(name, None)
        if now is not None:
            self._standing[name] = now
            self._census[now] += 1
        if before is not None:
            self._census[before] -= 1
            if not self._census[before]:
                del self._census[before]
        return before != now


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
        self._known: set[Key] = set()
        self._proxies: defaultdict[str, Proxies] = defaultdict(Proxies)
        self._stirred = asyncio.Event()
        self._mirror = Mirror(resources.store, SEEN, clock)
        self._mirror.subscribe(self._take)
        self._mirror.setServiceParent(self)
        Running("mesh insights", self._run, clock=clock).setServiceParent(self)

    def _take(self, difference: Difference) -> None:
        puts = [put.key for put in difference.puts]
        come = {key for key in puts if key.kind not in OF_PROXIES} - self._known
        changed = dict.fromkeys(key for key in (*puts, *difference.deletes) if key.kind in OF_PROXIES)
        moved = [key for key in changed if self._proxies[key.mesh].stands(key.name, self._standing(key))]
        self._known |= come
        self._known.difference_update(difference.deletes)
        if keys := (*come, *moved, *difference.deletes):
            self._due |= dict.fromkeys(key.mesh or key.name for key in keys)
            self._stirred.set()

    def _standing(self, key: Key) -> Standing | None:
        """What a proxy counts as now; most news of proxies are only counters of their own."""
        dataplane = self._mirror.get(evolve(key, kind="Dataplane"))
        insight = self._mirror.get(evolve(key, kind="DataplaneInsight"))
        if dataplane is None:
            return None
        return Overview(dataplane.spec, None if insight is None else insight.spec).standing

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
        totals: Mapping[str, int] = {kind: self._mirror.count(kind, mesh) for kind in COUNTED}
        return mesh_insight(self._proxies[mesh].census, totals)
