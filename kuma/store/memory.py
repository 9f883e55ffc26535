"""A store that lives as long as its process."""

from __future__ import annotations

import asyncio
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

    def copy(self) -> _Kept:
        """The same, to be changed on its own."""
        owned = {owner: dict(keys) for owner, keys in self.owned.items()}
        return _Kept(dict(self.resources), dict(self.owner_of), owned)


@define(eq=False)
class _Writer:
    """Reads and writes what is kept, and says to `tell` what it did."""

    _kept: _Kept
    _tell: Callable[[Op, Key], None]

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
        if owner is not None:
            await self.get(owner)
            kept.owner_of[key] = owner
            kept.owned.setdefault(owner, {})[key] = None
        kept.resources[key] = created = evolve(resource, version=FIRST_VERSION, modified=resource.created)
        self._tell(Op.CREATED, key)
        return created

    async def update(self, resource: Resource) -> Resource:
        key = resource.key
        stored = self._kept.resources.get(key)
        if stored is None or stored.version != resource.version:
            raise Conflict(key)
        version = str(int(stored.version) + 1)
        self._kept.resources[key] = updated = evolve(resource, version=version, created=stored.created)
        self._tell(Op.UPDATED, key)
        return updated

    async def delete(self, key: Key) -> None:
        kept = self._kept
        if kept.resources.pop(key, None) is None:
            raise NotFound(key)
        owner = kept.owner_of.pop(key, None)
        if owner is not None:
            kept.owned.get(owner, {}).pop(key, None)
        self._tell(Op.DELETED, key)
        for owned in kept.owned.pop(key, {}):
            await self.delete(owned)


class MemoryStore:
    """Keeps resources in memory, under the same rules as every store."""

    def __init__(self) -> None:
        self._kept = _Kept()
        self._writing = asyncio.Lock()
        self._followers = Followers()

    async def get(self, key: Key) -> Resource:
        return await self._writer().get(key)

    async def some(self, keys: Sequence[Key]) -> Sequence[Resource]:
        return [self._kept.resources[key] for key in keys if key in self._kept.resources]

    async def list(self, kind: str, mesh: str | None = None) -> Sequence[Resource]:
        return await self._writer().list(kind, mesh)

    async def create(self, resource: Resource, owner: Key | None = None) -> Resource:
        async with self._writing:
            return await self._writer().create(resource, owner)

    async def update(self, resource: Resource) -> Resource:
        async with self._writing:
            return await self._writer().update(resource)

    async def delete(self, key: Key) -> None:
        async with self._writing:
            await self._writer().delete(key)

    def _writer(self) -> _Writer:
        return _Writer(self._kept, lambda op, key: self._followers.tell((Change(op, key),)))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Writer]:
        """All or nothing: it works on a copy, seen by nobody until the block has ended well; other writers wait."""
        done: list[Change] = []
        async with self._writing:
            draft = self._kept.copy()
            yield _Writer(draft, lambda op, key: done.append(Change(op, key)))
            self._kept = draft
            self._followers.tell(done)

    def changes(self, kinds: Iterable[str] | None = None) -> Changes:
        return self._followers.follow(kinds)
