"""A resource as it stands in a delta response, as ready bytes: responses are put together from them.

https://protobuf.dev/programming-guides/encoding: the concatenation of fields is a message.
"""

from __future__ import annotations

LENGTH_DELIMITED = 2

# envoy.service.discovery.v3.DeltaDiscoveryResponse.resources, .Resource and google.protobuf.Any
RESOURCES = 2
VERSION, RESOURCE, NAME = 1, 2, 3
TYPE_URL, VALUE = 1, 2


def varint(number: int) -> bytes:
    """An unsigned number, seven bits to a byte, the lowest first."""
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def field(number: int, content: bytes) -> bytes:
    """One length-delimited field; nothing where there is no content, as proto3 has it."""
    return varint(number << 3 | LENGTH_DELIMITED) + varint(len(content)) + content if content else b""


def entry(name: str, version: str, url: str, body: bytes) -> bytes:
    """One element of `DeltaDiscoveryResponse.resources`."""
    packed = field(TYPE_URL, url.encode()) + field(VALUE, body)
    resource = field(VERSION, version.encode()) + field(RESOURCE, packed) + field(NAME, name.encode())
    return varint(RESOURCES << 3 | LENGTH_DELIMITED) + varint(len(resource)) + resource  # an element counts, even empty
