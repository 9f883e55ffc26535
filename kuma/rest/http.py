"""HTTP with limits: how large a body may be, how long a request may take to arrive, and a clean end."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from io import BytesIO
from typing import Any, cast

from attrs import frozen
from twisted.internet.defer import maybeDeferred
from twisted.internet.interfaces import IAddress
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.web.http import HTTPChannel
from twisted.web.resource import Resource
from twisted.web.server import Request, Site

from certs.server import TlsContext
from kuma.loop import future
from kuma.rest.body import LARGEST

LAST_ANSWERS = 3.0
"""Seconds that running answers get when a server stops."""


@frozen
class Patience:
    """How long a client may take for a request's headers, for its body, and between requests; and we for an answer.

    Answers may take as long as they like where that is zero.
    """

    headers: timedelta = timedelta(seconds=1)
    body: timedelta = timedelta(seconds=10)
    idle: timedelta = timedelta(minutes=2)
    answer: timedelta = timedelta(0)


class BoundedRequest(Request):
    """A request whose body is kept in memory up to a limit; what comes after that is counted, not kept."""

    content: BytesIO
    received = 0

    def gotLength(self, length: int | None) -> None:  # noqa: ARG002, N802 - Twisted's name; the length may be a lie
        self.content = BytesIO()

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        self.received += len(data)
        if self.received <= LARGEST:
            self.content.write(data)

    def getRequestHostname(self) -> bytes:  # noqa: N802 - Twisted's name
        """A name for the router, which chooses by path alone; the Host header is read where it matters."""
        return b"localhost"

    @property
    def is_too_large(self) -> bool:
        """Whether the body went over the limit, and so was not kept."""
        return self.received > LARGEST


class PatientChannel(HTTPChannel):
    """A connection whose requests must arrive within a time, however busily the client drips."""

    site: PatientSite
    callLater: Any  # noqa: N815 - Twisted's name
    _deadline: Any = None  # Twisted's interfaces tell mypy nothing

    def connectionMade(self) -> None:
        self.site.channels.add(self)
        super().connectionMade()

    def dataReceived(self, data: bytes) -> None:
        if self._deadline is None and not self.is_busy:
            self._arm(self.site.patience.headers)
        super().dataReceived(data)

    def allHeadersReceived(self) -> None:  # noqa: N802 - Twisted's name
        self._arm(self.site.patience.body)
        super().allHeadersReceived()

    def allContentReceived(self) -> None:  # noqa: N802 - Twisted's name
        self._disarm()
        if answer := self.site.patience.answer:
            self._arm(answer)
        super().allContentReceived()

    def requestDone(self, request: Any) -> None:  # noqa: N802 - Twisted's name
        self._disarm()
        super().requestDone(request)

    def connectionLost(self, reason: Any = None) -> None:
        self._disarm()
        self.site.closed(self)
        super().connectionLost(reason)

    @property
    def is_busy(self) -> bool:
        """Whether a request is being answered."""
        return bool(self._handlingRequest)

    def finish(self) -> None:
        """Close: at once when idle, after the current answer when busy."""
        self.persistent = False
        if not self.is_busy:
            self.loseConnection()

    def _arm(self, patience: timedelta) -> None:
        self._disarm()
        self._deadline = self.callLater(patience.total_seconds(), self._expire)

    def _disarm(self) -> None:
        if self._deadline is not None and self._deadline.active():
            self._deadline.cancel()
        self._deadline = None

    def _expire(self) -> None:
        self._deadline = None
        self.timeoutConnection()


class PatientSite(Site):
    """A site that knows its connections and how patient to be with them; it keeps no access log."""

    protocol = PatientChannel  # type: ignore[assignment]  # Twisted types its own wrapper only
    requestFactory = BoundedRequest  # noqa: N815 - Twisted's name

    def __init__(self, resource: Resource, patience: Patience) -> None:
        super().__init__(resource, timeout=patience.idle.total_seconds(), parsePOSTFormSubmission=False)
        self.patience = patience
        self.channels: set[PatientChannel] = set()
        self._emptied = asyncio.Event()

    def buildProtocol(self, addr: IAddress | None) -> Any:
        channel: Any = super().buildProtocol(addr)
        channel.callLater = self.reactor.callLater
        return channel

    def closed(self, channel: PatientChannel) -> None:
        """A connection has ended."""
        self.channels.discard(channel)
        if not self.channels:
            self._emptied.set()

    async def is_empty(self) -> None:
        """Wait until there are no connections."""
        self._emptied.clear()
        if self.channels:
            await self._emptied.wait()

    def log(self, request: Any) -> None:
        """Say nothing: handlers log what matters."""


@frozen
class Where:
    """Where a server listens, and how patiently: a port (0: a free one), an interface (empty: all), TLS or none."""

    port: int
    interface: str = ""
    tls: TlsContext | None = None
    patience: Patience = Patience()


def listen(reactor: Any, site: PatientSite, where: Where) -> Any:
    """Serve a site; what comes back is Twisted's listening port. Raises CannotListenError where it is taken."""
    factory: Any = site
    if where.tls is not None:
        factory = TLSMemoryBIOFactory(cast("Any", where.tls), False, factory)
    return reactor.listenTCP(where.port, factory, interface=where.interface)


def port_of(listening: Any) -> int | None:
    """The TCP port of a listening port; None for none."""
    return None if listening is None else int(listening.getHost().port)


async def end(site: PatientSite, *listening: Any) -> None:
    """Take no more connections, give running answers a while, and close."""
    for one in listening:
        if one is not None:
            await future(maybeDeferred(one.stopListening))
    for channel in tuple(site.channels):
        channel.finish()
    with suppress(TimeoutError):
        await asyncio.wait_for(site.is_empty(), LAST_ANSWERS)
    for channel in tuple(site.channels):
        channel.forceAbortClient()
