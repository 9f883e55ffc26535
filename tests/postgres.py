"""A Postgres for tests: one server for the whole run of a worker, an empty database for each test that asks."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from pathlib import Path

import pytest

from kuma.kinds import KINDS
from kuma.store.embedded import EmbeddedPostgres
from kuma.store.migrate import migrate
from kuma.store.postgres import Database, PostgresStore

NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def postgres():
    """A server."""
    folder = Path(tempfile.mkdtemp(prefix="k-"))
    server = EmbeddedPostgres(folder)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def dsn(postgres):
    """An empty database with the newest schema."""
    name = f"test{next(NUMBERS)}"
    postgres.create_database(name)
    migrate(postgres.dsn(name))
    return postgres.dsn(name)


def opened(dsn: str, **more) -> PostgresStore:
    """A running store."""
    store = PostgresStore(Database(dsn, **more), KINDS)
    store.startService()
    return store
