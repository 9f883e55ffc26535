"""Showing values as documents: what nobody said is left out."""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

import attrs
from attrs import NOTHING
from frozendict import frozendict

from kuma.schema.shape import Message, Slot, bare, once, slots
from kuma.schema.text import base64_text, go_duration, moment_text, proto_duration

Writer = Callable[[Any], Any]


def show(value: Any) -> dict[str, Any]:
    """A value as a JSON-able document. `parse(type(value), show(value)) == value`."""
    return dict(_object(type(value))(value))


def shown(slot: Slot, value: Any, message: bool) -> Any:
    """One attribute's value as its class's documents show it."""
    writer = _writer(slot.type, message)
    return value if writer is None else writer(value)


def thawed(value: Any) -> Any:
    """A free value as plain dicts and lists."""
    if isinstance(value, Mapping):
        return {key: thawed(one) for key, one in value.items()}
    if isinstance(value, (tuple, list)):
        return [thawed(one) for one in value]
    return value


@once
def _object(cls: Any) -> Writer:
    message = issubclass(cls, Message)
    writers = tuple((slot.name, slot.json, _silent(slot, message), _writer(slot.type, message)) for slot in slots(cls))

    def write(value: Any) -> dict[str, Any]:
        document = {}
        for name, json, silent, writer in writers:
            one = getattr(value, name)
            if one is None or (silent is not None and one == silent and type(one) is type(silent)):
                continue
            document[json] = one if writer is None else writer(one)
        return document

    return write


def _silent(slot: Slot, message: bool) -> Any:
    """The value that is the same as saying nothing: an empty default, or a protobuf enumeration's first name."""
    if slot.required or slot.default is NOTHING or slot.default is None or attrs.has(type(slot.default)):
        return None
    if message and typing.get_origin(bare(slot.type)[0]) is Literal:
        return slot.default
    if not message and slot.default is False:
        return None  # structural defaulting writes it down, so readers of other makes are used to seeing it
    return None if slot.default else slot.default


def _writer(hint: Any, message: bool) -> Writer | None:
    """How to show a type; None where the value can stand as it is."""
    kind, limits = bare(hint)
    origin = typing.get_origin(kind)
    if origin is tuple:
        return _list(_writer(typing.get_args(kind)[0], message))
    if origin is frozendict:
        return _map(_writer(typing.get_args(kind)[1], message))
    if limits is not None and limits.quoted:
        return str
    if kind is timedelta:
        return proto_duration if message else go_duration
    if isinstance(kind, type) and attrs.has(kind):
        return _object(kind)
    return PLAIN.get(kind)


def _list(item: Writer | None) -> Writer:
    return list if item is None else lambda value: [item(one) for one in value]


def _map(item: Writer | None) -> Writer:
    return dict if item is None else lambda value: {key: item(one) for key, one in value.items()}


PLAIN: dict[Any, Writer] = {datetime: moment_text, bytes: base64_text, Any: thawed}
