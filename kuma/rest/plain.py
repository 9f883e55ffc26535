"""A server beside the REST API: one function answers everything that comes to its port."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
from attrs import frozen
from twisted.application.service import Service
from twisted.internet.defer import Deferred, maybeDeferred, succeed
from twisted.internet.interfaces import IListeningPort, IOpenSSLContextFactory, IReactorTCP
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

from kuma.loop import deferred
from kuma.rest.app import call_of, written
from kuma.rest.calls import Answer, Call
from kuma.rest.errors import problem_of
from kuma.rest.http import BoundedRequest, Patience, PatientSite

log = structlog.get_logger()

Answering = Callable[[Call], Awaitable[Answer]]


@frozen
class Where:
    """Where a server listens: a port (0 takes a free one), an interface (empty: all), and TLS or none."""

    port: int
    interface: str = ""
    tls: IOpenSSLContextFactory | None = None


class PlainServer(Service):
    """Serves from start to stop; `port` says where."""

    def __init__(self, name: str, answering: Answering, where: Where, reactor: IReactorTCP) -> None:
        self.setName(name)
        self._site = PatientSite(_Everything(answering), Patience())
        self._where = where
        self._reactor = reactor
        self._listening: IListeningPort | None = None

    @property
    def port(self) -> int | None:
        """The TCP port that it listens on; None while it does not."""
        return self._listening and self._listening.getHost().port

    def startService(self) -> None:
        """Listen. Raises CannotListenError where the port is taken."""
        where = self._where
        site = TLSMemoryBIOFactory(where.tls, False, self._site) if where.tls else self._site
        self._listening = self._reactor.listenTCP(where.port, site, interface=where.interface)
        super().startService()
        log.info("listening", server=self.name, port=self.port)

    def stopService(self) -> Deferred[None]:
        """Take no more connections, and close those there are once their answers are out."""
        super().stopService()
        listening, self._listening = self._listening, None
        for channel in tuple(self._site.channels):
            channel.finish()
        return maybeDeferred(listening.stopListening) if listening else succeed(None)


class _Everything(Resource):  # type: ignore[misc]  # Twisted's class is not typed here
    isLeaf = True

    def __init__(self, answering: Answering) -> None:
        super().__init__()
        self._answering = answering

    def render(self, request: BoundedRequest) -> int:
        gone: list[object] = []
        request.notifyFinish().addErrback(gone.append)
        deferred(self._respond(request, gone))
        return NOT_DONE_YET

    async def _respond(self, request: BoundedRequest, gone: list[object]) -> None:
        try:
            answer = await self._answering(call_of(request, {}))
        except Exception as error:  # noqa: BLE001 - every error becomes an answer; the unexpected ones are logged there
            answer = problem_of(error, "Could not process the request").answer()
        if gone:
            return
        request.write(written(request, answer))
        request.finish()
