"""A client that never stops asking, and remembers everything that went wrong."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import cycle

from attrs import define, field

EVERY = 0.045  # seconds between requests: about 20 a second

Request = Callable[[], str]
"""Asks once, and says what was wrong with the answer."""


@define(eq=False)
class Load:
    """Requests in a thread of its own, one kind after the other."""

    requests: Sequence[Request]
    done: int = 0
    failures: list[str] = field(factory=list)
    _stop: threading.Event = field(init=False, factory=threading.Event)

    @contextmanager
    def running(self) -> Iterator[Load]:
        thread = threading.Thread(target=self._run, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            thread.join(15)

    def _run(self) -> None:
        for request in cycle(self.requests):
            if self._stop.wait(EVERY):
                return
            self._one(request)

    def _one(self, request: Request) -> None:
        began = datetime.now(UTC)
        try:
            problem = request()
        except (OSError, http.client.HTTPException) as error:
            problem = repr(error)
        if problem:
            took = (datetime.now(UTC) - began).total_seconds()
            self.failures.append(f"{began.isoformat()} after {took:.3f} s {request}: {problem}")
        self.done += 1

    def holds(self, seconds: float) -> None:
        """For so long, requests go on and none fails."""
        before, until = self.done, time.monotonic() + seconds
        while time.monotonic() < until:
            assert not self.failures, self.failures
            time.sleep(0.05)
        assert self.done - before > seconds * 10, "too few requests to say anything"


@define
class KeepAlive:
    """Requests on one connection, for as long as the other side keeps it."""

    host: str
    port: int
    _connection: http.client.HTTPConnection | None = None

    def __call__(self) -> str:
        if self._connection is None:
            self._connection = http.client.HTTPConnection(self.host, self.port, timeout=10)
        try:
            return _answered(self._connection, {})
        except BaseException:
            self._connection.close()
            raise


@define
class Anew:
    """Each request on a connection of its own."""

    host: str
    port: int

    def __call__(self) -> str:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=10)
        try:
            return _answered(connection, {"connection": "close"})
        finally:
            connection.close()


def _answered(connection: http.client.HTTPConnection, headers: dict[str, str]) -> str:
    connection.request("GET", "/", headers=headers)
    response = connection.getresponse()
    body = response.read()
    # an Envoy that answers itself says in the body what kept it from asking further
    return "" if response.status == 200 else f"status {response.status} {body[:200]!r}"
