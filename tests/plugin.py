"""Runs `async def` tests and fixtures on the one loop that Twisted and gRPC share."""

from __future__ import annotations

import asyncio
import inspect
import os

import pytest
from hypothesis import HealthCheck, settings

from kuma.loop import install

LOOP = install()

from twisted.internet import reactor  # noqa: E402 - the reactor is chosen by the line above

# The same commit gives the same answer, however slow the machine; `make explore` looks where nobody has looked.
settings.register_profile("repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("exploring", settings.get_profile("repeatable"), derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


def pytest_configure(config: pytest.Config) -> None:
    reactor.startRunning(installSignalHandlers=False)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Threads that Twisted made would keep this process alive."""
    reactor.getThreadPool().stop()


def run(coroutine):
    """Run a coroutine to its end, from synchronous code."""
    return LOOP.run_until_complete(coroutine)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    run(pyfuncitem.obj(**arguments))
    return True


@pytest.hookimpl(hookwrapper=True)
def pytest_fixture_setup(fixturedef, request):
    """Lets a fixture be `async def`, with `yield` or without."""
    original = fixturedef.func
    if inspect.isasyncgenfunction(original):
        fixturedef.func = _of_generator(original)
    elif inspect.iscoroutinefunction(original):
        fixturedef.func = lambda **arguments: run(original(**arguments))
    yield
    fixturedef.func = original


def _of_generator(original):
    def fixture(**arguments):
        steps = original(**arguments)
        yield run(anext(steps))
        run(_finish(steps))

    return fixture


async def _finish(steps) -> None:
    async for _ in steps:
        raise RuntimeError("an async fixture yields once")


async def eventually(check, within: float = 15.0, every: float = 0.05):
    """Wait until `check()` (plain or async) returns something true and does not fail; answer what it returned."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    while True:
        try:
            found = check()
            found = await found if inspect.isawaitable(found) else found
            if found or loop.time() > deadline:
                assert found, f"not within {within} s"
                return found
        except AssertionError:
            if loop.time() > deadline:
                raise
        await asyncio.sleep(every)
