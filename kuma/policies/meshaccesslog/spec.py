"""What a MeshAccessLog may say, and what is wrong to say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from attrs import frozen

from kuma.schema import Violation, field
from kuma.targetref import (
    DESTINATIONS_AND_ROUTES,
    MUST_BE_DEFINED,
    MUST_NOT_BE_EMPTY,
    BackendResourceRef,
    Match,
    OutboundTargetRef,
    TopLevelTargetRef,
    backend_resource,
    one_of,
    some_match,
    to_items,
    top_target,
    under,
)

Violations = Iterator[Violation]

TYPES = ("Tcp", "File", "OpenTelemetry")
FORMATS = ("Plain", "Json")
FIELDS = {"Tcp": "tcp", "File": "file", "OpenTelemetry": "openTelemetry"}

PATH = re.compile(r"(/[^/\x00]*)+/?")
# host:port, or a host with a scheme, a port or a dot, so that a mere word is none
HOST = r"(\[[0-9a-fA-F:.]+\]|[a-zA-Z0-9\u00a1-\uffff]([-\w]*[a-zA-Z0-9\u00a1-\uffff])?(\.[-\w]+)*\.?)"
REST = r"(:\d{1,5})?([/?#]\S*)?"
SCHEME = r"(ftp|tcp|udp|wss?|https?)://"
ADDRESS = re.compile(rf"(?P<scheme>{SCHEME})?(\S+@)?(?P<host>{HOST}){REST}")
LONGEST_ADDRESS = 2082
SHORTEST_ADDRESS = 4

ATTRIBUTE = re.compile(r"[a-z](?:[a-z0-9]|[._][a-z0-9])*")
STATIC_NAME = "must be a static OpenTelemetry attribute name; placeholders are only supported in values"
SHAPE = (
    "must start with a lowercase letter, use only lowercase letters, digits, '.' or '_', avoid consecutive "
    "delimiters, and end with a letter or digit"
)
RESERVED = "must not use the reserved OpenTelemetry prefix 'otel.'"


def attribute_name(name: str) -> Violations:
    """What is wrong with the name of an OpenTelemetry attribute."""
    if not name:
        yield Violation("", MUST_NOT_BE_EMPTY)
    elif "%" in name:
        yield Violation("", STATIC_NAME)
    elif ATTRIBUTE.fullmatch(name) is None:
        yield Violation("", SHAPE)
    elif name.startswith("otel."):
        yield Violation("", RESERVED)


def is_address(text: str) -> bool:
    """Whether this is a URL, or a host with a port or with a dot."""
    if not SHORTEST_ADDRESS <= len(text) <= LONGEST_ADDRESS:
        return False
    found = ADDRESS.fullmatch(text)
    return found is not None and (bool(found["scheme"]) or ":" in text or "." in found["host"])


@frozen
class JsonValue:
    """One field of a line of JSON."""

    key: str = field(default="", doc="What the field is called.")
    value: str = field(default="", doc="Its value, in which placeholders stand for what there is to tell.")

    def problems(self) -> Violations:
        """What is wrong with it."""
        if not self.key:
            yield Violation("key", "key cannot be empty")
        if not self.value:
            yield Violation("value", "value cannot be empty")
        if not _is_json(f'{{"{self.key}": "{self.value}"}}'):
            yield Violation("", "is not a valid JSON object")


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


@frozen
class Format:
    """What a line looks like. Placeholders such as `%START_TIME%` are Envoy's; those of `%KUMA_…%` are ours."""

    type: str = field(default="", one_of=FORMATS, doc="Which of the two it is.")
    plain: str | None = field(default=None, doc="A line of text.")
    json: tuple[JsonValue, ...] | None = field(default=None, doc="The fields of a JSON object.")
    omit_empty_values: bool = field(default=False, doc="Whether what is not known is left out; else it is a dash.")

    def problems(self) -> Violations:
        """What is wrong with it."""
        if self.type not in ("", *FORMATS):
            yield from under("type", one_of("type", self.type, FORMATS))
        if self.type == "Plain" or self.plain is not None:
            yield from _said("plain", self.plain)
        if self.type == "Json" or self.json is not None:
            yield from _said("json", self.json)
        if not self.type and self.plain is None and self.json is None:
            yield Violation("type", MUST_BE_DEFINED)
        for index, one in enumerate(self.json or ()):
            yield from under(f"json[{index}]", one.problems())


def _said(name: str, value: str | tuple[JsonValue, ...] | None) -> Violations:
    if value is None:
        yield Violation(name, MUST_BE_DEFINED)
    elif not value:
        yield Violation(name, MUST_NOT_BE_EMPTY)


@frozen
class TcpBackend:
    """A server that takes lines over TCP."""

    address: str = field(default="", doc="Its host and port.")
    format: Format | None = field(default=None, doc="What a line looks like.")

    def problems(self) -> Violations:
        """What is wrong with it."""
        if self.format is not None:
            yield from under("format", self.format.problems())
        if not is_address(self.address):
            yield Violation("address", "tcp backend requires valid address")


@frozen
class FileBackend:
    """A file where Envoy runs."""

    path: str = field(default="", doc="Its path.")
    format: Format | None = field(default=None, doc="What a line looks like.")

    def problems(self) -> Violations:
        """What is wrong with it."""
        if self.format is not None:
            yield from under("format", self.format.problems())
        if PATH.fullmatch(self.path) is None:
            yield Violation("path", "file backend requires a valid path")


@frozen
class Attribute:
    """One attribute of a log record."""

    key: str = field(default="", doc="Its name.")
    value: str = field(default="", doc="Its value, in which placeholders stand for what there is to tell.")


@frozen
class OpenTelemetryBackend:
    """A collector that takes log records."""

    backend_ref: BackendResourceRef | None = field(default=None, doc="The MeshOpenTelemetryBackend that is meant.")
    attributes: tuple[Attribute, ...] | None = field(default=None, doc="Attributes of each record.")
    body: Any = field(default=None, doc="The body of each record: an AnyValue of OTLP, or any JSON.")

    def problems(self) -> Violations:
        """What is wrong with it."""
        if self.backend_ref is None:
            yield Violation("backendRef", MUST_BE_DEFINED)
        else:
            yield from under("backendRef", backend_resource(self.backend_ref))
        for index, one in enumerate(self.attributes or ()):
            yield from under(f"attributes[{index}].key", attribute_name(one.key))


@frozen
class Backend:
    """One place that is told of every request or connection."""

    type: str = field(default="", one_of=TYPES, doc="Which of them it is.")
    tcp: TcpBackend | None = field(default=None, doc="A server that takes lines over TCP.")
    file: FileBackend | None = field(default=None, doc="A file where Envoy runs.")
    open_telemetry: OpenTelemetryBackend | None = field(default=None, doc="A collector that takes log records.")

    def problems(self) -> Violations:
        """What is wrong with it."""
        places = {"Tcp": self.tcp, "File": self.file, "OpenTelemetry": self.open_telemetry}
        if self.type not in places:
            yield from under("type", one_of("type", self.type, TYPES))
            return
        place = places[self.type]
        if place is None:
            yield Violation(FIELDS[self.type], MUST_BE_DEFINED)
        else:
            yield from under(FIELDS[self.type], place.problems())


@frozen
class Conf:
    """Who is told."""

    backends: tuple[Backend, ...] | None = field(default=None, doc="Those who are told; an empty list: nobody.")

    def problems(self) -> Violations:
        """What is wrong with it."""
        if self.backends is None:
            yield Violation("backends", MUST_BE_DEFINED)
        for index, one in enumerate(self.backends or ()):
            yield from under(f"backends[{index}]", one.problems())


@frozen
class Rule:
    """Logs of traffic that arrives."""

    matches: tuple[Match, ...] | None = field(default=None, doc="Whose traffic is meant; without any, all of it.")
    default: Conf = field(default=Conf(), doc="Who is told.")

    def problems(self) -> Violations:
        """What is wrong with it."""
        for index, one in enumerate(self.matches or ()):
            yield from under(f"matches[{index}]", some_match(one))
        yield from under("default", self.default.problems())


@frozen
class To:
    """Logs of traffic to destinations."""

    target_ref: OutboundTargetRef = field(default=OutboundTargetRef(), doc="The destinations.")
    default: Conf = field(default=Conf(), doc="Who is told.")


@frozen
class MeshAccessLog:
    """Who is told of requests and connections, and in which words."""

    target_ref: TopLevelTargetRef | None = field(default=None, doc="The proxies that the policy is for.")
    to: tuple[To, ...] | None = field(default=None, doc="Logs of traffic to destinations.")
    rules: tuple[Rule, ...] | None = field(default=None, doc="Logs of traffic that arrives.")

    def violations(self) -> Violations:
        """What is wrong with it."""
        yield from top_target(self.target_ref, inbound=bool(self.rules))
        if self.rules and self.to:
            yield Violation("", "'to' must be empty when 'rules' is defined")
        if not self.rules and not self.to:
            yield Violation("", "at least one of 'to' or 'rules' has to be defined")
        for index, rule in enumerate(self.rules or ()):
            yield from under(f"rules[{index}]", rule.problems())
        yield from to_items(self.to, DESTINATIONS_AND_ROUTES)
