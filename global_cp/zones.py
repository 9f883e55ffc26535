"""The zones as the global control plane knows them: made when they first call, alive while they keep calling."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from attrs import define, evolve, field, frozen
from twisted.application.service import MultiService

from kuma.clock import Clock
from kuma.kds.insights import Insights
from kuma.model import Key, Resource
from kuma.resources.zone import Zone
from kuma.resources.zoneinsight import EnvoyAdminStreams, HealthCheck, KdsStream, KdsStreams, ZoneInsight
from kuma.settings.multizone import ZoneHealthCheck
from kuma.store.api import AlreadyExists, NotFound, Store, StoreError
from kuma.tasks import Running

log = structlog.get_logger()

SPREAD = 10.0  # seconds over which zones that come all at once are written down
APPEARS = 30  # seconds in which a Zone has to turn up
ADMIN = {
    "config_dump": "config_dump_global_instance_id",
    "stats": "stats_global_instance_id",
    "clusters": "clusters_global_instance_id",
}


class Zones:
    """Zone and ZoneInsight resources, kept by whichever instance a zone talks to."""

    def __init__(self, store: Store, clock: Clock, instance: str, spread: float = SPREAD) -> None:
        self._store = store
        self._clock = clock
        self._instance = instance
        self._spread = spread
        self.insights = Insights(store, clock, owned=True)

    async def admit(self, zone: str) -> None:
        """There is a Zone of this name from now on; it is enabled unless somebody said otherwise."""
        key, now = Key("Zone", "", zone), self._clock.now()
        try:
            await self._store.get(key)
        except NotFound:
            await self._create(Resource(key, Zone(enabled=True), created=now, modified=now))

    async def said_hello(self, zone: str) -> None:
        """The zone is alive. Whether that could be written down is no concern of the zone's."""
        check = HealthCheck(self._clock.now())
        try:
            await self.admit(zone)  # this may well be its first word
            await self.insights.change(zone, lambda insight: evolve(insight, health_check=check))
        except StoreError as error:
            log.warning("zone health not written", zone=zone, reason=str(error))

    async def connected(self, zone: str, stream: str) -> None:
        """This instance holds a stream of the zone's. Raises StoreError."""
        opened = KdsStream(self._instance, self._clock.now())
        await self._clock.sleep(random.uniform(0, self._spread))
        for _ in range(APPEARS - 1):
            try:
                await self.insights.change(zone, lambda insight: _with_stream(insight, stream, opened))
            except NotFound:
                await self._clock.sleep(1)
            else:
                return
        await self.insights.change(zone, lambda insight: _with_stream(insight, stream, opened))

    async def _create(self, resource: Resource) -> None:
        try:
            await self._store.create(resource)
        except AlreadyExists:
            return  # by its other stream
        log.info("zone created", zone=resource.name)


def _with_stream(insight: ZoneInsight, stream: str, opened: KdsStream) -> ZoneInsight:
    """The newest stream counts, whichever is written last."""
    streams = insight.kds_streams or KdsStreams()
    known: KdsStream | None = getattr(streams, stream)
    if known is None or known.connect_time is None or _at(opened) > known.connect_time:
        insight = evolve(insight, kds_streams=evolve(streams, **{stream: opened}))
    if stream not in ADMIN:
        return insight
    admin = evolve(insight.envoy_admin_streams or EnvoyAdminStreams(), **{ADMIN[stream]: opened.global_instance_id})
    return evolve(insight, envoy_admin_streams=admin)


def _at(stream: KdsStream) -> datetime:
    assert stream.connect_time is not None  # it was made with one
    return stream.connect_time


@define(eq=False)
class Lease:
    """One open stream of a zone; `over` is set when it must end."""

    zone: str
    stream: str
    since: datetime
    over: asyncio.Event = field(factory=asyncio.Event)


@frozen
class Liveness:
    """When a silent zone counts as gone."""

    poll: timedelta
    timeout: timedelta
    close_stale: bool

    @classmethod
    def of(cls, settings: ZoneHealthCheck) -> Liveness:
        """As the settings say; without a timeout nobody is ever given up."""
        return cls(settings.poll_interval, settings.timeout, settings.close_stale_conn)


class ZoneWatch(MultiService):
    """Ends the streams of zones that have stopped sending health checks, and of connections that were replaced."""

    def __init__(self, insights: Insights, liveness: Liveness, clock: Clock) -> None:
        super().__init__()
        if liveness.timeout:
            Running("zone watch", self._run, clock=clock).setServiceParent(self)
        self._insights = insights
        self._liveness = liveness
        self._clock = clock
        self._leases: set[Lease] = set()
        self._heard: dict[str, datetime] = {}

    def opened(self, zone: str, stream: str, pings: bool) -> Lease:
        """A stream begins. Only zones that say that they send health checks are expected to."""
        lease = Lease(zone, stream, self._clock.now())
        if self._liveness.close_stale:
            self._end(one for one in self._leases if (one.zone, one.stream) == (zone, stream))
        self._leases.add(lease)
        if pings:
            self._heard[zone] = lease.since
        return lease

    def closed(self, lease: Lease) -> None:
        """A stream has ended."""
        self._leases.discard(lease)

    async def _run(self) -> None:
        while True:
            for zone in tuple(self._heard):
                await self._look(zone)
            await self._clock.sleep(self._liveness.poll.total_seconds())

    async def _look(self, zone: str) -> None:
        try:
            insight = await self._insights.get(zone)
        except NotFound:
            self._give_up(zone)
            return
        except StoreError as error:
            log.warning("zone not looked at", zone=zone, reason=str(error))
            return
        checked = insight.health_check.time if insight.health_check is not None else None
        heard = max(self._heard[zone], checked or self._heard[zone])
        if self._clock.now() - heard > self._liveness.timeout:
            self._give_up(zone)
        elif self._liveness.close_stale:
            self._end(one for one in self._leases if one.zone == zone and _replaced(one, insight))

    def _give_up(self, zone: str) -> None:
        log.warning("zone went offline", zone=zone)
        del self._heard[zone]
        self._end(one for one in self._leases if one.zone == zone)

    def _end(self, leases: Iterable[Lease]) -> None:
        for lease in tuple(leases):
            lease.over.set()


def _replaced(lease: Lease, insight: ZoneInsight) -> bool:
    known: KdsStream | None = getattr(insight.kds_streams, lease.stream, None)
    return known is not None and known.connect_time is not None and lease.since < known.connect_time
