"""The gRPC server that proxies connect to: bytes in, bytes out; delta xDS and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import structlog
from attrs import evolve, frozen
from twisted.application.service import Service
from twisted.internet.defer import Deferred

from certs.server import ServerCertificate
from certs.shown import grpc_credentials
from kuma.admission import Forbidden
from kuma.loop import deferred
from kuma.model import Key
from kuma.schema import Invalid
from kuma.store.api import StoreError
from kuma.xds.delta import Node, Request
from kuma.xds.wire import Malformed, parse_request
from zone_cp.admit import Admitted, Gate, Refused
from zone_cp.dataplanes import Dataplanes
from zone_cp.insights import Insights
from zone_cp.keepalive import keep_alive
from zone_cp.proxies import Proxies
from zone_cp.session import Gone, Session, Speech

log = structlog.get_logger()

SERVICE = "envoy.service.discovery.v3.AggregatedDiscoveryService"

LARGEST_REQUEST = 8 * 1024 * 1024
FIRST_WORD = 30.0  # seconds a stream may stay silent before its first request
WAITING = 10_000  # streams that may wait until they are looked at
PATIENCE = 300  # seconds that they may wait; when all proxies connect at once the last ones wait long
GRACE = 1.0  # seconds that streams have to end when the server stops
ASKED = 300_000  # milliseconds until gRPC asks a silent proxy itself, for which the kernel's peer may be a balancer
OPTIONS = (
    ("grpc.max_receive_message_length", LARGEST_REQUEST),
    ("grpc.max_send_message_length", -1),
    ("grpc.so_reuseport", 0),  # two control planes on one port are a mistake, not a wish
    ("grpc.server.max_pending_requests", WAITING),
    ("grpc.server.max_pending_requests_hard_limit", WAITING),
    ("grpc.server_max_unrequested_time_in_server", PATIENCE),  # gRPC itself would cancel them after 30 seconds
    ("grpc.http2.bdp_probe", 0),  # requests are small: measuring each way with pings costs more than it could save
    ("grpc.keepalive_time_ms", ASKED),
    ("grpc.keepalive_timeout_ms", 15_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 15_000),
)
DELTA_ONLY = "this control plane serves delta xDS only: set api_type DELTA_GRPC in the ads_config"

Context = grpc.aio.ServicerContext[bytes, bytes]
Requests = AsyncIterator[bytes]


@frozen
class Door:
    """Where proxies connect, and which certificate they are shown."""

    interface: str
    port: int
    certificate: Path
    key: Path

    def credentials(self) -> grpc.ServerCredentials:
        """What the server shows: what the files hold now, and what replaces it later."""
        return grpc_credentials(ServerCertificate(self.certificate, self.key))


@frozen
class House:
    """Everything that has to do with a connected proxy."""

    gate: Gate
    proxies: Proxies
    dataplanes: Dataplanes
    insights: Insights
    speech: Speech


class Ads(Service):
    """Serves ADS. A proxy has one stream: a newer one takes the place of the older, which may be half dead already."""

    def __init__(self, door: Door, house: House, others: Sequence[Any] = ()) -> None:
        self._door = door
        self._house = house
        self._others = others  # handlers of what else is served at this door
        self._server: grpc.aio.Server | None = None
        self._streams: dict[Key, tuple[Session, asyncio.Task[None]]] = {}
        self.port = door.port

    def startService(self) -> None:
        super().startService()
        self._server = grpc.aio.server(options=OPTIONS)
        self._server.add_generic_rpc_handlers((_methods(self._delta), *self._others))
        address = f"{self._door.interface}:{self._door.port}"
        self.port = self._server.add_secure_port(address, self._door.credentials())
        keep_alive(self.port)
        self._starting = asyncio.ensure_future(self._server.start())
        log.info("ads listening", port=self.port)

    def stopService(self) -> Deferred[None]:
        super().stopService()
        return deferred(self._stop())

    def refused(self, key: Key) -> Mapping[str, str]:
        """Why the proxy of a Dataplane refused what it was last sent, by type; nothing of one that is not here."""
        stream = self._streams.get(key)
        return {} if stream is None else stream[0].refused

    async def _stop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            await self._starting
            await server.stop(GRACE)

    async def _delta(self, requests: Requests, context: Context) -> None:
        self._house.proxies.arriving()
        try:
            first = await self._first(requests)
            admitted = await self._house.gate.admit(first.node, shown_tokens(context))
            await self._converse(admitted, _introduced(first), requests, context)
        except Refused as refused:
            self._house.speech.metrics.refused.add(refused.code.name)
            log.warning("stream refused", peer=context.peer(), code=refused.code.name, reason=refused.reason)
            await context.abort(refused.code, refused.reason)
        except Malformed as malformed:
            log.warning("stream refused", peer=context.peer(), code="INVALID_ARGUMENT", reason=str(malformed))
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(malformed))
        except Gone:
            return

    async def _first(self, requests: Requests) -> Request:
        try:
            async with asyncio.timeout(FIRST_WORD):
                return parse_request(await anext(requests))
        except TimeoutError:
            raise Refused(grpc.StatusCode.DEADLINE_EXCEEDED, "no request came") from None
        except StopAsyncIteration:
            raise Gone from None

    async def _converse(self, admitted: Admitted, first: Request, requests: Requests, context: Context) -> None:
        house = self._house
        admitted = await self._registered(admitted)
        # Now, and not with the first message: if that one's sending were cancelled, no status could be sent any more.
        await context.send_initial_metadata(())
        record = house.insights.open(admitted.key, admitted.struct)
        mouth = Mouth(context)
        session = Session(admitted, mouth.say, record, house.speech)
        talk = asyncio.ensure_future(self._talk(session, first, requests))
        self._take_place(session, talk)
        try:
            await asyncio.wait({talk})
        finally:
            talk.cancel()
            self._leave(session, admitted)
        await mouth.shut()
        if talk.cancelled():
            raise Refused(grpc.StatusCode.ABORTED, "a newer stream of this proxy has taken the place of this one")
        talk.result()

    async def _talk(self, session: Session, first: Request, requests: Requests) -> None:
        await session.hear(first)
        self._house.proxies.join(session)
        async for message in requests:
            await session.hear(_of_the_same(parse_request(message), first))

    async def _registered(self, admitted: Admitted) -> Admitted:
        if admitted.brought is None:
            return admitted
        try:
            may_replace = partial(self._house.gate.check_replaced, admitted)
            written = await self._house.dataplanes.arrive(admitted.brought, may_replace)
        except Invalid as invalid:
            raise Refused(grpc.StatusCode.INVALID_ARGUMENT, f"the Dataplane is not valid: {invalid}") from None
        except Forbidden as forbidden:
            raise Refused(grpc.StatusCode.PERMISSION_DENIED, str(forbidden)) from None
        except StoreError as error:
            raise Refused(grpc.StatusCode.UNAVAILABLE, f"the Dataplane can't be written: {error}") from None
        return evolve(admitted, brought=written or admitted.brought)

    def _take_place(self, session: Session, talk: asyncio.Task[None]) -> None:
        key = session.key
        if (older := self._streams.get(key)) is not None:
            log.warning("stream replaced", proxy=key.name, mesh=key.mesh)
            older[1].cancel()
        self._streams[key] = session, talk
        self._house.speech.metrics.streams.inc()
        log.info("proxy connected", proxy=key.name, mesh=key.mesh)

    def _leave(self, session: Session, admitted: Admitted) -> None:
        key, house = session.key, self._house
        if self._streams[key][0] is session:
            del self._streams[key]
        house.proxies.leave(session)
        session.close()
        session.record.end()
        if admitted.brought is not None and self.running:  # whose stream ends because we stop has not gone
            house.dataplanes.leave(key)
        house.speech.metrics.streams.dec()
        log.info("proxy disconnected", proxy=key.name, mesh=key.mesh)


def _methods(delta: Callable[[Requests, Context], Awaitable[None]]) -> Any:
    """The service's methods; without serializers messages stay bytes, so that ready ones are sent as they are."""
    methods = {
        "DeltaAggregatedResources": grpc.stream_stream_rpc_method_handler(delta),
        "StreamAggregatedResources": grpc.stream_stream_rpc_method_handler(_refuse),
    }
    return grpc.method_handlers_generic_handler(SERVICE, methods)


async def _refuse(_: Requests, context: Context) -> None:
    log.warning("stream refused", peer=context.peer(), code="UNIMPLEMENTED", reason=DELTA_ONLY)
    await context.abort(grpc.StatusCode.UNIMPLEMENTED, DELTA_ONLY)


class Mouth:
    """Says messages to one peer, one after the other; what is half said is not broken off.

    gRPC takes no status while a message whose sending was cancelled is still on its way.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._saying: asyncio.Future[None] | None = None

    async def say(self, message: bytes) -> None:
        """Begin as soon as the message before is on its way: only who has more to say waits. Raises Gone."""
        if self._saying is not None:
            await self._said(self._saying)
        self._saying = asyncio.ensure_future(self._context.write(message))
        self._saying.add_done_callback(_noted)

    async def shut(self) -> None:
        """Let the last message get out, unless the peer does not take it."""
        if self._saying is not None:
            await asyncio.wait({self._saying}, timeout=GRACE)

    async def _said(self, saying: asyncio.Future[None]) -> None:
        if not saying.done():
            await asyncio.wait({saying})
        try:
            saying.result()
        except (grpc.aio.BaseError, asyncio.CancelledError):
            raise Gone from None


def _noted(saying: asyncio.Future[None]) -> None:
    """Whoever speaks next hears of a failure; when nobody does the stream has ended, which is told elsewhere."""
    if not saying.cancelled():
        saying.exception()


def shown_tokens(context: Context) -> tuple[str, ...]:
    """The tokens that a peer shows."""
    shown = (value for key, value in context.invocation_metadata() or () if key == "authorization")
    return tuple(value if isinstance(value, str) else value.decode(errors="replace") for value in shown)


def _introduced(first: Request) -> Request:
    """The first request, as it is kept as long as the stream lives: of the node only its name is still needed."""
    return first if first.node is None else evolve(first, node=Node(first.node.id))


def _of_the_same(request: Request, first: Request) -> Request:
    """Only the first request must say who speaks; whoever says it again must say the same. Raises Refused."""
    if request.node is None or not request.node.id or first.node is None or request.node.id == first.node.id:
        return request
    raise Refused(grpc.StatusCode.INVALID_ARGUMENT, "the node id must stay the same for the life of a stream")
