"""Health discovery: Envoys are told what to check, and what they report is kept in their Dataplanes."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import grpc
import structlog
from attrs import define, evolve, field, frozen
from google.protobuf.message import DecodeError

from kuma.admission import Resources
from kuma.envoy import api
from kuma.mesh import Mesh, Proxy
from kuma.model import Key, Resource
from kuma.schema import Invalid
from kuma.settings.servers import Hds as Settings
from kuma.store.api import StoreError
from kuma.xds.wire import Malformed, node_of
from zone_cp.admit import Admitted, Gate, Refused
from zone_cp.ads import FIRST_WORD, Context, Mouth, Requests, shown_tokens
from zone_cp.generate.health import specifier
from zone_cp.health import Report, measured, report_of
from zone_cp.metrics import HealthMetrics
from zone_cp.session import Gone

if TYPE_CHECKING:
    from kuma.envoy.api import HealthMessage

log = structlog.get_logger()

SERVICE = "envoy.service.health.v3.HealthDiscoveryService"


@frozen
class Ward:
    """Everything that has to do with the health of proxies; `rehearsed` returns once Envoy's vocabulary is there."""

    gate: Gate
    resources: Resources
    metrics: HealthMetrics
    rehearsed: Callable[[], Awaitable[None]]


@define(eq=False)
class _Stream:
    """One Envoy: what it was told to check, for which Dataplane, and which report has had its effect there."""

    admitted: Admitted
    mouth: Mouth
    stirred: asyncio.Event = field(factory=asyncio.Event)
    dataplane: Resource | None = None
    told: bytes | None = None
    settled: tuple[bytes, Resource] | None = None

    @property
    def key(self) -> Key:
        return self.admitted.key

    async def tell(self, message: bytes) -> None:
        """Say what to check, if that is not what was said last."""
        if message != self.told:
            self.told = message
            await self.mouth.say(message)

    def is_settled(self, message: bytes) -> bool:
        """Whether this report has had its effect on the Dataplane as it is."""
        return self.settled is not None and self.settled[0] == message and self.settled[1] is self.dataplane


class Hds:
    """Serves HDS, on the server of ADS. Nothing is read or written for a report that says what is known.

    Of several streams of one Dataplane the newest is believed: the others may be of an Envoy whose place was taken.
    """

    def __init__(self, ward: Ward, settings: Settings) -> None:
        self._ward = ward
        self._settings = settings
        self._streams: defaultdict[str, dict[Key, list[_Stream]]] = defaultdict(dict)
        ward.gate.meshes.subscribe(self._mesh_changed)

    @property
    def handler(self) -> Any:
        """The service's only method, for a gRPC server."""
        methods = {"StreamHealthCheck": grpc.stream_stream_rpc_method_handler(self._stream)}
        return grpc.method_handlers_generic_handler(SERVICE, methods)

    def _mesh_changed(self, mesh: Mesh) -> None:
        for key, streams in self._streams[mesh.name].items():
            dataplane = mesh.get("Dataplane", key.name)
            for stream in streams:
                if stream.dataplane is not dataplane:
                    stream.stirred.set()

    async def _stream(self, requests: Requests, context: Context) -> None:
        try:
            admitted = await self._admitted(requests, context)
            await context.send_initial_metadata(())
            await self._converse(_Stream(admitted, Mouth(context)), requests)
        except Refused as refused:
            log.warning("health stream refused", peer=context.peer(), code=refused.code.name, reason=refused.reason)
            await context.abort(refused.code, refused.reason)
        except Malformed as malformed:
            log.warning("health stream refused", peer=context.peer(), code="INVALID_ARGUMENT", reason=str(malformed))
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(malformed))
        except Gone:
            return

    async def _admitted(self, requests: Requests, context: Context) -> Admitted:
        await self._ward.rehearsed()
        try:
            async with asyncio.timeout(FIRST_WORD):
                first = _parsed(await anext(requests)).health_check_request
        except TimeoutError:
            raise Refused(grpc.StatusCode.DEADLINE_EXCEEDED, "no request came") from None
        except StopAsyncIteration:
            raise Gone from None
        self._ward.metrics.requests.add()
        node = node_of(first.node) if first.HasField("node") else None
        admitted = await self._ward.gate.admit(node, shown_tokens(context))
        return evolve(admitted, brought=None)  # that it is there is ADS's business

    async def _converse(self, stream: _Stream, requests: Requests) -> None:
        self._join(stream)
        tasks = {asyncio.ensure_future(self._tell(stream)), asyncio.ensure_future(self._hear(stream, requests))}
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            self._leave(stream)
        await stream.mouth.shut()
        for task in done:
            task.result()

    def _join(self, stream: _Stream) -> None:
        self._streams[stream.key.mesh].setdefault(stream.key, []).append(stream)
        stream.stirred.set()
        self._ward.metrics.streams.inc()
        log.info("health stream opened", proxy=stream.key.name, mesh=stream.key.mesh)

    def _leave(self, stream: _Stream) -> None:
        streams = self._streams[stream.key.mesh]
        streams[stream.key].remove(stream)
        if not streams[stream.key]:
            del streams[stream.key]
        self._ward.metrics.streams.dec()
        log.info("health stream closed", proxy=stream.key.name, mesh=stream.key.mesh)

    async def _tell(self, stream: _Stream) -> None:
        """Keep an Envoy told as its Dataplane changes; nothing is new while there is none."""
        while True:
            await stream.stirred.wait()
            stream.stirred.clear()
            mesh = self._ward.gate.meshes.current(stream.key.mesh)
            dataplane = None if mesh is None else mesh.get("Dataplane", stream.key.name)
            if dataplane is not None:
                self._ward.gate.check_replaced(stream.admitted, dataplane)
            stream.dataplane = dataplane  # now: the first report may come before the telling of what to check is done
            if dataplane is not None and (message := self._specifier(stream, dataplane)) is not None:
                await stream.tell(message)

    def _specifier(self, stream: _Stream, dataplane: Resource) -> bytes | None:
        clock = self._ward.resources.clock
        began = clock.monotonic()
        try:
            made = specifier(Proxy(dataplane, stream.admitted.metadata), self._settings)
        except Exception:
            self._ward.metrics.generation_errors.add()
            log.exception("health checks not made", proxy=stream.key.name, mesh=stream.key.mesh)
            return None
        self._ward.metrics.generation.observe(1000 * (clock.monotonic() - began))
        return bytes(made.SerializeToString(deterministic=True))

    async def _hear(self, stream: _Stream, requests: Requests) -> None:
        async for message in requests:
            if stream.is_settled(message):
                self._ward.metrics.reports.add()
                continue
            said = _parsed(message)
            if said.HasField("health_check_request"):
                self._ward.metrics.requests.add()
                continue
            self._ward.metrics.reports.add()
            await self._take(stream, message, report_of(said))

    async def _take(self, stream: _Stream, message: bytes, report: Report) -> None:
        dataplane = stream.dataplane
        if dataplane is None or self._streams[stream.key.mesh][stream.key][-1] is not stream:
            return
        if measured(dataplane, report) is None or await self._keep(stream, report):
            stream.settled = message, dataplane

    async def _keep(self, stream: _Stream, report: Report) -> bool:
        """Whether the Dataplane, if it is still there, says what was reported. If not, the next report will do it."""

        def change(stored: Resource | None) -> Resource | None:
            if stored is None:
                return None
            self._ward.gate.check_replaced(stream.admitted, stored)
            return measured(stored, report)

        where = {"proxy": stream.key.name, "mesh": stream.key.mesh}
        try:
            written = await self._ward.resources.upsert(stream.key, change)
        except (StoreError, Invalid) as error:
            log.warning("health not kept", reason=str(error), **where)
            return False
        if written is not None:
            log.info("health kept", inbounds=_states(written), **where)
        return True


def _states(dataplane: Resource) -> dict[str, str]:
    return {inbound.section: inbound.state for inbound in dataplane.spec.networking.inbound}


def _parsed(message: bytes) -> HealthMessage:
    try:
        return api.HealthMessage.FromString(message)
    except DecodeError as error:
        raise Malformed(str(error)) from error
