"""Which Dataplanes stand behind which MeshService. Both sides change, at a cost of what changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from attrs import field, frozen
from frozendict import frozendict

from kuma.model import Resource

Changed = Mapping[str, Resource | None]
ByName = Mapping[str, Resource]

NONE: ByName = frozendict()
NAME = ""  # stands for the Dataplane's name among its labels; no label key is empty

Wanted = Mapping[str, str]


def wanted(service: Resource) -> Wanted | None:
    """The labels (and name) that a service's Dataplanes have; None when it selects nobody."""
    selector = service.spec.selector
    if selector is None:
        return None
    if selector.dataplane_ref is not None:
        return {NAME: selector.dataplane_ref.name}
    if selector.dataplane_labels is not None:
        return selector.dataplane_labels.match_labels or {}
    return None


@frozen(eq=False)
class Selectors:
    """Services by what they select: label keys -> values -> names. A Dataplane is looked up once per set of keys."""

    by_keys: Mapping[tuple[str, ...], Mapping[tuple[str, ...], frozenset[str]]] = field(factory=frozendict)

    def selecting(self, dataplane: Resource) -> Iterator[str]:
        """The services that select this Dataplane."""
        facts = {**dataplane.labels, NAME: dataplane.name}
        for keys, by_values in self.by_keys.items():
            values = tuple(facts[key] for key in keys if key in facts)
            if len(values) == len(keys):
                yield from by_values.get(values, ())

    def changed(self, gone: Iterable[Resource], come: Iterable[Resource]) -> Selectors:
        """With some services' selectors taken out and others put in."""
        after = {keys: dict(by_values) for keys, by_values in self.by_keys.items()}
        for service in gone:
            for keys, values in _places(service):
                after[keys][values] -= {service.name}
        for service in come:
            for keys, values in _places(service):
                by_values = after.setdefault(keys, {})
                by_values[values] = by_values.get(values, frozenset()) | {service.name}
        kept = {keys: {values: names for values, names in found.items() if names} for keys, found in after.items()}
        return Selectors({keys: found for keys, found in kept.items() if found})


def _places(service: Resource) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    labels = wanted(service)
    if labels is not None:
        keys = tuple(sorted(labels))
        yield keys, tuple(labels[key] for key in keys)


@frozen(eq=False)
class Members:
    """The Dataplanes of each MeshService, by name."""

    selectors: Selectors = field(factory=Selectors)
    services: ByName = NONE
    dataplanes: ByName = NONE
    by_service: Mapping[str, ByName] = field(factory=frozendict)

    def of(self, service: str) -> ByName:
        """The Dataplanes that the service of this name selects."""
        return self.by_service.get(service, NONE)

    def changed(self, dataplanes: Changed, services: Changed, all_dataplanes: ByName) -> tuple[Members, frozenset[str]]:
        """After these changes; and the names of the services whose Dataplanes are not what they were."""
        if not dataplanes and not services:
            return self, frozenset()
        copies: dict[str, dict[str, Resource]] = {}
        for name, dataplane in dataplanes.items():
            self._move(copies, self.dataplanes.get(name), dataplane)
        reselected = {name for name, service in services.items() if _selects_anew(self.services.get(name), service)}
        selectors = self._selectors(services, reselected)
        copies |= _selected(services, reselected, all_dataplanes)
        by_service = {name: found for name, found in {**self.by_service, **copies}.items() if found}
        kept = {name: service for name, service in {**self.services, **services}.items() if service is not None}
        return Members(selectors, kept, all_dataplanes, by_service), frozenset(copies)

    def _move(self, copies: dict[str, dict[str, Resource]], before: Resource | None, after: Resource | None) -> None:
        if before is not None:
            for service in self.selectors.selecting(before):
                self._copy(copies, service).pop(before.name, None)
        if after is not None:
            for service in self.selectors.selecting(after):
                self._copy(copies, service)[after.name] = after

    def _copy(self, copies: dict[str, dict[str, Resource]], service: str) -> dict[str, Resource]:
        if service not in copies:
            copies[service] = dict(self.of(service))
        return copies[service]

    def _selectors(self, services: Changed, reselected: set[str]) -> Selectors:
        if not reselected:
            return self.selectors
        gone = (self.services[name] for name in reselected if name in self.services)
        come = (service for name in reselected if (service := services[name]) is not None)
        return self.selectors.changed(gone, come)


def _selects_anew(before: Resource | None, after: Resource | None) -> bool:
    return before is None or after is None or wanted(before) != wanted(after)


def _selected(services: Changed, names: set[str], dataplanes: ByName) -> dict[str, dict[str, Resource]]:
    """The Dataplanes of these services, found in one pass over all."""
    found: dict[str, dict[str, Resource]] = {name: {} for name in names}
    if not found:
        return found
    selectors = Selectors().changed((), (service for name in names if (service := services[name]) is not None))
    for dataplane in dataplanes.values():
        for name in selectors.selecting(dataplane):
            found[name][dataplane.name] = dataplane
    return found
