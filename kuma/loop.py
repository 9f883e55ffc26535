"""One event loop for Twisted and gRPC: coroutines are asyncio's, Deferreds live at Twisted's edge."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from fcntl import ioctl
from functools import partial
from termios import FIONREAD
from typing import Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

T = TypeVar("T")

READING = "-event_engine_client,-event_engine_listener"
"""gRPC reads connections in the one thread that waits for its events, whoever opened them.

A pool of threads, which is its usual way, hands every message to several of them, and a loop that takes one at a time
has nothing of that: a change that 500 proxies hear of took a fifth more CPU (decision 24).
"""


def install() -> asyncio.AbstractEventLoop:
    """Make Twisted run on a new asyncio loop (uvloop where there is one), before anything imports the reactor."""
    os.environ.setdefault("GRPC_EXPERIMENTS", READING)  # gRPC looks at it once, when it is first used
    from twisted.internet import asyncioreactor  # noqa: PLC0415 - importing it earlier could choose another reactor

    loop = _new_loop()
    asyncio.set_event_loop(loop)
    asyncioreactor.install(loop)
    return loop


def _new_loop() -> asyncio.AbstractEventLoop:
    class Awake(_kind_of_loop()):  # type: ignore[misc]  # uvloop or asyncio: which one is known when it runs
        """Hears all that gRPC has to tell at once."""

        def add_reader(self, fd: Any, callback: Callable[..., object], *args: object) -> None:
            heard = _all_at_once(fd, callback) if _is_grpc(callback) else callback
            super().add_reader(fd, heard, *args)

    return Awake()


def _kind_of_loop() -> type[asyncio.AbstractEventLoop]:
    try:
        import uvloop  # noqa: PLC0415 - optional: it is not built for every platform
    except ImportError:
        return asyncio.SelectorEventLoop
    kind: type[asyncio.AbstractEventLoop] = uvloop.Loop
    return kind


def _is_grpc(callback: Callable[..., object]) -> bool:
    reader = callback.func if isinstance(callback, partial) else callback
    return type(getattr(reader, "__self__", None)).__module__.startswith("grpc.")


def _all_at_once(wake: Any, callback: Callable[..., object]) -> Callable[..., object]:
    """gRPC's thread writes a byte into a socket for each of its events, and its reader takes one byte at a time.

    When more come than are taken the socket is full, and the thread waits to write: from then on one event is heard in
    each round of the loop, which keeps new streams waiting for minutes. So all but the last byte are taken before.
    """

    def call(*args: object) -> object:
        waiting = int.from_bytes(ioctl(wake, FIONREAD, bytes(4)), sys.byteorder)
        if waiting > 1:
            wake.recv(waiting - 1)
        return callback(*args)

    return call


def deferred(coroutine: Coroutine[Any, Any, T]) -> Deferred[T]:
    """Run a coroutine as a task of the loop, and hand Twisted its result."""
    return Deferred.fromFuture(asyncio.ensure_future(coroutine))


def future(waiting: Deferred[T]) -> asyncio.Future[T]:
    """Await one of Twisted's results inside a coroutine: `await future(endpoint.listen(factory))`.

    Who stops waiting does not cancel what goes on: not everything that Twisted does can be cancelled.
    """
    awaited: asyncio.Future[T] = asyncio.get_running_loop().create_future()

    def answered(result: T) -> None:
        if not awaited.done():
            awaited.set_result(result)

    def failed(failure: Failure) -> None:
        if not awaited.done():
            awaited.set_exception(failure.value or RuntimeError(str(failure)))

    waiting.addCallbacks(answered, failed)
    return awaited
