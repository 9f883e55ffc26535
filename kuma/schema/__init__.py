"""From one attrs class: reading documents, showing them, checking them, and describing them as JSON Schema."""

from kuma.schema.check import violations
from kuma.schema.describe import json_schema
from kuma.schema.read import parse, unknown
from kuma.schema.shape import Int32, Limits, Message, UInt32, UInt64, field
from kuma.schema.text import go_duration, parse_go_duration
from kuma.schema.violation import Invalid, Violation
from kuma.schema.write import show

__all__ = [
    "Int32",
    "Invalid",
    "Limits",
    "Message",
    "UInt32",
    "UInt64",
    "Violation",
    "field",
    "go_duration",
    "json_schema",
    "parse",
    "parse_go_duration",
    "show",
    "unknown",
    "violations",
]
