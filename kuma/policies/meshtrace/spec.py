"""What a MeshTrace may say, and what is wrong to say."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from attrs import frozen

from kuma.schema import Violation, field
from kuma.targetref import (
    MUST_BE_DEFINED,
    MUST_NOT_BE_EMPTY,
    BackendResourceRef,
    TopLevelTargetRef,
    backend_resource,
    decimal,
    one_of,
    top_target,
    under,
)

Violations = Iterator[Violation]

TYPES = ("Zipkin", "Datadog", "OpenTelemetry")
FIELDS = {"Zipkin": "zipkin", "Datadog": "datadog", "OpenTelemetry": "openTelemetry"}
API_VERSIONS = ("httpJson", "httpProto")
A_URL = "must be a valid url"


def _split(url: str) -> SplitResult | None:
    """A URL's parts; None for what is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts if parts.scheme and parts.hostname and not any(map(str.isspace, url)) else None


@frozen
class Zipkin:
    """A collector of Zipkin's spans."""

    url: str = field(default="", doc="Where it takes spans.")
    trace_id128bit: bool = field(default=False, doc="Whether trace ids have 128 bits, not 64.")
    api_version: str = field(default="httpJson", one_of=API_VERSIONS, doc="How spans are written.")
    shared_span_context: bool = field(default=True, doc="Whether client and server write one span together.")

    def problems(self) -> Violations:
        """What is wrong with it."""
        if not self.url:
            yield Violation("url", MUST_NOT_BE_EMPTY)
        elif _split(self.url) is None:
            yield Violation("url", A_URL)
        yield from under("apiVersion", one_of("apiVersion", self.api_version, API_VERSIONS))


@frozen
class Datadog:
    """An agent of Datadog's."""

    url: str = field(default="", doc="Where it is: http://host:port.")
    split_service: bool = field(default=False, doc="Whether each side of each call is a service of its own.")

    def problems(self) -> Violations:
        """What is wrong with it."""
        parts = _split(self.url)
        if parts is None:
            yield Violation("url", A_URL if self.url else MUST_NOT_BE_EMPTY)
            return
        if parts.scheme != "http":
            yield Violation("url", "scheme must be http")
        yield from _port(parts)
        said = {"user": "@" in parts.netloc, "path": parts.path, "query": parts.query, "fragment": parts.fragment}
        for name, value in said.items():
            if value:
                yield Violation("url", f"{name} must not be defined")


def _port(parts: SplitResult) -> Violations:
    _, colon, port = parts.netloc.rpartition("@")[2].rpartition(":")
    if not colon or port.endswith("]") or not port:
        yield Violation("url", "port must be defined")
    elif not port.isdecimal() or not 1 <= int(port) <= 65535:
        yield Violation("url", "port must be a valid (1-65535)")


@frozen
class OpenTelemetry:
    """A collector that speaks OTLP."""

    backend_ref: BackendResourceRef | None = field(default=None, doc="The MeshOpenTelemetryBackend that is meant.")

    def problems(self) -> Violations:
        """What is wrong with it."""
        if self.backend_ref is None:
            yield Violation("backendRef", MUST_BE_DEFINED)
        else:
            yield from under("backendRef", backend_resource(self.backend_ref))


@frozen
class Backend:
    """Where spans are sent."""

    type: str = field(default="", one_of=TYPES, doc="Which of them it is.")
    zipkin: Zipkin | None = field(default=None, doc="A collector of Zipkin's spans.")
    datadog: Datadog | None = field(default=None, doc="An agent of Datadog's.")
    open_telemetry: OpenTelemetry | None = field(default=None, doc="A collector that speaks OTLP.")

    def problems(self) -> Violations:
        """What is wrong with it."""
        places = {"Zipkin": self.zipkin, "Datadog": self.datadog, "OpenTelemetry": self.open_telemetry}
        if self.type not in ("", *TYPES) or not (self.type or any(places.values())):
            yield from under("type", one_of("type", self.type, TYPES))
        for kind, place in places.items():
            if place is not None:
                yield from under(FIELDS[kind], place.problems())
            elif kind == self.type:
                yield Violation(FIELDS[kind], MUST_BE_DEFINED)


@frozen
class HeaderTag:
    """A tag's value out of a request."""

    name: str = field(default="", doc="The request's header.")
    default: str | None = field(default=None, doc="The value of requests without it; without one, they have no tag.")


@frozen
class Tag:
    """A tag of every span."""

    name: str = field(default="", doc="What it is called.")
    literal: str | None = field(default=None, doc="Its value.")
    header: HeaderTag | None = field(default=None, doc="Where its value is found.")

    def problems(self) -> Violations:
        """What is wrong with it."""
        if not self.name:
            yield Violation("name", MUST_NOT_BE_EMPTY)
        elif self.header is not None and not self.header.name:
            yield Violation("header.name", MUST_NOT_BE_EMPTY)
        if (self.literal is None) == (self.header is None):
            yield Violation("", "tag must have only one type defined: header, literal")


@frozen
class Sampling:
    """How many requests are traced, in percent; 100 if unsaid."""

    overall: int | str | None = field(default=None, doc="Of all, whatever else was decided.")
    client: int | str | None = field(default=None, doc="Of those whose client asks for it with x-client-trace-id.")
    random: int | str | None = field(default=None, doc="Of those that nobody has decided about.")

    def problems(self) -> Violations:
        """What is wrong with it."""
        for name, value in (("overall", self.overall), ("client", self.client), ("random", self.random)):
            number = 0 if value is None else decimal(value)
            if number is None:
                yield Violation(name, "string is not a number")
            elif not 0 <= number <= 100:
                yield Violation(name, "must be between 0 and 100")


@frozen
class Conf:
    """Which requests are traced, and where spans are sent."""

    backends: tuple[Backend, ...] | None = field(default=None, doc="Where spans are sent; at most one, none: nowhere.")
    sampling: Sampling | None = field(default=None, doc="How many requests are traced.")
    tags: tuple[Tag, ...] | None = field(default=None, doc="Tags of every span.")

    def problems(self) -> Violations:
        """What is wrong with it."""
        if self.backends is None:
            yield Violation("backends", MUST_BE_DEFINED)
        elif len(self.backends) > 1:
            yield Violation("backends", "must have zero or one backend defined")
        for index, one in enumerate(self.backends or ()):
            yield from under(f"backends[{index}]", one.problems())
        if self.sampling is not None:
            yield from under("sampling", self.sampling.problems())
        for index, tag in enumerate(self.tags or ()):
            yield from under(f"tags[{index}]", tag.problems())


@frozen
class MeshTrace:
    """What a proxy tells of the way of requests."""

    target_ref: TopLevelTargetRef | None = field(default=None, doc="The proxies that the policy is for.")
    default: Conf = field(default=Conf(), doc="Which requests are traced, and where spans are sent.")

    def violations(self) -> Violations:
        """What is wrong with it."""
        yield from top_target(self.target_ref)
        yield from under("default", self.default.problems())
