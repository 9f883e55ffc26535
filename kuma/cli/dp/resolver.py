"""The DNS server beside a workload: answers for the mesh's names, and passes every other question on."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any

from attrs import define, field, frozen
from prometheus_client import CollectorRegistry
from twisted.application.service import Service
from twisted.internet.defer import Deferred, ensureDeferred, gatherResults, maybeDeferred
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP6ClientEndpoint, connectProtocol
from twisted.internet.error import CannotListenError, ConnectError, ConnectionClosed
from twisted.internet.protocol import DatagramProtocol, Factory, connectionDone
from twisted.logger import Logger
from twisted.protocols.basic import Int16StringReceiver
from twisted.protocols.policies import TimeoutMixin
from twisted.python.failure import Failure

from kuma.cli.dp.dns import Names, answer, failure, is_query, kind, outcome
from kuma.cli.dp.metrics.own import MESH, UPSTREAM, DnsMetrics

log = Logger()

PORT = 53
PATIENCE = 5.0  # seconds for an upstream answer
IDLE = 10.0  # seconds after which a quiet connection is closed (RFC 7766, 6.2.3)
MOST = 1000  # questions that wait for an upstream answer at the same time

Ask = Callable[[bytes], Awaitable[bytes]]


class Unanswered(Exception):
    """Nobody upstream answered."""


@frozen
class Upstream:
    """The name server that is asked what is not of the mesh, in the way in which the question came."""

    reactor: Any
    host: str
    port: int = PORT

    async def by_datagram(self, query: bytes) -> bytes:
        """Its answer over UDP. Raises Unanswered."""
        # a new port and number for every question: answers can't be guessed (RFC 5452, 9.2)
        number = secrets.token_bytes(2)
        asking = _Asking(self, number + query[2:])
        self.reactor.listenUDP(0, asking, interface="::" if ":" in self.host else "")
        return query[:2] + (await asking.answered)[2:]

    async def by_stream(self, query: bytes) -> bytes:
        """Its answer over TCP. Raises Unanswered."""
        endpoint = TCP6ClientEndpoint if ":" in self.host else TCP4ClientEndpoint
        place = endpoint(self.reactor, self.host, self.port, timeout=PATIENCE)
        stream = _AskingStream(query)
        try:
            await connectProtocol(place, stream)
        except ConnectError as error:
            raise Unanswered(str(error)) from None
        return await stream.answered


async def nobody(_: bytes) -> bytes:
    """Stands in for an upstream where there is none."""
    raise Unanswered("there is no nameserver in /etc/resolv.conf")


class _Asking(DatagramProtocol):
    """One question over UDP."""

    transport: Any

    def __init__(self, upstream: Upstream, query: bytes) -> None:
        self.answered: Deferred[bytes] = Deferred()
        self._upstream = upstream
        self._query = query
        self._late: Any = None

    def startProtocol(self) -> None:
        """Twisted: there is a socket."""
        self._late = self._upstream.reactor.callLater(PATIENCE, self._end, Failure(Unanswered("too late")))
        try:
            # connected: the kernel takes answers from nobody else, and tells when nobody listens there
            self.transport.connect(self._upstream.host, self._upstream.port)
            self.transport.write(self._query)
        except OSError as error:
            self._end(Failure(Unanswered(str(error))))

    def stopProtocol(self) -> None:
        """Twisted: the socket is gone, as it is when the network says that there is no way."""
        self._end(Failure(Unanswered("unreachable")))

    def datagramReceived(self, datagram: bytes, _: Any) -> None:
        if datagram[:2] == self._query[:2]:
            self._end(datagram)

    def connectionRefused(self) -> None:
        self._end(Failure(Unanswered("refused")))

    def _end(self, outcome: bytes | Failure) -> None:
        if self.answered.called:
            return
        if self._late.active():
            self._late.cancel()
        if self.transport is not None:
            self.transport.stopListening()
        self.answered.callback(outcome)  # a Failure goes to the errbacks


class _AskingStream(Int16StringReceiver, TimeoutMixin):
    """One question over TCP: messages are preceded by their length (RFC 1035, 4.2.2)."""

    transport: Any

    def __init__(self, query: bytes) -> None:
        self.answered: Deferred[bytes] = Deferred()
        self._query = query

    def connectionMade(self) -> None:
        self.setTimeout(PATIENCE)
        self.sendString(self._query)

    def stringReceived(self, string: bytes) -> None:
        if not self.answered.called:
            self.answered.callback(string)
        self.transport.loseConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.setTimeout(None)
        if not self.answered.called:
            self.answered.errback(Failure(Unanswered(reason.getErrorMessage())))


@define(eq=False)
class Resolver:
    """Answers queries. `names` is replaced whenever the control plane tells others."""

    by_datagram: Ask = nobody
    by_stream: Ask = nobody
    names: Names = field(factory=Names)
    waiting: int = 0
    metrics: DnsMetrics = field(factory=lambda: DnsMetrics(CollectorRegistry()))
    seconds: Callable[[], float] = monotonic

    async def answer(self, query: bytes, ask: Ask) -> bytes | None:
        """The answer to a message; None for what is no query."""
        if not is_query(query):
            return None
        began, own = self.seconds(), answer(self.names, query)
        said = own or await self._passed_on(query, ask)
        self.metrics.answered(kind(query), outcome(said), UPSTREAM if own is None else MESH, self.seconds() - began)
        return said

    async def _passed_on(self, query: bytes, ask: Ask) -> bytes:
        if self.waiting >= MOST:
            return failure(query)
        self.waiting += 1
        began = self.seconds()
        try:
            said = await ask(query)
        except (Unanswered, CannotListenError, ConnectionClosed, OSError) as error:
            log.debug("no upstream answer: {error}", error=error)
            self.metrics.upstream_failures.add()
            return failure(query)
        finally:
            self.waiting -= 1
        self.metrics.upstream_took.observe(self.seconds() - began)
        return said


class Datagrams(DatagramProtocol):
    """Queries over UDP."""

    transport: Any

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        ensureDeferred(self._answer(datagram, addr)).addErrback(_unexpected)

    async def _answer(self, query: bytes, sender: Any) -> None:
        said = await self._resolver.answer(query, self._resolver.by_datagram)
        if said is not None and self.transport is not None:
            self.transport.write(said, sender)


class Stream(Int16StringReceiver, TimeoutMixin):
    """Queries over one TCP connection."""

    transport: Any

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def connectionMade(self) -> None:
        self.setTimeout(IDLE)

    def stringReceived(self, string: bytes) -> None:
        self.resetTimeout()
        ensureDeferred(self._answer(string)).addErrback(_unexpected)

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: ARG002 - Twisted says why
        self.setTimeout(None)

    async def _answer(self, query: bytes) -> None:
        said = await self._resolver.answer(query, self._resolver.by_stream)
        if said is None:
            self.transport.loseConnection()
        elif self.connected:
            self.sendString(said)


class NameServer(Service):
    """Listens for queries on a port of some of this machine's addresses, over UDP and TCP."""

    def __init__(self, reactor: Any, resolver: Resolver, port: int, hosts: tuple[str, ...]) -> None:
        self._reactor = reactor
        self._resolver = resolver
        self._hosts = hosts
        self._listening: list[Any] = []
        self.port = port

    def startService(self) -> None:
        """Twisted: begin. Raises CannotListenError."""
        super().startService()
        streams = Factory.forProtocol(lambda: Stream(self._resolver))
        for host in self._hosts:
            listening = self._reactor.listenTCP(self.port, streams, interface=host)
            self.port = listening.getHost().port
            datagrams = self._reactor.listenUDP(self.port, Datagrams(self._resolver), host, maxPacketSize=65535)
            self._listening += [listening, datagrams]

    def stopService(self) -> Deferred[Any]:
        super().stopService()
        return gatherResults([maybeDeferred(port.stopListening) for port in self._listening])


def _unexpected(reason: Failure) -> None:
    log.failure("query not answered", failure=reason)
