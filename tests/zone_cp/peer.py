"""A small delta xDS client, for tests: subscribes, accepts or refuses, and remembers what it was sent."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress

import grpc
import grpc.aio

from kuma.xds.delta import Node, Request
from kuma.xds.wire import parse_response, request_bytes
from zone_cp.session import CLUSTERS, ENDPOINTS, LISTENERS, SECRETS

METHOD = "/envoy.service.discovery.v3.AggregatedDiscoveryService/"


class Peer:
    """One stream of one proxy. Like Envoy it asks for all clusters and listeners, else by name."""

    def __init__(self, channel: grpc.aio.Channel, node_id: str, *, token: str = "", metadata=None, method="Delta"):
        self.node = Node(node_id, metadata or {})
        self.held: dict[str, dict[str, bytes]] = {}
        self.versions: dict[str, dict[str, str]] = {}
        self.responses = []
        self.refuse: dict[str, str] = {}  # type -> why; what is in here is refused
        name = "DeltaAggregatedResources" if method == "Delta" else "StreamAggregatedResources"
        shown = (("authorization", token),) if token else ()
        self.call = channel.stream_stream(METHOD + name)(metadata=shown)
        self._first = True
        self._reading = None

    async def ask(self, url: str, *names: str, initial=None) -> None:
        node, self._first = (self.node if self._first else None), False
        await self.say(Request(url, subscribe=names, initial_versions=initial or {}, node=node))

    async def say(self, request: Request) -> None:
        with suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):  # the stream's end is told by `status`
            await self.call.write(request_bytes(request))

    async def subscribe(self, initial=None) -> None:
        """As Envoy does when its stream begins."""
        initial = initial or {}
        await self.ask(CLUSTERS, initial=initial.get(CLUSTERS))
        await self.ask(LISTENERS, initial=initial.get(LISTENERS))
        for url in (ENDPOINTS, SECRETS):
            if initial.get(url):
                await self.ask(url, *initial[url], initial=initial[url])
        self.read()

    def read(self) -> None:
        """Read and answer from now on."""
        self._reading = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        while True:
            try:
                message = await self.call.read()
            except grpc.aio.AioRpcError:
                return
            if message is grpc.aio.EOF:
                return
            response = parse_response(message)
            self.responses.append(response)
            error = self.refuse.get(response.type_url)
            await self.say(Request(response.type_url, nonce=response.nonce, error=error))
            if error is None:
                self._take(response)

    def _take(self, response) -> None:
        held = self.held.setdefault(response.type_url, {})
        versions = self.versions.setdefault(response.type_url, {})
        for packed in response.resources:
            held[packed.name] = packed.body
            versions[packed.name] = packed.version
        for name in response.removed:
            held.pop(name, None)
            versions.pop(name, None)

    def names(self, url: str) -> set[str]:
        return set(self.held.get(url, {}))

    async def status(self) -> tuple[grpc.StatusCode, str]:
        """How the stream ended."""
        return await self.call.code(), await self.call.details()

    async def leave(self) -> None:
        self.call.cancel()
        if self._reading is not None:
            await asyncio.gather(self._reading, return_exceptions=True)


@asynccontextmanager
async def dialled(port: int, certificate: bytes):
    """A connection to a server on this machine that shows this certificate."""
    credentials = grpc.ssl_channel_credentials(certificate)
    async with grpc.aio.secure_channel(f"localhost:{port}", credentials) as channel:
        yield channel
