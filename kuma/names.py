"""What names, labels and addresses may look like, in the words of the Kubernetes API conventions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from ipaddress import ip_address

from kuma.schema.violation import Violation

RFC1123 = (
    "invalid characters. A lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and must start and end with an alphanumeric character"
)
MESH_CHARACTERS = "invalid characters. Valid characters are numbers, lowercase latin letters and '-', '_', '.' symbols."
DNS1035_LABEL = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
    "'[a-z]([-a-z0-9]*[a-z0-9])?')"
)
DNS1123_LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
DNS1123_SUBDOMAIN = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
QUALIFIED_NAME = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
    "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
QUALIFIED_SHAPE = (
    "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. "
    "'example.com/MyName')"
)
LABEL_VALUE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)

LABEL_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
LABEL_1123 = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
SUBDOMAIN_1123 = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
LONGEST_NAME = 253

MESH_NAME = re.compile(r"[0-9a-z-_.]*")
PLAIN_NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
DOMAIN = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9_-]{0,62}(\.[a-zA-Z0-9_][a-zA-Z0-9_-]{0,62})*[._]?")


def allowed_values(values: Iterable[str]) -> str:
    """What a value may be, for people."""
    return f"Allowed values: {', '.join(values) or '(none)'}"


@lru_cache(maxsize=4096)  # there are more outbounds than addresses
def is_ip(text: str) -> bool:
    """Whether this is an IPv4 or IPv6 address."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def is_ipv6(text: str) -> bool:
    """Whether this is an IPv6 address."""
    return is_ip(text) and ip_address(text).version == 6


def overlap(address: str, other: str) -> bool:
    """Whether who listens at one of these addresses takes ports of the other."""
    if not is_ip(address) or not is_ip(other):
        return address == other != ""
    first, second = ip_address(address), ip_address(other)
    return first == second or first.is_unspecified or second.is_unspecified


def is_domain(text: str) -> bool:
    """Whether this is a DNS name, and not an address."""
    return 0 < len(text.replace(".", "")) <= 255 and DOMAIN.fullmatch(text) is not None and not is_ip(text)


def is_port(number: int) -> bool:
    """Whether something can listen there."""
    return 1 <= number <= 65535


def dns1035(text: str) -> tuple[str, ...]:
    """What keeps a text from being an RFC 1035 label."""
    return _texts(text, 63, LABEL_1035, DNS1035_LABEL)


def dns1123_label(text: str) -> tuple[str, ...]:
    """What keeps a text from being an RFC 1123 label."""
    return _texts(text, 63, LABEL_1123, "must not contain dots" if SUBDOMAIN_1123.fullmatch(text) else DNS1123_LABEL)


def dns1123_subdomain(text: str) -> tuple[str, ...]:
    """What keeps a text from being an RFC 1123 subdomain."""
    return _texts(text, LONGEST_NAME, SUBDOMAIN_1123, DNS1123_SUBDOMAIN)


def label_value(text: str) -> tuple[str, ...]:
    """What keeps a text from being a label's value."""
    return _texts(text, 63, PLAIN_NAME, LABEL_VALUE) if text else ()


def qualified_name(text: str) -> tuple[str, ...]:
    """What keeps a text from being a label's key."""
    prefix, slash, name = text.rpartition("/")
    if "/" in prefix:
        return (QUALIFIED_SHAPE,)
    wrong: list[str] = []
    if slash and not prefix:
        wrong.append("prefix part must be non-empty")
    elif slash:
        wrong.extend(f"prefix part {problem}" for problem in dns1123_subdomain(prefix))
    if not name:
        wrong.append("name part must be non-empty")
    elif len(name) > 63:
        wrong.append("name part must be no more than 63 characters")
    return (*wrong, *(() if PLAIN_NAME.fullmatch(name) else (QUALIFIED_NAME,)))


def _texts(text: str, most: int, shape: re.Pattern[str], wrong: str) -> tuple[str, ...]:
    length = () if len(text) <= most else (f"must be no more than {most} characters",)
    return length if shape.fullmatch(text) else (*length, wrong)


def identifier_problem(name: str) -> str | None:
    """What keeps a text from being a resource's name; None if nothing."""
    if not name:
        return "cannot be empty"
    if len(name) > LONGEST_NAME:
        return "value length must less or equal 253"
    return None if SUBDOMAIN_1123.fullmatch(name) else RFC1123


def mesh_problem(name: str) -> str | None:
    """What keeps a text from being the mesh of a resource; None if nothing."""
    if not name:
        return "cannot be empty"
    if len(name) > LONGEST_NAME:
        return "value length must less or equal 253"
    return None if MESH_NAME.fullmatch(name) else MESH_CHARACTERS


def meta_violations(name: str, mesh: str, mesh_scoped: bool) -> Iterator[Violation]:
    """What is wrong with a resource's name and mesh."""
    if problem := identifier_problem(name):
        yield Violation("name", problem)
    if mesh_scoped and (problem := mesh_problem(mesh)):
        yield Violation("mesh", problem)


def label_violations(labels: Mapping[str, str]) -> Iterator[Violation]:
    """What is wrong with the shape of labels, whatever they mean."""
    for key, value in labels.items():
        for problem in (*qualified_name(key), *label_value(value)):
            yield Violation(f'labels["{key}"]', problem)
