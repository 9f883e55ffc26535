"""How the leader learns which instances there are: each tells it every few seconds, and it writes down who did."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import grpc
import structlog
from attrs import evolve, frozen
from google.protobuf.message import DecodeError

from certs.ca import BadAuthority
from kuma.admission import Resources
from kuma.clock import Clock
from kuma.kinds import parse_document
from kuma.model import Resource
from kuma.peers.calls import Calls, Unreachable
from kuma.peers.catalog import CATALOG, Peer, led_by, read, without_leader, written
from kuma.protos import system_pb2
from kuma.resources.config import Config
from kuma.store.api import StoreError

log = structlog.get_logger()

PINGS = "kuma.system.v1alpha1.InterCpPingService"
PATIENCE = timedelta(seconds=5)
LAST_WORDS = 1.0  # seconds
LONGEST_WAIT = 60.0
DOUBLINGS = 4  # beyond them every wait is the longest
PROBLEMS = (Unreachable, StoreError, BadAuthority)


class Heard:
    """The instances that have told us that they are there since the catalog was last written."""

    def __init__(self, leading: Callable[[], bool]) -> None:
        self._leading = leading
        self._peers: dict[str, Peer] = {}

    def taken(self) -> tuple[Peer, ...]:
        """Who was heard; it begins to listen anew."""
        peers, self._peers = self._peers, {}
        return tuple(peers.values())

    def handler(self) -> grpc.GenericRpcHandler[Any, Any]:
        """What answers other instances."""
        return grpc.method_handlers_generic_handler(PINGS, {"Ping": grpc.unary_unary_rpc_method_handler(self._ping)})

    async def _ping(self, data: bytes, context: Any) -> bytes:
        try:
            said = system_pb2.PingRequest.FromString(data)
        except DecodeError as error:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        if said.ready:
            peer = Peer(said.instance_id, said.address, said.inter_cp_port, version=said.version)
            self._peers[peer.id] = peer
        else:
            self._peers.pop(said.instance_id, None)
        answer: bytes = system_pb2.PingResponse(leader=self._leading()).SerializeToString()
        return answer


@frozen
class Heartbeat:
    """Tells the leader that this instance is there."""

    calls: Calls
    own: Peer
    interval: timedelta
    clock: Clock
    leading: Callable[[], bool]

    async def run(self) -> None:
        """Tell it until cancelled; the last words are that it is not there any more."""
        leader: Peer | None = None
        failures, pause = 0, self.interval.total_seconds()
        try:
            while True:
                wait = pause * 2 ** min(failures, DOUBLINGS)
                await self.clock.sleep(min(wait, max(LONGEST_WAIT, pause)))
                leader, failures = await self._beaten(leader, failures)
        finally:
            with suppress(TimeoutError, *PROBLEMS):
                async with asyncio.timeout(LAST_WORDS):
                    await self._say(leader, ready=False)

    async def _beaten(self, leader: Peer | None, failures: int) -> tuple[Peer | None, int]:
        """The leader, while it is one, and how many times in a row it was not reached."""
        if self.leading():
            return None, 0
        try:
            leader = leader or await self._leader()
            return (leader if await self._say(leader, ready=True) else None), 0
        except PROBLEMS as problem:
            log.info("leader not reached", reason=str(problem), failures=failures + 1)
            return None, failures + 1

    async def _leader(self) -> Peer | None:
        return next((peer for peer in await self.calls.peers() if peer.leader and peer.id != self.own.id), None)

    async def _say(self, leader: Peer | None, ready: bool) -> bool:
        """Whether the one that was told leads."""
        if leader is None:
            return False
        own = self.own
        said = system_pb2.PingRequest(
            instance_id=own.id, address=own.address, inter_cp_port=own.port, ready=ready, version=own.version
        )
        answer = await self.calls.call(leader, f"/{PINGS}/Ping", said.SerializeToString(), PATIENCE)
        return bool(system_pb2.PingResponse.FromString(answer).leader)


@frozen
class Writer:
    """Writes down who was heard. For the leader."""

    resources: Resources
    own: Peer
    heard: Heard
    interval: timedelta
    clock: Clock

    async def run(self) -> None:
        """Write now and then until cancelled; others then know that it leads no more."""
        try:
            await self._write(lambda peers: led_by(self.own, peers))
            while True:
                await self.clock.sleep(self.interval.total_seconds())
                await self._write(_replaced(led_by(self.own, self.heard.taken())))
        finally:
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_WORDS):
                    await self._write(lambda peers: without_leader(peers, self.own.id))

    async def _write(self, change: Callable[[tuple[Peer, ...]], tuple[Peer, ...]]) -> None:
        def changed(stored: Resource | None) -> Resource:
            text = written(change(read(stored.spec.config if stored else "")))
            if stored is None:
                return parse_document({"type": CATALOG.kind, "name": CATALOG.name, "config": text})
            return evolve(stored, spec=Config(text))

        try:
            await self.resources.upsert(CATALOG, changed)
        except StoreError as problem:
            log.info("instances not written", reason=str(problem))


def _replaced(peers: tuple[Peer, ...]) -> Callable[[tuple[Peer, ...]], tuple[Peer, ...]]:
    return lambda _: peers
