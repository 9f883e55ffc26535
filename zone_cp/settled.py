"""What needs no other look: a change then costs what it touches, however much there is beside it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from operator import is_

from attrs import define, field

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


def _same(before: Made | None, now: Made) -> bool:
    return before is not None and len(before) == len(now) and all(map(is_, before, now))
