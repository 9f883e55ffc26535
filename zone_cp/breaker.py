"""A breaker: when many proxies fail to get an identity at once, the cause is not theirs; trying harder won't help."""

from __future__ import annotations

from attrs import define, field

from kuma.model import Key


@define(eq=False)
class Breaker:
    """Open while at least `limit` proxies fail; with a limit of 0 it never opens."""

    limit: int
    _failing: set[Key] = field(init=False, factory=set)

    @property
    def failing(self) -> int:
        """How many proxies wait to be tried again."""
        return len(self._failing)

    @property
    def open(self) -> bool:
        return 0 < self.limit <= len(self._failing)

    def failed(self, key: Key) -> None:
        """This proxy got no identity."""
        self._failing.add(key)

    def succeeded(self, key: Key) -> tuple[Key, ...]:
        """This proxy got one. If that was while the breaker was open, these others are worth a new try at once."""
        was_open = self.open
        self._failing.discard(key)
        return tuple(sorted(self._failing)) if was_open else ()

    def forget(self, key: Key) -> None:
        """This proxy is gone."""
        self._failing.discard(key)
