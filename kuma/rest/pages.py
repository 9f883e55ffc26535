"""Lists: which resources were asked for, and which page of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from attrs import field, frozen
from frozendict import frozendict

from kuma.model import LISTENER_ZONE_INGRESS, Resource
from kuma.rest.calls import Call
from kuma.rest.errors import Problem, invalid
from kuma.schema import Violation

DEFAULT_SIZE, LARGEST_SIZE = 100, 1000
LARGEST_OFFSET = 2**63 - 1
INTEGER = re.compile(r"[+-]?[0-9]{1,30}", re.ASCII)
FILTER = re.compile(r"filter\[(?P<name>[^\]]*)\](?P<rest>.*)", re.DOTALL)
LABELS = "labels."
GATEWAYS = ("true", "false", "delegated")

PARAMETERS: Mapping[str, Any] = {
    "size": {"type": "integer", "minimum": 1, "maximum": LARGEST_SIZE, "default": DEFAULT_SIZE},
    "offset": {"type": "string", "pattern": "^[0-9]{1,18}$"},
    "name": {"type": "string", "description": "A part of the name."},
}
"""What every list may be asked for."""
PROXIES: Mapping[str, Any] = {
    "tag": {"type": "array", "items": {"type": "string"}, "description": "A label or gateway tag: key:value."},
    "gateway": {"type": "string", "enum": list(GATEWAYS)},
    "ingress": {"type": "string", "enum": ["true"], "description": "Only those with a listener for other zones."},
}
"""What lists of Dataplanes may be asked for besides."""

Item = TypeVar("Item")


@frozen
class Query:
    """What a list was asked for: a page, and conditions that all must hold."""

    size: int = DEFAULT_SIZE
    offset: int = 0
    name: str = ""
    labels: Mapping[str, str] = frozendict()
    tags: Sequence[tuple[str, str]] = ()
    gateway: bool | None = None
    ingress: bool = False

    def matches(self, resource: Resource) -> bool:
        """Whether all conditions hold for a resource."""
        if self.name not in resource.name:
            return False
        if any(resource.labels.get(key) != value for key, value in self.labels.items()):
            return False
        if self.gateway is not None and self.gateway != (gateway_tags(resource) is not None):
            return False
        if self.ingress and LISTENER_ZONE_INGRESS not in resource.labels:
            return False
        return not self.tags or _is_tagged(resource, self.tags)


@frozen
class Page(Generic[Item]):
    """One page of what was found, of how many, and where the next one is."""

    total: int
    items: Sequence[Item]
    next: str | None = field(default=None)

    def body(self, items: Sequence[Any]) -> dict[str, Any]:
        """The page as it is shown, with these items in place of its own."""
        return {"total": self.total, "items": list(items), "next": self.next}


def query_of(call: Call, route: str, title: str) -> Query:
    """What a list call asks for; `route` is its path with placeholders. Raises Problem."""
    return Query(
        size=_size(call.asked("size")),
        offset=_offset(call.asked("offset"), title),
        name=call.asked("name") or "",
        labels=_labels(call, route, title),
        tags=[
            (tag, value) for tag, separator, value in (one.partition(":") for one in call.all_asked("tag")) if separator
        ],
        gateway=_gateway(call.asked("gateway"), route, title),
        ingress=call.asked("ingress") == "true",
    )


def page_of(call: Call, query: Query, resources: Iterable[Resource]) -> Page[Resource]:
    """The page that was asked for, of the resources that fit."""
    return cut(call, query, [resource for resource in resources if query.matches(resource)])


def cut(call: Call, query: Query, found: Sequence[Item]) -> Page[Item]:
    """The page that was asked for, of all that was found."""
    end = query.offset + query.size
    following = call.link(offset=str(end)) if end < len(found) else None
    return Page(len(found), found[query.offset : end], following)


def gateway_tags(resource: Resource) -> Mapping[str, str] | None:
    """The tags of a Dataplane's gateway; None for what is no gateway."""
    networking = getattr(resource.spec, "networking", None)
    gateway = getattr(networking, "gateway", None)
    return None if gateway is None else gateway.tags or {}


def _is_tagged(resource: Resource, tags: Sequence[tuple[str, str]]) -> bool:
    candidates = (gateway_tags(resource) or {}, resource.labels)
    return any(all(_has(candidate, key, value) for key, value in tags) for candidate in candidates)


def _has(values: Mapping[str, str], key: str, wanted: str) -> bool:
    return key in values and (wanted == "*" or wanted in values[key])


def _size(text: str | None) -> int:
    if not text:
        return DEFAULT_SIZE
    if not INTEGER.fullmatch(text):
        raise _invalid_size("invalid format")
    size = int(text)
    if size <= 0:
        raise _invalid_size("must be greater than 0")
    if size > LARGEST_SIZE:
        raise _invalid_size(f"invalid page size of {size}. Maximum page size is {LARGEST_SIZE}")
    return size


def _offset(text: str | None, title: str) -> int:
    if not text:
        return 0
    if not INTEGER.fullmatch(text):
        raise _invalid_offset(title, f'strconv.Atoi: parsing "{text[:100]}": invalid syntax')
    offset = int(text)
    if offset < 0:
        raise _invalid_offset(title, "must be non-negative")
    if offset > LARGEST_OFFSET:
        raise _invalid_offset(title, "exceeds maximum value")
    return offset


def _labels(call: Call, route: str, title: str) -> Mapping[str, str]:
    wanted: dict[str, str] = {}
    for parameter, value in call.query:
        if (asked := FILTER.fullmatch(parameter)) is None:
            continue
        if not asked["name"].startswith(LABELS):
            raise invalid(title, Violation(f"{route}.{parameter}", "filters are only supported on labels"))
        if asked["rest"]:
            raise invalid(title, Violation(f"{route}.{parameter}", "advanced filters are not supported"))
        wanted[asked["name"].removeprefix(LABELS)] = value
    return wanted


def _gateway(text: str | None, route: str, title: str) -> bool | None:
    if not text:
        return None
    if text.lower() not in GATEWAYS:
        message = f"should use `true`, `false` or `delegated` instead of {text[:100]}"
        raise invalid(title, Violation(f"{route}.gateway", message))
    return text.lower() != "false"


def _invalid_size(reason: str) -> Problem:
    return Problem(400, "Could not retrieve resources", "Invalid page size", (Violation("size", reason),))


def _invalid_offset(title: str, reason: str) -> Problem:
    return Problem(400, title, f"invalid: invalid offset: {reason}")
