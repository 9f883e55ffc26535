"""A copy of some kinds in memory: it follows the store, and still answers while the store is away."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

import structlog
from attrs import frozen
from twisted.application.service import MultiService

from kuma.clock import Clock
from kuma.model import Key, Resource
from kuma.store.api import Change, Missed, Store, StoreError
from kuma.tasks import Backoff, Running

log = structlog.get_logger()

PAUSE = 0.1  # seconds in which changes gather after one was taken
AGAIN = Backoff(first=0.2, most=2.0)  # waits between attempts to read a store that is away

Group = tuple[str, str]  # kind and mesh


@frozen
class Difference:
    """What has become different: resources that are new or say something new, and keys that are gone."""

    puts: tuple[Resource, ...] = ()
    deletes: tuple[Key, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.puts or self.deletes)


class Mirror(MultiService):
    """Holds every resource of some kinds as the store had them last.

    The first change is taken at once; those that come within `pause` seconds after it are taken together. When changes
    may have been missed everything is read again, and only the difference is passed on.
    """

    def __init__(self, store: Store, kinds: Iterable[str], clock: Clock, pause: float = PAUSE) -> None:
        super().__init__()
        Running("mirror", self._follow, clock=clock).setServiceParent(self)
        self._store = store
        self._kinds = tuple(kinds)
        self._clock = clock
        self._pause = pause
        self._held: defaultdict[Group, dict[str, Resource]] = defaultdict(dict)
        self._followers: list[Callable[[Difference], None]] = []
        self._complete = asyncio.Event()

    @property
    def complete(self) -> bool:
        """Whether everything has been read at least once; before that nothing may be concluded from an absence."""
        return self._complete.is_set()

    async def completed(self) -> None:
        """Wait until everything has been read once."""
        await self._complete.wait()

    def get(self, key: Key) -> Resource | None:
        """One resource, as far as known."""
        return self._held[key.kind, key.mesh].get(key.name) if (key.kind, key.mesh) in self._held else None

    def of(self, kind: str, mesh: str = "") -> Sequence[Resource]:
        """Every resource of a kind and mesh, in no particular order; global kinds are of the mesh `""`."""
        return tuple(self._held.get((kind, mesh), {}).values())

    def named(self, kind: str, mesh: str = "") -> dict[str, Resource]:
        """Every resource of a kind and mesh by its name."""
        return dict(self._held.get((kind, mesh), {}))

    def count(self, kind: str, mesh: str = "") -> int:
        """How many resources there are of a kind and mesh."""
        return len(self._held.get((kind, mesh), ()))

    def all(self, kind: str) -> Iterator[Resource]:
        """Every resource of a kind, of all meshes."""
        for (held, _), resources in tuple(self._held.items()):
            if held == kind:
                yield from tuple(resources.values())

    def subscribe(self, follower: Callable[[Difference], None]) -> Callable[[], None]:
        """Be told what becomes different, first of all everything that is known already; call the answer to stop."""
        self._followers.append(follower)
        if known := tuple(resource for held in self._held.values() for resource in held.values()):
            _tell(follower, Difference(known))
        return lambda: self._followers.remove(follower)

    async def _follow(self) -> None:
        changes = self._store.changes(self._kinds)
        try:
            await self._read_everything()
            async for batch in changes:
                await self._catch_up(batch)
                await self._clock.sleep(self._pause)
        finally:
            changes.close()

    async def _catch_up(self, batch: Sequence[Change | Missed]) -> None:
        keys = tuple(dict.fromkeys(change.key for change in batch if isinstance(change, Change)))
        if any(isinstance(change, Missed) for change in batch):
            await self._read_everything()
            return
        try:
            difference = await self._read(keys)
        except StoreError as error:
            log.warning("changes not read", reason=str(error), changes=len(keys))
            await self._read_everything()
            return
        self._take(difference)

    async def _read(self, keys: Iterable[Key]) -> Difference:
        """What these keys stand for now."""
        wanted = tuple(keys)
        found = {resource.key: resource for resource in await self._store.some(wanted)}
        puts = tuple(found[key] for key in wanted if key in found)
        return Difference(puts, tuple(key for key in wanted if key not in found))

    async def _read_everything(self) -> None:
        """Try until it works: whoever follows keeps what there was."""
        waits = AGAIN.waits()
        while True:
            try:
                found = [resource for kind in self._kinds for resource in await self._store.list(kind)]
            except StoreError as error:
                log.warning("store not read", reason=str(error), kinds=len(self._kinds))
                await self._clock.sleep(next(waits))
            else:
                break
        present = {resource.key for resource in found}
        gone = (held.key for group in self._held.values() for held in group.values() if held.key not in present)
        difference = Difference(tuple(found), tuple(gone))
        self._complete.set()
        self._take(difference)

    def _take(self, difference: Difference) -> None:
        news = Difference(
            tuple(put for put in difference.puts if self.get(put.key) != put),
            tuple(key for key in difference.deletes if self.get(key) is not None),
        )
        for key in news.deletes:
            del self._held[key.kind, key.mesh][key.name]
        for put in news.puts:
            self._held[put.kind, put.mesh][put.name] = put
        if not news:
            return
        for follower in tuple(self._followers):
            _tell(follower, news)


def _tell(follower: Callable[[Difference], None], difference: Difference) -> None:
    try:
        follower(difference)
    except Exception:
        log.exception("follower failed", follower=getattr(follower, "__qualname__", ""))
