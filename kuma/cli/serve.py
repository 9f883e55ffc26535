"""From settings to a running control plane, and to its end."""

from __future__ import annotations

import asyncio
import resource
import signal
from typing import Any

import psycopg2
import structlog
from twisted.application.service import Service
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError

from certs.ca import BadAuthority
from kuma.cli.tls import ensure_certificate
from kuma.clock import SystemClock
from kuma.garbage import Garbage
from kuma.levels import Levels
from kuma.loop import deferred, future
from kuma.plane import plane
from kuma.settings import Settings
from kuma.settings.idle import idle
from kuma.store.migrate import NotMigrated
from kuma.version import VERSION

log = structlog.get_logger()
reactor: Any = _reactor  # typed as the module it pretends to be

SIGNALS = (signal.SIGTERM, signal.SIGINT)
FEW_FILES = 4096


class CannotStart(Exception):
    """The control plane can't run like this; the message says why."""


def serve(settings: Settings, levels: Levels) -> None:
    """Run until a signal comes. Raises CannotStart."""
    try:
        ensure_certificate(settings, SystemClock())
        common = plane(settings, reactor, levels)
    except (NotMigrated, psycopg2.Error, OSError, BadAuthority) as problem:
        raise CannotStart(str(problem).strip()) from problem
    if settings.mode == "global":
        from global_cp.service import global_control_plane as make  # noqa: PLC0415 - each mode loads its own half
    else:
        from zone_cp.service import zone_control_plane as make  # noqa: PLC0415
    _open_many_files()
    for one in idle(settings):
        log.warning("setting has no effect", setting=one.field, reason=one.message)
    log.info("starting", version=VERSION, mode=settings.mode, instance=common.instance_id)
    problems: list[Exception] = []
    within = settings.dp_server.graceful_shutdown_timeout.total_seconds()
    reactor.callWhenRunning(lambda: deferred(_run(make(common), problems, within)))
    reactor.run(installSignalHandlers=False)
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)  # all is stopped: a second one would only spoil the exit code
    if problems:
        raise CannotStart(str(problems[0])) from problems[0]


def _open_many_files() -> None:
    """Every proxy has a connection, so the process may have as many files open as the system lets it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if most < FEW_FILES:
        log.warning("few files may be open", limit=most)


async def _run(root: Service, problems: list[Exception], within: float) -> None:
    told, garbage = asyncio.Event(), Garbage(SystemClock())
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, told.set)
    try:
        root.startService()
        garbage.startService()
        await told.wait()
        log.info("stopping")
    except (CannotListenError, OSError, RuntimeError) as problem:
        problems.append(problem)
    finally:
        await _stop(garbage, within)
        await _stop(root, within)
        reactor.stop()


async def _stop(root: Service, within: float) -> None:
    stopped = root.stopService()
    if not isinstance(stopped, Deferred):
        return
    try:
        async with asyncio.timeout(within):
            await future(stopped)
    except TimeoutError:
        log.warning("not everything stopped in time", seconds=within)
