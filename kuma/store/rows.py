"""Rows of the table of resources, and the resources that they are."""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from datetime import UTC, datetime
from typing import Any

from attrs import define, evolve, field
from frozendict import frozendict

from kuma.model import Key, Kind, Labels, Resource
from kuma.schema import parse, show

COLUMNS = "name, mesh, version, spec, creation_time, modification_time, labels::text, status::text"

Row = tuple[Any, ...]


@define(eq=False)
class Rows:
    """Turns rows into resources. A row that was read or written before, and is the same, gives the same resource."""

    kinds: Mapping[str, Kind]
    _read: dict[Key, tuple[int, Resource]] = field(factory=dict)

    def resource(self, kind: str, row: Row) -> Resource:
        """The resource in a row of `COLUMNS`. Raises Invalid when it was not written by us nor our like."""
        key = Key(kind, row[1], row[0])
        known, same = self._read.get(key), hash(row)  # the texts of thousands of rows would be a lot to keep
        if known is not None and known[0] == same:
            return known[1]
        resource = self._parsed(key, row)
        self._read[key] = (same, resource)
        return resource

    def written(self, resource: Resource, row: Row) -> Resource:
        """What was just written, as its row now says; whoever reads that row need not take it apart."""
        _, _, version, _, created, modified, *_ = row
        times = {"created": created.replace(tzinfo=UTC), "modified": modified.replace(tzinfo=UTC)}
        stored = evolve(resource, version=str(version), **times)
        self._read[resource.key] = (hash(row), stored)
        return stored

    def forget(self, key: Key) -> None:
        """It is gone."""
        self._read.pop(key, None)

    def keep(self, kind: str, names: Set[tuple[str, str]]) -> None:
        """Of a kind there are only these meshes and names."""
        for key in [key for key in self._read if key.kind == kind and (key.mesh, key.name) not in names]:
            del self._read[key]

    def _parsed(self, key: Key, row: Row) -> Resource:
        _, _, version, spec, created, modified, labels, status = row
        kind = self.kinds[key.kind]
        return Resource(
            key=key,
            spec=parse(kind.spec, _object(spec)),
            labels=Labels(_object(labels)),
            status=self._status(kind, _object(status)),
            version=str(version),
            created=created.replace(tzinfo=UTC),
            modified=modified.replace(tzinfo=UTC),
        )

    @staticmethod
    def _status(kind: Kind, status: Mapping[str, Any]) -> Any:
        """Nobody has said anything yet where the object is empty."""
        return parse(kind.status, status, path="status") if kind.status and status else None


def spec_text(resource: Resource) -> str:
    """A spec as it is kept: JSON on one line."""
    return _text(show(resource.spec))


def status_text(resource: Resource) -> str:
    """A status as it is kept; an empty object for kinds without one, never NULL."""
    return _text(show(resource.status) if resource.status is not None else {})


def labels_text(resource: Resource) -> str:
    """Labels as they are kept."""
    return _text(dict(resource.labels))


def moment(time: datetime) -> datetime:
    """A time as it is kept: in UTC, without saying so."""
    return time.astimezone(UTC).replace(tzinfo=None)


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _object(text: str | None) -> Mapping[str, Any]:
    return (json.loads(text) if text else None) or frozendict()
