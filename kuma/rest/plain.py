"""A server beside the REST API: one function answers everything that comes to its port."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from attrs import evolve
from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

from kuma.loop import deferred
from kuma.rest.access import Identifying
from kuma.rest.app import call_of, written
from kuma.rest.calls import Answer, Call
from kuma.rest.errors import problem_of
from kuma.rest.http import BoundedRequest, Patience, PatientSite, Where, end, listen, port_of

log = structlog.get_logger()

BY_PLACE = Identifying()  # nobody shows a token here: who is on this machine is its admin, and all others are nobody
Answering = Callable[[Call], Awaitable[Answer]]


class PlainServer(Service):
    """Serves from start to stop; `port` says where."""

    def __init__(self, name: str, answering: Answering, where: Where, reactor: Any) -> None:
        self.setName(name)
        self._site = PatientSite(_Everything(answering), where.patience)
        self._where = where
        self._reactor = reactor
        self._listening: Any = None  # Twisted's interfaces tell mypy nothing

    @property
    def port(self) -> int | None:
        """The TCP port that it listens on; None while it does not."""
        return port_of(self._listening)

    def startService(self) -> None:
        """Listen. Raises CannotListenError where the port is taken."""
        self._listening = listen(self._reactor, self._site, self._where)
        super().startService()
        log.info("listening", server=self.name, port=self.port)

    def stopService(self) -> Deferred[None]:
        """Take no more connections, and close those there are once their answers are out."""
        super().stopService()
        listening, self._listening = self._listening, None
        return deferred(end(self._site, listening))


class _Everything(Resource):
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
            call = call_of(request, {})
            user = await BY_PLACE.user(request.getClientAddress().host, call.headers)
            answer = await self._answering(evolve(call, user=user))
        except Exception as error:  # noqa: BLE001 - every error becomes an answer; the unexpected ones are logged there
            answer = problem_of(error, "Could not process the request").answer()
        if gone:
            return
        request.write(written(request, answer))
        request.finish()


__all__ = ["Answering", "Patience", "PlainServer", "Where"]
