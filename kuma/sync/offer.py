"""What one kind of audience is offered: copies, packed once, in layers that all who see the same share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from attrs import define, field
from frozendict import frozendict

from kuma.model import Key, Resource
from kuma.sync.packing import pack
from kuma.sync.travel import home
from kuma.xds.config import NOTHING, Config, Layer, Packed, layer

Group = tuple[str, str]  # a kind, and the zone that it came from


@define
class Offer:
    """Copies by kind and by home. Only the layers that something changed in are new."""

    kinds: tuple[str, ...]
    _copy: Callable[[Resource], Resource | None]
    _packed: defaultdict[Group, dict[Key, Packed]] = field(init=False, factory=lambda: defaultdict(dict))
    _groups: dict[Key, Group] = field(init=False, factory=dict)
    _layers: dict[Group, Layer] = field(init=False, factory=dict)

    def put(self, resource: Resource) -> None:
        """It is new, or says something new."""
        copy = self._copy(resource)
        if copy is None:
            self.drop(resource.key)
            return
        group = (resource.kind, home(resource))
        if self._groups.get(resource.key, group) != group:
            self.drop(resource.key)
        packed = pack(copy)
        held = self._packed[group]
        if (before := held.get(resource.key)) is not None and before.version == packed.version:
            return
        held[resource.key] = packed
        self._groups[resource.key] = group
        self._layers.pop(group, None)

    def drop(self, key: Key) -> None:
        """It is gone."""
        group = self._groups.pop(key, None)
        if group is None:
            return
        del self._packed[group][key]
        if not self._packed[group]:
            del self._packed[group]
        self._layers.pop(group, None)

    def config(self, hidden: Iterable[str] = ()) -> Config:
        """Everything, but for what came from some zones."""
        unseen = frozenset(hidden)
        groups: defaultdict[str, list[str]] = defaultdict(list)
        for kind, zone in self._packed:
            if zone not in unseen:
                groups[kind].append(zone)
        by_type: Mapping[str, tuple[Layer, ...]] = frozendict(
            {
                kind: tuple(self._layer((kind, zone)) for zone in sorted(groups[kind])) or (NOTHING,)
                for kind in self.kinds
            }
        )
        return Config(by_type)

    def _layer(self, group: Group) -> Layer:
        found = self._layers.get(group)
        if found is None:
            found = self._layers[group] = layer(self._packed[group].values())
        return found
