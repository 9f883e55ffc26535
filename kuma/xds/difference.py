"""What changed between two states of one type. Between layers that peers share it is found once, not for each peer."""

from __future__ import annotations

from itertools import chain, zip_longest
from weakref import WeakKeyDictionary

from attrs import Factory, define, frozen

from kuma.xds.config import NOTHING, Layer, Layers, Packed

SMALL = 32  # a peer's own layers are about this small, and comparing them is cheaper than remembering the answer


@frozen
class Difference:
    """Put these, and drop those: what makes the later state from the earlier."""

    changed: tuple[Packed, ...] = ()
    removed: tuple[str, ...] = ()


NO_DIFFERENCE = Difference()


def difference(old: Layers, new: Layers) -> Difference:
    """What changed between two lists of layers: those that are in both cost nothing, the rest are compared in order."""
    pairs = zip_longest(_only(old, new), _only(new, old), fillvalue=NOTHING)
    parts = [part for one, other in pairs if (part := _known(one, other)) != NO_DIFFERENCE]
    if not parts:
        return NO_DIFFERENCE
    if len(parts) == 1 and not parts[0].removed:
        return parts[0]
    removed = chain.from_iterable(part.removed for part in parts)
    return Difference(
        tuple(chain.from_iterable(part.changed for part in parts)),
        tuple(name for name in removed if find(new, name) is None),  # it may have moved to another layer
    )


def find(layers: Layers, name: str) -> Packed | None:
    """The resource of this name, if a layer has it."""
    for one in layers:
        if (packed := one.resources.get(name)) is not None:
            return packed
    return None


def _only(some: Layers, others: Layers) -> list[Layer]:
    known = {one.version for one in others}
    return [one for one in some if one.version not in known]


def _known(old: Layer, new: Layer) -> Difference:
    if len(old.resources) <= SMALL and len(new.resources) <= SMALL:
        return _between(old, new)
    return _MEMO.difference(old, new)


def _between(old: Layer, new: Layer) -> Difference:
    if old.version == new.version:
        return NO_DIFFERENCE
    before, after = old.resources, new.resources
    changed = (packed for name, packed in after.items() if not _same(before.get(name), packed))
    return Difference(
        tuple(sorted(changed, key=lambda packed: packed.name)),
        tuple(sorted(name for name in before if name not in after)),
    )


def _same(before: Packed | None, after: Packed) -> bool:
    return before is after or (before is not None and before.version == after.version)


@define
class _Memo:
    """Differences of big layers, for as long as both layers live."""

    _by_new: WeakKeyDictionary[Layer, WeakKeyDictionary[Layer, Difference]] = Factory(WeakKeyDictionary)

    def difference(self, old: Layer, new: Layer) -> Difference:
        by_old = self._by_new.setdefault(new, WeakKeyDictionary())
        if (known := by_old.get(old)) is None:
            known = by_old[old] = _between(old, new)
        return known


_MEMO = _Memo()
