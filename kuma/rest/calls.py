"""What handlers speak in: a call comes in, an answer goes out, and neither knows of sockets."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from attrs import field, frozen
from frozendict import frozendict

from kuma.rest.access import ANONYMOUS, User

if TYPE_CHECKING:
    from kuma.rest.api import Api

JSON = "application/json"
TEXT = "text/plain; charset=utf-8"
ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


@frozen
class Call:
    """One request: the path with its parts, the query in order, headers with lower-case names, and who is asking."""

    method: str
    path: str
    args: Mapping[str, str] = frozendict()
    query: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = frozendict()
    body: bytes = field(default=b"", repr=False)
    origin: str = "http://localhost"
    user: User = ANONYMOUS

    def asked(self, name: str) -> str | None:
        """The first value of a query parameter; None where it was not given."""
        return next((value for key, value in self.query if key == name), None)

    def all_asked(self, name: str) -> tuple[str, ...]:
        """Every value of a query parameter."""
        return tuple(value for key, value in self.query if key == name)

    def link(self, **changed: str) -> str:
        """The address of this call with some query parameters changed; keys are sorted."""
        kept = [(key, value) for key, value in self.query if key not in changed]
        return f"{self.origin}{quote(self.path)}?{urlencode(sorted([*kept, *changed.items()]))}"


@frozen
class Answer:
    """What goes back: a status, bytes and headers."""

    status: int = 200
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = frozendict({"Content-Type": JSON})


Schema = Mapping[str, Any]
Handler = Callable[["Api", Call], Awaitable[Answer]]


@frozen
class Route:
    """Which handler answers a method on a path, and the title of what may go wrong there.

    `query` and `body` are the JSON Schemas of the query's parameters by name, and of what is to be sent.
    """

    method: str
    path: str
    answer: Handler
    title: str
    query: Mapping[str, Schema] = frozendict()
    body: Schema | None = None


def document(value: Any, status: int = 200) -> Answer:
    """A JSON answer, indented by one space."""
    return Answer(status, (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode(errors="replace"))


def resource_document(value: Any) -> Answer:
    """A JSON answer that shows resources: what could be taken for HTML is escaped."""
    text = json.dumps(value, indent=1, ensure_ascii=False).translate(ESCAPES)
    return Answer(200, (text + "\n").encode(errors="replace"))


def text(value: str, status: int = 200) -> Answer:
    """A plain text answer."""
    return Answer(status, value.encode(), frozendict({"Content-Type": TEXT}))
