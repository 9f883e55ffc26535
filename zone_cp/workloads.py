"""The Dataplanes of each workload, put together again only where one has changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from attrs import define, field

from kuma.model import WORKLOAD, Resource
from kuma.names import dns1035

ByName = Mapping[str, Resource]
Together = Mapping[str, tuple[Resource, ...]]


@define
class Workloads:
    """Remembers how the Dataplanes of one mesh were put together the last time."""

    _dataplanes: ByName = field(factory=dict)
    _together: dict[str, tuple[Resource, ...]] = field(factory=dict)
    _servable: dict[str, tuple[Resource, ...]] = field(factory=dict)

    def all(self, dataplanes: ByName) -> Together:
        """By their workload label, in the order in which they were created; those without one are at `""`."""
        before, self._dataplanes = self._dataplanes, dataplanes
        changed = {name for name, one in dataplanes.items() if before.get(name) is not one}
        changed |= before.keys() - dataplanes.keys()
        come, touched = defaultdict[str, list[Resource]](list), dict[str, None]()
        for name in changed:
            if (one := before.get(name)) is not None:
                touched[_workload(one)] = None
            if (one := dataplanes.get(name)) is not None:
                come[_workload(one)].append(one)
        for workload in (*touched, *come):
            stayed = (one for one in self._together.get(workload, ()) if one.name not in changed)
            self._put(workload, (*stayed, *come.get(workload, ())))
        return self._together

    def servable(self, dataplanes: ByName) -> Together:
        """Those whose workload can be the name of a service."""
        self.all(dataplanes)
        return self._servable

    def _put(self, workload: str, members: Iterable[Resource]) -> None:
        together = tuple(sorted(members, key=lambda one: (one.created, one.name)))
        for places in (self._together, self._servable) if _servable(workload) else (self._together,):
            if together:
                places[workload] = together
            else:
                places.pop(workload, None)


def by_workload(dataplanes: Iterable[Resource]) -> Together:
    """Those whose workload can be the name of a service, put together once."""
    return Workloads().servable({one.name: one for one in dataplanes})


def _workload(dataplane: Resource) -> str:
    return dataplane.labels.get(WORKLOAD, "")


def _servable(workload: str) -> bool:
    return bool(workload) and not dns1035(workload)
