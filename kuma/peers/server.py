"""The gRPC server that other instances of the same control plane call, on every instance."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, TypeAlias

import grpc
import grpc.aio
import structlog
from twisted.application.service import MultiService

from certs import peers
from certs.ca import BadAuthority, CertificateAuthority
from kuma.clock import Clock
from kuma.kds.instance import tuning
from kuma.peers.calls import authority
from kuma.peers.catalog import Peer
from kuma.store.api import NotFound, Reader, Unavailable
from kuma.tasks import Running

log = structlog.get_logger()

AGAIN = 1.0  # seconds between looks for the authority
GRACE = 1.0  # seconds that calls have to end when the server stops

Handlers: TypeAlias = "Iterable[grpc.GenericRpcHandler[Any, Any]]"  # a string: it is generic for the type checker only


class PeerServer(MultiService):
    """Serves as soon as there is an authority, which the leader makes; until then nobody could know whom to believe."""

    def __init__(self, store: Reader, own: Peer, handlers: Handlers, largest: int, clock: Clock) -> None:
        super().__init__()
        self.setName("peers")
        self._store = store
        self._own = own
        self._handlers = tuple(handlers)
        self._largest = largest
        self._clock = clock
        self.port: int | None = None
        Running("peers", self._serve, clock=clock).setServiceParent(self)

    async def _serve(self) -> None:
        server = grpc.aio.server(options=tuning(self._largest))
        server.add_generic_rpc_handlers(self._handlers)
        await self._bound(server, peers.shown_by(await self._authority(), self._own.address))
        await server.start()
        log.info("peers listening", port=self.port, address=self._own.address)
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self.port = None
            await server.stop(GRACE)

    async def _authority(self) -> CertificateAuthority:
        while True:
            try:
                return await authority(self._store)
            except (NotFound, Unavailable):
                log.debug("no authority of instances yet")
            except BadAuthority as problem:
                log.warning("authority of instances can't be used", reason=str(problem))
            await self._clock.sleep(AGAIN)

    async def _bound(self, server: grpc.aio.Server, credentials: grpc.ServerCredentials) -> None:
        """Take the port as soon as it is free: who has it keeps other instances from asking us, and nobody else."""
        warned = False
        while self.port is None:
            try:
                self.port = server.add_secure_port(f"[::]:{self._own.port}", credentials)
            except RuntimeError as problem:
                if not warned:
                    log.warning("other instances can't call", port=self._own.port, reason=str(problem))
                warned = True
                await self._clock.sleep(AGAIN)
