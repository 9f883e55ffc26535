"""The gRPC server that zones connect to: two sync streams each, health checks, and questions about their Envoys."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from pathlib import Path
from typing import Any, NoReturn

import grpc
import grpc.aio
import structlog
from attrs import frozen
from twisted.application.service import MultiService
from twisted.internet.defer import Deferred

from certs.server import ServerCertificate
from certs.shown import grpc_credentials
from global_cp.admin_streams import RPCS, AdminStreams, Rpc
from global_cp.zones import Lease, Liveness, Zones, ZoneWatch
from kuma.clock import Clock
from kuma.kds.instance import CLIENT_ID, FEATURES, GLOBAL, PINGS, SYNC, Instance, tuning
from kuma.kds.keeping import Keeper
from kuma.kds.offers import Offers
from kuma.kds.streams import Closed, Offering, Pipe, Stalled, Taking, Terms
from kuma.kds.together import for_ever, together
from kuma.kds.tracking import Remembered, Sink, Tracker
from kuma.loop import deferred, future
from kuma.mirror import Mirror
from kuma.protos import kds_pb2
from kuma.resources.zoneinsight import Subscription
from kuma.settings import Settings
from kuma.store.api import Store, StoreError
from kuma.sync.offer import Offer
from kuma.sync.packing import Undecodable
from kuma.sync.plan import GlobalSide
from kuma.sync.travel import FROM_GLOBAL, FROM_ZONES, HASH_SUFFIX, WEIGHED, Audience, to_zones
from kuma.xds.config import Config
from kuma.xds.delta import Node, Receiver, Request, Unexpected
from kuma.xds.wire import Malformed

log = structlog.get_logger()

NAME = "global"
GRACE = 1.0  # seconds that streams have to end when the server stops

Context = Any  # grpc.aio.ServicerContext; its stubs do not know that reading may end
BROKEN = (StoreError, Stalled, Malformed, Unexpected, Undecodable)


Converse = Callable[["Caller", Pipe], Coroutine[Any, Any, None]]


class Ended(Exception):
    """A stream ends, and this is what the zone is told."""

    def __init__(self, code: grpc.StatusCode, details: str) -> None:
        super().__init__(details)
        self.code = code
        self.details = details


@frozen
class Caller:
    """Which zone calls, and what its control plane can do."""

    zone: str
    features: frozenset[str]
    authorized: bool

    @classmethod
    def of(cls, context: Context) -> Caller:
        """As the call's metadata say; it has no zone if they do not."""
        metadata = [(key, value) for key, value in context.invocation_metadata() or () if isinstance(value, str)]
        zone = next((value for key, value in metadata if key == CLIENT_ID), "")
        features = frozenset(value for key, value in metadata if key == FEATURES)
        return cls(zone, features, sum(key == "authorization" for key, _ in metadata) == 1)


class KdsServer(MultiService):
    """Every instance of the global control plane runs one; zones are free to choose."""

    def __init__(self, store: Store, settings: Settings, clock: Clock, instance: Instance) -> None:
        super().__init__()
        self._store = store
        self._settings = settings
        self._clock = clock
        self._instance = instance
        self._kds = settings.multizone.global_.kds
        patience = self._kds.msg_send_timeout.total_seconds()
        self._terms = Terms(NAME, patience, self._kds.max_msg_size, clock)
        self.zones = Zones(store, clock, instance.id)
        self.admin = AdminStreams()
        self._watch = ZoneWatch(self.zones.insights, Liveness.of(self._kds.zone_health_check), clock)
        self._mirror = Mirror(store, (*FROM_GLOBAL, "Zone"), clock)
        self._offers: dict[frozenset[str], Offers] = {}
        self._server: grpc.aio.Server | None = None
        self._stopping = asyncio.Event()
        self._last_words: set[asyncio.Task[None]] = set()
        self.port = self._kds.grpc_port
        for part in (self._watch, self._mirror):
            part.setServiceParent(self)

    @property
    def ready(self) -> bool:
        """Whether the store was read: before that there is nothing to offer."""
        return self._mirror.complete

    def startService(self) -> None:
        super().startService()
        self._stopping.clear()
        server = self._server = grpc.aio.server(options=tuning(self._kds.max_msg_size))
        server.add_generic_rpc_handlers(tuple(self._handlers()))
        address = f"[::]:{self._kds.grpc_port}"
        credentials = self._credentials()
        if credentials is None:
            self.port = server.add_insecure_port(address)
        else:
            self.port = server.add_secure_port(address, credentials)
        self._starting = asyncio.ensure_future(server.start())
        log.info("kds listening", port=self.port, tls=credentials is not None)

    def stopService(self) -> Deferred[None]:
        return deferred(self._stop())

    async def _stop(self) -> None:
        self._stopping.set()
        server, self._server = self._server, None
        if server is not None:
            await self._starting
            await server.stop(GRACE)
        await asyncio.gather(*self._last_words, return_exceptions=True)
        await future(super().stopService())

    def _credentials(self) -> grpc.ServerCredentials | None:
        kds = self._kds
        if not kds.tls_enabled or not kds.tls_cert_file:
            return None
        return grpc_credentials(ServerCertificate(Path(kds.tls_cert_file), Path(kds.tls_key_file)))

    def _handlers(self) -> Iterable[grpc.GenericRpcHandler[Any, Any]]:
        stream = grpc.stream_stream_rpc_method_handler
        yield grpc.method_handlers_generic_handler(
            SYNC,
            {
                "GlobalToZoneSync": stream(self._handler("global_to_zone", self._global_to_zone)),
                "ZoneToGlobalSync": stream(self._handler("zone_to_global", self._zone_to_global)),
            },
        )
        admin: dict[str, Any] = {
            rpc.method: stream(self._handler(rpc.stream, self._asking(rpc))) for rpc in RPCS.values()
        }
        health = grpc.unary_unary_rpc_method_handler(self._health_check)
        yield grpc.method_handlers_generic_handler(GLOBAL, admin | {"HealthCheck": health})

    def _handler(self, stream: str, converse: Converse) -> Callable[[Any, Context], Awaitable[None]]:
        async def handle(_: Any, context: Context) -> None:
            caller = Caller.of(context)
            if not caller.zone:
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"missing metadata: {CLIENT_ID}")
            try:
                await self._converse(stream, caller, converse(caller, context))
            except Ended as ended:
                await context.abort(ended.code, ended.details)

        return handle

    async def _converse(self, stream: str, caller: Caller, conversation: Coroutine[Any, Any, None]) -> None:
        """Hold one stream until it ends. Raises Ended."""
        log.info("zone connected", zone=caller.zone, stream=stream)
        lease = self._watch.opened(caller.zone, stream, PINGS in caller.features)
        try:
            await together(conversation, self._noted(stream, caller), self._stopped(), _given_up(lease))
        except BROKEN as error:
            log.warning("zone stream failed", zone=caller.zone, stream=stream, reason=str(error))
            raise Ended(grpc.StatusCode.INTERNAL, "stream failed") from error
        except Closed:
            return
        finally:
            self._watch.closed(lease)
            log.info("zone disconnected", zone=caller.zone, stream=stream)

    async def _noted(self, stream: str, caller: Caller) -> None:
        try:
            await self.zones.connected(caller.zone, stream)
        except StoreError as error:
            log.warning("zone stream not written", zone=caller.zone, stream=stream, reason=str(error))
            raise Ended(grpc.StatusCode.INTERNAL, "could not store stream connection") from error
        await for_ever()

    async def _stopped(self) -> None:
        await self._stopping.wait()
        raise Ended(grpc.StatusCode.UNAVAILABLE, "stream unavailable")

    async def _global_to_zone(self, caller: Caller, pipe: Pipe) -> None:
        await self.zones.admit(caller.zone)
        subscription = Subscription(global_instance_id=self._instance.id, auth_token_provided=caller.authorized)
        metrics = self._instance.metrics
        tracker = Tracker(subscription, "zone_instance_id", self._clock, metrics)
        sink = Sink(tracker, self._insight_of(caller.zone), self._remembered(), self._clock)
        offering = Offering(pipe, self._terms, lambda first, publish: self._follow(caller, first, publish), tracker)
        metrics.opened()
        metrics.connected(caller.zone, 1)
        try:
            await together(offering.run(lingers=True), sink.run())
        finally:
            metrics.ended()
            metrics.connected(caller.zone, -1)
            tracker.ended()
            self._say_last(sink.flush())

    async def _zone_to_global(self, caller: Caller, pipe: Pipe) -> None:
        await self.zones.admit(caller.zone)
        side = GlobalSide(caller.zone, prefixed=HASH_SUFFIX not in caller.features)
        keeper = Keeper(self._store, side, self._clock, self._instance.metrics)
        metadata = {"control-plane-id": self._instance.id, "config": "", "features": list(Audience().features)}
        receiver = Receiver(FROM_ZONES, Node(caller.zone, metadata))
        self._instance.metrics.connected(caller.zone, 1)
        try:
            await Taking(pipe, receiver, keeper, self._kds.response_backoff).run(self._clock)
        finally:
            self._instance.metrics.connected(caller.zone, -1)

    def _asking(self, rpc: Rpc) -> Converse:
        async def serve(caller: Caller, pipe: Pipe) -> None:
            await self.admin.serve(rpc, caller.zone, pipe)

        return serve

    async def _health_check(self, _: bytes, context: Context) -> bytes:
        caller = Caller.of(context)
        if not caller.zone:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"missing metadata: {CLIENT_ID}")
        await self.zones.said_hello(caller.zone)
        response = kds_pb2.ZoneHealthCheckResponse()
        response.interval.FromTimedelta(self._kds.zone_health_check.poll_interval)
        return response.SerializeToString()

    def _follow(self, caller: Caller, first: Request, publish: Callable[[Config], None]) -> Callable[[], None]:
        said = first.node.metadata.get("features") if first.node is not None else None
        features = WEIGHED.intersection(one for one in said or () if isinstance(one, str))
        return self._offered(features).follow(lambda: self._hidden(caller.zone), publish)

    def _offered(self, features: frozenset[str]) -> Offers:
        """What zones with these features are offered; a handful of offers, whatever the number of zones."""
        found = self._offers.get(features)
        if found is None:
            audience = Audience(features, self._kds.labels.skip_prefixes)
            offer = Offer(FROM_GLOBAL, lambda resource: to_zones(resource, audience))
            found = self._offers[features] = Offers(self._mirror, offer, self._clock, self._instance.metrics)
            found.setServiceParent(self)
        return found

    def _hidden(self, zone: str) -> Iterable[str]:
        """A zone does not get back what it sent, nor what disabled zones sent."""
        disabled = (one.name for one in self._mirror.all("Zone") if not one.spec.is_enabled)
        return {zone, *disabled}

    def _insight_of(self, zone: str) -> Callable[[Any], Awaitable[None]]:
        return lambda change: self.zones.insights.change(zone, change)

    def _remembered(self) -> Remembered:
        zone = self._settings.metrics.zone
        interval = self._kds.zone_insight_flush_interval
        return Remembered(zone.subscription_limit, zone.compact_finished_subscriptions, interval, zone.idle_timeout)

    def _say_last(self, words: Any) -> None:
        """What must be written although its stream is gone, and the coroutine that wrote it with it."""
        task = asyncio.ensure_future(words)
        self._last_words.add(task)
        task.add_done_callback(self._last_words.discard)


async def _given_up(lease: Lease) -> NoReturn:
    await lease.over.wait()
    raise Ended(grpc.StatusCode.CANCELLED, "stream canceled - zone hc failed")
