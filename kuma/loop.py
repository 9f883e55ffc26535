"""One event loop for Twisted and gRPC: coroutines are asyncio's, Deferreds live at Twisted's edge."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

T = TypeVar("T")


def install() -> asyncio.AbstractEventLoop:
    """Make Twisted run on a new asyncio loop (uvloop where there is one), before anything imports the reactor."""
    from twisted.internet import asyncioreactor  # noqa: PLC0415 - importing it earlier could choose another reactor

    loop = _new_loop()
    asyncio.set_event_loop(loop)
    asyncioreactor.install(loop)
    return loop


def _new_loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop  # noqa: PLC0415 - optional: it is not built for every platform
    except ImportError:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


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
