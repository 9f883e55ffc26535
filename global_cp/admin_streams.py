"""Streams on which the global control plane asks zones about their proxies' Envoys."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog
from attrs import define, field, frozen
from google.protobuf.message import DecodeError, Message
from grpc.aio import EOF, BaseError  # type: ignore[attr-defined]  # the stubs have forgotten it

from kuma.kds.streams import Pipe
from kuma.protos import kds_pb2

log = structlog.get_logger()


class NotAsked(Exception):
    """A zone could not be asked, or could not answer; the message is fit for a user's eyes."""


@frozen
class Rpc:
    """One of the three questions."""

    method: str
    stream: str
    request: type[Message]
    response: type[Message]


RPCS: Mapping[str, Rpc] = {
    rpc.method: rpc
    for rpc in (
        Rpc("StreamXDSConfigs", "config_dump", kds_pb2.XDSConfigRequest, kds_pb2.XDSConfigResponse),
        Rpc("StreamStats", "stats", kds_pb2.StatsRequest, kds_pb2.StatsResponse),
        Rpc("StreamClusters", "clusters", kds_pb2.ClustersRequest, kds_pb2.ClustersResponse),
    )
}


@define(eq=False)
class _Open:
    pipe: Pipe
    waiting: dict[str, asyncio.Future[Any]] = field(factory=dict)
    voice: asyncio.Lock = field(factory=asyncio.Lock)

    async def say(self, message: bytes) -> None:
        """Send a message once those before it are on their way: gRPC takes one at a time, and none that breaks off."""
        async with self.voice:
            await self.pipe.write(message)


class AdminStreams:
    """Holds, of each zone and question, the stream that was opened last."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], _Open] = {}

    async def serve(self, rpc: Rpc, zone: str, pipe: Pipe) -> None:
        """Hold a stream until the zone ends it. An answer that nobody waits for any more is dropped."""
        opened = self._open[rpc.method, zone] = _Open(pipe)
        try:
            while (data := await pipe.read()) is not EOF:
                self._answered(opened, rpc, data)
        finally:
            if self._open.get((rpc.method, zone)) is opened:
                del self._open[rpc.method, zone]
            for waiting in opened.waiting.values():
                waiting.cancel()

    async def ask(self, rpc: Rpc, zone: str, request: Any, patience: timedelta) -> bytes:
        """Ask a zone; `request` is the RPC's message without an id. Raises NotAsked, TimeoutError."""
        name = rpc.request.DESCRIPTOR.name
        opened = self._open.get((rpc.method, zone))
        if opened is None:
            raise NotAsked(f"could not send {name}: client {zone} is not connected")
        request.request_id = str(uuid.uuid4())
        answer = opened.waiting[request.request_id] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(patience.total_seconds()):
                await asyncio.shield(asyncio.ensure_future(opened.say(request.SerializeToString())))
                message = await answer
        except BaseError as error:
            raise NotAsked(f"could not send {name}: {error or 'the stream has ended'}") from None
        except asyncio.CancelledError:
            if not answer.cancelled():
                raise
            raise NotAsked(f"could not send {name}: the stream of client {zone} has ended") from None
        finally:
            del opened.waiting[request.request_id]
        which = message.WhichOneof("result")
        if which == "error":
            raise NotAsked(f"could not send {name}: {message.error}")
        return b"" if which is None else bytes(getattr(message, which))

    def _answered(self, opened: _Open, rpc: Rpc, data: bytes) -> None:
        try:
            message: Any = rpc.response.FromString(data)
        except DecodeError as error:
            log.warning("envoy admin answer not understood", rpc=rpc.method, reason=str(error))
            return
        waiting = opened.waiting.get(message.request_id)
        if waiting is None or waiting.done():
            log.info("envoy admin answer came late", rpc=rpc.method)
            return
        waiting.set_result(message)
