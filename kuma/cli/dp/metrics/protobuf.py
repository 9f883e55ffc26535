"""Protobuf's wire format, as far as it is written here (https://protobuf.dev/programming-guides/encoding/).

The library is three megabytes of memory beside every workload, for a handful of messages.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

VARINT, FIXED, SIZED = 0, 1, 2


def varint(value: int) -> bytes:
    """A number that is not negative, in as many bytes as it needs."""
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def _tag(number: int, kind: int) -> bytes:
    return varint(number << 3 | kind)


def message(number: int, *fields: bytes) -> bytes:
    """A field that is a message of fields."""
    content = b"".join(fields)
    return _tag(number, SIZED) + varint(len(content)) + content


def text(number: int, value: str) -> bytes:
    """A field of text; nothing where it is empty, which is the same."""
    return message(number, value.encode()) if value else b""


def integer(number: int, value: int) -> bytes:
    """An enum, or a bool."""
    return _tag(number, VARINT) + varint(value)


def fixed64(number: int, value: int) -> bytes:
    """A field of 64 bits."""
    return _tag(number, FIXED) + struct.pack("<Q", value)


def double(number: int, value: float) -> bytes:
    """A field of a floating point number."""
    return _tag(number, FIXED) + struct.pack("<d", value)


def packed(number: int, kind: str, values: Sequence[float]) -> bytes:
    """Many numbers of one field: `Q` of 64 bits, `d` with a floating point."""
    return message(number, struct.pack(f"<{len(values)}{kind}", *values))
