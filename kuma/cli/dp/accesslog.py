"""Access logs for servers: what Envoy writes into a named pipe is passed on, over one TCP connection for each server.

Each line says whom it is for: `{"address": "logs:514", "message": "a line\\n"}`, where the message may be an object; or
`logs:514;a line`, as control planes wrote it once. Nobody waits for a server: what it can't take now it never gets.
"""

from __future__ import annotations

import json
import os
import stat
from typing import Any, cast
from urllib.parse import urlsplit

from attrs import define, field, frozen
from twisted.application.service import Service
from twisted.internet.defer import Deferred, gatherResults, succeed
from twisted.internet.endpoints import HostnameEndpoint, connectProtocol
from twisted.internet.protocol import Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure

from kuma.cli.dp.lines import Lines

log = Logger()

READ = 64 * 1024  # bytes at a time
PATIENCE = 5.0  # seconds for a connection
PAUSE = 1.0  # seconds until a server that could not be reached is tried again
WAITING = 1000  # messages that wait for a connection
SERVERS = 200  # that are told; anybody here may write into the pipe


class Unreadable(ValueError):
    """Not what an access log is told in."""


@frozen
class Told:
    """Something to tell a server."""

    address: str
    message: bytes


def told(line: bytes) -> Told:
    """What a line of the pipe says. Raises Unreadable."""
    if not line.startswith(b"{"):
        address, separator, message = line.partition(b";")
        if not separator:
            raise Unreadable("neither JSON nor an address and a message")
        return Told(address.decode(errors="replace"), message + b"\n")
    try:
        said = json.loads(line)
        return Told(str(said["address"]), _message(said["message"]))
    except (ValueError, KeyError) as error:
        raise Unreadable(repr(error)) from None


def _message(said: object) -> bytes:
    """Text is passed on as it is."""
    return said.encode() if isinstance(said, str) else json.dumps(said, separators=(",", ":")).encode() + b"\n"


def place(address: str) -> tuple[str, int]:
    """The host and port of an address, which may be a URL. Raises ValueError."""
    parts = urlsplit(address if "://" in address else f"//{address}")
    if not parts.hostname or not parts.port:
        raise ValueError(f"{address!r} is no host and port")
    return parts.hostname, parts.port


class Connection(Protocol):
    """A connection to a server, into which nothing is written while the server does not read (an IPushProducer)."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._writable = True
        self.ended: Deferred[None] = Deferred()

    def connectionMade(self) -> None:
        cast(Any, self.transport).registerProducer(self, True)

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: ARG002 - as Twisted calls it
        self._server.lost()
        self.ended.callback(None)

    def send(self, message: bytes) -> None:
        if self._writable:
            cast(Any, self.transport).write(message)

    def close(self) -> None:
        """Send what was written, and end."""
        transport = cast(Any, self.transport)
        transport.unregisterProducer()  # else Twisted would wait for it to finish by itself
        transport.loseConnection()

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted calls it by this name
        self._writable = False

    def resumeProducing(self) -> None:  # noqa: N802 - Twisted calls it by this name
        self._writable = True

    def stopProducing(self) -> None:  # noqa: N802 - Twisted calls it by this name
        self._writable = False


@define(eq=False)
class Server:
    """One server: connected, about to be, or to be left alone for a moment."""

    reactor: Any
    address: str
    _connection: Connection | None = None
    _waiting: list[bytes] | None = None
    _not_before: float = 0.0

    def send(self, message: bytes) -> None:
        if self._connection is not None:
            self._connection.send(message)
        elif self._waiting is not None:
            self._waiting.extend([message] if len(self._waiting) < WAITING else [])
        elif self.reactor.seconds() >= self._not_before:
            self._waiting = [message]
            self._connect()

    def lost(self) -> None:
        """The connection is gone; the next message makes another."""
        self._connection = None

    def close(self) -> Deferred[None]:
        """End; what was written is sent before, if the server takes it soon."""
        connection = self._connection
        if connection is None:
            return succeed(None)
        connection.close()
        return connection.ended.addTimeout(PAUSE, self.reactor, lambda *_: None)

    def _connect(self) -> None:
        try:
            endpoint = HostnameEndpoint(self.reactor, *place(self.address), timeout=PATIENCE)
        except ValueError as error:
            return self._leave_alone(str(error))
        connecting = connectProtocol(endpoint, Connection(self))
        connecting.addCallbacks(self._connected, lambda failure: self._leave_alone(failure.getErrorMessage()))
        return None

    def _connected(self, connection: Connection) -> None:
        waiting, self._waiting, self._connection = self._waiting or [], None, connection
        for message in waiting:
            connection.send(message)

    def _leave_alone(self, reason: str) -> None:
        self._waiting = None
        self._not_before = self.reactor.seconds() + PAUSE
        log.warn("access logs can't be sent to {address}: {reason}", address=self.address, reason=reason)


@define(eq=False)
class AccessLogs(Service):
    """The pipe, for as long as the proxy runs (an IReadDescriptor)."""

    reactor: Any
    path: str
    _lines: Lines = field(factory=Lines)
    _servers: dict[str, Server] = field(factory=dict)
    _descriptor: int = -1

    def startService(self) -> None:
        super().startService()
        make_pipe(self.path)
        # with this process as a writer, too, the pipe never ends when Envoy closes it
        self._descriptor = os.open(self.path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self.reactor.addReader(self)

    def stopService(self) -> Deferred[None]:
        super().stopService()
        self.doRead()  # the last words of an Envoy that ended just now
        self.reactor.removeReader(self)
        os.close(self._descriptor)
        return gatherResults([server.close() for server in self._servers.values()]).addCallback(lambda _: None)

    def fileno(self) -> int:
        return self._descriptor

    def logPrefix(self) -> str:  # noqa: N802 - Twisted calls it by this name
        return "access logs"

    def connectionLost(self, reason: Failure) -> None:
        log.error("the pipe of access logs broke: {reason}", reason=reason.getErrorMessage())

    def doRead(self) -> None:  # noqa: N802 - Twisted calls it by this name
        try:
            data = os.read(self._descriptor, READ)
        except BlockingIOError:
            return
        for line in self._lines.feed(data):
            self._pass_on(line)

    def _pass_on(self, line: bytes) -> None:
        try:
            said = told(line)
        except Unreadable as unreadable:
            log.debug("not an access log: {reason}", reason=str(unreadable))
            return
        server = self._server(said.address)
        if server is not None:
            server.send(said.message)

    def _server(self, address: str) -> Server | None:
        if address not in self._servers and len(self._servers) < SERVERS:
            self._servers[address] = Server(self.reactor, address)
        return self._servers.get(address)


def make_pipe(path: str) -> None:
    """A named pipe that Envoy may write to, whoever it runs as. What lay there before is of no use to anybody."""
    if os.path.lexists(path) and not stat.S_ISFIFO(os.lstat(path).st_mode):
        os.unlink(path)
    if not os.path.lexists(path):
        os.mkfifo(path)
    os.chmod(path, 0o666)
