"""MeshRateLimit: how much of what arrives is let in, counted by each proxy for itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from kuma.envoy import ratelimit
from kuma.envoy.draft import Inbound, ZoneListener
from kuma.envoy.headers import APPEND, OVERWRITE, option, options
from kuma.envoy.matched import route_by_client
from kuma.match import InboundRules, merge
from kuma.matched import by_identity, by_server_name
from kuma.model import Resource
from kuma.policy import Policy, policy_kind
from kuma.schema import UInt32, Violation, field
from kuma.targetref import (
    MUST_BE_DEFINED,
    HeaderModifier,
    Match,
    OutboundTargetRef,
    TopLevelTargetRef,
    at_least_one,
    positive,
    some_match,
    target,
    top_target,
    under,
)

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from kuma.envoy.api import FilterChain, Route

FILTER_STATE = "kuma.mesh_rate_limit.match"
FAILURES = 400  # the lowest status that says that something is wrong
SHORTEST = timedelta(milliseconds=50)
MUST_NOT_BE_DEFINED = "must not be defined"
NOT_BY_IDENTITY = (
    "can't be specified when matches contain spiffeID because this field cannot be conditioned on source identity"
)


@frozen
class Rate:
    """So many each interval."""

    num: UInt32 = field(doc="How many.")
    interval: timedelta = field(doc="In which time; longer than 50ms.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        yield from positive("num", self.num)
        if self.interval <= SHORTEST:
            yield Violation("interval", "must be greater than: 50ms")


@frozen
class OnRateLimit:
    """The answer to a request that is not let in."""

    status: UInt32 | None = field(default=None, doc="Its status; 429 if unsaid.")
    headers: HeaderModifier | None = field(default=None, doc="Headers that it carries.")


@frozen
class Http:
    """A limit of requests."""

    disabled: bool | None = field(default=None, doc="Whether there is no limit.")
    request_rate: Rate | None = field(default=None, doc="How many requests.")
    on_rate_limit: OnRateLimit | None = field(default=None, doc="What the others are answered.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        yield from at_least_one("", self, HTTP)
        if self.request_rate is not None:
            yield from under("requestRate", self.request_rate.problems())
        if self.on_rate_limit is not None:
            yield from positive("onRateLimit.status", self.on_rate_limit.status)


@frozen
class Tcp:
    """A limit of connections."""

    disabled: bool | None = field(default=None, doc="Whether there is no limit.")
    connection_rate: Rate | None = field(default=None, doc="How many connections.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        yield from at_least_one("", self, TCP)
        if self.connection_rate is not None:
            yield from under("connectionRate", self.connection_rate.problems())


HTTP = {"disabled": "disabled", "request_rate": "requestRate", "on_rate_limit": "onRateLimit"}
TCP = {"disabled": "disabled", "connection_rate": "connectionRate"}
LOCAL = {"http": "http", "tcp": "tcp"}


@frozen
class Local:
    """Limits that each proxy keeps for itself."""

    http: Http | None = field(default=None, doc="A limit of requests.")
    tcp: Tcp | None = field(default=None, doc="A limit of connections.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        yield from at_least_one("", self, LOCAL)
        if self.http is not None:
            yield from under("http", self.http.problems())
        if self.tcp is not None:
            yield from under("tcp", self.tcp.problems())


@frozen
class Conf:
    """Limits."""

    local: Local | None = field(default=None, doc="Limits that each proxy keeps for itself.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        if self.local is None:
            yield Violation("local", MUST_BE_DEFINED)
        else:
            yield from under("local", self.local.problems())

    @property
    def http(self) -> Http | None:
        """What is said of requests."""
        return self.local.http if self.local is not None else None

    @property
    def tcp(self) -> Tcp | None:
        """What is said of connections."""
        return self.local.tcp if self.local is not None else None


@frozen
class Rule:
    """Limits of traffic that arrives."""

    matches: tuple[Match, ...] | None = field(default=None, doc="Whose traffic is meant; without any, all of it.")
    default: Conf = field(default=Conf(), doc="The limits.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        for index, one in enumerate(self.matches or ()):
            yield from under(f"matches[{index}]", some_match(one))
        yield from under("default", self.default.problems())
        if self.default.tcp is not None and any(one.spiffe_id is not None for one in self.matches or ()):
            yield Violation("default.local.tcp", NOT_BY_IDENTITY)


@frozen
class To:
    """Limits of traffic to destinations; they have no effect."""

    target_ref: OutboundTargetRef = field(default=OutboundTargetRef(), doc="The destinations.")
    default: Conf = field(default=Conf(), doc="The limits.")


@frozen
class MeshRateLimit:
    """How much a proxy lets in."""

    target_ref: TopLevelTargetRef | None = field(default=None, doc="The proxies that the policy is for.")
    to: tuple[To, ...] | None = field(default=None, doc="Limits of traffic to destinations; they have no effect.")
    rules: tuple[Rule, ...] | None = field(default=None, doc="Limits of traffic that arrives.")

    def violations(self) -> Iterator[Violation]:
        """What is wrong with it."""
        yield from top_target(self.target_ref, inbound=bool(self.rules))
        if self.rules and self.to:
            yield Violation("", "field 'to' must be empty when 'rules' is defined")
        if not self.rules and not self.to:
            yield Violation("", "at least one of 'to' or 'rules' has to be defined")
        some = self.target_ref is not None and self.target_ref.kind == "Dataplane"
        yield from self._of_rules(some)
        yield from self._of_to(some)

    def _of_rules(self, some: bool) -> Iterator[Violation]:
        if self.rules and not some:
            yield Violation("rules", MUST_NOT_BE_DEFINED)
            return
        for index, rule in enumerate(self.rules or ()):
            yield from under(f"rules[{index}]", rule.problems())

    def _of_to(self, some: bool) -> Iterator[Violation]:
        if self.to and some:
            yield Violation("to", MUST_NOT_BE_DEFINED)
            return
        for index, item in enumerate(self.to or ()):
            yield from under(f"to[{index}].targetRef", target(item.target_ref, ("Mesh",)))
            yield from under(f"to[{index}].default", item.default.problems())


def edit_inbound(part: Inbound, rules: InboundRules) -> None:
    """A limit for everyone, then those of clients, which take what they leave unsaid from it."""
    base: Conf = rules.catch_all(Conf)
    for chain in part.listener.filter_chains:
        _limit_chain(chain, base)
        _limit_clients(chain, rules, base)


def edit_zone_listener(part: ZoneListener, rules: InboundRules) -> None:
    """Each chain leads to one destination, which rules name by its server name."""
    for chain in part.listener.filter_chains:
        named = by_server_name(rules, chain.filter_chain_match.server_names, Conf)
        base = merge([rules.catch_all(Conf), named], Conf())
        _limit_chain(chain, base)
        _limit_clients(chain, rules, base)


def _limit_chain(chain: FilterChain, conf: Conf) -> None:
    limit = _limit(conf)
    if limit is not None:
        ratelimit.limit_routes(chain, limit)
        ratelimit.keep_limits(chain)
    tcp = conf.tcp
    if tcp is not None and not tcp.disabled and tcp.connection_rate is not None:
        ratelimit.limit_connections(chain, _bucket(tcp.connection_rate))


def _limit_clients(chain: FilterChain, rules: InboundRules, base: Conf) -> None:
    confs: tuple[tuple[Match, Conf], ...] = by_identity(rules, lambda conf: conf.http is not None)
    general = [base] if base.http is not None else []
    limits = [(match, _limit(merge([*general, conf], Conf()))) for match, conf in confs]
    limited = any(limit is not None for _, limit in limits)
    if not limited and _limit(base) is None:
        return
    route_by_client(chain, FILTER_STATE, [(match, _limiting(limit)) for match, limit in limits])
    if limited:
        ratelimit.keep_limits(chain)


def _limiting(limit: Message | None) -> Callable[[Route], None]:
    return partial(ratelimit.limit_route, limit=limit)


def _bucket(rate: Rate) -> dict[str, Any]:
    return ratelimit.bucket(rate.num, rate.interval)


def _limit(conf: Conf) -> Message | None:
    """The limit of requests, if there is to be one."""
    http = conf.http
    if http is None or http.disabled or http.request_rate is None:
        return None
    return ratelimit.per_route(_bucket(http.request_rate), **_answer(http.on_rate_limit or OnRateLimit()))


def _answer(on_limit: OnRateLimit) -> dict[str, Any]:
    headers = on_limit.headers or HeaderModifier()
    added = (option(one.name, one.value, APPEND) for one in headers.add or ())
    written = (one for header in headers.set or () for one in options(header.name, header.value, OVERWRITE))
    answer: dict[str, Any] = {"response_headers_to_add": [*added, *written]}
    if on_limit.status is not None and ratelimit.can_answer(on_limit.status):
        answer["status"] = {"code": on_limit.status}
    return answer


def warnings(policy: Resource) -> Iterator[str]:
    """Statuses that Envoy answers 429 instead of."""
    for name in ("rules", "to"):
        for index, item in enumerate(getattr(policy.spec, name) or ()):
            http = item.default.http
            status = http.on_rate_limit.status if http is not None and http.on_rate_limit is not None else None
            path = f"spec.{name}[{index}].default.local.http"
            if status is not None and status < FAILURES:
                # where the field is said to be is where it has always been said to be
                yield f"'{path}.requestRate.status' must be {FAILURES} or higher. Please update your configuration."
            elif status is not None and not ratelimit.can_answer(status):
                yield f"'{path}.onRateLimit.status' is unknown to Envoy, which answers 429 instead"


KIND = evolve(policy_kind("MeshRateLimit", MeshRateLimit, "mrl"), warnings=warnings)

POLICY = Policy(KIND, order=900, conf=Conf, inbound=edit_inbound, zone_listener=edit_zone_listener)
