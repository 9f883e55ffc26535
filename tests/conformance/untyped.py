"""Specs as a control plane has them that checks no schema: whatever is said reaches the semantic checks."""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import attrs
from frozendict import frozendict

from kuma.schema import parse_go_duration
from kuma.schema.shape import UNIONS, Slot, bare, slots

ZERO = {str: "", int: 0, bool: False, float: 0.0, timedelta: timedelta(0), tuple: (), frozendict: frozendict()}


def made(hint: Any, said: Any) -> Any:
    """A value of a type: scalars as text where text is wanted, words as they are."""
    kind, _ = bare(hint)
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if said is None:
        return None
    if origin is tuple:
        return tuple(made(inner[0], one) for one in said)
    if origin is frozendict:
        return frozendict((str(key), made(inner[1], one)) for key, one in said.items())
    if attrs.has(kind):
        return _object(kind, said)
    return SCALAR.get(kind, _frozen)(said)


def _object(cls: Any, said: Mapping[str, Any]) -> Any:
    named = {slot.name: made(slot.type, said.get(slot.json, said.get(slot.name))) for slot in slots(cls)}
    filled = {slot.name: _zero(slot) for slot in slots(cls) if slot.required}
    return cls(**filled | {name: one for name, one in named.items() if one is not None})


def _zero(slot: Slot) -> Any:
    kind, _ = bare(slot.type)
    if attrs.has(kind):
        return _object(kind, {})
    origin = typing.get_origin(kind)
    if origin in UNIONS:
        return 0  # a number or a text
    return ZERO.get(origin if origin in ZERO else kind, "")


def _frozen(said: Any) -> Any:
    if isinstance(said, Mapping):
        return frozendict((key, _frozen(one)) for key, one in said.items())
    return tuple(map(_frozen, said)) if isinstance(said, list) else said


SCALAR: Mapping[Any, Callable[[Any], Any]] = {timedelta: lambda said: parse_go_duration(str(said)), str: str}
