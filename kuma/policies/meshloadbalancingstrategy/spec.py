"""What a MeshLoadBalancingStrategy says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from attrs import frozen

from kuma.schema import UInt32, Violation, field
from kuma.targetref import (
    DESTINATIONS_AND_ROUTES,
    MUST_BE_DEFINED,
    MUST_NOT_BE_EMPTY,
    OutboundTargetRef,
    TopLevelTargetRef,
    decimal,
    positive,
    target,
    top_target,
    under,
)

MUST_NOT_BE_SET = "must not be set"
ONLY_HASHES = "field is not allowed when targetRef.kind is MeshHTTPRoute, only hashPolicies is supported"
LARGEST_RING, LARGEST_TABLE = 8_000_000, 5_000_011
REACHES = ("None", "Only", "Any", "AnyExcept")
LISTING = frozenset({"Only", "AnyExcept"})
BALANCERS = {
    "RoundRobin": "round_robin",
    "LeastRequest": "least_request",
    "RingHash": "ring_hash",
    "Random": "random",
    "Maglev": "maglev",
}


@frozen
class AffinityTag:
    """A label whose value endpoints and callers should share."""

    key: str = field(default="", doc="The label.")
    weight: UInt32 | None = field(default=None, doc="How much of the traffic such endpoints get, against the others.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        if not self.key:
            yield Violation("key", MUST_NOT_BE_EMPTY)
        yield from positive("weight", self.weight)


@frozen
class LocalZone:
    """Which endpoints of the caller's own zone get more."""

    affinity_tags: tuple[AffinityTag, ...] | None = field(default=None, doc="The most important first.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        every = self.affinity_tags or ()
        for index, one in enumerate(every):
            yield from under(f"affinityTags[{index}]", one.problems())
        weighted = sum(one.weight is not None for one in every)
        if 0 < weighted < len(every):
            yield Violation("affinityTags", "all or none affinity tags should have weight")


@frozen
class From:
    """Callers, by their zone."""

    zones: tuple[str, ...] = field(default=(), doc="The zones.")


@frozen
class ToZones:
    """Zones to fail over to."""

    type: str = field(default="", doc="Which zones; AnyExcept and Only say them.", one_of=REACHES)
    zones: tuple[str, ...] | None = field(default=None, doc="The zones that are said.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        if self.type not in REACHES:
            yield Violation("type", "unrecognized type")
        elif self.type in LISTING and not self.zones:
            yield Violation("zones", f"must not be empty when type is {self.type}")
        elif self.type not in LISTING and self.zones:
            yield Violation("zones", f"must be empty when type is {self.type}")


@frozen
class Failover:
    """Where callers of some zones turn when their own zone has too few endpoints."""

    from_: From | None = field(default=None, json="from", doc="The callers; all, if unsaid.")
    to: ToZones = field(default=ToZones(), doc="The zones.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        if self.from_ is not None and not self.from_.zones:
            yield Violation("from.zones", MUST_NOT_BE_EMPTY)
        for index, zone in enumerate(self.from_.zones if self.from_ else ()):
            if not zone:
                yield Violation(f"from.zones[{index}]", MUST_NOT_BE_EMPTY)
        yield from under("to", self.to.problems())


@frozen
class FailoverThreshold:
    """When a zone has too few endpoints."""

    percentage: int | str = field(doc="Below this share of healthy endpoints, in (0, 100].")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        number = decimal(self.percentage)
        if number is None:
            yield Violation("percentage", "string must be a valid number")
        elif number == 0:
            yield Violation("percentage", "must be greater than 0")
        elif not 0 < number <= 100:
            yield Violation("percentage", "must be in inclusive range [0.0, 100.0]")


@frozen
class CrossZone:
    """Which other zones are called, and when."""

    failover: tuple[Failover, ...] | None = field(default=None, doc="Zones to turn to, the first ones first.")
    failover_threshold: FailoverThreshold | None = field(default=None, doc="When a zone has too few endpoints.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        for index, one in enumerate(self.failover or ()):
            yield from under(f"failover[{index}]", one.problems())
        if self.failover_threshold is not None:
            yield from under("failoverThreshold", self.failover_threshold.problems())


@frozen
class LocalityAwareness:
    """How much it counts where an endpoint is."""

    disabled: bool | None = field(default=None, doc="Whether one's own zone is like any other.")
    local_zone: LocalZone | None = field(default=None, doc="Which endpoints of one's own zone get more.")
    cross_zone: CrossZone | None = field(default=None, doc="Which other zones are called, and when.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        if self.local_zone is not None:
            yield from under("localZone", self.local_zone.problems())
        if self.cross_zone is not None:
            yield from under("crossZone", self.cross_zone.problems())


@frozen
class RoundRobin:
    """One after another."""


@frozen
class Random:
    """Any."""


@frozen
class LeastRequest:
    """The one with the fewest open requests, of some."""

    choice_count: UInt32 | None = field(default=None, doc="How many are compared; 2 if unsaid.")
    active_request_bias: int | str | None = field(default=None, doc="How much open requests count against weights.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        if self.choice_count is not None and self.choice_count < 2:
            yield Violation("choiceCount", "must be greater or equal then: 2")
        if self.active_request_bias is None:
            return
        bias = decimal(self.active_request_bias)
        if bias is None:
            yield Violation("activeRequestBias", "string must be a valid number")
        elif bias < 0:
            yield Violation("activeRequestBias", "must be greater or equal then: 0")


@frozen
class RingHash:
    """The same one for the same hash, on a ring."""

    hash_function: str | None = field(
        default=None, doc="How endpoints are put on the ring.", one_of=("XXHash", "MurmurHash2")
    )
    min_ring_size: UInt32 | None = field(default=None, doc="The smallest ring.")
    max_ring_size: UInt32 | None = field(default=None, doc="The largest ring.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        yield from _size("minRingSize", self.min_ring_size, LARGEST_RING)
        yield from _size("maxRingSize", self.max_ring_size, LARGEST_RING)


@frozen
class Maglev:
    """The same one for the same hash, by Maglev's table."""

    table_size: UInt32 | None = field(default=None, doc="The table's size; a prime number.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        yield from _size("tableSize", self.table_size, LARGEST_TABLE)


def _size(name: str, value: int | None, largest: int) -> Iterator[Violation]:
    if value is not None and not 1 <= value <= largest:
        yield Violation(name, f"must be in inclusive range [1, {largest}]")


@frozen
class LoadBalancer:
    """How one endpoint of many is chosen."""

    type: str = field(default="", doc="The way.", one_of=tuple(BALANCERS))
    round_robin: RoundRobin | None = field(default=None, doc="One after another.")
    least_request: LeastRequest | None = field(default=None, doc="The one with the fewest open requests.")
    ring_hash: RingHash | None = field(default=None, doc="The same one for the same hash, on a ring.")
    random: Random | None = field(default=None, doc="Any.")
    maglev: Maglev | None = field(default=None, doc="The same one for the same hash, by a table.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        if self.type not in BALANCERS:
            yield Violation("type", "unrecognized type")
        for name, one in (("leastRequest", self.least_request), ("ringHash", self.ring_hash), ("maglev", self.maglev)):
            if one is not None:
                yield from under(name, one.problems())


@frozen
class Header:
    """A header of the request."""

    name: str = field(default="", doc="Its name.", min_length=1)


@frozen
class Cookie:
    """A cookie of the request; one that is not there is given to the client."""

    name: str = field(default="", doc="Its name.", min_length=1)
    ttl: timedelta | None = field(default=None, doc="How long a given one lives; unsaid: none is given.")
    path: str | None = field(default=None, doc="The path of a given one.")


@frozen
class Connection:
    """The connection."""

    source_ip: bool | None = field(default=None, json="sourceIP", doc="Whether its address counts.")


@frozen
class QueryParameter:
    """A parameter of the query."""

    name: str = field(default="", doc="Its name.", min_length=1)


@frozen
class FilterState:
    """An object that Envoy's filters keep."""

    key: str = field(default="", doc="Its key.", min_length=1)


@frozen
class HashPolicy:
    """A part of what decides where a request goes."""

    type: str = field(
        default="",
        doc="What is hashed.",
        one_of=("Header", "Cookie", "Connection", "QueryParameter", "FilterState"),
    )
    terminal: bool | None = field(default=None, doc="Whether further parts do not count once this one is there.")
    header: Header | None = field(default=None, doc="A header of the request.")
    cookie: Cookie | None = field(default=None, doc="A cookie of the request.")
    connection: Connection | None = field(default=None, doc="The connection.")
    query_parameter: QueryParameter | None = field(default=None, doc="A parameter of the query.")
    filter_state: FilterState | None = field(default=None, doc="An object that Envoy's filters keep.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        if self.type not in HASHED:
            yield Violation("type", "unrecognized type")
            return
        attribute, name = HASHED[self.type]
        if getattr(self, attribute) is None:
            yield Violation(name, MUST_BE_DEFINED)
        if self.cookie is not None and self.cookie.path and not self.cookie.path.startswith("/"):
            yield Violation("cookie.path", "must be an absolute path")


HASHED = {
    "Header": ("header", "header"),
    "Cookie": ("cookie", "cookie"),
    "Connection": ("connection", "connection"),
    "QueryParameter": ("query_parameter", "queryParameter"),
    "FilterState": ("filter_state", "filterState"),
}


@frozen
class Conf:
    """How one endpoint of many is chosen."""

    locality_awareness: LocalityAwareness | None = field(default=None, doc="How much it counts where endpoints are.")
    load_balancer: LoadBalancer | None = field(default=None, doc="How one of them is chosen.")
    hash_policies: tuple[HashPolicy, ...] | None = field(default=None, doc="What decides, where a hash does.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        if self.locality_awareness is not None:
            yield from under("localityAwareness", self.locality_awareness.problems())
        if self.load_balancer is not None:
            yield from under("loadBalancer", self.load_balancer.problems())
        for index, one in enumerate(self.hash_policies or ()):
            yield from under(f"hashPolicies[{index}]", one.problems())


@frozen
class To:
    """How endpoints of destinations are chosen."""

    target_ref: OutboundTargetRef = field(default=OutboundTargetRef(), doc="The destinations, or routes to them.")
    default: Conf = field(default=Conf(), doc="How.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        yield from under("targetRef", target(self.target_ref, DESTINATIONS_AND_ROUTES))
        yield from under("default", self.default.problems())
        locality = self.default.locality_awareness
        if self.target_ref.kind == "MeshHTTPRoute":
            if locality is not None:
                yield Violation("default.localityAwareness", ONLY_HASHES)
            if self.default.load_balancer is not None:
                yield Violation("default.loadBalancer", ONLY_HASHES)
        elif self.target_ref.kind == "MeshService" and locality is not None and locality.cross_zone is not None:
            yield Violation("default.localityAwareness.crossZone", f"{MUST_NOT_BE_SET}: MeshService traffic is local")


@frozen
class MeshLoadBalancingStrategy:
    """How proxies choose one of a destination's endpoints."""

    target_ref: TopLevelTargetRef | None = field(default=None, doc="The proxies that the policy is for.")
    to: tuple[To, ...] | None = field(default=None, doc="How endpoints of destinations are chosen.")

    def violations(self) -> Iterator[Violation]:
        """What is wrong with it."""
        yield from top_target(self.target_ref)
        for index, item in enumerate(self.to or ()):
            yield from under(f"to[{index}]", item.problems())
