"""Processes that are started together, watched, and gone in the end whatever happens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from attrs import define, field

from kuma.cli.dp import launch

T = TypeVar("T")


class Failed(Exception):
    """Something did not come about; the message says what was seen instead."""


class Gone(Failed):
    """A process has ended that should run: waiting for what it should do is of no use."""


def wait_for(what: str, check: Callable[[], T | None], within: float = 30.0) -> T:
    """Ask again and again until the answer is one; a check that raises OSError or Failed is asked again too."""
    deadline = time.monotonic() + within
    seen: object = None
    while True:
        try:
            answer = check()
            if answer:
                return answer
            seen = answer
        except Gone:
            raise
        except (OSError, Failed) as error:
            seen = error
        if time.monotonic() > deadline:
            raise Failed(f"{what}: not within {within:g} s; last seen: {seen!r}")
        time.sleep(0.05)


@define(eq=False)
class Process:
    """One program with its log in a file. It dies with us, even when we are killed."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str]
    popen: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, or start it again; the log goes on."""
        launcher = [sys.executable, "-I", "-S", launch.__file__, str(os.getpid()), *self.command]
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.popen = subprocess.Popen(
                launcher, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, **self.environment}
            )

    @property
    def running(self) -> bool:
        return self.popen is not None and self.popen.poll() is None

    def check(self) -> None:
        """Raises Gone, with the end of its log, when it has ended."""
        if not self.running:
            code = self.popen.returncode if self.popen else None
            raise Gone(f"{self.name} ended with code {code}; the end of {self.log}:\n{self.tail()}")

    def tail(self, lines: int = 20) -> str:
        """The last lines of its log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def signal(self, number: int) -> None:
        """Send it a signal, if it is there."""
        if self.popen is not None and self.popen.poll() is None:
            self.popen.send_signal(number)

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self.signal(signal.SIGKILL)
        if self.popen is not None:
            self.popen.wait()

    def stop(self, within: float = 10.0) -> int:
        """End it in order; insist after a while. Answers its exit code."""
        self.signal(signal.SIGTERM)
        return self.ended(within)

    def ended(self, within: float = 10.0) -> int:
        """Wait until it has ended; insist after a while. Answers its exit code."""
        if self.popen is None:
            return 0
        try:
            return self.popen.wait(within)
        except subprocess.TimeoutExpired:
            self.kill()
            return self.popen.wait()


@define(eq=False)
class Processes:
    """All the processes of one world."""

    folder: Path
    started: list[Process] = field(factory=list)

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> Process:
        """Start one more; its log is `logs/NAME.log`."""
        process = Process(name, command, self.folder / "logs" / f"{name}.log", environment)
        self.started.append(process)
        process.start()
        return process

    def stop(self) -> None:
        """End all, the last started first; those that can end side by side do."""
        for process in reversed(self.started):
            process.signal(signal.SIGTERM)
        for process in reversed(self.started):
            process.ended()
