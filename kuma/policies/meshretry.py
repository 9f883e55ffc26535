"""MeshRetry: what is tried again, how often, and how long to wait before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from attrs import frozen
from frozendict import frozendict

from kuma.envoy import api
from kuma.envoy.draft import Outbound
from kuma.envoy.names import ENVOY_LB
from kuma.envoy.typed import edit_http, edit_tcp, extension
from kuma.match import ToConfs
from kuma.policy import Policy, policy_kind
from kuma.schema import Int32, UInt32, Violation, field
from kuma.targetref import (
    DESTINATIONS_AND_ROUTES,
    MUST_BE_DEFINED,
    MUST_NOT_BE_EMPTY,
    HeaderMatch,
    OutboundTargetRef,
    TopLevelTargetRef,
    positive,
    positive_duration,
    required_duration,
    to_items,
    top_target,
    under,
)

if TYPE_CHECKING:
    from kuma.envoy.api import HttpConnectionManager, RetryPolicy, TcpProxy

HTTP_CONDITIONS = {
    "5xx": "5xx",
    "GatewayError": "gateway-error",
    "Reset": "reset",
    "Retriable4xx": "retriable-4xx",
    "ConnectFailure": "connect-failure",
    "EnvoyRatelimited": "envoy-ratelimited",
    "RefusedStream": "refused-stream",
    "Http3PostConnectFailure": "http3-post-connect-failure",
}
METHODS = {
    f"HttpMethod{method.capitalize()}": method
    for method in ("CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE")
}
STATUSES = frozenset(str(status.value) for status in HTTPStatus)
GRPC_CONDITIONS = {
    "Canceled": "canceled",
    "DeadlineExceeded": "deadline-exceeded",
    "Internal": "internal",
    "ResourceExhausted": "resource-exhausted",
    "Unavailable": "unavailable",
}
HTTP_DEFAULT = ("gateway-error", "connect-failure", "refused-stream")
GRPC_DEFAULT = (
    "cancelled",
    "connect-failure",
    "gateway-error",
    "refused-stream",
    "reset",
    "resource-exhausted",
    "unavailable",
)
BASE_INTERVAL = timedelta(milliseconds=25)  # Envoy's own default, which it wants to be told

SERVICE_TAG = "kuma.io/service"  # endpoints do not carry it
HOSTS, TAGS, PRIORITIES = "OmitPreviousHosts", "OmitHostsWithTags", "OmitPreviousPriorities"
FORMATS = {"Seconds": "SECONDS", "UnixTimestamp": "UNIX_TIMESTAMP"}


@frozen
class BackOff:
    """How long to wait before the next try; twice as long each time."""

    base_interval: timedelta | None = field(default=None, doc="The first wait.")
    max_interval: timedelta | None = field(default=None, doc="The longest wait.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        if self == BackOff():
            yield Violation("", MUST_NOT_BE_EMPTY)
        yield from positive_duration("baseInterval", self.base_interval)
        yield from positive_duration("maxInterval", self.max_interval)


@frozen
class ResetHeader:
    """A response header that says when to try again."""

    name: str = field(default="", doc="The header's name.")
    format: str = field(default="", doc="What it counts.", one_of=tuple(FORMATS))


@frozen
class RateLimitedBackOff:
    """How long to wait where the destination says it."""

    reset_headers: tuple[ResetHeader, ...] | None = field(default=None, doc="The headers that say it; the first is it.")
    max_interval: timedelta | None = field(default=None, doc="The longest wait.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        if not self.reset_headers:
            yield Violation("resetHeaders", MUST_BE_DEFINED)
        for index, header in enumerate(self.reset_headers or ()):
            if not header.name:
                yield Violation(f"resetHeaders[{index}].name", MUST_BE_DEFINED)
            if header.format not in FORMATS:
                yield Violation(f"resetHeaders[{index}].format", f"unknown format '{header.format}'")
        if self.max_interval is not None:
            yield from required_duration("maxInterval", self.max_interval)


@frozen
class HostSelection:
    """Which endpoints the next try leaves out."""

    predicate: str = field(default="", doc="What is left out.", one_of=(HOSTS, TAGS, PRIORITIES))
    tags: frozendict[str, str] | None = field(default=None, doc="The tags of the endpoints to leave out.")
    update_frequency: Int32 = field(default=2, doc="After so many tries the next priority takes over.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        if self.predicate not in (HOSTS, TAGS, PRIORITIES):
            yield Violation("predicate", f"unknown predicate type '{self.predicate}'")
        if self.predicate == TAGS and not self.tags:
            yield Violation("tags", MUST_BE_DEFINED)
        if self.predicate == PRIORITIES and self.update_frequency <= 0:
            yield Violation("updateFrequency", "must be defined and greater than zero")


@frozen
class Tcp:
    """Retries of connecting."""

    max_connect_attempt: UInt32 | None = field(default=None, doc="How often connecting is tried.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        if self.max_connect_attempt is None:
            yield Violation("", MUST_NOT_BE_EMPTY)
        yield from positive("maxConnectAttempt", self.max_connect_attempt)


@frozen
class Http:
    """Retries of HTTP requests."""

    num_retries: UInt32 | None = field(default=None, doc="How often; 0: never.")
    per_try_timeout: timedelta | None = field(default=None, doc="How long each try may take.")
    back_off: BackOff | None = field(default=None, doc="How long to wait between tries.")
    rate_limited_back_off: RateLimitedBackOff | None = field(default=None, doc="How long, where the answer says it.")
    retry_on: tuple[str | int, ...] | None = field(
        default=None,
        doc="What is tried again: 5xx, GatewayError, Reset, …, a method as HttpMethodGet, a status as 503.",
    )
    retriable_response_headers: tuple[HeaderMatch, ...] | None = field(default=None, doc="Answers to try again after.")
    retriable_request_headers: tuple[HeaderMatch, ...] | None = field(default=None, doc="Requests to try again.")
    host_selection: tuple[HostSelection, ...] | None = field(default=None, doc="Which endpoints are left out.")
    host_selection_max_attempts: Int32 | None = field(default=None, doc="How often another endpoint is looked for.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        if self == Http(host_selection_max_attempts=self.host_selection_max_attempts):
            yield Violation("", MUST_NOT_BE_EMPTY)
        yield from _waiting_problems(self)
        known = HTTP_CONDITIONS.keys() | METHODS.keys() | STATUSES
        yield from _unknown(self.retry_on, known)
        for index, selection in enumerate(self.host_selection or ()):
            yield from under(f"hostSelection[{index}]", selection.problems())
        by_priority = (i for i, one in enumerate(self.host_selection or ()) if one.predicate == PRIORITIES)
        for index in list(by_priority)[1:]:
            yield Violation(f"hostSelection[{index}].predicate", f"{PRIORITIES} must only be specified once")


@frozen
class Grpc:
    """Retries of gRPC calls."""

    num_retries: UInt32 | None = field(default=None, doc="How often; 0: never.")
    per_try_timeout: timedelta | None = field(default=None, doc="How long each try may take.")
    back_off: BackOff | None = field(default=None, doc="How long to wait between tries.")
    rate_limited_back_off: RateLimitedBackOff | None = field(default=None, doc="How long, where the answer says it.")
    retry_on: tuple[str | int, ...] | None = field(
        default=None, doc=f"What is tried again: {', '.join(GRPC_CONDITIONS)}."
    )

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        if self == Grpc():
            yield Violation("", MUST_NOT_BE_EMPTY)
        yield from _waiting_problems(self)
        yield from _unknown(self.retry_on, GRPC_CONDITIONS.keys())


def _waiting_problems(retry: Http | Grpc) -> Iterator[Violation]:
    yield from positive_duration("perTryTimeout", retry.per_try_timeout)
    if retry.back_off is not None:
        yield from under("backOff", retry.back_off.problems())
    if retry.rate_limited_back_off is not None:
        yield from under("rateLimitedBackOff", retry.rate_limited_back_off.problems())


def _unknown(conditions: Iterable[str | int] | None, known: Iterable[str]) -> Iterator[Violation]:
    words = frozenset(known)
    for index, condition in enumerate(conditions or ()):
        if str(condition) not in words:
            yield Violation(f"retryOn[{index}]", f"unknown item '{condition}'")


@frozen
class Conf:
    """Retries, by protocol."""

    tcp: Tcp | None = field(default=None, doc="Retries of connecting.")
    http: Http | None = field(default=None, doc="Retries of HTTP requests.")
    grpc: Grpc | None = field(default=None, doc="Retries of gRPC calls.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        if self == Conf():
            yield Violation("conf", "at least one of the 'tcp', 'http', 'grpc' must be specified")
        for name, retry in (("tcp", self.tcp), ("http", self.http), ("grpc", self.grpc)):
            if retry is not None:
                yield from under(f"conf.{name}", retry.problems())


@frozen
class To:
    """Retries of traffic to destinations."""

    target_ref: OutboundTargetRef = field(default=OutboundTargetRef(), doc="The destinations, or routes to them.")
    default: Conf = field(default=Conf(), doc="The retries.")


@frozen
class MeshRetry:
    """What is tried again when it fails on the way to a destination."""

    target_ref: TopLevelTargetRef | None = field(default=None, doc="The proxies that the policy is for.")
    to: tuple[To, ...] | None = field(default=None, doc="Retries of traffic to destinations.")

    def violations(self) -> Iterator[Violation]:
        """What is wrong with it."""
        yield from top_target(self.target_ref)
        yield from to_items(self.to, DESTINATIONS_AND_ROUTES)


def edit_outbound(part: Outbound, confs: ToConfs) -> None:
    """The destination's retries for all of its routes, and a route's own for the route."""
    conf = confs.conf(part.destination) or Conf()
    for chain in part.listener.filter_chains[:1]:
        if part.protocol == "tcp" and conf.tcp is not None:
            edit_tcp(chain, partial(_try_connecting, conf=conf.tcp))
        if part.protocol in POLICIES and confs.confs:
            edit_http(chain, partial(_try_routes, policy=POLICIES[part.protocol], part=part, confs=confs))


def _try_connecting(proxy: TcpProxy, conf: Tcp) -> None:
    if conf.max_connect_attempt is not None:
        proxy.max_connect_attempts.value = conf.max_connect_attempt


def _try_routes(manager: HttpConnectionManager, policy: PolicyOf, part: Outbound, confs: ToConfs) -> None:
    """Where a route's own conf says nothing of this protocol, the destination's stands."""
    general = policy(confs.conf(part.destination))
    for host in manager.route_config.virtual_hosts:
        for route in host.routes:
            special = policy(confs.named(route.name)) or general
            if special is not None and route.HasField("route"):
                route.route.retry_policy.CopyFrom(special)


def _http_policy(conf: Conf | None) -> RetryPolicy | None:
    if conf is None or conf.http is None or conf.http.num_retries == 0:
        return None
    http = conf.http
    said = [str(one) for one in http.retry_on or ()]
    conditions = [HTTP_CONDITIONS[one] for one in said if one in HTTP_CONDITIONS] or list(HTTP_DEFAULT)
    statuses = [int(one) for one in said if one in STATUSES]
    methods = [{"name": ":method", "string_match": {"exact": METHODS[one]}} for one in said if one in METHODS]
    return api.RetryPolicy(
        **_how_often(http),
        **_where_to(http),
        retry_on=",".join([*conditions, "retriable-status-codes"] if statuses else conditions),
        retriable_status_codes=statuses,
        retriable_headers=[_header(one) for one in http.retriable_response_headers or ()],
        retriable_request_headers=[*methods, *(_header(one) for one in http.retriable_request_headers or ())],
    )


def _grpc_policy(conf: Conf | None) -> RetryPolicy | None:
    if conf is None or conf.grpc is None or conf.grpc.num_retries == 0:
        return None
    said = [GRPC_CONDITIONS[str(one)] for one in conf.grpc.retry_on or () if str(one) in GRPC_CONDITIONS]
    return api.RetryPolicy(retry_on=",".join(said or GRPC_DEFAULT), **_how_often(conf.grpc))


EMPTY: Mapping[str, dict[str, Any]] = {
    "Prefix": {"present_match": True},
    "RegularExpression": {"string_match": {"exact": ""}},
}
PolicyOf = Callable[["Conf | None"], "RetryPolicy | None"]
POLICIES: Mapping[str, PolicyOf] = {"http": _http_policy, "grpc": _grpc_policy}


def _how_often(retry: Http | Grpc) -> dict[str, Any]:
    policy: dict[str, Any] = {"per_try_timeout": retry.per_try_timeout}
    if retry.num_retries is not None:
        policy["num_retries"] = {"value": retry.num_retries}
    if retry.back_off is not None:
        policy["retry_back_off"] = _waiting(retry.back_off)
    if retry.rate_limited_back_off is not None:
        policy["rate_limited_retry_back_off"] = _as_told(retry.rate_limited_back_off)
    return policy


def _waiting(back_off: BackOff) -> dict[str, Any]:
    """Envoy refuses a listener whose longest wait is shorter than its first."""
    longest = back_off.max_interval
    if longest is None:
        return {"base_interval": back_off.base_interval or BASE_INTERVAL}
    base = back_off.base_interval or min(BASE_INTERVAL, longest)
    return {"base_interval": base, "max_interval": max(base, longest)}


def _as_told(back_off: RateLimitedBackOff) -> dict[str, Any]:
    headers = [{"name": one.name, "format": FORMATS.get(one.format, "SECONDS")} for one in back_off.reset_headers or ()]
    return {"reset_headers": headers, "max_interval": back_off.max_interval}


def _where_to(http: Http) -> dict[str, Any]:
    selections = http.host_selection or ()
    where: dict[str, Any] = {
        "retry_host_predicate": [_left_out(one) for one in selections if one.predicate != PRIORITIES]
    }
    for one in selections:
        if one.predicate == PRIORITIES:
            config = api.PreviousPrioritiesConfig(update_frequency=one.update_frequency)
            where["retry_priority"] = extension("envoy.retry_priorities.previous_priorities", config)
    if http.host_selection_max_attempts is not None:
        where["host_selection_retry_max_attempts"] = http.host_selection_max_attempts
    return where


def _left_out(selection: HostSelection) -> dict[str, Any]:
    if selection.predicate == HOSTS:
        return extension("envoy.retry_host_predicates.previous_hosts", api.PreviousHostsPredicate())
    tags = {key: {"string_value": value} for key, value in (selection.tags or {}).items() if key != SERVICE_TAG}
    config = api.OmitHostMetadataConfig(metadata_match={"filter_metadata": {ENVOY_LB: {"fields": tags}}})
    return extension("envoy.retry_host_predicates.omit_host_metadata", config)


def _header(match: HeaderMatch) -> dict[str, Any]:
    """Envoy refuses to look for an empty prefix or pattern: every value begins so, and only an empty one is so."""
    value = match.value or ""
    if not value and match.type in EMPTY:
        return {"name": match.name, **EMPTY[match.type]}
    how: dict[str, dict[str, Any]] = {
        "Exact": {"string_match": {"exact": value}},
        "Prefix": {"string_match": {"prefix": value}},
        "RegularExpression": {"string_match": {"safe_regex": {"regex": value}}},
        "Present": {"present_match": True},
        "Absent": {"present_match": False},
    }
    return {"name": match.name, **how.get(match.type, how["Exact"])}


KIND = policy_kind("MeshRetry", MeshRetry, "mr")

POLICY = Policy(KIND, order=1400, conf=Conf, outbound=edit_outbound)
