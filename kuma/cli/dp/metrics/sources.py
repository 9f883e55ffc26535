"""Asking for metrics: several at once, each for no longer and no more than is bearable."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from attrs import define, field, frozen
from twisted.internet.defer import Deferred, DeferredList, ensureDeferred
from twisted.internet.endpoints import HostnameEndpoint, UNIXClientEndpoint
from twisted.internet.protocol import Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.client import Agent, ResponseDone
from twisted.web.http import PotentialDataLoss
from twisted.web.http_headers import Headers

from kuma.cli.dp.lines import Lines
from kuma.cli.dp.metrics import openmetrics
from kuma.cli.dp.metrics.exposition import As, Families, Reader, View
from kuma.cli.dp.metrics.told import Application

log = Logger()

ENVOY_HAS = 256 * 1024 * 1024  # bytes that are read of Envoy: thousands of services have so many
APPLICATIONS_HAVE = 16 * 1024 * 1024
WANTED = "text/plain;version=0.0.4;q=1,*/*;q=0.1"
# a source that is not redirected to the proxy again, where traffic of the proxy's own user is (IPv4, IPv6)
UNTOUCHED = ("127.0.0.6", "::6")


Take = Callable[[bytes], None]
"""Takes a line. Raises ValueError for one after which no other is wanted."""


class Unavailable(Exception):
    """No metrics from there; the message says why."""


@frozen
class Source:
    """Somebody who has metrics, and what becomes of them."""

    name: str
    endpoint: Any
    url: str
    view: View
    most: int  # bytes


@frozen
class There:
    """Whatever the URL says, this is where it is (an IAgentEndpointFactory)."""

    endpoint: Any

    def endpointForURI(self, _: Any) -> Any:  # noqa: N802 - Twisted calls it by this name
        return self.endpoint


def envoy(reactor: Any, socket: str, view: View, unused: bool) -> Source:
    """An Envoy, behind the Unix socket of its admin interface. Without the unused: what never changed is left out."""
    query = "format=prometheus&text_readouts=" + ("" if unused else "&usedonly=")
    return Source("envoy", UNIXClientEndpoint(reactor, socket), f"http://localhost/stats?{query}", view, ENVOY_HAS)


def application(reactor: Any, told: Application, view: As, untouched: bool) -> Source:
    """An application; `untouched` where what kuma-dp sends would be redirected to Envoy."""
    host = f"[{told.address}]" if ":" in told.address else told.address
    own = (UNTOUCHED[":" in told.address], 0) if untouched else None
    endpoint = HostnameEndpoint(reactor, told.address, told.port, bindAddress=own)
    url = f"http://{host}:{told.port}/{told.path.lstrip('/')}"
    return Source(f"application {told.name or url}", endpoint, url, view, APPLICATIONS_HAVE)


@define(eq=False)
class Sources:
    """Asks all who have metrics, and remembers who had none the last time."""

    reactor: Any
    _failing: set[str] = field(factory=set)

    async def ask(self, sources: Iterable[Source], headers: Mapping[str, str], within: float) -> list[Families]:
        """The metrics of those who answered in time."""
        asked = tuple(sources)
        reading = [self._reading(source, headers).addTimeout(within, self.reactor) for source in asked]
        ended = await DeferredList(reading, consumeErrors=True)
        return [found for source, (_, found) in zip(asked, ended, strict=True) if self._good(source, found)]

    def _reading(self, source: Source, headers: Mapping[str, str]) -> Deferred[Families]:
        return ensureDeferred(read(self.reactor, source, headers))

    def _good(self, source: Source, found: Families | Failure) -> bool:
        """Says what is wrong once, not each time."""
        if not isinstance(found, Failure):
            self._failing.discard(source.name)
            return True
        if source.name not in self._failing:
            self._failing.add(source.name)
            log.warn("no metrics from {source}: {reason}", source=source.name, reason=repr(found.value))
        return False


async def read(reactor: Any, source: Source, headers: Mapping[str, str]) -> Families:
    """The metrics of one source. Raises Unavailable, Unreadable, and what Twisted raises of connections."""
    agent = Agent.usingEndpointFactory(reactor, There(source.endpoint))
    told = Headers({name: [value] for name, value in {"accept": WANTED, **headers}.items()})
    response = await agent.request(b"GET", source.url.encode(), told)
    reader = Reader(source.view)
    kind = (response.headers.getRawHeaders("content-type") or [""])[0]
    take = _open(reader.take) if kind.startswith(openmetrics.CONTENT_TYPE) else reader.take
    await body(response, take if response.code == 200 else ignore, source.most)
    if response.code != 200:
        raise Unavailable(f"status {response.code}")
    return reader.families


def body(response: Any, take: Take, most: int) -> Deferred[None]:
    """Passes the lines of an answer on, but not more than so many bytes. Fires at the end, with what was wrong."""
    reading = _Body(take, most)
    response.deliverBody(reading)
    return reading.ended


def ignore(_: bytes) -> None:
    """Takes a line that is of no use."""


def _open(take: Take) -> Take:
    return lambda line: take(openmetrics.plain(line))


class _Body(Protocol):
    """The lines of an answer, as they come. `ended` fires at the end, with whatever was wrong."""

    def __init__(self, take: Take, most: int) -> None:
        self.ended: Deferred[None] = Deferred(lambda _: self._hang_up())
        self._take = take
        self._lines = Lines()
        self._left = most

    def dataReceived(self, data: bytes) -> None:
        self._left -= len(data)
        if self.ended.called:
            return
        if self._left < 0:
            self._refuse(Unavailable("more than is bearable"))
            return
        try:
            for line in self._lines.feed(data):
                self._take(line)
        except ValueError as unreadable:
            self._refuse(unreadable)

    def _refuse(self, reason: Exception) -> None:
        self._hang_up()
        self.ended.errback(Failure(reason))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.dataReceived(b"\n")  # the last line may have no end
        if self.ended.called:
            return
        if reason.check(ResponseDone, PotentialDataLoss):
            self.ended.callback(None)
        else:
            self.ended.errback(reason)

    def _hang_up(self) -> None:
        cast(Any, self.transport).loseConnection()
