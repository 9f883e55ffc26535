"""Following a store: each follower has a backlog of bounded size."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence

from attrs import define, field

from kuma.store.api import Change, Missed

MOST = 10_000  # changes that wait for a follower before they turn into one Missed


@define(eq=False)
class Followers:
    """Everybody who follows one store."""

    _following: set[Following] = field(factory=set)

    def follow(self, kinds: Iterable[str] | None) -> Following:
        """One more, from now on."""
        following = Following(frozenset(kinds) if kinds is not None else None, self._following)
        self._following.add(following)
        return following

    def tell(self, changes: Iterable[Change]) -> None:
        """These have happened."""
        told = tuple(changes)
        for following in tuple(self._following):
            following.add(told)

    def missed(self) -> None:
        """Something may have happened that nobody saw."""
        for following in tuple(self._following):
            following.miss()

    def close(self) -> None:
        """There will be nothing more."""
        for following in tuple(self._following):
            following.close()


@define(eq=False)
class Following:
    """One follower's backlog, as `store.api.Changes`."""

    kinds: frozenset[str] | None
    _all: set[Following]
    _backlog: list[Change | Missed] = field(factory=list)
    _stirred: asyncio.Event = field(factory=asyncio.Event)
    _closed: bool = False

    def add(self, changes: Sequence[Change]) -> None:
        wanted = [change for change in changes if self.kinds is None or change.key.kind in self.kinds]
        if not wanted:
            return
        if len(self._backlog) + len(wanted) > MOST:
            self.miss()
            return
        if self._backlog[:1] != [Missed()]:
            self._backlog += wanted
        self._stirred.set()

    def miss(self) -> None:
        # reading everything again covers whatever else waits, and whatever comes until then
        self._backlog[:] = [Missed()]
        self._stirred.set()

    def __aiter__(self) -> AsyncIterator[Sequence[Change | Missed]]:
        return self

    async def __anext__(self) -> Sequence[Change | Missed]:
        while not self._backlog:
            if self._closed:
                raise StopAsyncIteration
            self._stirred.clear()
            await self._stirred.wait()
        batch, self._backlog = tuple(self._backlog), []
        return batch

    def close(self) -> None:
        self._closed = True
        self._all.discard(self)
        self._stirred.set()
