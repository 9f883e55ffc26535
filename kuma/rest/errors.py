"""What went wrong, as clients are told: one body for every problem, with nothing of our insides in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import structlog
from attrs import frozen
from frozendict import frozendict

from certs.secrets import NoSigningKey
from kuma.admission import Forbidden
from kuma.rest.access import AccessDenied, Unauthenticated
from kuma.rest.calls import JSON, Answer, document
from kuma.schema import Invalid, Violation
from kuma.store.api import AlreadyExists, Conflict, NotFound, Unavailable

log = structlog.get_logger()
RETRY_AFTER = "5"


@frozen
class Problem(Exception):
    """A refusal: its status, a title that says what was tried, and what is wrong with it."""

    status: int
    title: str
    detail: str
    parameters: tuple[Violation, ...] = ()
    headers: Mapping[str, str] = frozendict()

    def __str__(self) -> str:
        return f"{self.title} ({self.detail})"

    def body(self) -> dict[str, Any]:
        """The body: the fields of RFC 9457, and the same once more under their older names."""
        shown: dict[str, Any] = {
            "type": "/std-errors",
            "status": self.status,
            "title": self.title,
            "detail": self.detail,
            "invalid_parameters": [{"field": one.field, "reason": one.message} for one in self.parameters],
            "details": self.detail,
            "causes": [{"field": one.field, "message": one.message} for one in self.parameters],
        }
        return {name: value for name, value in shown.items() if value != []}

    def answer(self) -> Answer:
        """The problem on its way to the client."""
        return Answer(self.status, document(self.body()).body, frozendict({"Content-Type": JSON, **self.headers}))


def bad_request(detail: str) -> Problem:
    """What was sent can't be understood."""
    return Problem(400, "Bad Request", detail)


def invalid(title: str, *violations: Violation) -> Problem:
    """What was sent is understood, and says something that can't be."""
    return Problem(400, title, "Resource is not valid", violations)


NO_ROUTE = Problem(404, "Not found", "there is nothing at this path")
NO_METHOD = Problem(405, "Method not Allowed", "this path does not answer to this method")


@frozen
class Told:
    """How an error is told; its own text and the handler's title stand where nothing else is said."""

    status: int
    title: str = ""
    detail: str = ""
    headers: Mapping[str, str] = frozendict()


TOLD: Mapping[type[Exception], Told] = {
    Invalid: Told(400, detail="Resource is not valid"),
    NotFound: Told(404, detail="Not found"),
    AlreadyExists: Told(409, "Conflict"),
    Conflict: Told(409, "Conflict"),
    Unavailable: Told(503, "Service unavailable", headers=frozendict({"Retry-After": RETRY_AFTER})),
    Forbidden: Told(403),
    AccessDenied: Told(403, "Access Denied"),
    Unauthenticated: Told(401, "Invalid authentication data", "Unauthenticated"),
    NoSigningKey: Told(404, "Signing Key not found"),
}
EXPECTED = tuple(TOLD)


def problem_of(error: Exception, title: str) -> Problem:
    """The problem to tell of an error; what nobody expected is logged, and told without a word about it."""
    if isinstance(error, Problem):
        return error
    told = next((told for kind, told in TOLD.items() if isinstance(error, kind)), None)
    if told is None:
        log.error("request failed", title=title, exc_info=error)
        return Problem(500, title, "Internal Server Error")
    parameters = error.violations if isinstance(error, Invalid) else ()
    return Problem(told.status, told.title or title, told.detail or str(error), parameters, told.headers)


@contextmanager
def titled(title: str) -> Iterator[None]:
    """Tell what goes wrong inside under another title than the handler's."""
    try:
        yield
    except EXPECTED as error:
        raise problem_of(error, title) from None
