"""What a sync connection does, as a subscription of a ZoneInsight."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Literal

import structlog
from attrs import evolve, frozen

from kuma.clock import Clock
from kuma.insights import compatible, recorded
from kuma.kds.metrics import Metrics
from kuma.model import Key
from kuma.resources.zoneinsight import (
    KumaCpVersion,
    ServiceStats,
    Subscription,
    SubscriptionStatus,
    Version,
    ZoneInsight,
)
from kuma.store.api import StoreError
from kuma.xds.delta import Request, Response

log = structlog.get_logger()

Counted = Literal["responses_sent", "responses_acknowledged", "responses_rejected"]


@frozen
class Remembered:
    """How much of finished connections is remembered, and how often a living one says so."""

    limit: int = 10
    compact: bool = False
    flush_interval: timedelta = timedelta(seconds=10)
    idle: timedelta = timedelta(minutes=5)


class Tracker:
    """Watches one connection; `theirs` is the subscription's field for the peer's instance id."""

    def __init__(self, subscription: Subscription, theirs: str, clock: Clock, metrics: Metrics) -> None:
        now = clock.now()
        began = SubscriptionStatus(last_update_time=now, total=ServiceStats())
        self.subscription = evolve(subscription, id=str(uuid.uuid4()), connect_time=now, status=began)
        self._theirs = theirs
        self._clock = clock
        self._metrics = metrics

    def heard(self, request: Request) -> None:
        """A request came in: the first says who is there, those with a nonce are answers."""
        if request.node is not None and request.node.metadata:
            self._meet(request.node.metadata)
        if request.nonce:
            self._metrics.heard(request)
            self._count(request.type_url, "responses_acknowledged" if request.error is None else "responses_rejected")

    def sent(self, response: Response) -> None:
        """A response went out."""
        self._metrics.sent(response)
        self._count(response.type_url, "responses_sent")

    def alive(self, generation: int) -> None:
        """The connection still stands."""
        self.subscription = evolve(self.subscription, generation=generation)

    def ended(self) -> None:
        """The connection is over."""
        self.subscription = evolve(self.subscription, disconnect_time=self._clock.now())

    def _meet(self, metadata: Mapping[str, Any]) -> None:
        known = self.subscription
        self.subscription = evolve(
            known,
            version=known.version or _version(metadata.get("version")),
            config=known.config or _text(metadata.get("config")),
        )
        peer: dict[str, Any] = {self._theirs: _text(metadata.get("control-plane-id"))}
        self.subscription = evolve(self.subscription, **peer)

    def _count(self, kind: str, what: Counted) -> None:
        status = self.subscription.status or SubscriptionStatus()
        stat = status.stat | {kind: _more(status.stat.get(kind), what)}
        counted = SubscriptionStatus(self._clock.now(), _more(status.total, what), stat)
        self.subscription = evolve(self.subscription, status=counted)


def _more(stats: ServiceStats | None, what: Counted) -> ServiceStats:
    before = stats or ServiceStats()
    return evolve(before, **{what: getattr(before, what) + 1})


def _text(said: object) -> str:
    return said if isinstance(said, str) else ""


def _version(said: object) -> Version | None:
    """What the peer says of its build, if it is something of the kind."""
    build = said.get("kumaCp") if isinstance(said, Mapping) else None
    if not isinstance(build, Mapping):
        return None
    version, tag, commit, date = (_text(build.get(name)) for name in ("version", "gitTag", "gitCommit", "buildDate"))
    return Version(KumaCpVersion(version, tag, commit, date, compatible(version)))


def with_subscription(insight: ZoneInsight, one: Subscription, remembered: Remembered, clock: Clock) -> ZoneInsight:
    """The insight with a connection's latest state."""
    subscriptions = recorded(insight.subscriptions, one, remembered.limit, clock.now())
    if remembered.compact:
        old = tuple(evolve(done, config="", status=_compacted(done.status)) for done in subscriptions[:-1])
        subscriptions = old + subscriptions[-1:]
    return evolve(insight, subscriptions=subscriptions)


def _compacted(status: SubscriptionStatus | None) -> SubscriptionStatus | None:
    return None if status is None else SubscriptionStatus(status.last_update_time, status.total)


Write = Callable[[Callable[[ZoneInsight], ZoneInsight]], Awaitable[None]]
"""Changes the stored ZoneInsight of one zone. Raises StoreError."""


class Sink:
    """Writes what a tracker has seen into the store, now and then."""

    def __init__(self, tracker: Tracker, write: Write, remembered: Remembered, clock: Clock) -> None:
        self._tracker = tracker
        self._write = write
        self._remembered = remembered
        self._clock = clock
        self._written: Subscription | None = None

    async def run(self) -> None:
        """Until cancelled."""
        began = self._clock.monotonic()
        beat = self._remembered.idle.total_seconds() / 2
        while True:
            self._tracker.alive(int((self._clock.monotonic() - began) / beat))
            await self.flush()
            await self._clock.sleep(self._remembered.flush_interval.total_seconds())

    async def flush(self) -> None:
        """Write it, if there is something new. A store that can't take it now gets it next time."""
        subscription = self._tracker.subscription
        if subscription == self._written:
            return
        try:
            await self._write(lambda insight: with_subscription(insight, subscription, self._remembered, self._clock))
        except StoreError as error:
            log.info("zone insight not written", reason=str(error))
        else:
            self._written = subscription


def insight_key(zone: str) -> Key:
    """Where the insight of a zone is kept."""
    return Key("ZoneInsight", "", zone)
