"""What one peer should hold: packed resources by type, in layers that peers share.

No I/O, no clock and no Envoy type may be imported here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import cached_property

from attrs import field, frozen
from frozendict import frozendict
from google.protobuf.message import Message

from kuma.xds.entry import entry

URL = "type.googleapis.com/"  # before a message's full name: what an Any says it holds


@frozen
class Packed:
    """One resource as it travels: `url` and `body` are those of its Any. Equal content has an equal version."""

    name: str
    version: str
    body: bytes
    url: str = ""

    @cached_property
    def entry(self) -> bytes:
        """The resource as it stands in a response; made once for all the peers that get it."""
        return entry(self.name, self.version, self.url, self.body)

    def __repr__(self) -> str:  # a body may hold a private key
        return f"Packed({self.name!r}, {self.version!r}, {len(self.body)} bytes)"


def digest(*parts: bytes) -> str:
    """A short content hash; parts are length-prefixed so that no two lists of parts look alike."""
    hashed = hashlib.blake2b(digest_size=8)
    for part in parts:
        hashed.update(len(part).to_bytes(8, "little"))
        hashed.update(part)
    return hashed.hexdigest()


def pack(name: str, message: Message) -> Packed:
    """Close a message: from here on it is bytes and a hash of them."""
    body = message.SerializeToString(deterministic=True)
    return Packed(name, digest(body), body, URL + message.DESCRIPTOR.full_name)


@frozen(eq=False)
class Layer:
    """An immutable set of packed resources of one type, which many peers may hold. Compared by identity or version."""

    resources: Mapping[str, Packed]
    version: str = field(init=False)

    @version.default
    def _hash(self) -> str:
        parts = (part.encode() for name in sorted(self.resources) for part in (name, self.resources[name].version))
        return digest(*parts)

    def __repr__(self) -> str:
        return f"Layer({len(self.resources)} resources, {self.version})"


def layer(resources: Iterable[Packed]) -> Layer:
    """A layer of these resources; of two with one name the later stays."""
    return Layer(frozendict((packed.name, packed) for packed in resources))


NOTHING = layer(())

Layers = tuple[Layer, ...]


def alike(some: Layers | None, others: Layers) -> bool:
    """Whether these are the same layers, in content; None has nothing to be like."""
    if some is None or len(some) != len(others):
        return False
    return all(one is other or one.version == other.version for one, other in zip(some, others, strict=True))


@frozen(eq=False)
class Config:
    """Everything one peer should hold, by type URL; the layers of one type have no name in common.

    The order of the types is the order in which they travel.
    """

    by_type: Mapping[str, Layers]

    def versions(self) -> Mapping[str, str]:
        """One hash for each type: equal hashes, equal content."""
        return {url: digest(*(one.version.encode() for one in layers)) for url, layers in self.by_type.items()}

    def resources(self, url: str) -> Mapping[str, Packed]:
        """All resources of one type, for looking at; conversations work on the layers."""
        return {name: packed for one in self.by_type.get(url, ()) for name, packed in sorted(one.resources.items())}
