"""What needs no other look: a change then costs what it touches, however much there is beside it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from operator import is_

from attrs import define, field

from kuma.model import Resource

Made = tuple[object, ...]
"""All that is looked at for one name: the resources themselves, which are others when they say something new."""


@define
class Settled:
    """Names for which nothing was to do when they were looked at last, and what they were made of then."""

    _known: dict[str, Made] = field(factory=dict)

    def due(self, made: Mapping[str, Made]) -> frozenset[str]:
        """The names of which something is new, or for which something was to do."""
        return frozenset(name for name, now in made.items() if not _same(self._known.get(name), now))

    def settle(self, made: Mapping[str, Made], busy: Collection[str]) -> None:
        """These are all there are now, and only for the busy ones there is something to do."""
        self._known = {name: now for name, now in made.items() if name not in busy}


@define
class Noticed:
    """Resources as they were when what is `seen` of them became another thing; what else they say since is no news."""

    _seen: Callable[[Resource], object]
    _now: Mapping[str, Resource] = field(factory=dict)
    _kept: dict[str, Resource] = field(factory=dict)

    def of(self, now: Mapping[str, Resource]) -> Mapping[str, Resource]:
        """What to take for those there are now, by name."""
        before, self._now = self._now, now
        for name in before.keys() - now.keys():
            del self._kept[name]
        for name, one in now.items():
            if before.get(name) is not one:
                self._notice(name, one)
        return self._kept

    def _notice(self, name: str, one: Resource) -> None:
        kept = self._kept.get(name)
        if kept is None or self._seen(kept) != self._seen(one):
            self._kept[name] = one


def _same(before: Made | None, now: Made) -> bool:
    return before is not None and len(before) == len(now) and all(map(is_, before, now))
