"""Documents that somebody writes now: their fields and words must be those that the kind's JSON Schema lists.

What is stored or synced is read more generously, since another version may have written it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from kuma.kinds import KINDS, parse_document, unknown_fields
from kuma.model import Resource
from kuma.schema import Invalid, Violation, json_schema


def parse_written(document: Any) -> Resource:
    """A whole document as a resource. Raises Invalid with all that is wrong in its structure, fields and words."""
    wrong = set(_wrong_words(document))
    try:
        resource = parse_document(document)
    except Invalid as invalid:
        wrong.update(invalid.violations)
    else:
        wrong.update(unknown_fields(document))
        if not wrong:
            return resource
    raise Invalid(sorted(wrong, key=lambda violation: (violation.field, violation.message)))


def _wrong_words(document: Any) -> Iterator[Violation]:
    name = document.get("type") if isinstance(document, Mapping) else None
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is not None and not kind.inline:
        yield from _unlisted(_schema(kind.name), document.get("spec"), "spec")


@cache
def _schema(kind: str) -> Mapping[str, Any]:
    return json_schema(KINDS[kind].spec)


def _unlisted(schema: Mapping[str, Any], value: Any, where: str) -> Iterator[Violation]:
    """The words in a value that its schema does not list; what is of another type, reading reports."""
    words = schema.get("enum")
    if words is not None:
        if isinstance(value, str) and value not in words:
            yield Violation(where, f"in body should be one of [{' '.join(map(str, words))}]")
        return
    if isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _unlisted(schema.get("items", {}), item, f"{where}[{index}]")
    elif isinstance(value, Mapping):
        properties = schema.get("properties", {})
        for name in properties.keys() & value.keys():
            yield from _unlisted(properties[name], value[name], f"{where}.{name}")
