"""What proxies told us: every connection is kept in the Dataplane's insight, a little later and not too often."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice
from math import ceil
from typing import Any

import structlog
from attrs import define, evolve, field, frozen
from frozendict import frozendict
from twisted.application.service import MultiService
from twisted.internet.defer import Deferred

from kuma.admission import Resources
from kuma.clock import Clock
from kuma.finalizer import Living, unknown
from kuma.insights import compatible, ended, recorded
from kuma.loop import deferred, future
from kuma.mesh import ByName, Certificate, Mesh
from kuma.model import Key, Resource, kri
from kuma.resources.dataplaneinsight import (
    DataplaneInsight,
    Mtls,
    ServiceStats,
    Subscription,
    SubscriptionStatus,
    Version,
)
from kuma.schema import Invalid, parse
from kuma.store.api import StoreError, Unavailable
from kuma.tasks import Running
from zone_cp.turns import AT_ONCE, some_at_once

log = structlog.get_logger()

NO_STATS = ServiceStats()
NO_CERTIFICATE = Mtls()
AGAIN = 1.0  # seconds until what could not be written is tried again
NEVER = float("-inf")
FEW = 200  # records whose counters are written in the time of a flush, whatever has changed for how many proxies
SLICES = 40  # of the time of a flush, in each of which some are written: many small ones hold up no config
SURELY = 4  # times in the time after which a silent connection counts as dead each record has its turn
FAREWELL = 3.0  # seconds that stopping waits for the last writes
STATS = {"Cluster": "cds", "ClusterLoadAssignment": "eds", "Listener": "lds", "RouteConfiguration": "rds"}


def _nobody() -> None:
    """Nobody wants to know."""


@frozen
class Habits:
    """How connections are kept: by which instance, how often written, how many, and after what silence one is dead."""

    instance: str
    flush: timedelta = timedelta(seconds=10)
    idle: timedelta = timedelta(minutes=5)
    limit: int = 2


@define(eq=False)
class Record:
    """One connection of one proxy, as it is known now. Its stream writes to it; `Insights` carries it to the store.

    Every response and every answer is counted, so counting is cheap; what is written is made when it is written.
    """

    key: Key
    metadata: frozendict[str, Any]
    began: Subscription
    clock: Clock
    mtls: Mtls = NO_CERTIFICATE
    urgent: bool = True
    news: bool = True
    stored: Resource | None = None
    written: float = NEVER
    stir: Callable[[], None] = _nobody
    _counts: Counter[tuple[str, str]] = field(init=False, factory=Counter)
    _counted: datetime | None = field(init=False, default=None)
    _identity: tuple[Certificate | None, ByName | None] = field(init=False, default=(None, None))

    @property
    def id(self) -> str:
        """The name of the connection."""
        return self.began.id

    @property
    def online(self) -> bool:
        """Whether it lives."""
        return self.began.online

    @property
    def subscription(self) -> Subscription:
        """The connection as it is written."""
        return self.began if self._counted is None else evolve(self.began, status=self._status(self._counted))

    def sent(self, url: str) -> None:
        """A response went out."""
        self._count(url, "responses_sent")

    def acknowledged(self, url: str) -> None:
        """The proxy took it."""
        self._count(url, "responses_acknowledged")

    def rejected(self, url: str) -> None:
        """The proxy refused it."""
        self._count(url, "responses_rejected")

    def identified(self, mesh: Mesh, certificate: Certificate | None) -> None:
        """This is the proxy's identity now."""
        identity = certificate, mesh.of("MeshTrust")
        if identity[0] is self._identity[0] and identity[1] is self._identity[1]:
            return
        self._identity = identity
        if (mtls := _mtls(mesh, certificate)) != self.mtls:
            self.mtls, self.urgent, self.news = mtls, True, True
            self.stir()

    def lives(self) -> None:
        """It is still there: who counts on is not taken for dead."""
        self.news = True
        self.began = evolve(self.began, generation=self.began.generation + 1)

    def end(self) -> None:
        """The stream has ended."""
        self.began = ended(self.began, self.clock.now())
        self.urgent = self.news = True
        self.stir()

    def _count(self, url: str, what: str) -> None:
        self._counts[url, what] += 1
        self._counted = self.clock.now()
        self.news = True

    def _status(self, counted: datetime) -> SubscriptionStatus:
        total: Counter[str] = Counter()
        by_type: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for (url, what), count in self._counts.items():
            total[what] += count
            if (name := STATS.get(url.rpartition(".")[2])) is not None:
                by_type[name][what] = count
        stats = {name: ServiceStats(**counts) for name, counts in by_type.items()}
        return SubscriptionStatus(last_update_time=counted, total=ServiceStats(**total), **stats)


def _mtls(mesh: Mesh, certificate: Certificate | None) -> Mtls:
    if certificate is None:
        return Mtls()
    trusts = sorted(str(kri("mtrust", trust)) for trust in mesh.of("MeshTrust").values())
    issued = bool(certificate.chain)  # another issuer's certificates are not seen here
    return Mtls(
        certificate_expiration_time=certificate.expires if issued else None,
        last_certificate_regeneration=certificate.issued if issued else None,
        issued_backend=certificate.secret,
        supported_backends=tuple(trusts),
    )


def noted(stored: Resource | None, record: Record, limit: int, now: datetime) -> Resource | None:
    """The insight with this connection's state in it; None when there is nothing to write."""
    before: DataplaneInsight = DataplaneInsight() if stored is None else stored.spec
    known = any(one.id == record.id for one in before.subscriptions)
    if record.written > NEVER and not known and before.subscriptions:
        return None  # forgotten among newer ones: it must not end them
    after = evolve(
        before,
        subscriptions=recorded(before.subscriptions, record.subscription, limit, now),
        metadata=record.metadata,
        mtls=_regenerated(before.mtls or Mtls(), record.mtls),
    )
    if stored is None:
        return Resource(evolve(record.key, kind="DataplaneInsight"), after)
    return evolve(stored, spec=after)


def _regenerated(before: Mtls, after: Mtls) -> Mtls:
    """The certificate's state with the number of certificates there were."""
    new = after.last_certificate_regeneration not in (None, before.last_certificate_regeneration)
    return evolve(after, certificate_regenerations=before.certificate_regenerations + new)


def due(records: Sequence[Record], now: float | None, habits: Habits) -> Iterator[Record]:
    """Which records to write: those that are urgent, and when it is time for them (`now`) some others with news.

    None is written again before a flush has passed, and a few at a time: a change that all proxies acknowledge must
    not make the store busy, nor hold up what is told to them.
    """
    yield from (record for record in records if record.urgent)
    if now is None:
        return
    at_each_flush = max(FEW, SURELY * len(records) * (habits.flush / habits.idle))
    before = now - habits.flush.total_seconds()
    rest = (record for record in records if record.news and not record.urgent and record.written <= before)
    yield from islice(rest, ceil(at_each_flush / SLICES))


class Insights(MultiService):
    """Keeps a record of every connection, and writes those that have news.

    At once when one begins, ends or gets another identity, else some time after a `flush`. While this instance is not
    known to be among the `living`, its connections count on, which proves that it is.
    """

    def __init__(self, resources: Resources, habits: Habits, living: Living = unknown) -> None:
        super().__init__()
        self._clock = resources.clock
        Running("insights", self._run, clock=self._clock).setServiceParent(self)
        Running("heartbeat of connections", self._beat, clock=self._clock).setServiceParent(self)
        self._resources = resources
        self._habits = habits
        self._living = living
        self._records: dict[str, Record] = {}
        self._stirred = asyncio.Event()

    def open(self, key: Key, metadata: Mapping[str, Any]) -> Record:
        """A proxy has connected."""
        now = self._clock.now()
        subscription = Subscription(
            id=str(uuid.uuid4()),
            control_plane_instance_id=self._habits.instance,
            connect_time=now,
            status=SubscriptionStatus(last_update_time=now, total=NO_STATS),
            version=_version(metadata),
        )
        record = Record(key, frozendict(metadata), subscription, self._clock, stir=self._stirred.set)
        self._records[subscription.id] = record
        self._stirred.set()
        return record

    def stopService(self) -> Deferred[None]:
        stopped = super().stopService()
        return deferred(self._farewell(stopped))

    async def _farewell(self, stopped: Deferred[Any]) -> None:
        await future(stopped)
        for record in self._records.values():
            record.end()
        with suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL):
                await self._write_all(tuple(self._records.values()))

    async def _run(self) -> None:
        slice_of_flush = self._habits.flush.total_seconds() / SLICES
        tick = self._clock.monotonic() + slice_of_flush
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, tick - self._clock.monotonic())):
                    await self._stirred.wait()
            self._stirred.clear()
            now = self._clock.monotonic() if self._clock.monotonic() >= tick else None
            if now is not None:
                tick = now + slice_of_flush
            if not await self._write_all(tuple(due(tuple(self._records.values()), now, self._habits))):
                tick = min(tick, self._clock.monotonic() + AGAIN)

    async def _beat(self) -> None:
        while True:
            await self._clock.sleep(self._habits.idle.total_seconds() / 2)
            if not await self._known():
                for record in self._records.values():
                    if record.online:
                        record.lives()

    async def _known(self) -> bool:
        """Whether this instance is known to live."""
        try:
            return self._habits.instance in await self._living()
        except StoreError as error:
            log.debug("instances not known", reason=str(error))
            return False

    async def _write_all(self, wanted: tuple[Record, ...]) -> bool:
        """Whether all was written. While the store is away the rest is not tried."""
        for at in range(0, len(wanted), AT_ONCE):
            written = await some_at_once(self._tried(record) for record in wanted[at : at + AT_ONCE])
            if not all(written):
                log.warning("insights not written yet", waiting=len(wanted) - at)
                return False
        return True

    async def _tried(self, record: Record) -> bool:
        """Write one; whether the store was there."""
        await asyncio.sleep(0)  # a store in memory answers at once, and there may be thousands to write
        try:
            await self._write(record)
        except Unavailable as error:
            log.debug("insight not written yet", proxy=record.key.name, mesh=record.key.mesh, reason=str(error))
            return False
        except (StoreError, Invalid) as error:
            # most likely the Dataplane is not there yet, or not any more
            log.debug("insight not written", proxy=record.key.name, mesh=record.key.mesh, reason=str(error))
        known = self._records.pop(record.id, None)
        if known is not None and record.online:
            self._records[record.id] = record  # behind those that have waited longer
        return True

    async def _write(self, record: Record) -> None:
        record.urgent = record.news = False

        def change(stored: Resource | None) -> Resource | None:
            return noted(stored, record, self._habits.limit, self._clock.now())

        try:
            key = evolve(record.key, kind="DataplaneInsight")
            record.stored = await self._resources.upsert(key, change, record.stored)
        except Unavailable:
            record.urgent = record.news = True
            raise
        except (StoreError, Invalid):
            record.news = True
            raise
        record.written = self._clock.monotonic()


def _version(metadata: Mapping[str, Any]) -> Version | None:
    said = metadata.get("version")
    try:
        version = parse(Version, said) if isinstance(said, Mapping) else None
    except Invalid:
        return None
    if version is None or version.kuma_dp is None:
        return version
    return evolve(version, kuma_dp=evolve(version.kuma_dp, kuma_cp_compatible=compatible(version.kuma_dp.version)))
