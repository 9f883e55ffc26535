"""MeshFaultInjection: failures on purpose, to see what callers make of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from attrs import frozen

from kuma.envoy.draft import Inbound, ZoneListener
from kuma.envoy.faults import inject
from kuma.envoy.percent import fractional
from kuma.match import InboundRules
from kuma.policy import Policy, policy_kind
from kuma.schema import Int32, Violation, field
from kuma.targetref import (
    Match,
    OutboundTargetRef,
    TopLevelTargetRef,
    decimal,
    decimal_percent,
    duration,
    some_match,
    target,
    top_target,
    under,
)

if TYPE_CHECKING:
    from kuma.envoy.api import FilterChain

HTTP = frozenset({"http", "http2", "grpc"})
STATUSES = range(100, 600)
ANSWERS = range(200, 600)  # Envoy ends a request with these only (FaultAbort.http_status)
BANDWIDTH = re.compile(r"(\d*)\s?(kbps|Mbps|Gbps)", re.ASCII)
KBPS = {"kbps": 1, "Mbps": 1_000, "Gbps": 1_000_000}

FASTEST = 2**64 - 1
"""As many kbps as Envoy can count."""


@frozen
class Abort:
    """An answer without asking the workload."""

    http_status: Int32 = field(doc="Its status.")
    percentage: int | str = field(doc="How many requests get it.")

    def problems(self, path: str) -> Iterator[Violation]:
        """What is wrong with it."""
        if self.http_status not in STATUSES:
            yield Violation(f"{path}.httpStatus", "must be in inclusive range [100, 599]")
        yield from decimal_percent(f"{path}.percentage", self.percentage)

    def fault(self) -> dict[str, Any]:
        """As the filter takes it; a status that ends no request is no fault."""
        if self.http_status not in ANSWERS:
            return {}
        return {"abort": {"http_status": self.http_status, "percentage": _share(self.percentage)}}


@frozen
class Delay:
    """Waiting before the workload is asked."""

    value: timedelta = field(doc="How long.")
    percentage: int | str = field(doc="How many requests wait.")

    def problems(self, path: str) -> Iterator[Violation]:
        """What is wrong with it."""
        yield from duration(f"{path}.value", self.value)
        yield from decimal_percent(f"{path}.percentage", self.percentage)

    def fault(self) -> dict[str, Any]:
        """As the filter takes it; to wait for no time is no fault, and Envoy refuses it."""
        if not self.value:
            return {}
        return {"delay": {"fixed_delay": self.value, "percentage": _share(self.percentage)}}


@frozen
class ResponseBandwidth:
    """Answers that come slowly."""

    limit: str = field(doc="How fast at most, such as 50Mbps.")
    percentage: int | str = field(doc="How many answers are slow.")

    def problems(self, path: str) -> Iterator[Violation]:
        """What is wrong with it."""
        if BANDWIDTH.fullmatch(self.limit) is None:
            yield Violation(f"{path}.limit", "must be in kbps/Mbps/Gbps units")
        yield from decimal_percent(f"{path}.percentage", self.percentage)

    def fault(self) -> dict[str, Any]:
        """As the filter takes it; a limit that can't be read is none, and Envoy refuses one of nothing."""
        said = BANDWIDTH.fullmatch(self.limit)
        kbps = 0 if said is None else int(said[1] or 0) * KBPS[said[2]]
        if not kbps:
            return {}
        limit = {"limit_kbps": min(kbps, FASTEST)}
        return {"response_rate_limit": {"fixed_limit": limit, "percentage": _share(self.percentage)}}


def _share(percentage: int | str) -> dict[str, Any]:
    said = 0 if decimal(percentage) is None else percentage
    return fractional(Fraction(said))


@frozen
class Fault:
    """What goes wrong with a request; all that is said may."""

    abort: Abort | None = field(default=None, doc="An answer without asking the workload.")
    delay: Delay | None = field(default=None, doc="Waiting before the workload is asked.")
    response_bandwidth: ResponseBandwidth | None = field(default=None, doc="Answers that come slowly.")

    def problems(self, index: int) -> Iterator[Violation]:
        """What is wrong with it; the index stands after the name, as it always has."""
        for name, one in (("abort", self.abort), ("delay", self.delay), ("responseBandwidth", self.response_bandwidth)):
            if one is not None:
                yield from one.problems(f"{name}[{index}]")

    def fault(self) -> dict[str, Any]:
        """As the filter takes it."""
        said = (one for one in (self.delay, self.abort, self.response_bandwidth) if one is not None)
        return {name: value for one in said for name, value in one.fault().items()}


@frozen
class Conf:
    """Faults."""

    http: tuple[Fault, ...] | None = field(default=None, doc="Faults of HTTP; each may happen to a request.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        for index, fault in enumerate(self.http or ()):
            yield from under("http", fault.problems(index))


@frozen
class Rule:
    """Faults of traffic that arrives."""

    matches: tuple[Match, ...] | None = field(default=None, doc="Whose traffic is meant; without any, all of it.")
    default: Conf = field(default=Conf(), doc="The faults.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        for index, one in enumerate(self.matches or ()):
            yield from under(f"matches[{index}]", some_match(one))
        yield from under("default", self.default.problems())


@frozen
class To:
    """Faults of traffic to destinations; they have no effect."""

    target_ref: OutboundTargetRef = field(default=OutboundTargetRef(), doc="The destinations.")
    default: Conf = field(default=Conf(), doc="The faults.")


@frozen
class MeshFaultInjection:
    """What goes wrong on purpose."""

    target_ref: TopLevelTargetRef | None = field(default=None, doc="The proxies that the policy is for.")
    to: tuple[To, ...] | None = field(default=None, doc="Faults of traffic to destinations; they have no effect.")
    rules: tuple[Rule, ...] | None = field(default=None, doc="Faults of traffic that arrives.")

    def violations(self) -> Iterator[Violation]:
        """What is wrong with it."""
        yield from top_target(self.target_ref, inbound=bool(self.rules))
        for index, rule in enumerate(self.rules or ()):
            yield from under(f"rules[{index}]", rule.problems())
        if self.to and self.target_ref is not None and self.target_ref.kind != "Mesh":
            yield Violation("to", "must not be defined")
            return
        for index, item in enumerate(self.to or ()):
            yield from under(f"to[{index}].targetRef", target(item.target_ref, ("Mesh",)))
            yield from under(f"to[{index}].default", item.default.problems())


def edit_inbound(part: Inbound, rules: InboundRules) -> None:
    """Only requests can go wrong."""
    if part.protocol in HTTP:
        _inject(part, rules)


def edit_zone_listener(part: ZoneListener, rules: InboundRules) -> None:
    """In the chains that see requests."""
    _inject(part, rules)


def _inject(part: Inbound | ZoneListener, rules: InboundRules) -> None:
    """The faults of all rules, one after another."""
    for chain in part.listener.filter_chains:
        for rule in (one for one in rules.rules if _is_met(chain, one.match)):
            name = str(rule.origin.kri(KIND.short))
            for fault in rule.conf.http or ():
                inject(chain, name, fault.fault(), rule.match)


def _is_met(chain: FilterChain, match: Match | None) -> bool:
    """Whether a chain may see what a rule is for: one of certain server names sees no others."""
    names = chain.filter_chain_match.server_names
    return not names or match is None or match.sni is None or match.sni.value in names


KIND = policy_kind("MeshFaultInjection", MeshFaultInjection, "mfi")

POLICY = Policy(KIND, order=800, conf=Conf, inbound=edit_inbound, zone_listener=edit_zone_listener, accumulates=True)
