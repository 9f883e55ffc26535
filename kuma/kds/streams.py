"""The two sides of a sync stream: who offers resources, and who keeps them. Either may be the gRPC client."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Protocol

import structlog
from attrs import frozen
from grpc.aio import EOF  # type: ignore[attr-defined]  # the stubs have forgotten it

from kuma.clock import Clock
from kuma.kds.keeping import Keeper
from kuma.kds.together import for_ever, together
from kuma.xds.config import Config
from kuma.xds.delta import Receiver, Request, Response, Sender
from kuma.xds.wire import parse_request, parse_response, request_bytes, response_bytes

log = structlog.get_logger()

NEARLY = 0.8  # of the biggest message: time to say so


class Pipe(Protocol):
    """A bidirectional stream of messages, as both ends of a gRPC call have it."""

    async def read(self) -> Any:
        """The next message; `grpc.aio.EOF` when there will be none."""

    async def write(self, message: bytes, /) -> None: ...


class Closed(Exception):
    """The other side ended the stream."""


class Stalled(Exception):
    """The other side takes what it is sent, but does not answer."""

    def __init__(self, patience: float) -> None:
        super().__init__(f"no answer within {patience:g} s")


@frozen
class Terms:
    """How resources are offered: in whose name, how long an answer may take, and how big a message may be."""

    name: str
    patience: float
    largest: int
    clock: Clock


class Watch(Protocol):
    """Sees what goes through a sending stream."""

    def heard(self, request: Request) -> None: ...
    def sent(self, response: Response) -> None: ...


Follow = Callable[[Request, Callable[[Config], None]], Callable[[], None]]
"""Called with the first request of a stream and where to publish to; answers how to stop."""


class Offering:
    """Offers resources on a stream: everything at first, then what changes."""

    def __init__(self, pipe: Pipe, terms: Terms, follow: Follow, watch: Watch) -> None:
        self._pipe = pipe
        self._terms = terms
        self._follow = follow
        self._watch = watch
        self._sender = Sender()
        self._due: asyncio.Queue[Response] = asyncio.Queue()  # bounded: each type has one response on its way
        self._progress = terms.clock.monotonic()

    async def run(self, lingers: bool) -> None:
        """Until the stream fails. A client that `lingers` may have closed only its own half, and still read.

        Raises Closed, Stalled, and what is wrong with the peer's messages.
        """
        await together(self._read(lingers), self._write(), self._mind())

    def _publish(self, config: Config) -> None:
        self._put(self._sender.publish(config))

    def _put(self, responses: list[Response]) -> None:
        if responses:
            self._progress = self._terms.clock.monotonic()
        for response in responses:
            self._due.put_nowait(response)

    async def _read(self, lingers: bool) -> None:
        stop: Callable[[], None] | None = None
        try:
            while (data := await self._pipe.read()) is not EOF:
                request = parse_request(data)
                self._progress = self._terms.clock.monotonic()
                self._watch.heard(request)
                self._put(self._sender.receive(request))
                if stop is None:
                    stop = self._follow(request, self._publish)
            if not lingers:
                raise Closed
            await for_ever()
        finally:
            if stop is not None:
                stop()

    async def _write(self) -> None:
        while True:
            response = await self._due.get()
            data = response_bytes(response, self._terms.name)
            if len(data) > NEARLY * self._terms.largest:
                log.warning("message near its limit", kind=response.type_url, size=len(data), limit=self._terms.largest)
            await self._pipe.write(data)
            self._watch.sent(response)

    async def _mind(self) -> None:
        """A peer may be reachable and still have stopped working: then both begin anew."""
        clock, patience = self._terms.clock, self._terms.patience
        while True:
            await clock.sleep(patience / 4)
            if self._sender.waiting and clock.monotonic() - self._progress > patience:
                raise Stalled(patience)


class Taking:
    """Takes resources from a stream, and keeps them."""

    def __init__(self, pipe: Pipe, receiver: Receiver, keeper: Keeper, pause: timedelta = timedelta()) -> None:
        self._pipe = pipe
        self._receiver = receiver
        self._keeper = keeper
        self._pause = pause

    async def run(self, clock: Clock) -> None:
        """Until the stream fails. Raises Closed, StoreError, and what is wrong with the peer's messages."""
        for request in self._receiver.subscribe():
            await self._pipe.write(request_bytes(request))
        while (data := await self._pipe.read()) is not EOF:
            update = self._receiver.receive(parse_response(data))
            problem = await self._keeper.keep(update)
            if self._pause and not update.complete:
                await clock.sleep(self._pause.total_seconds())
            receiver = self._receiver
            answer = receiver.accept(update) if problem is None else receiver.reject(update, problem)
            await self._pipe.write(request_bytes(answer))
        raise Closed
