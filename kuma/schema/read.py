"""Reading documents: one reader per class, put together once, that finds everything that is wrong in one pass."""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar

import attrs
from attrs import NOTHING
from frozendict import frozendict

from kuma.schema.shape import NO_LIMITS, UNIONS, Limits, Message, Slot, bare, once, slots
from kuma.schema.text import parse_base64, parse_go_duration, parse_moment
from kuma.schema.violation import Invalid, Violation, join

T = TypeVar("T")

Where = tuple[Any, ...]
"""A place in a document: the place around it and a name or an index; its text is only put together for a violation."""

Problems = list[Violation]
Reader = Callable[[Any, Where, Problems], Any]

UNKNOWN = "unknown field"

DEEPEST = 64
"""How far free values may nest; Envoy's own deepest messages stay below half of it."""

INTS = Limits(ge=-(2**63), le=2**63 - 1)
JSON_TYPES = {str: "string", bool: "boolean", int: "number", float: "number", dict: "object", list: "array"}


def parse(cls: type[T], document: Any, path: str = "spec", strict: bool = False) -> T:
    """A document as a value of this class, its defaults filled in; `null` says as little as nothing.

    Raises Invalid with everything that is wrong. Fields the class does not know are ignored, or wrong if `strict`.
    """
    problems: Problems = []
    value = _object(cls, strict)({} if document is None else document, (path,), problems)
    if problems:
        raise Invalid(sorted(problems, key=lambda problem: (problem.field, problem.message)))
    return typing.cast(T, value)


def unknown(cls: type[Any], document: Any, path: str = "spec") -> tuple[Violation, ...]:
    """Every field of a document that its class does not know, whatever else is wrong with it.

    What an earlier version knew, and the class lists as `REMOVED`, means nothing any more and does no harm.
    """
    problems: Problems = []
    _object(cls, True)(document, (path,), problems)
    return tuple(problem for problem in problems if problem.message.startswith(UNKNOWN))


def place(where: Where) -> str:
    """A place as text."""
    steps: list[str] = []
    while len(where) == 2:
        where, step = where
        steps.append(f"[{step}]" if isinstance(step, int) else str(step))
    path = str(where[0])
    for step in reversed(steps):
        path = join(path, step)
    return path


def _wrong(problems: Problems, where: Where, message: str) -> None:
    problems.append(Violation(place(where), f"in body {message}"))


def _mismatch(problems: Problems, where: Where, expected: str, value: Any) -> None:
    actual = next((name for kind, name in JSON_TYPES.items() if isinstance(value, kind)), "null")
    _wrong(problems, where, f'must be of type {expected}: "{actual}"')


@once
def _object(cls: Any, strict: bool) -> Reader:
    readers: dict[Any, tuple[str, Reader]] = {}
    for slot in slots(cls):
        reader = _reader(slot.type, slot.limits, strict, issubclass(cls, Message))
        readers[slot.json] = (slot.name, reader)
        if issubclass(cls, Message):
            readers.setdefault(slot.name, (slot.name, reader))
    required = tuple((slot.name, slot.json) for slot in slots(cls) if slot.required and not _excused(slot))
    removed: frozenset[str] = getattr(cls, "REMOVED", frozenset())

    def read(value: Any, where: Where, problems: Problems) -> Any:
        if not isinstance(value, Mapping):
            return _mismatch(problems, where, "object", value)
        arguments = {}
        for key, item in value.items():
            known = readers.get(key)
            if known is None:
                if strict and key not in removed:
                    _unknown(problems, (where, key), [slot.json for slot in slots(cls)])
            elif item is not None:
                arguments[known[0]] = known[1](item, (where, key), problems)
        missing = [json for name, json in required if name not in arguments]
        for json in missing:
            _wrong(problems, (where, json), "is required")
        return None if missing else cls(**arguments)

    return read


def _excused(slot: Slot) -> bool:
    """Whether a semantic check says it better when the field is missing."""
    return slot.limits.described_only and slot.default is not NOTHING


def _unknown(problems: Problems, where: Where, known: list[str]) -> None:
    name = str(where[1])
    near = next((other for other in known if other.lower() == name.lower().replace("_", "")), None)
    hint = f', did you mean "{near}"?' if near else ""
    problems.append(Violation(place(where), f"{UNKNOWN}{hint}"))


def _reader(hint: Any, limits: Limits, strict: bool, message: bool) -> Reader:  # noqa: PLR0911 - one line for each type
    kind, noted = bare(hint)
    if noted is not None:
        limits = _both(noted, limits)
    if limits.described_only:
        limits = Limits(quoted=limits.quoted)
    origin = typing.get_origin(kind)
    if origin is tuple:
        return _list(_reader(typing.get_args(kind)[0], NO_LIMITS, strict, message), limits)
    if origin is frozendict:
        inner = typing.get_args(kind)[1]
        return _map(_reader(inner, NO_LIMITS, strict, message), nulls=inner is Any)
    if origin is Literal:
        return _enum(typing.get_args(kind))
    if origin in UNIONS:
        return _either(typing.get_args(kind), limits)
    if kind is Any:
        return lambda value, where, problems: _free(value, where, problems, DEEPEST)
    if kind is int:
        return _int(limits, quoted=message or limits.quoted)
    if kind is str:
        return _str(limits)
    if kind in PLAIN:
        return PLAIN[kind]
    if attrs.has(kind):
        return _object(kind, strict)
    raise TypeError(f"no reader for {hint!r}")


def _both(noted: Limits, own: Limits) -> Limits:
    said = {name: value for name, value in attrs.asdict(own).items() if value not in (None, False)}
    return attrs.evolve(noted, **said)


def _list(item: Reader, limits: Limits) -> Reader:
    fewest, most = limits.min_items or 0, limits.max_items

    def read(value: Any, where: Where, problems: Problems) -> Any:
        if not isinstance(value, (list, tuple)):
            return _mismatch(problems, where, "array", value)
        if len(value) < fewest:
            _wrong(problems, where, f"should have at least {fewest} items")
        if most is not None and len(value) > most:
            return _wrong(problems, where, f"should have at most {most} items")
        return tuple([item(one, (where, index), problems) for index, one in enumerate(value)])

    return read


def _map(item: Reader, nulls: bool) -> Reader:
    """Among free values `null` is a value like others; elsewhere it says nothing."""

    def read(value: Any, where: Where, problems: Problems) -> Any:
        if not isinstance(value, Mapping):
            return _mismatch(problems, where, "object", value)
        found = {}
        for key, one in value.items():
            text = _text(key, (where, key), problems)
            if text is not None and (nulls or one is not None):
                found[text] = item(one, (where, f'["{text}"]'), problems)
        return frozendict(found)

    return read


def _enum(options: tuple[Any, ...]) -> Reader:
    listed = " ".join(map(str, options))
    known = {(type(option), option) for option in options}
    expected = "string" if all(isinstance(option, str) for option in options) else "integer"

    def read(value: Any, where: Where, problems: Problems) -> Any:
        if not isinstance(value, (str, int)) or (type(value) is not type(options[0])):
            return _mismatch(problems, where, expected, value)
        if (type(value), value) not in known:
            return _wrong(problems, where, f"should be one of [{listed}]")
        return value

    return read


def _either(options: tuple[Any, ...], limits: Limits) -> Reader:
    if set(options) != {int, str}:
        raise TypeError(f"no reader for a choice of {options!r}")
    number, text = _int(limits, quoted=False), _str(limits)

    def read(value: Any, where: Where, problems: Problems) -> Any:
        if isinstance(value, str):
            return text(value, where, problems)
        if isinstance(value, bool) or not isinstance(value, int):
            return _mismatch(problems, where, "integer,string", value)
        return number(value, where, problems)

    return read


def _int(limits: Limits, quoted: bool) -> Reader:
    low = INTS.ge if limits.ge is None else limits.ge
    high = INTS.le if limits.le is None else limits.le
    assert low is not None
    assert high is not None

    def read(value: Any, where: Where, problems: Problems) -> Any:
        number = _integer(value, quoted)
        if number is None:
            return _mismatch(problems, where, "integer", value)
        if number < low:
            return _wrong(problems, where, f"should be greater than or equal to {low}")
        if number > high:
            return _wrong(problems, where, f"should be less than or equal to {high}")
        return number

    return read


def _integer(value: Any, quoted: bool) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if quoted and isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,20}", value):
        return int(value)
    return None


def _str(limits: Limits) -> Reader:
    if limits == NO_LIMITS:
        return _text
    matches = re.compile(limits.pattern).search if limits.pattern else None
    fewest, most = limits.min_length or 0, limits.max_length

    def read(value: Any, where: Where, problems: Problems) -> Any:
        text = _text(value, where, problems)
        if text is None:
            return None
        if len(text) < fewest:
            return _wrong(problems, where, f"should be at least {fewest} chars long")
        if most is not None and len(text) > most:
            return _wrong(problems, where, f"should be at most {most} chars long")
        if matches and not matches(text):
            return _wrong(problems, where, f"should match '{limits.pattern}'")
        return text

    return read


def _text(value: Any, where: Where, problems: Problems) -> str | None:
    if not isinstance(value, str):
        _mismatch(problems, where, "string", value)
        return None
    if value.isprintable() or _storable(value):
        return value
    _wrong(problems, where, "must be valid Unicode without NUL")
    return None


def _storable(value: str) -> bool:
    """Whether every store can keep this text: Postgres knows no NUL, and UTF-8 no lone surrogates."""
    if "\0" in value:
        return False
    return value.isascii() or value.encode("utf-8", "ignore").decode() == value


def _bool(value: Any, where: Where, problems: Problems) -> Any:
    return value if isinstance(value, bool) else _mismatch(problems, where, "boolean", value)


def _float(value: Any, where: Where, problems: Problems) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return _mismatch(problems, where, "number", value)
    if not abs(value) <= 1.7976931348623157e308:
        return _wrong(problems, where, "must be a finite number")
    return float(value)


def _worded(parse_text: Callable[[str], Any], what: str) -> Reader:
    def read(value: Any, where: Where, problems: Problems) -> Any:
        if not isinstance(value, str):
            return _mismatch(problems, where, "string", value)
        try:
            return parse_text(value)
        except ValueError:
            return _wrong(problems, where, f"must be {what}")

    return read


def _free(value: Any, where: Where, problems: Problems, depth: int) -> Any:
    if depth == 0:
        return _wrong(problems, where, f"must not nest deeper than {DEEPEST} levels")
    if isinstance(value, Mapping):
        texts = {_text(key, where, problems): key for key in value}
        free = {
            text: _free(value[key], (where, key), problems, depth - 1)
            for text, key in texts.items()
            if text is not None
        }
        return frozendict(free)
    if isinstance(value, (list, tuple)):
        return tuple([_free(one, (where, index), problems, depth - 1) for index, one in enumerate(value)])
    scalar = SCALARS.get(type(value), _not_json)
    return scalar(value, where, problems)


def _as_is(value: Any, _where: Where, _problems: Problems) -> Any:
    return value


def _not_json(value: Any, where: Where, problems: Problems) -> Any:
    return _mismatch(problems, where, "object", value)


SCALARS: dict[Any, Reader] = {
    str: _text,
    float: _float,
    bool: _as_is,
    int: _int(NO_LIMITS, quoted=False),
    type(None): _as_is,
}

PLAIN: dict[Any, Reader] = {
    bool: _bool,
    float: _float,
    timedelta: _worded(parse_go_duration, "a duration such as 1h30m or 250ms"),
    datetime: _worded(parse_moment, "an RFC 3339 date and time"),
    bytes: _worded(parse_base64, "base64"),
}
