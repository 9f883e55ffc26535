"""Checking what a document means: asks every value inside a value for its violations."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterator
from typing import Any

import attrs
from frozendict import frozendict

from kuma.schema.shape import bare, once, slots
from kuma.schema.violation import Violation, join

Checker = Callable[[Any, str], Iterator[Violation]]


def violations(value: Any, path: str = "spec") -> tuple[Violation, ...]:
    """Everything that a value and the values inside it say is wrong, each value's own first."""
    checker = _object(type(value))
    return () if checker is None else tuple(checker(value, path))


@once
def _object(cls: Any) -> Checker | None:
    own = getattr(cls, "violations", None)
    found = ((slot.name, slot.json, _checker(slot.type)) for slot in slots(cls) if slot.checked)
    inner = tuple((name, json, checker) for name, json, checker in found if checker is not None)
    if own is None and not inner:
        return None

    def check(value: Any, path: str) -> Iterator[Violation]:
        if own is not None:
            for violation in own(value):
                yield violation.under(path)
        for name, json, checker in inner:
            one = getattr(value, name)
            if one is not None:
                yield from checker(one, join(path, json))

    return check


def _checker(hint: Any) -> Checker | None:
    """How to check a type; None where nothing inside could be wrong."""
    kind, _ = bare(hint)
    origin = typing.get_origin(kind)
    if origin in (tuple, frozendict):
        item = _checker(typing.get_args(kind)[0 if origin is tuple else 1])
        return item and (_list(item) if origin is tuple else _map(item))
    return _object(kind) if isinstance(kind, type) and attrs.has(kind) else None


def _list(item: Checker) -> Checker:
    def check(value: Any, path: str) -> Iterator[Violation]:
        for index, one in enumerate(value):
            yield from item(one, f"{path}[{index}]")

    return check


def _map(item: Checker) -> Checker:
    def check(value: Any, path: str) -> Iterator[Violation]:
        for key, one in value.items():
            yield from item(one, f'{path}["{key}"]')

    return check
