"""Where parts of configs are kept once built, so that nothing is built twice."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast
from weakref import WeakValueDictionary, ref

from kuma.envoy.listeners import PRIVATE
from kuma.mesh import Mesh, Proxy
from kuma.model import Key
from kuma.policies import POLICIES
from kuma.policy import Policy
from kuma.xds.config import Packed

T = TypeVar("T")

TURN = 16  # meshes; a part that none of the last 16 to 32 has used is dropped, unless a config has it
MISSING: Any = object()


class Shelf:
    """The parts of one mesh's configs, by what they were built from.

    Parts that proxies share are kept while somebody asks for them, and packed resources as long as a config has them.
    Those of one proxy are kept as long as its Dataplane is there: most changes do not concern it. Whoever is not looked
    at for long must not be found with nothing by the change that does concern him.
    """

    def __init__(self, built: Counter[str]) -> None:
        self._built = built
        self._mesh: Mesh | None = None
        self._meshes = 0
        self._recent: dict[Hashable, Any] = {}
        self._before: dict[Hashable, Any] = {}
        self._leaving: dict[Hashable, Any] = {}
        self._held: WeakValueDictionary[Hashable, Packed] = WeakValueDictionary()
        self._of_one: defaultdict[str, dict[Hashable, Any]] = defaultdict(dict)

    def __len__(self) -> int:
        shared = self._recent.keys() | self._before.keys() | self._leaving.keys() | set(self._held)
        return len(shared) + sum(map(len, self._of_one.values()))

    def look_at(self, mesh: Mesh) -> None:
        """Parts are wanted for this mesh now; what others have not used for long goes."""
        if mesh is self._mesh:
            return
        self._mesh = mesh
        self._meshes += 1
        if self._meshes % TURN == 0:
            self._leave(len(self._leaving))
            self._leaving, self._before, self._recent = self._before, self._recent, {}
            for gone in self._of_one.keys() - mesh.of("Dataplane").keys():
                del self._of_one[gone]
        self._leave(1 + len(self._leaving) // (TURN - self._meshes % TURN))  # a few with each mesh: they may be many

    def _leave(self, many: int) -> None:
        """Let go of some that were not asked for; what a config has can still be found."""
        for _ in range(min(many, len(self._leaving))):
            key, made = self._leaving.popitem()
            left = ref(made) if isinstance(made, Packed) else None
            del made
            if left is not None and (still := left()) is not None:
                self._held[key] = still

    def part(self, kind: str, key: Hashable, build: Callable[[], T]) -> T:
        """The part of a kind with this key: kept, or built now. Equal keys must mean equal parts."""
        whole = (kind, key)
        made = self._recent.get(whole, MISSING)
        if made is MISSING:
            made = self._kept(whole)
            if made is MISSING:
                made = build()
                self._built[kind] += 1
            self._recent[whole] = made
        return cast(T, made)

    def _kept(self, whole: Hashable) -> Any:
        """A part that nobody has asked for lately."""
        for place in (self._before, self._leaving):
            if whole in place:
                return place.pop(whole)
        return self._held.get(whole, MISSING)

    def has(self, kind: str, key: Hashable) -> bool:
        """Whether this part is kept."""
        return (kind, key) in self._recent or (kind, key) in self._before

    def latest(self, kind: str, place: Hashable, inputs: tuple[object, ...], build: Callable[[], T]) -> T:
        """The one part of a kind for a place, built anew whenever one of its inputs has changed.

        A place is a proxy, by its Dataplane's key, or anything else.
        """
        if isinstance(place, Key):
            name: Hashable = kind
            home = self._of_one[place.name]
            kept = home.get(name)
        else:
            home, name = self._recent, (kind, place)
            kept = home.get(name) or self._before.pop(name, None)
        if kept is None or not _same(kept[0], inputs):
            kept = (inputs, build())
            self._built[kind] += 1
        home[name] = kept
        return cast(T, kept[1])


def _same(before: tuple[object, ...], after: tuple[object, ...]) -> bool:
    """Whether the inputs are what they were; most are the very same objects."""
    for old, new in zip(before, after, strict=True):  # noqa: SIM110 - asked for every part of every proxy
        if old is not new and old != new:
            return False
    return True


class Workshop:
    """The parts of all configs that one control plane generates.

    It only remembers: a fresh workshop gives equal bytes. `built` counts the parts that were built, by kind.
    `internal` are the networks whose callers count as the mesh's own.
    """

    def __init__(self, policies: tuple[Policy, ...] = tuple(POLICIES), internal: tuple[str, ...] = PRIVATE) -> None:
        self.policies = policies
        self.internal = internal
        self.built: Counter[str] = Counter()
        self._shelves: dict[str, Shelf] = {}
        self._last: tuple[Mesh, Proxy, Any] | None = None

    def shelf(self, mesh: Mesh) -> Shelf:
        """The parts of this mesh's configs."""
        shelf = self._shelves.get(mesh.name)
        if shelf is None:
            shelf = self._shelves[mesh.name] = Shelf(self.built)
        shelf.look_at(mesh)
        return shelf

    def last(self, mesh: Mesh, proxy: Proxy, look: Callable[[], T]) -> T:
        """What was found when this proxy of this mesh was looked at just before, or what is found now."""
        if self._last is None or self._last[0] is not mesh or self._last[1] is not proxy:
            self._last = mesh, proxy, look()
        return cast(T, self._last[2])

    def forget(self, mesh: str) -> None:
        """Drop all parts of a mesh that is no more."""
        self._shelves.pop(mesh, None)
