"""Describing a class as JSON Schema, for the API's description and for people."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Literal

from attrs import NOTHING
from frozendict import frozendict

from kuma.schema.shape import UNIONS, Limits, Message, Slot, bare, slots
from kuma.schema.write import shown

DURATION = {  # the format "duration" of JSON Schema is that of ISO 8601
    "type": "string",
    "pattern": r"^[-+]?(0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$",
}
GO_DURATION = {**DURATION, "description": "A duration such as 1h30m or 250ms."}
PROTO_DURATION = {**DURATION, "description": "A duration in seconds such as 1.5s."}

PLAIN: dict[Any, dict[str, Any]] = {
    int: {"type": "integer"},
    str: {"type": "string"},
    bool: {"type": "boolean"},
    float: {"type": "number"},
    bytes: {"type": "string", "format": "byte"},
    datetime: {"type": "string", "format": "date-time"},
    Any: {"x-kubernetes-preserve-unknown-fields": True},
}
KEYWORDS = {
    "ge": "minimum",
    "le": "maximum",
    "min_length": "minLength",
    "max_length": "maxLength",
    "min_items": "minItems",
    "max_items": "maxItems",
    "pattern": "pattern",
    "one_of": "enum",
}


def json_schema(cls: Any) -> dict[str, Any]:
    """The JSON Schema of a class's documents, everything inline."""
    schema: dict[str, Any] = {"type": "object"}
    if (said := cls.__dict__.get("__doc__")) and not said.startswith("Method generated"):
        schema["description"] = inspect.cleandoc(said)
    message = issubclass(cls, Message)
    properties = {slot.json: _property(slot, message) for slot in slots(cls)}
    if properties:
        schema["properties"] = properties
    required = [slot.json for slot in slots(cls) if slot.required]
    return schema | ({"required": required} if required else {})


def _property(slot: Slot, message: bool) -> dict[str, Any]:
    schema = _type(slot.type, message) | _limits(slot.limits)
    if slot.doc:
        schema["description"] = slot.doc
    if _tells(slot, message):
        schema["default"] = shown(slot, slot.default, message)
    return schema


def _tells(slot: Slot, message: bool) -> bool:
    """Whether an attribute's default says more than nothing."""
    if slot.default is NOTHING:
        return False
    return slot.default not in (None, "", 0, False, (), frozendict()) or (slot.default is False and not message)


def _limits(limits: Limits | None) -> dict[str, Any]:
    return {word: value for name, word in KEYWORDS.items() if (value := getattr(limits, name, None)) is not None}


def _type(hint: Any, message: bool) -> dict[str, Any]:
    kind, limits = bare(hint)
    origin = typing.get_origin(kind)
    if origin is not None:
        return GENERIC[origin](typing.get_args(kind), message) | _limits(limits)
    if limits is not None and limits.quoted:
        return {"type": "string"}
    if kind is timedelta:
        return dict(PROTO_DURATION if message else GO_DURATION)
    if kind in PLAIN:
        return PLAIN[kind] | _limits(limits)
    return json_schema(kind)


def _list(arguments: tuple[Any, ...], message: bool) -> dict[str, Any]:
    return {"type": "array", "items": _type(arguments[0], message)}


def _map(arguments: tuple[Any, ...], message: bool) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": _type(arguments[1], message)}


def _enum(arguments: tuple[Any, ...], _message: bool) -> dict[str, Any]:
    return {"type": "string" if isinstance(arguments[0], str) else "integer", "enum": list(arguments)}


def _either(arguments: tuple[Any, ...], message: bool) -> dict[str, Any]:
    return {"x-kubernetes-int-or-string": True, "anyOf": [_type(one, message) for one in arguments]}


GENERIC: dict[Any, Callable[[tuple[Any, ...], bool], dict[str, Any]]] = {
    tuple: _list,
    frozendict: _map,
    Literal: _enum,
    **dict.fromkeys(UNIONS, _either),
}
