"""The store that control planes share: one table in Postgres, and a notification for every change of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import psycopg2
import structlog
from attrs import define, frozen
from twisted.application.service import MultiService
from twisted.internet.defer import Deferred

from kuma.model import Key, Kind, Resource
from kuma.schema import Invalid, Violation
from kuma.store.api import AlreadyExists, Changes, Conflict, NotFound, Unavailable, Writer
from kuma.store.follow import Followers
from kuma.store.listen import Listener
from kuma.store.pool import AS_USUAL, Keeping, Outcome, Pool, first_line
from kuma.store.rows import COLUMNS, Row, Rows, labels_text, moment, spec_text, status_text
from kuma.tasks import Running

log = structlog.get_logger()

FIRST_VERSION = 0
UNLIMITED = 1000
AT_ONCE = 100  # rows that are asked for together
ROUND = 0.005  # seconds in which rows are parsed before others get their turn

GET = f"SELECT {COLUMNS} FROM resources WHERE type = %s AND mesh = %s AND name = %s"
SOME = f"SELECT {COLUMNS}, type FROM resources WHERE (type, mesh, name) IN %s"
LIST = f"SELECT {COLUMNS} FROM resources WHERE type = %s"
LIST_MESH = LIST + " AND mesh = %s"
# a collision is no error here, so it does not spoil the transaction around it
CREATE = f"""
INSERT INTO resources (name, mesh, type, version, spec, creation_time, modification_time, labels, status,
                       owner_name, owner_mesh, owner_type)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (name, mesh, type) DO NOTHING RETURNING {COLUMNS}"""
UPDATE = f"""
UPDATE resources SET spec = %s, version = %s, modification_time = %s, labels = %s, status = %s
 WHERE name = %s AND mesh = %s AND type = %s AND version = %s RETURNING {COLUMNS}"""
DELETE = "DELETE FROM resources WHERE type = %s AND mesh = %s AND name = %s"

Run = Callable[[str, Sequence[Any]], Awaitable[Outcome]]


@frozen
class Database:
    """Where the database is, how many connections it may see, and for how long. Times in seconds."""

    dsn: str
    connections: int = 50
    connect_timeout: float = 5.0
    keeping: Keeping = AS_USUAL


@define(eq=False)
class _Writer:
    """Reads and writes through `run`, which is the pool or one connection's transaction."""

    _run: Run
    _rows: Rows

    async def _ask(self, statement: str, parameters: Sequence[Any]) -> Outcome:
        try:
            return await self._run(statement, parameters)
        except psycopg2.errors.ForeignKeyViolation:
            raise
        except (psycopg2.DataError, ValueError) as error:
            # a name that is too long, text that Postgres can't hold
            raise Invalid((Violation("", first_line(error)),)) from None
        except psycopg2.Error as error:
            raise Unavailable(first_line(error)) from None

    async def get(self, key: Key) -> Resource:
        outcome = await self._ask(GET, (key.kind, key.mesh, key.name))
        if not outcome.rows:
            raise NotFound(key)
        return self._rows.resource(key.kind, outcome.rows[0])

    async def list(self, kind: str, mesh: str | None = None) -> Sequence[Resource]:
        statement, parameters = (LIST, (kind,)) if mesh is None else (LIST_MESH, (kind, mesh))
        outcome = await self._ask(statement, parameters)
        if mesh is None:
            self._rows.keep(kind, {(row[1], row[0]) for row in outcome.rows})
        found = await self._resources((kind, row) for row in outcome.rows)
        return sorted(found, key=lambda resource: (resource.mesh, resource.name))

    async def some(self, keys: Sequence[Key]) -> Sequence[Resource]:
        found: list[Resource] = []
        for at in range(0, len(keys), AT_ONCE):
            wanted = tuple((key.kind, key.mesh, key.name) for key in keys[at : at + AT_ONCE])
            outcome = await self._ask(SOME, (wanted,))
            found += await self._resources((row[-1], row[:-1]) for row in outcome.rows)
        return found

    async def _resources(self, rows: Iterable[tuple[str, Row]]) -> Sequence[Resource]:
        found, began = [], time.monotonic()
        for kind, row in rows:
            if (resource := self._legible(kind, row)) is not None:
                found.append(resource)
            if time.monotonic() - began > ROUND:
                await asyncio.sleep(0)
                began = time.monotonic()
        return found

    def _legible(self, kind: str, row: tuple[Any, ...]) -> Resource | None:
        try:
            return self._rows.resource(kind, row)
        except (Invalid, ValueError) as error:
            # one bad row must not hide the others
            log.error("row not legible", kind=kind, mesh=row[1], name=row[0], reason=str(error))
            return None

    async def create(self, resource: Resource, owner: Key | None = None) -> Resource:
        key, created = resource.key, moment(resource.created)
        content = (spec_text(resource), created, created, labels_text(resource), status_text(resource))
        owned_by = (owner.name, owner.mesh, owner.kind) if owner else (None, None, None)
        try:
            outcome = await self._ask(CREATE, (key.name, key.mesh, key.kind, FIRST_VERSION, *content, *owned_by))
        except psycopg2.errors.ForeignKeyViolation:
            assert owner is not None
            raise NotFound(owner) from None
        if not outcome.rows:
            raise AlreadyExists(key)
        return self._rows.written(resource, outcome.rows[0])

    async def update(self, resource: Resource) -> Resource:
        key = resource.key
        if not resource.version.isdecimal():
            raise Conflict(key)
        version = int(resource.version)
        content = (labels_text(resource), status_text(resource))
        where = (key.name, key.mesh, key.kind, version)
        changed = (spec_text(resource), version + 1, moment(resource.modified), *content)
        outcome = await self._ask(UPDATE, (*changed, *where))
        if not outcome.rows:
            raise Conflict(key)
        return self._rows.written(resource, outcome.rows[0])

    async def delete(self, key: Key) -> None:
        outcome = await self._ask(DELETE, (key.kind, key.mesh, key.name))
        self._rows.forget(key)
        if not outcome.count:
            raise NotFound(key)


class PostgresStore(MultiService, _Writer):
    """Keeps resources in Postgres. What any instance writes, all instances hear of at once.

    While Postgres can't be reached every call raises Unavailable; once it is back they work again, and followers are
    told that they may have missed something.
    """

    def __init__(self, database: Database, kinds: Mapping[str, Kind]) -> None:
        MultiService.__init__(self)
        self.setName("postgres store")
        most = database.connections or UNLIMITED
        self._pool = Pool(database.dsn, most, database.connect_timeout, database.keeping)
        _Writer.__init__(self, self._pool.run, Rows(kinds))
        self._followers = Followers()
        listener = Listener(database.dsn, database.connect_timeout, self._followers, self._rows.forget)
        for part in (listener, Running("postgres connections", self._pool.tend)):
            part.setServiceParent(self)

    def stopService(self) -> Deferred[Any]:
        self._followers.close()
        self._pool.close()
        stopped: Deferred[Any] = super().stopService()
        return stopped

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Writer]:
        """All or nothing, on a connection of its own."""
        async with self._pool.connection() as connection:
            await connection.run("BEGIN")
            try:
                yield _Writer(connection.run, self._rows)
            except BaseException:
                await _rolled_back(connection)
                raise
            await connection.run("COMMIT")

    def changes(self, kinds: Iterable[str] | None = None) -> Changes:
        return self._followers.follow(kinds)


async def _rolled_back(connection: Any) -> None:
    if connection.broken:
        return
    try:
        await connection.run("ROLLBACK")
    except Unavailable:
        connection.close()  # Postgres rolls back what a closed connection leaves
