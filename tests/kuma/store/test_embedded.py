"""A Postgres of one's own: beside others, killed, and left alone by who started it."""

import signal
import subprocess
import sys
import textwrap

import psutil
import psycopg2
import pytest

from kuma.store.embedded import EmbeddedPostgres
from tests.plugin import eventually, run


def wrote(server, statement):
    connection = psycopg2.connect(server.dsn("kuma"))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
        found = cursor.fetchall() if cursor.description else None
    connection.close()
    return found


def test_two_stand_side_by_side_and_survive_a_crash(tmp_path):
    servers = [EmbeddedPostgres(tmp_path / name) for name in ("one", "two")]
    for server in servers:
        server.start()
        server.create_database("kuma")
        server.create_database("kuma")
        wrote(server, f"CREATE TABLE said AS SELECT '{server.folder.name}' AS word")
    first = servers[0]
    port = first.port
    first.kill()
    first.start()
    assert first.port == port
    assert [wrote(server, "SELECT word FROM said") for server in servers] == [[("one",)], [("two",)]]
    for server in servers:
        server.stop()


def test_the_password_is_asked_for_and_not_shown(tmp_path):
    server = EmbeddedPostgres(tmp_path / "one")
    server.start()
    assert server.password not in repr(server)
    stranger = EmbeddedPostgres(tmp_path / "two", port=server.port)
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(stranger.dsn("postgres"))
    server.stop()


def test_it_ends_with_who_started_it(tmp_path):
    program = textwrap.dedent(f"""
        import time
        from pathlib import Path
        from kuma.store.embedded import EmbeddedPostgres
        server = EmbeddedPostgres(Path({str(tmp_path / "one")!r}))
        server.start()
        print(server._process.pid, flush=True)
        time.sleep(60)
    """)
    starter = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    postgres = int(starter.stdout.readline())
    assert psutil.pid_exists(postgres)
    starter.send_signal(signal.SIGKILL)
    starter.wait()
    starter.stdout.close()
    run(eventually(lambda: not psutil.pid_exists(postgres)))
