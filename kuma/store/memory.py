"""A store that lives as long as its process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager

from attrs import define, evolve, field

from kuma.model import Key, Resource
from kuma.store.api import AlreadyExists, Change, Changes, Conflict, NotFound, Op, Writer
from kuma.store.follow import Followers

FIRST_VERSION = "1"


@define(eq=False)
class _Kept:
    """What is kept: resources by key, and who owns what."""

    resources: dict[Key, Resource] = field(factory=dict)
    owner_of: dict[Key, Key] = field(factory=dict)
    owned: dict[Key, dict[Key, None]] = field(factory=dict)  # in order of creation


@define(eq=False)
class _Writer:
    """Reads and writes what is kept, and says to `tell` what it did."""

    _kept: _Kept
    _tell: Callable[[Op, Key, Resource | None], None]

    async def get(self, key: Key) -> Resource:
        try:
            return self._kept.resources[key]
        except KeyError:
            raise NotFound(key) from None

    async def list(self, kind: str, mesh: str | None = None) -> Sequence[Resource]:
        resources = self._kept.resources.values()
        found = [one for one in resources if one.kind == kind and (mesh is None or one.mesh == mesh)]
        return sorted(found, key=lambda resource: resource.key)

    async def create(self, resource: Resource, owner: Key | None = None) -> Resource:
        kept, key = self._kept, resource.key
        if key in kept.resources:
            raise AlreadyExists(key)
        kept.owner_of.pop(key, None)
        if owner is not None:
            await self.get(owner)
            kept.owner_of[key] = owner
            kept.owned.setdefault(owner, {})[key] = None
        kept.resources[key] = created = evolve(resource, version=FIRST_VERSION, modified=resource.created)
        self._tell(Op.CREATED, key, None)
        return created

    async def update(self, resource: Resource) -> Resource:
        key = resource.key
        stored = self._kept.resources.get(key)
        if stored is None or stored.version != resource.version:
            raise Conflict(key)
        version = str(int(stored.version) + 1)
        self._kept.resources[key] = updated = evolve(resource, version=version, created=stored.created)
        self._tell(Op.UPDATED, key, stored)
        return updated

    async def delete(self, key: Key) -> None:
        stored = self._kept.resources.pop(key, None)
        if stored is None:
            raise NotFound(key)
        self._tell(Op.DELETED, key, stored)
        for owned in tuple(self._kept.owned.get(key, ())):
            if owned in self._kept.resources and self._kept.owner_of.get(owned) == key:
                await self.delete(owned)


class MemoryStore(_Writer):
    """Keeps resources in memory, under the same rules as every store."""

    def __init__(self) -> None:
        super().__init__(_Kept(), self._changed)
        self._followers = Followers()

    def _changed(self, op: Op, key: Key, _: Resource | None) -> None:
        self._followers.tell((Change(op, key),))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Writer]:
        """All or nothing: when the block fails, what it did is undone, and nobody is told."""
        done: list[tuple[Op, Key, Resource | None]] = []
        try:
            yield _Writer(self._kept, lambda *step: done.append(step))
        except BaseException:
            self._undo(done)
            raise
        self._followers.tell(Change(op, key) for op, key, _ in done)

    def _undo(self, done: list[tuple[Op, Key, Resource | None]]) -> None:
        for _, key, before in reversed(done):
            if before is None:
                self._kept.resources.pop(key, None)
            else:
                self._kept.resources[key] = before

    def changes(self, kinds: Iterable[str] | None = None) -> Changes:
        return self._followers.follow(kinds)
