"""The names of the mesh as DNS answers (RFC 1035): what is answered here, and how. No sockets.

Questions are copied into their answers byte for byte, so clients that check the case of what they asked (0x20) are
content; names are compared without it, as RFC 4343 wants.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from attrs import frozen
from frozendict import frozendict

Address = IPv4Address | IPv6Address

HEADER = struct.Struct("!6H")  # id, flags, and how many questions, answers, authorities, additional records
QUESTION = struct.Struct("!HH")  # type and class, after the name
RECORD = struct.Struct("!HHHIH")  # name, type, class, TTL, length
NAME_AT_12 = 0xC000 | HEADER.size  # a pointer to the question's name (RFC 1035, 4.1.4)
RESPONSE, OPCODE, AUTHORITATIVE, RECURSION_DESIRED, RECURSION_AVAILABLE = 0x8000, 0x7800, 0x0400, 0x0100, 0x0080
SERVFAIL = 2
INTERNET = 1
TYPES: Mapping[int, type[Address]] = {1: IPv4Address, 28: IPv6Address}  # A, AAAA (RFC 3596)
LONGEST_LABEL = 63


class Unreadable(ValueError):
    """Not what a control plane tells of names."""


@frozen
class Names:
    """What names stand for, and for how many seconds that may be remembered."""

    addresses: Mapping[str, tuple[Address, ...]] = frozendict()
    ttl: int = 30

    @classmethod
    def of(cls, document: Any) -> Names:
        """The names in a `/dns` document. Raises Unreadable."""
        try:
            records = {one["name"].lower(): tuple(map(ip_address, one["ips"])) for one in document["records"]}
            return cls(frozendict(records), int(document["ttl"]))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Unreadable(f"not a document with names: {error!r}") from None


@frozen
class Question:
    """The one question of a query: a name in lower case without its last dot, a type, and both as they were sent."""

    name: str
    type: int
    sent: bytes


def question(query: bytes) -> Question | None:
    """The question of a standard query for an internet address; None where it asks for something else."""
    if len(query) < HEADER.size:
        return None
    _, flags, questions, *_ = HEADER.unpack_from(query)
    if flags & (RESPONSE | OPCODE) or questions != 1:
        return None
    labels, end = _labels(query, HEADER.size)
    if end + QUESTION.size > len(query):
        return None
    kind, place = QUESTION.unpack_from(query, end)
    if place != INTERNET or kind not in TYPES:
        return None
    return Question(b".".join(labels).decode("latin-1").lower(), kind, query[HEADER.size : end + QUESTION.size])


def _labels(query: bytes, at: int) -> tuple[list[bytes], int]:
    """The labels of a name, and where it ends: behind the message when it does not end well."""
    labels: list[bytes] = []
    while at < len(query):
        length = query[at]
        if length == 0:
            return labels, at + 1
        if length > LONGEST_LABEL:
            break  # a pointer has no place in a question
        labels.append(query[at + 1 : at + 1 + length])
        at += 1 + length
    return labels, len(query)


def answer(names: Names, query: bytes) -> bytes | None:
    """The answer to a query for a name of the mesh; None when somebody else must be asked.

    A name that has no address of the wanted family exists all the same: the answer is empty, and no error.
    """
    asked = question(query)
    known = names.addresses.get(asked.name) if asked is not None else None
    if asked is None or known is None:
        return None
    found = [address.packed for address in known if isinstance(address, TYPES[asked.type])]
    records = (RECORD.pack(NAME_AT_12, asked.type, INTERNET, names.ttl, len(one)) + one for one in found)
    return _header(query, AUTHORITATIVE, 1, len(found)) + asked.sent + b"".join(records)


def failure(query: bytes) -> bytes:
    """What is answered when nobody could be asked."""
    asked = question(query)
    return _header(query, SERVFAIL, 0, 0) if asked is None else _header(query, SERVFAIL, 1, 0) + asked.sent


def is_query(message: bytes) -> bool:
    """Whether this is long enough for a query, and no response: others are not answered, so nobody can loop."""
    return len(message) >= HEADER.size and not message[2] & (RESPONSE >> 8)


def _header(query: bytes, said: int, questions: int, answers: int) -> bytes:
    number, flags, *_ = HEADER.unpack_from(query)
    kept = flags & (OPCODE | RECURSION_DESIRED)
    return HEADER.pack(number, RESPONSE | RECURSION_AVAILABLE | kept | said, questions, answers, 0, 0)


def kind(query: bytes) -> int:
    """The type that a query asks for; 0 where it asks for nothing that we understand."""
    _, end = _labels(query, HEADER.size)
    return int(QUESTION.unpack_from(query, end)[0]) if end + QUESTION.size <= len(query) else 0


def outcome(message: bytes) -> int:
    """The code of a response: 0 is no error (RFC 1035, 4.1.1)."""
    return message[3] & 0x0F if len(message) >= HEADER.size else SERVFAIL


def nameserver(resolv_conf: str) -> str | None:
    """The first nameserver of a resolv.conf(5): an address, IPv6 maybe with an interface (`fe80::1%eth0`)."""
    for line in resolv_conf.splitlines():
        words = line.split()
        if len(words) > 1 and words[0] == "nameserver" and _is_address(words[1].partition("%")[0]):
            return words[1]
    return None


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
