"""Where metrics are asked for: Envoy passes the question on to a Unix socket, as a MeshMetric has it listen for it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from typing import Any

from attrs import define, field, frozen
from prometheus_client import CollectorRegistry
from twisted.application.service import Service
from twisted.internet.defer import Deferred, ensureDeferred, maybeDeferred
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request, Site

from kuma.cli.dp.metrics import own, sources
from kuma.cli.dp.metrics.exposition import CONTENT_TYPE, Families, text, together
from kuma.cli.dp.metrics.told import Application, Told
from kuma.cli.dp.metrics.traffic import Traffic

log = Logger()

PATH = b"/meshmetric"
USER_AGENT, TIMEOUT = "user-agent", "x-prometheus-scrape-timeout-seconds"
PATIENCE = 10.0  # seconds for all metrics where nobody says how long they may take
LONGEST = 60.0
IN_TIME = 0.9  # of that time, so that what was gathered arrives before it is over

Answer = Callable[[Request], None]


class Untold(Exception):
    """The control plane has not told yet which metrics are wanted."""


@frozen
class Place:
    """What there is to ask: the socket of Envoy's admin interface, and the address where applications are.

    `redirected` where what kuma-dp sends there would go to Envoy instead.
    """

    admin: str
    address: str
    redirected: bool = False


@define(eq=False)
class Metrics:
    """All metrics of one proxy, as the control plane last told which."""

    reactor: Any
    place: Place
    registry: CollectorRegistry
    told: Told | None = None
    _sources: sources.Sources = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._sources = sources.Sources(self.reactor)

    def take(self, document: Any) -> None:
        """A `/meshmetric` document; None where nobody wants metrics. Raises ValueError."""
        self.told = None if document is None else Told.of(document)

    async def gathered(self, headers: Mapping[str, str], within: float) -> bytes:
        """What there is within so many seconds, as text. Raises Untold."""
        if self.told is None:
            raise Untold
        return text(await self.asked(self.told, headers, within))

    async def asked(self, told: Told, headers: Mapping[str, str], within: float) -> Families:
        """The metrics of all that have some, within so many seconds."""
        traffic = Traffic(told.choice, told.labels)
        envoy = sources.envoy(self.reactor, self.place.admin, traffic, told.unused)
        asked = (envoy, *(self._application(one, told) for one in told.applications))
        found = await self._sources.ask(asked, headers, within)
        return together((*found, own.families(self.registry, traffic)))

    def _application(self, one: Application, told: Told) -> sources.Source:
        placed = one if one.address else one.at(self.place.address)
        return sources.application(self.reactor, placed, told.labels, self.place.redirected)


class Answering(Resource):
    """`GET /meshmetric`."""

    isLeaf = True

    def __init__(self, metrics: Metrics) -> None:
        super().__init__()
        self._metrics = metrics

    def render_GET(self, request: Request) -> object:
        if request.path != PATH:
            request.setResponseCode(404)
            return b""
        gone: list[Failure] = []
        gathering = ensureDeferred(self._metrics.gathered(_passed_on(request), patience(request.getHeader(TIMEOUT))))
        gathering.addCallbacks(_answer, _failure).addCallback(lambda answer: None if gone else answer(request))
        # who has gone needs no answer
        request.notifyFinish().addErrback(gone.append).addCallback(lambda _: gathering.cancel())
        return NOT_DONE_YET


def _passed_on(request: Request) -> dict[str, str]:
    said = ((name, request.getHeader(name)) for name in (USER_AGENT, TIMEOUT))
    return {name: value for name, value in said if value is not None}


def patience(said: str | None) -> float:
    """Seconds in which metrics are to be gathered, given how long whoever asks for them waits."""
    try:
        seconds = float(said or PATIENCE)
    except ValueError:
        seconds = PATIENCE
    return min(max(1.0, seconds), LONGEST) * IN_TIME


def _answer(found: bytes) -> Answer:
    def answer(request: Request) -> None:
        request.setHeader("content-type", CONTENT_TYPE)
        request.setHeader("content-length", str(len(found)))
        request.write(found)
        request.finish()

    return answer


def _failure(reason: Failure) -> Answer:
    def answer(request: Request) -> None:
        untold = reason.check(Untold)
        if not untold:
            log.failure("metrics not gathered", failure=reason)
        request.setResponseCode(503 if untold else 500)
        request.finish()

    return answer


@define(eq=False)
class MetricsServer(Service):
    """Listens on a Unix socket that only Envoy's user may open."""

    reactor: Any
    path: str
    metrics: Metrics
    _listening: Any = None

    def startService(self) -> None:
        """Twisted: begin. Raises CannotListenError."""
        super().startService()
        _forget(self.path)
        site = Site(Answering(self.metrics))
        site.displayTracebacks = False
        self._listening = self.reactor.listenUNIX(self.path, site, mode=0o600)

    def stopService(self) -> Deferred[Any]:
        super().stopService()
        return maybeDeferred(self._listening.stopListening)


def _forget(path: str) -> None:
    """A socket that a killed kuma-dp left keeps nobody from listening."""
    if os.path.lexists(path) and stat.S_ISSOCK(os.lstat(path).st_mode):
        os.unlink(path)
