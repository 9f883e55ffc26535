"""Resources that the control plane makes out of others: what to write so that exactly the wanted ones exist."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import structlog
from attrs import evolve, frozen
from twisted.application.service import MultiService

from kuma.admission import Forbidden, Resources
from kuma.clock import Clock
from kuma.mirror import Difference, Mirror
from kuma.model import DELETION_STARTED, MANAGED_BY, ORIGIN, ORIGIN_ZONE, Key, Labels, Resource
from kuma.schema import Invalid
from kuma.store.api import NotFound, StoreError
from kuma.tasks import Running
from zone_cp.propagation import taken_over
from zone_cp.turns import some_at_once

log = structlog.get_logger()

PAUSE = 0.2  # seconds in which more may change before the next plan
SHARE = 10  # planning takes at most one part in so many of the time, and writing half of it
LONGEST = 2.0  # seconds of pause: a store that was slow once keeps nobody waiting for ten times as long


@frozen
class Maker:
    """Who makes these resources, and how long one of them outlives its reason."""

    name: str
    grace: timedelta


@frozen
class Plan:
    """What to write; `kept` says whether something waits for the end of its grace period."""

    puts: tuple[Resource, ...] = ()
    deletes: tuple[Key, ...] = ()
    foreign: tuple[Key, ...] = ()  # wanted, but somebody else has the name
    kept: bool = False

    @property
    def names(self) -> frozenset[str]:
        """Of all that is to be written, or would be if it could."""
        return frozenset(key.name for key in (*(put.key for put in self.puts), *self.deletes, *self.foreign))


def converge(wanted: Mapping[str, Resource], existing: Iterable[Resource], maker: Maker, now: datetime) -> Plan:
    """From what exists to what is wanted, touching only what this maker has made.

    A resource whose reason is gone is marked with the time first, and deleted when the grace period is over.
    """
    stored = {resource.name: resource for resource in existing}
    ours = {name: resource for name, resource in stored.items() if made_by(maker, resource)}
    free = [want for name, want in sorted(wanted.items()) if name not in stored or name in ours]
    puts = [put for want in free for put in _update(ours.get(want.name), want)]
    orphans = [resource for name, resource in sorted(ours.items()) if name not in wanted]
    over = tuple(orphan.key for orphan in orphans if _over(orphan, maker, now))
    marked = [_marked(orphan, now) for orphan in orphans if _left(orphan) is None and orphan.key not in over]
    foreign = tuple(stored[name].key for name in sorted((wanted.keys() & stored.keys()) - ours.keys()))
    return Plan((*puts, *marked), over, foreign, kept=len(over) < len(orphans))


def made_by(maker: Maker, resource: Resource) -> bool:
    """Whether this is the maker's own: marked as such, and not a copy from elsewhere."""
    return resource.labels.get(MANAGED_BY) == maker.name and resource.labels.get(ORIGIN, ORIGIN_ZONE) == ORIGIN_ZONE


def _update(stored: Resource | None, want: Resource) -> Iterable[Resource]:
    if stored is None:
        return (want,)
    gone = {DELETION_STARTED, *taken_over(stored.labels)}
    kept = {label: value for label, value in stored.labels.items() if label not in gone}
    labels = Labels({**kept, **want.labels})
    after = evolve(stored, spec=want.spec, labels=labels)
    return () if after == stored else (after,)


def _marked(orphan: Resource, now: datetime) -> Resource:
    return orphan.labelled(**{DELETION_STARTED: now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")})


def _over(orphan: Resource, maker: Maker, now: datetime) -> bool:
    if not maker.grace:
        return True
    left = _left(orphan)
    return left is not None and left + maker.grace <= now


def _left(orphan: Resource) -> datetime | None:
    """Since when nothing wants it; None when that was not noted, or not legibly."""
    try:
        left = datetime.fromisoformat(orphan.labels.get(DELETION_STARTED, ""))
    except ValueError:
        return None
    return left if left.tzinfo is not None else None


@frozen
class Writing:
    """How plans are carried out, and after what time what did not work is tried again."""

    resources: Resources
    clock: Clock
    interval: timedelta

    async def put(self, wanted: Resource) -> bool:
        """Write what was planned, unless the resource has changed since; whether that worked."""

        def change(stored: Resource | None) -> Resource | None:
            return wanted if _version(stored) == wanted.version else None

        return await self._tried("generated", wanted.key, self.resources.upsert(wanted.key, change))

    async def delete(self, key: Key) -> bool:
        """Remove what was planned; whether it is gone."""
        return await self._tried("removed", key, self.resources.delete(key))

    async def _tried(self, what: str, key: Key, writing: Awaitable[object]) -> bool:
        await asyncio.sleep(0)  # a store in memory answers at once, and a plan may be long
        try:
            await writing
        except NotFound:
            return True
        except (StoreError, Invalid, Forbidden) as error:
            log.warning(f"not {what}", resource=str(key), reason=str(error))
            return False
        log.info(what, resource=str(key))
        return True


def _version(stored: Resource | None) -> str:
    return "" if stored is None else stored.version


def _whole(resource: Resource) -> object:
    return resource


@frozen
class Planner:
    """What is planned for a mesh, and a change of which kinds can make a plan different.

    `seen` is what a plan sees of a resource: who says the same of it as before changes no plan.
    """

    name: str
    kinds: frozenset[str]
    plan: Callable[[str], Plan]
    seen: Callable[[Resource], object] = _whole


class Converging(MultiService):
    """Plans for a mesh whenever something in the mirror has changed there, and writes what the plan says.

    What failed, and what waits for its time, is looked at again after `interval`.
    """

    def __init__(self, planner: Planner, mirror: Mirror, writing: Writing) -> None:
        super().__init__()
        self.setName(planner.name)
        Running(planner.name, self._run, clock=writing.clock).setServiceParent(self)
        self._planner = planner
        self._mirror = mirror
        self._writing = writing
        self._due: dict[str, None] = {}
        self._seen: dict[Key, object] = {}
        self._stirred = asyncio.Event()
        self._told: frozenset[Key] = frozenset()
        self._planning = 0.0  # seconds since the last pause

    async def _run(self) -> None:
        clock = self._writing.clock
        await self._mirror.completed()
        self._due = dict.fromkeys(mesh.name for mesh in self._mirror.all("Mesh"))
        stop = self._mirror.subscribe(self._take)
        try:
            while True:
                due, self._due = self._due, {}
                began, self._planning = clock.monotonic(), 0.0
                later = [mesh for mesh in due if not await self._converged(mesh)]
                pause = pause_after(self._planning, clock.monotonic() - began)
                with suppress(TimeoutError):
                    patience = self._writing.interval.total_seconds() if later else None
                    async with asyncio.timeout(patience):
                        await self._stirred.wait()
                self._stirred.clear()
                self._due |= dict.fromkeys(later)
                await clock.sleep(pause)
        finally:
            stop()

    def _take(self, difference: Difference) -> None:
        planner = self._planner
        puts = {put.key: planner.seen(put) for put in difference.puts if put.kind in planner.kinds}
        news = {key: seen for key, seen in puts.items() if key not in self._seen or self._seen[key] != seen}
        gone = [key for key in difference.deletes if key.kind in planner.kinds]
        self._seen |= news
        for key in gone:
            self._seen.pop(key, None)
        meshes = dict.fromkeys(mesh for key in (*news, *gone) for mesh in self._touched(key))
        if meshes:
            self._due |= meshes
            self._stirred.set()

    def _touched(self, key: Key) -> Iterable[str]:
        """The meshes whose plan a change may make different: all of them, when it belongs to none."""
        if key.mesh or key.kind == "Mesh":
            return (key.mesh or key.name,)
        return (mesh.name for mesh in self._mirror.all("Mesh"))

    async def _converged(self, mesh: str) -> bool:
        """Whether this mesh needs no other look before something changes."""
        plan = self._planned(mesh)
        for key in set(plan.foreign) - self._told:
            log.warning("name taken", generator=self.name, resource=str(key))
        self._told = self._told | set(plan.foreign)
        written = await some_at_once(self._writing.put(put) for put in plan.puts)
        deleted = await some_at_once(self._writing.delete(key) for key in plan.deletes)
        return all(written) and all(deleted) and not plan.kept

    def _planned(self, mesh: str) -> Plan:
        clock = self._writing.clock
        began = clock.monotonic()
        plan = self._planner.plan(mesh)
        self._planning += clock.monotonic() - began
        return plan


def pause_after(planning: float, whole: float) -> float:
    """Seconds until the next plan: more may change meanwhile, and others have the loop and the store."""
    return min(LONGEST, max(PAUSE, SHARE * planning, whole))
