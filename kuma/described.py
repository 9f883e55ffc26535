"""Documents that somebody writes now: their fields and words must be those that the kind's JSON Schema lists.

What is stored or synced is read more generously, since another version may have written it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from kuma.kinds import KINDS, parse_document, unknown_fields
from kuma.model import Kind, Resource
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


def document_schema(kind: Kind) -> dict[str, Any]:
    """The JSON Schema of a kind's whole documents, as they are written and as they are shown."""
    spec = json_schema(kind.spec)
    about = {"type": {"type": "string", "enum": [kind.name]}, **({"mesh": MESH} if kind.mesh_scoped else {}), **ABOUT}
    said = spec.get("properties", {}) if kind.inline else {"spec": spec, **_status(kind)}
    required = spec.get("required", []) if kind.inline else ["spec"]
    described = {"description": spec["description"]} if "description" in spec else {}
    return {
        "type": "object",
        "title": kind.name,
        **described,
        "required": ["type", "name", *required],
        "properties": {**about, **said},
    }


def _status(kind: Kind) -> dict[str, Any]:
    return {} if kind.status is None else {"status": {**json_schema(kind.status), "readOnly": True}}


MESH = {"type": "string", "default": "default", "description": "The mesh that it belongs to."}
SAID_BY_SERVER = {"readOnly": True}
ABOUT: Mapping[str, Any] = {
    "name": {"type": "string", "minLength": 1, "maxLength": 253, "pattern": "^[0-9a-z.-]*$"},
    "labels": {"type": "object", "additionalProperties": {"type": "string"}},
    "creationTime": {"type": "string", "format": "date-time", **SAID_BY_SERVER},
    "modificationTime": {"type": "string", "format": "date-time", **SAID_BY_SERVER},
    "kri": {"type": "string", **SAID_BY_SERVER},
}
"""What documents of every kind say."""


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
