"""Bringing a database to the newest schema. The version table and the lock are golang-migrate's, so that a database may
be shared with, or taken over from, another implementation that uses it.

Each step is a file in `migrations/`, named VERSION_what.up.sql.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from attrs import frozen

FOLDER = Path(__file__).parent / "migrations"
UINT32 = 2**32
SALT = 1486364155  # golang-migrate: database.advisoryLockIDSalt


class NotMigrated(Exception):
    """The database has not the schema that this version needs; the message says what to do."""


@frozen(order=True)
class Step:
    """One migration."""

    version: int
    sql: str


def steps() -> tuple[Step, ...]:
    """All migrations in order."""
    return tuple(sorted(Step(int(file.name.partition("_")[0]), file.read_text()) for file in FOLDER.glob("*.up.sql")))


def newest() -> int:
    """The version of the newest schema."""
    return steps()[-1].version


def lock_id(database: str, schema: str = "public") -> int:
    """The advisory lock that two migrations of one database can't hold at once."""
    return zlib.crc32(f"{schema}\0schema_migrations\0{database}".encode()) * SALT % UINT32


def migrate(dsn: str, tolerate_newer: bool = False) -> bool:
    """Bring the database up; whether there was anything to do. Raises NotMigrated, psycopg2.Error."""
    with _connected(dsn) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT current_database(), current_schema()")
        name, schema = cursor.fetchone()
        identifier = lock_id(name, schema)
        cursor.execute("SELECT pg_advisory_lock(%s)", (identifier,))
        try:
            return _migrated(connection, cursor, tolerate_newer)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", (identifier,))


def _migrated(connection: Any, cursor: Any, tolerate_newer: bool) -> bool:
    cursor.execute(
        "CREATE TABLE IF NOT EXISTS schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)"
    )
    version, dirty = _state(cursor)
    if dirty:
        raise NotMigrated(f"a migration to version {version} failed half way: repair the schema by hand first")
    if version > newest() and not tolerate_newer:
        raise NotMigrated(
            f"DB is migrated to newer version than Kuma. DB migration version {version}. "
            f"Kuma migration version {newest()}. Run newer version of Kuma"
        )
    due = [step for step in steps() if step.version > version]
    for step in due:
        _apply(connection, cursor, step)
    return bool(due)


def _apply(connection: Any, cursor: Any, step: Step) -> None:
    """One step and its version, or neither."""
    connection.autocommit = False
    try:
        cursor.execute(step.sql)
        cursor.execute("DELETE FROM schema_migrations")
        cursor.execute("INSERT INTO schema_migrations (version, dirty) VALUES (%s, false)", (step.version,))
        connection.commit()
    except psycopg2.Error:
        connection.rollback()
        raise
    finally:
        connection.autocommit = True


def check(dsn: str, tolerate_newer: bool = False) -> None:
    """Whether the schema is the one that is needed. Raises NotMigrated, psycopg2.Error."""
    with _connected(dsn) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('schema_migrations')")
        version, dirty = (0, False) if cursor.fetchone()[0] is None else _state(cursor)
    if version == newest() and not dirty:
        return
    if tolerate_newer and version > newest() and not dirty:
        return
    raise NotMigrated('database is not migrated. Run "kuma-cp migrate up" to update database to the newest schema')


def _state(cursor: Any) -> tuple[int, bool]:
    cursor.execute("SELECT version, dirty FROM schema_migrations LIMIT 1")
    return cursor.fetchone() or (0, False)


@contextmanager
def _connected(dsn: str) -> Iterator[Any]:
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    try:
        yield connection
    finally:
        connection.close()
