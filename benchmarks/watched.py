"""What processes use, as the system counts it: CPU, memory, and the questions to a database."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg2
from attrs import frozen

from kuma.cli.demo.parts import ControlPlane
from kuma.store.embedded import EmbeddedPostgres

MB = 2**20
RATE = 200  # samples in a second


def process_of(plane: ControlPlane) -> psutil.Process:
    """A control plane's process, as the system sees it."""
    assert plane.process is not None
    assert plane.process.popen is not None, "it was started"
    return psutil.Process(plane.process.popen.pid)


@frozen
class Watched:
    """The processes of all control planes together, and the database under them, if there is one."""

    planes: Sequence[ControlPlane]
    postgres: EmbeddedPostgres | None = None

    def cpu(self) -> float:
        """The CPU seconds that they have used."""
        times = [process_of(plane).cpu_times() for plane in self.planes]
        return float(sum(one.user + one.system for one in times))

    def rss(self) -> float:
        """MB of memory that they have now."""
        return float(sum(process_of(plane).memory_info().rss for plane in self.planes)) / MB

    def peak(self) -> float:
        """The most MB that each of them has had, together."""
        return sum(_peak(process_of(plane).pid) for plane in self.planes)

    def transactions(self) -> int:
        """How many transactions the databases have seen."""
        if self.postgres is None:
            return 0
        connection = psycopg2.connect(self.postgres.dsn("postgres"))
        with connection.cursor() as cursor:
            cursor.execute("SELECT sum(xact_commit + xact_rollback) FROM pg_stat_database WHERE datname <> 'postgres'")
            found = cursor.fetchone()
        connection.close()
        return int(found[0]) if found else 0

    @contextmanager
    def profiled(self, file: Path | None) -> Iterator[None]:
        """Have py-spy write down where the first control plane's time goes meanwhile, as folded stacks."""
        if file is None:
            yield
            return
        pid = str(process_of(self.planes[0]).pid)
        py_spy = str(Path(sys.executable).with_name("py-spy"))
        command = [
            py_spy,
            "record",
            "--pid",
            pid,
            "--nonblocking",
            "--rate",
            str(RATE),
            "--format",
            "raw",
            "--output",
            str(file),
        ]
        spy = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.3)  # until it looks
        try:
            yield
        finally:
            spy.send_signal(2)
            spy.wait()


def _peak(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    found = next(line for line in status if line.startswith("VmHWM:"))
    return int(found.split()[1]) / 1024
