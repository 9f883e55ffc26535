"""The readiness port: whether traffic may be sent to this proxy."""

from __future__ import annotations

import http.client
from collections.abc import Awaitable, Callable

from attrs import define
from twisted.internet.defer import ensureDeferred
from twisted.web.resource import Resource, _UnsafeNoResource
from twisted.web.server import NOT_DONE_YET, Request

from kuma.cli.dp.admin import Answer
from kuma.version import VERSION


@define
class State:
    """Whether this proxy is on its way out, and whether it still waits for the names that it resolves."""

    draining: bool = False
    nameless: bool = False


class Ready(Resource):
    """`GET /ready`: 503 while draining or without names, else what Envoy itself says."""

    isLeaf = True

    def __init__(self, state: State, envoy: Callable[[], Awaitable[Answer]]) -> None:
        super().__init__()
        self._state = state
        self._envoy = envoy

    def render_GET(self, request: Request) -> object:
        if request.path != b"/ready":
            return _UnsafeNoResource().render(request)
        for name, value in (("cache-control", "no-cache, max-age=0"), ("x-powered-by", f"kuma-dp/{VERSION}")):
            request.setHeader(name, value)
        request.setHeader("content-type", "text/plain")
        if self._state.draining:
            request.setResponseCode(503)
            return b"TERMINATING\n"
        if self._state.nameless:
            request.setResponseCode(503)
            return b"NOT_READY\n"
        gone: list[object] = []
        request.notifyFinish().addErrback(gone.append)
        ensureDeferred(self._ask(request, gone))
        return NOT_DONE_YET

    async def _ask(self, request: Request, gone: list[object]) -> None:
        try:
            answer = await self._envoy()
        except (OSError, http.client.HTTPException):
            answer = Answer(503, b"envoy not ready\n")
        if gone:
            return
        request.setResponseCode(answer.status)
        request.write(answer.body)
        request.finish()
