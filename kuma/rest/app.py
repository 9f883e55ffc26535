"""From HTTP to calls and back: routing, who is asking, cross-origin answers, and no answer with our insides in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, unquote

from attrs import evolve, field, frozen
from frozendict import frozendict
from klein import Klein
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure
from twisted.web.resource import Resource as WebResource
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from kuma.loop import deferred
from kuma.rest import (
    deliveries,
    effects,
    envoys,
    globalinsight,
    gui,
    hostnames,
    index,
    inspect,
    kri,
    openapi,
    overviews,
    resources,
    serviceinsights,
    tokens,
)
from kuma.rest.access import Identifying, allowed_origin
from kuma.rest.api import Api
from kuma.rest.body import TOO_LARGE
from kuma.rest.calls import Answer, Call, Route
from kuma.rest.errors import NO_METHOD, NO_ROUTE, bad_request, problem_of
from kuma.rest.http import BoundedRequest

SAID = (
    *index.ROUTES,
    *globalinsight.ROUTES,
    *gui.ROUTES,
    *kri.ROUTES,
    *overviews.ROUTES,
    *inspect.ROUTES,
    *effects.ROUTES,
    *envoys.ROUTES,
    *deliveries.ROUTES,
    *hostnames.ROUTES,
    *serviceinsights.ROUTES,
    *tokens.ROUTES,
    *resources.ROUTES,
)
ROUTES = (*openapi.routes(SAID), *SAID)
PUBLIC = frozenset({"/"})
METHODS = "GET, PUT, POST, DELETE"
SAFETY = frozendict({"Server": "kuma-cp", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"})
LONGEST_QUERY = 100


@frozen
class Door:
    """How callers come in: who they are, which foreign pages may call, and under which path all this stands."""

    identifying: Identifying = field(factory=Identifying)
    cors_allowed_domains: tuple[str, ...] = ()
    base_path: str = "/"


def root(api: Api, door: Door, routes: tuple[Route, ...] = ROUTES) -> WebResource:
    """The web resource that answers every request."""
    return _Root(_klein(api, door, routes), door)


def _klein(api: Api, door: Door, routes: tuple[Route, ...]) -> Klein:
    klein = Klein()
    for route in routes:
        klein.route(route.path, methods=[route.method], endpoint=f"{route.method} {route.path}", strict_slashes=False)(
            _handler(api, door, route)
        )
    klein.handle_errors(HTTPException)(_unrouted)
    klein.handle_errors(Exception)(_failed)
    return klein


def _handler(api: Api, door: Door, route: Route) -> Callable[..., Deferred[bytes]]:
    def handle(request: BoundedRequest, **args: str) -> Deferred[bytes]:
        return deferred(_respond(api, door, route, (request, args)))

    return handle


async def _respond(api: Api, door: Door, route: Route, asked: tuple[BoundedRequest, dict[str, str]]) -> bytes:
    request, args = asked
    try:
        call = call_of(request, args)
        if call.path not in PUBLIC:
            user = await door.identifying.user(request.getClientAddress().host, call.headers)
            call = evolve(call, user=user)
        answer = await route.answer(api, call)
    except Exception as error:  # noqa: BLE001 - every error becomes an answer; the unexpected ones are logged there
        answer = problem_of(error, route.title).answer()
    return written(request, answer)


def call_of(request: BoundedRequest, args: dict[str, str]) -> Call:
    """The call that a request makes. Raises a problem for what is no UTF-8 or says too much."""
    if request.is_too_large:
        raise TOO_LARGE
    try:
        path, _, query = request.uri.decode("ascii").partition("?")
        asked = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=LONGEST_QUERY)
        decoded = unquote(path, errors="strict")
    except ValueError as error:
        raise bad_request(f"bad request: {error}") from None
    headers = {
        name.decode("latin-1").lower(): ", ".join(value.decode("latin-1") for value in values)
        for name, values in request.requestHeaders.getAllRawHeaders()
    }
    scheme = "https" if request.isSecure() else "http"
    return Call(
        method=request.method.decode("latin-1"),
        path=decoded,
        args=args,
        query=asked,
        headers=headers,
        body=request.content.getvalue(),
        origin=f"{scheme}://{headers.get('host', 'localhost')}",
    )


def written(request: BoundedRequest, answer: Answer) -> bytes:
    """Put the status and headers of an answer on its way; the body is left to write."""
    request.setResponseCode(answer.status)
    for name, value in {**SAFETY, **answer.headers}.items():
        request.setHeader(name, value)
    request.setHeader("Content-Length", str(len(answer.body)))
    return answer.body


def _unrouted(request: BoundedRequest, failure: Failure) -> bytes:
    problem = NO_METHOD if isinstance(failure.value, MethodNotAllowed) else NO_ROUTE
    return written(request, problem.answer())


def _failed(request: BoundedRequest, failure: Failure) -> bytes:
    return written(request, problem_of(_raised(failure), "Could not process the request").answer())


def _raised(failure: Failure) -> Exception:
    return failure.value if isinstance(failure.value, Exception) else RuntimeError(str(failure.value))


class _Root(WebResource):
    """What stands before the routes: the base path, and cross-origin questions."""

    isLeaf = True

    def __init__(self, klein: Klein, door: Door) -> None:
        super().__init__()
        self._routes = klein.resource()
        self._door = door
        self._base = [part.encode() for part in door.base_path.split("/") if part]

    def render(self, request: BoundedRequest) -> Any:
        origin = allowed_origin(request.getHeader("origin"), self._door.cors_allowed_domains)
        if origin is not None:
            request.setHeader("Access-Control-Allow-Origin", origin)
            request.setHeader("Vary", "Origin")
        if request.method == b"OPTIONS":
            return _preflight(request, origin)
        return self._routed(request)

    def _routed(self, request: BoundedRequest) -> Any:
        """Klein sees the path below the base path, and no Host header: nothing is routed by name."""
        parts = request.postpath or []
        if parts != [b"tokens", b"user"]:
            if parts[: len(self._base)] != self._base:
                return written(request, NO_ROUTE.answer())
            request.postpath = parts[len(self._base) :] or [b""]
        request.prepath = []
        if not _is_text(b"/".join(parts)):
            return written(request, bad_request("bad request: the path is not UTF-8").answer())
        try:
            return self._routes.render(request)
        except Exception as error:  # noqa: BLE001 - whatever the router chokes on was sent by the client
            return written(request, problem_of(error, "Could not process the request").answer())


def _is_text(path: bytes) -> bool:
    try:
        path.decode()
    except UnicodeDecodeError:
        return False
    return True


def _preflight(request: BoundedRequest, origin: str | None) -> bytes:
    if origin is None:
        return written(request, NO_METHOD.answer())
    allowed = {"Access-Control-Allow-Methods": METHODS, "Access-Control-Allow-Headers": "Authorization, Content-Type"}
    return written(request, Answer(204, b"", frozendict(allowed)))
