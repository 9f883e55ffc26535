"""What a MeshHTTPRoute may say, and what is wrong to say."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, Literal

from attrs import frozen
from frozendict import frozendict

from kuma.schema import Violation, field
from kuma.targetref import (
    MUST_BE_DEFINED,
    SERVICES,
    SUBDOMAIN,
    SUBDOMAIN_HINT,
    BackendRef,
    HeaderMatch,
    HeaderModifier,
    OutboundTargetRef,
    TopLevelTargetRef,
    at_least_one,
    backend,
    decimal_percent,
    target,
    top_target,
    under,
)

METHODS = ("CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE")
VALUELESS = frozenset({"Present", "Absent"})
REDIRECTS = frozenset({301, 302, 303, 307, 308})

Violations = Iterator[Violation]


@frozen
class PathMatch:
    """Requests, by their path."""

    value: str = field(doc="What the path is compared with.", min_length=1)
    type: Literal["Exact", "PathPrefix", "RegularExpression"] = field(doc="How the path is compared.")

    def problems(self) -> Violations:
        """What is wrong with it."""
        if self.type in ("Exact", "PathPrefix") and not self.value.startswith("/"):
            yield Violation("value", "must be an absolute path")
        if self.type == "PathPrefix" and self.value != "/" and self.value.endswith("/"):
            yield Violation("value", NO_TRAILING_SLASH)


NO_TRAILING_SLASH = "does not need a trailing slash because only a `/`-separated prefix or an entire path is matched"


@frozen
class QueryMatch:
    """Requests, by a parameter of their query."""

    type: Literal["Exact", "RegularExpression"] = field(doc="How the value is compared.")
    name: str = field(doc="The parameter's name.", min_length=1)
    value: str = field(doc="What the parameter's value is compared with.")


@frozen(cache_hash=True)
class Match:
    """Requests that are all of this."""

    path: PathMatch | None = field(default=None, doc="By path.")
    method: Literal["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"] | None = field(
        default=None, doc="By method."
    )
    query_params: tuple[QueryMatch, ...] | None = field(default=None, doc="By parameters of the query.")
    headers: tuple[HeaderMatch, ...] | None = field(default=None, doc="By headers.")

    def problems(self) -> Violations:
        """What is wrong with it."""
        if self.path is not None:
            yield from under("path", self.path.problems())
        for index, header in enumerate(self.headers or ()):
            if header.type in VALUELESS and header.value:
                yield Violation(f"headers[{index}].value", "must not be defined")
        seen: set[str] = set()
        for index, query in enumerate(self.query_params or ()):
            if query.name in seen:
                yield Violation(f"queryParams[{index}].name", f"multiple entries for name {query.name}")
            seen.add(query.name)


@frozen
class PathRewrite:
    """A new path."""

    type: Literal["ReplaceFullPath", "ReplacePrefixMatch"] = field(doc="What of the path is replaced.")
    replace_full_path: str | None = field(default=None, doc="The whole path.")
    replace_prefix_match: str | None = field(default=None, doc="What stands in place of the prefix that has matched.")

    def problems(self, prefixes: bool) -> Violations:
        """What is wrong with it, where all matches of its rule are `prefixes`, or not."""
        if self.type == "ReplacePrefixMatch" and not prefixes:
            yield Violation("replacePrefixMatch", "can only appear if all matches match a path prefix")


@frozen
class RequestRedirect:
    """The client is sent elsewhere."""

    scheme: Literal["http", "https"] | None = field(default=None, doc="The new scheme.")
    hostname: str | None = field(default=None, doc="The new host.")
    path: PathRewrite | None = field(default=None, doc="The new path.")
    port: int | None = field(default=None, doc="The new port.", ge=1, le=65535)
    status_code: Literal[301, 302, 303, 307, 308] = field(default=302, doc="The status of the answer.")


@frozen
class UrlRewrite:
    """The request goes on with another URL."""

    hostname: str | None = field(default=None, doc="The new host.")
    path: PathRewrite | None = field(default=None, doc="The new path.")
    host_to_backend_hostname: bool | None = field(default=None, doc="Not supported.")


@frozen
class RequestMirror:
    """A copy of the request goes elsewhere, too, and nobody waits for its answer."""

    backend_ref: BackendRef = field(doc="Where the copy goes.")
    percentage: int | str | None = field(default=None, doc="The share of requests that are copied; all if unsaid.")


@frozen(cache_hash=True)
class Filter:
    """Something that is done to a request or its response."""

    type: Literal[
        "RequestHeaderModifier", "ResponseHeaderModifier", "RequestRedirect", "URLRewrite", "RequestMirror"
    ] = field(doc="What is done.")
    request_header_modifier: HeaderModifier | None = field(default=None, doc="Change the request's headers.")
    response_header_modifier: HeaderModifier | None = field(default=None, doc="Change the response's headers.")
    request_redirect: RequestRedirect | None = field(default=None, doc="Send the client elsewhere.")
    url_rewrite: UrlRewrite | None = field(default=None, doc="Change the request's URL.")
    request_mirror: RequestMirror | None = field(default=None, doc="Send a copy elsewhere.")

    def problems(self, prefixes: bool) -> Violations:
        """What is wrong with it, where all matches of its rule are path prefixes, or not."""
        attribute, name = OBJECTS[self.type]
        said = getattr(self, attribute)
        if said is None:
            yield Violation(name, MUST_BE_DEFINED)
        elif isinstance(said, HeaderModifier):
            yield from under(name, _modifier(said))
        elif isinstance(said, RequestMirror):
            yield from under(f"{name}.backendRef", backend(said.backend_ref))
            yield from under(name, decimal_percent("percentage", said.percentage))
        else:
            yield from under(name, _elsewhere(said, prefixes))


OBJECTS: Mapping[str, tuple[str, str]] = frozendict({
    "RequestHeaderModifier": ("request_header_modifier", "requestHeaderModifier"),
    "ResponseHeaderModifier": ("response_header_modifier", "responseHeaderModifier"),
    "RequestRedirect": ("request_redirect", "requestRedirect"),
    "URLRewrite": ("url_rewrite", "urlRewrite"),
    "RequestMirror": ("request_mirror", "requestMirror"),
})  # fmt: skip


def _modifier(modifier: HeaderModifier) -> Violations:
    yield from at_least_one("", modifier, {"set": "set", "add": "add", "remove": "remove"})
    headers = (
        *((f"set[{index}].name", one.name) for index, one in enumerate(modifier.set or ())),
        *((f"add[{index}].name", one.name) for index, one in enumerate(modifier.add or ())),
        *((f"remove[{index}].name", one) for index, one in enumerate(modifier.remove or ())),
    )
    seen: set[str] = set()
    for path, name in headers:
        if name in seen:
            yield Violation(path, "duplicate header name")
        seen.add(name)


def _elsewhere(said: RequestRedirect | UrlRewrite, prefixes: bool) -> Violations:
    if said.hostname is not None:
        yield from _hostname(said.hostname)
    if said.path is not None:
        yield from under("path", said.path.problems(prefixes))
    if isinstance(said, UrlRewrite) and said.host_to_backend_hostname:
        yield Violation("hostToBackendHostname", "must not be set")


def _hostname(name: str) -> Violations:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        if len(name) > 253 or SUBDOMAIN.fullmatch(name) is None:
            yield Violation("hostname", SUBDOMAIN_HINT)
    else:
        yield Violation("hostname", "cannot be an IP address")


@frozen
class RuleConf:
    """What happens to requests."""

    filters: tuple[Filter, ...] | None = field(default=None, doc="What is done to them, in this order.")
    backend_refs: tuple[BackendRef, ...] | None = field(
        default=None, doc="Where they go; to the destination itself if unsaid."
    )


@frozen
class Rule:
    """What happens to requests that match."""

    matches: tuple[Match, ...] = field(default=(), doc="Requests that are one of these; all if unsaid.", min_items=1)
    default: RuleConf = field(default=RuleConf(), doc="What happens to them.")

    def problems(self) -> Violations:
        """What is wrong with it."""
        prefixes = all(one.path is not None and one.path.type == "PathPrefix" for one in self.matches)
        for index, match in enumerate(self.matches):
            yield from under(f"matches[{index}]", match.problems())
        for index, ref in enumerate(self.default.backend_refs or ()):
            yield from under(f"default.backendRefs[{index}]", backend(ref))
        for index, one in enumerate(self.default.filters or ()):
            yield from under(f"default.filters[{index}]", one.problems(prefixes))


@frozen
class Conf:
    """What is said of one destination. The last rule comes first, so that merging appends what has precedence."""

    merge_by: ClassVar[Mapping[str, str]] = {"rules": "matches"}

    rules: tuple[Rule, ...] | None = None


@frozen
class To:
    """Routes of requests to destinations."""

    target_ref: OutboundTargetRef = field(default=OutboundTargetRef(), doc="The destinations.")
    rules: tuple[Rule, ...] = field(default=(), doc="What happens to requests, by what they say.")
    hostnames: tuple[str, ...] | None = field(default=None, doc="Not supported.")

    @property
    def default(self) -> Conf:
        """The item as what merges with those of other policies."""
        return Conf(tuple(reversed(self.rules)))

    def problems(self) -> Violations:
        """What is wrong with it."""
        yield from under("targetRef", target(self.target_ref, SERVICES))
        if self.hostnames:
            yield Violation("hostnames", "must not be defined")
        for index, rule in enumerate(self.rules):
            yield from under(f"rules[{index}]", rule.problems())


@frozen
class MeshHTTPRoute:
    """Where requests to destinations go."""

    target_ref: TopLevelTargetRef | None = field(default=None, doc="The proxies that the policy is for.")
    to: tuple[To, ...] | None = field(default=None, doc="Routes of requests to destinations.")

    def violations(self) -> Violations:
        """What is wrong with it."""
        yield from top_target(self.target_ref)
        yield from _items(self.to or ())


def _items(items: Iterable[To]) -> Violations:
    for index, item in enumerate(items):
        yield from under(f"to[{index}]", item.problems())
