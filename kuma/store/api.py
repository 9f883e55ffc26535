"""What every store answers: a few questions about resources, and what has changed since."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from enum import Enum
from typing import Protocol

from attrs import frozen

from kuma.model import Key, Resource


class StoreError(Exception):
    """A store could not do what was asked."""


class NotFound(StoreError):
    """No resource has this key."""

    def __init__(self, key: Key) -> None:
        super().__init__(f"resource not found: {key}")
        self.key = key


class AlreadyExists(StoreError):
    """Another resource has this key."""

    def __init__(self, key: Key) -> None:
        super().__init__(f"resource already exists: {key}")
        self.key = key


class Conflict(StoreError):
    """Somebody else has written this resource since it was read."""

    def __init__(self, key: Key) -> None:
        super().__init__(f"resource conflict: {key}")
        self.key = key


class Unavailable(StoreError):
    """The store can't be reached; the same call may succeed later. `reason` is fit for a user's eyes."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"store unavailable: {reason}")
        self.reason = reason


class Op(Enum):
    """What happened to a resource."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"


@frozen
class Change:
    """One resource was written or removed."""

    op: Op
    key: Key


@frozen
class Missed:
    """Changes may have been missed (a connection broke, a follower was too slow): read everything again."""


class Changes(Protocol):
    """What happens from the moment of subscribing on.

    Iterating yields everything that has gathered since the last step, in order; it ends after `close`.
    A follower that does not read holds bounded memory: its backlog turns into one `Missed`.
    """

    def __aiter__(self) -> AsyncIterator[Sequence[Change | Missed]]: ...
    async def __anext__(self) -> Sequence[Change | Missed]: ...
    def close(self) -> None: ...


class Reader(Protocol):
    """The questions that change nothing."""

    async def get(self, key: Key) -> Resource:
        """The resource with this key. Raises NotFound."""

    async def list(self, kind: str, mesh: str | None = None) -> Sequence[Resource]:
        """Every resource of a kind, of one mesh or of all (None), ordered by mesh and name."""


class Writer(Reader, Protocol):
    """Reading and writing, inside a transaction or not."""

    async def create(self, resource: Resource, owner: Key | None = None) -> Resource:
        """Keep a new resource, as given (labels, times); it goes when its owner goes. Raises AlreadyExists."""

    async def update(self, resource: Resource) -> Resource:
        """Replace spec, status, labels and modification time; `version` must be the stored one. Raises Conflict."""

    async def delete(self, key: Key) -> None:
        """Remove it and everything it owns. Raises NotFound."""


class Store(Writer, Protocol):
    """A store: reading, writing, transactions, and following."""

    async def some(self, keys: Sequence[Key]) -> Sequence[Resource]:
        """Those of these resources that there are, in no particular order."""

    def transaction(self) -> AbstractAsyncContextManager[Writer]:
        """All or nothing: what is written through the given writer is kept when the block ends without an exception."""

    def changes(self, kinds: Iterable[str] | None = None) -> Changes:
        """Follow what happens from now on, to some kinds or to all (None)."""
