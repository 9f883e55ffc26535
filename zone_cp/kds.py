"""The zone's end of the sync: dials the global control plane, keeps what comes, offers what is ours.

Nothing in the zone depends on it: while the global control plane is away, the zone goes on with what it has.
"""

from __future__ import annotations

import asyncio
from asyncio import InvalidStateError
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import grpc.aio
import structlog
from attrs import frozen
from grpc.aio import EOF  # type: ignore[attr-defined]  # the stubs have forgotten it
from twisted.application.service import MultiService

from kuma.clock import Clock
from kuma.kds.insights import Insights
from kuma.kds.instance import CLIENT_ID, FEATURES, GLOBAL, KDS_VERSION, PINGS, SYNC, Instance
from kuma.kds.keeping import Keeper
from kuma.kds.offers import Offers
from kuma.kds.streams import Closed, Offering, Stalled, Taking, Terms
from kuma.kds.together import for_ever, together
from kuma.kds.tracking import Remembered, Sink, Tracker
from kuma.mirror import Mirror
from kuma.protos import kds_pb2
from kuma.resources.zoneinsight import Subscription
from kuma.rest.deliveries import Deliveries
from kuma.rest.envoys import Envoys
from kuma.settings import Settings
from kuma.store.api import Store, StoreError
from kuma.sync import travel
from kuma.sync.offer import Offer
from kuma.sync.packing import Undecodable
from kuma.sync.plan import ZoneSide
from kuma.sync.travel import FROM_GLOBAL, FROM_ZONES, Audience, to_global
from kuma.tasks import Backoff, Running
from kuma.version import VERSION, build_info
from kuma.xds.delta import Node, Receiver, Unexpected
from kuma.xds.wire import Malformed
from zone_cp.dial import BadAddress, dial
from zone_cp.questions import QUESTIONS, Answers, Question

log = structlog.get_logger()

FIRST_INTERVAL = 300.0  # seconds between health checks, until the global control plane wishes otherwise

BROKEN = (
    *(grpc.aio.AioRpcError, InvalidStateError, OSError),
    *(Closed, Stalled, StoreError, Malformed, Unexpected, Undecodable, BadAddress),
)


@frozen
class Here:
    """What the zone's end of the sync stands on."""

    store: Store
    clock: Clock
    envoys: Envoys
    deliveries: Deliveries | None = None


class KdsClient(MultiService):
    """For the zone's leader: one connection to the global control plane, made again whenever it breaks."""

    def __init__(self, here: Here, settings: Settings, instance: Instance) -> None:
        super().__init__()
        store, clock = here.store, here.clock
        self._store = store
        self._settings = settings
        self._clock = clock
        self._answers = Answers(store, here.envoys, here.deliveries)
        self._instance = instance
        self._zone = settings.multizone.zone
        self._mirror = Mirror(store, FROM_ZONES, clock)
        self._offers = Offers(self._mirror, self._offer(), clock, instance.metrics)
        for part in (self._mirror, self._offers, Running("kds client", self._stay_connected, clock=clock)):
            part.setServiceParent(self)

    def _offer(self) -> Offer:
        zone, store = self._zone.name, self._settings.store
        audience = Audience(skip_prefixes=self._zone.kds.labels.skip_prefixes, system_namespace=store.system_namespace)
        return Offer(FROM_ZONES, lambda resource: to_global(resource, zone, audience))

    async def _stay_connected(self) -> None:
        general = self._settings.general
        backoff = Backoff(
            general.resilient_component_base_backoff.total_seconds(),
            general.resilient_component_max_backoff.total_seconds(),
        )
        waits = backoff.waits()
        while True:
            began = self._clock.monotonic()
            try:
                await self._connection()
            except BROKEN as error:
                log.warning("global control plane lost", address=self._zone.global_address, reason=_reason(error))
            if self._clock.monotonic() - began > backoff.most:
                waits = backoff.waits()
            await self._clock.sleep(next(waits))

    async def _connection(self) -> None:
        """All that goes on between the zone and the global control plane; what ends one of them ends all."""
        async with await dial(self._zone) as channel:
            await together(
                self._check_health(channel),
                self._global_to_zone(channel),
                self._zone_to_global(channel),
                *(self._answer(channel, question) for question in QUESTIONS.values()),
            )

    async def _check_health(self, channel: grpc.aio.Channel) -> None:
        check = channel.unary_unary(f"/{GLOBAL}/HealthCheck", None, None)
        interval = FIRST_INTERVAL
        while True:
            try:
                answer = await check(kds_pb2.ZoneHealthCheckRequest().SerializeToString(), metadata=self._metadata())
            except grpc.aio.AioRpcError as error:
                if error.code() != grpc.StatusCode.UNIMPLEMENTED:
                    raise
                log.info("global control plane checks no health")
                await for_ever()
            response = kds_pb2.ZoneHealthCheckResponse.FromString(answer)
            interval = response.interval.ToTimedelta().total_seconds() or interval
            await self._clock.sleep(interval)

    async def _global_to_zone(self, channel: grpc.aio.Channel) -> None:
        call = self._call(channel, SYNC, "GlobalToZoneSync")
        keeper = Keeper(self._store, ZoneSide(), self._clock, self._instance.metrics)
        receiver = Receiver(FROM_GLOBAL, Node(self._zone.name, self._introduction()))
        await Taking(call, receiver, keeper, self._zone.kds.response_backoff).run(self._clock)

    async def _zone_to_global(self, channel: grpc.aio.Channel) -> None:
        call = self._call(channel, SYNC, "ZoneToGlobalSync")
        subscription = Subscription(zone_instance_id=self._instance.id)
        tracker = Tracker(subscription, "global_instance_id", self._clock, self._instance.metrics)
        sink = Sink(tracker, self._insight, self._remembered(), self._clock)
        offering = Offering(call, self._terms(), lambda _, publish: self._offers.follow(tuple, publish), tracker)
        self._instance.metrics.opened()
        try:
            await together(offering.run(lingers=False), sink.run())
        finally:
            self._instance.metrics.ended()
            tracker.ended()
            await sink.flush()

    async def _answer(self, channel: grpc.aio.Channel, question: Question) -> None:
        """Keep a stream for questions open, unless there is none on the other side, or it ends in order."""
        call = self._call(channel, GLOBAL, question.method)
        try:
            await self._conversation(call, question)
        except grpc.aio.AioRpcError as error:
            if error.code() not in (grpc.StatusCode.UNIMPLEMENTED, grpc.StatusCode.CANCELLED):
                raise
            log.info("stream for questions ended", rpc=question.method, reason=_reason(error))
        await for_ever()

    async def _conversation(self, call: Any, question: Question) -> None:
        """Answer what is asked, all of it at the same time: an Envoy may take long, or not answer at all."""
        voice, answering = asyncio.Lock(), set[asyncio.Task[None]]()

        async def answer(data: bytes) -> None:
            told = await self._answers.answer(question, data)
            async with voice:
                await call.write(told)

        def answered(task: asyncio.Task[None]) -> None:
            answering.discard(task)
            if not task.cancelled() and (problem := task.exception()) is not None:
                log.warning("question not answered", rpc=question.method, reason=_reason(problem))

        try:
            while (data := await call.read()) is not EOF:
                task = asyncio.ensure_future(answer(data))
                answering.add(task)
                task.add_done_callback(answered)
        finally:
            for task in answering:
                task.cancel()

    def _terms(self) -> Terms:
        kds = self._zone.kds
        return Terms(self._zone.name, kds.msg_send_timeout.total_seconds(), kds.max_msg_size, self._clock)

    def _call(self, channel: grpc.aio.Channel, service: str, method: str) -> Any:
        return channel.stream_stream(f"/{service}/{method}", None, None)(None, metadata=self._metadata())

    def _metadata(self) -> grpc.aio.Metadata:
        return grpc.aio.Metadata(
            (CLIENT_ID, self._zone.name),
            ("version", VERSION),
            ("kds-version", KDS_VERSION),
            ("zone-version", KDS_VERSION),
            (FEATURES, PINGS),
            (FEATURES, travel.HASH_SUFFIX),
        )

    def _introduction(self) -> dict[str, Any]:
        return {
            "version": {"kumaCp": build_info()},
            "config": self._instance.config,
            "control-plane-id": self._instance.id,
            "features": list(travel.FEATURES),
        }

    @property
    def _insight(self) -> Callable[[Any], Awaitable[None]]:
        insights = Insights(self._store, self._clock, owned=False)
        return lambda change: insights.change(self._zone.name, change)

    def _remembered(self) -> Remembered:
        zone = self._settings.metrics.zone
        # both ends write their insights at one pace
        interval = self._settings.multizone.global_.kds.zone_insight_flush_interval
        return Remembered(zone.subscription_limit, zone.compact_finished_subscriptions, interval, zone.idle_timeout)


def _reason(error: BaseException) -> str:
    if isinstance(error, grpc.aio.AioRpcError):
        return f"{error.code().name}: {error.details()}"
    return str(error) or type(error).__name__
