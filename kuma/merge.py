"""Merging what policies say: the later wins, field by field, and what is not said overrides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

import attrs
from frozendict import frozendict

T = TypeVar("T")


def merge(confs: Sequence[T], empty: T) -> T:
    """One conf of many, in ascending precedence; `empty` where there are none.

    This is a JSON merge patch (RFC 7396) on values: objects and maps merge, anything else is replaced whole, None says
    nothing and an empty tuple says "none". Two kinds of lists differ: those of fields named `append...` are joined,
    and a class may name lists whose items merge by one of their attributes: `merge_by = {"rules": "matches"}`.
    """
    if not confs:
        return empty
    if len(confs) == 1 and not merge_by(type(confs[0])):
        return confs[0]
    merged: T = _objects(confs)
    return merged


def _objects(values: Sequence[Any]) -> Any:
    cls: Any = type(values[-1])
    keyed = merge_by(cls)
    merged = {name: _values(name, _said(values, name), keyed) for name in _names(cls)}
    return cls(**merged)


def _said(values: Sequence[Any], name: str) -> list[Any]:
    return [said for value in values if (said := getattr(value, name)) is not None]


def _values(name: str, said: Sequence[Any], keyed: Mapping[str, str]) -> Any:
    if not said:
        return None
    last = said[-1]
    if name in keyed:
        return _by_key(said, keyed[name])
    if name.startswith("append"):
        return tuple(item for items in said for item in items)
    return _together(last, said)


def _together(last: Any, said: Sequence[Any]) -> Any:
    """Only objects and maps have parts that could merge; anything else the last one has said."""
    if attrs.has(type(last)):
        return _objects(said) if len(said) > 1 or merge_by(type(last)) else last
    if isinstance(last, Mapping):
        return _maps(said) if len(said) > 1 else last
    return last


def _maps(said: Sequence[Mapping[str, Any]]) -> frozendict[str, Any]:
    keys = dict.fromkeys(key for one in said for key in one)
    every = {key: [one[key] for one in said if key in one] for key in keys}
    return frozendict((key, _together(values[-1], values)) for key, values in every.items())


def _by_key(said: Sequence[Sequence[Any]], attribute: str) -> tuple[Any, ...]:
    """Items with an equal key become one, in the place of the last of them."""
    groups: dict[Any, list[Any]] = {}
    for item in (item for items in said for item in items):
        key = getattr(item, attribute)
        group = groups.pop(key, [])
        group.append(item)
        groups[key] = group
    return tuple(_objects(group) if len(group) > 1 else group[0] for group in groups.values())


def merge_by(cls: type[Any]) -> Mapping[str, str]:
    """The lists of a class whose items merge by a key: list attribute -> key attribute of its items."""
    keyed: Mapping[str, str] = getattr(cls, "merge_by", {})
    return keyed


@cache
def _names(cls: Any) -> tuple[str, ...]:
    return tuple(attribute.name for attribute in attrs.fields(cls))
