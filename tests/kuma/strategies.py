"""How to make any noun, for Hypothesis: values of any spec class, derived from the class."""

from __future__ import annotations

import re
import typing
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import attrs
from frozendict import frozendict
from hypothesis import strategies as st

from kuma.kinds import KINDS
from kuma.model import Key, Kind, Labels, Resource
from kuma.schema.shape import NO_LIMITS, UNIONS, Limits, bare, slots

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=12)
NAMES = st.from_regex(r"[a-z]([-a-z0-9]{0,8}[a-z0-9])?", fullmatch=True)
FREE = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(TEXTS, inner, max_size=3).map(frozendict),
    max_leaves=6,
)
DURATIONS = st.timedeltas(timedelta(), timedelta(days=30))
MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))
LABELS = st.dictionaries(NAMES, NAMES, max_size=3).map(Labels)


def values(cls: type[Any]) -> st.SearchStrategy[Any]:
    """Values of a spec class that keep within its limits; whether they mean anything is another matter."""
    attributes = {slot.name: _optional(slot.type, _of(slot.type, slot.limits), slot.default) for slot in slots(cls)}
    return st.builds(cls, **attributes)


def _optional(hint: Any, strategy: st.SearchStrategy[Any], default: Any) -> st.SearchStrategy[Any]:
    if default is attrs.NOTHING:
        return strategy
    none = type(None) in typing.get_args(hint)
    return st.just(default) | strategy | st.none() if none else st.just(default) | strategy


def _of(hint: Any, limits: Limits = NO_LIMITS) -> st.SearchStrategy[Any]:
    kind, noted = bare(hint)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        return st.lists(_of(arguments[0]), min_size=limits.min_items or 0, max_size=limits.max_items or 3).map(tuple)
    if origin is not None:
        return GENERIC[origin](arguments)
    if kind is int:
        return _ints(noted or limits, limits)
    if kind is str:
        return _texts(limits)
    return values(kind) if attrs.has(kind) else PLAIN[kind]


def _ints(*limits: Limits) -> st.SearchStrategy[int]:
    lows = [int(one.ge) for one in limits if one.ge is not None]
    highs = [int(one.le) for one in limits if one.le is not None]
    return st.integers(max(lows, default=-(2**63)), min(highs, default=2**63 - 1))


def _texts(limits: Limits) -> st.SearchStrategy[str]:
    if limits.pattern:
        found = st.from_regex(re.compile(limits.pattern, re.ASCII), fullmatch=True)
        return found.filter(lambda text: len(text) <= (limits.max_length or 64) and not text.endswith("\n"))
    return st.text(
        st.characters(exclude_characters="\0", exclude_categories=("Cs",)),
        min_size=limits.min_length or 0,
        max_size=min(limits.max_length or 12, 12),
    )


GENERIC: dict[Any, Callable[[Any], st.SearchStrategy[Any]]] = {
    frozendict: lambda arguments: st.dictionaries(TEXTS, _of(arguments[1]), max_size=3).map(frozendict),
    Literal: st.sampled_from,
    **dict.fromkeys(UNIONS, lambda arguments: st.one_of([_of(one) for one in arguments])),
}
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bytes: st.binary(max_size=12),
    timedelta: DURATIONS,
    datetime: MOMENTS,
    Any: FREE,
}


def resources(kind: Kind) -> st.SearchStrategy[Resource]:
    """Resources of a kind."""
    mesh = NAMES if kind.mesh_scoped else st.just("")
    status = st.none() if kind.status is None else st.none() | values(kind.status)
    keys = st.builds(Key, st.just(kind.name), mesh, NAMES)
    return st.builds(Resource, key=keys, spec=values(kind.spec), labels=LABELS, status=status)


def any_resource() -> st.SearchStrategy[Resource]:
    """Resources of every kind."""
    return st.sampled_from(sorted(KINDS)).flatmap(lambda name: resources(KINDS[name]))
