"""Of the instances that share a database one leads, and another one when that is gone."""

import psycopg2
import pytest
from twisted.application.service import Service

from kuma.clock import SystemClock
from kuma.loop import future
from kuma.store import leader as election
from kuma.store.embedded import EmbeddedPostgres
from kuma.store.leader import AloneLock, Leader, PostgresLock
from kuma.store.migrate import migrate
from kuma.store.postgres import Database
from tests.hands import Hands
from tests.plugin import eventually


class Led(Service):
    """Counts how often it was started and stopped."""

    def __init__(self, told):
        self.told = told

    def startService(self):
        super().startService()
        self.told.append("started")

    def stopService(self):
        super().stopService()
        self.told.append("stopped")


def instance(dsn, name):
    told = []
    found = Leader(PostgresLock(Database(dsn, connect_timeout=0.5), name), lambda: Led(told), SystemClock())
    found.startService()
    return found, told


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(election, "LEASE", 0.6)
    monkeypatch.setattr(election, "HEARTBEAT", 0.1)


def owner(dsn):
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT owner FROM locks")
        return [name for (name,) in cursor.fetchall()]


async def test_one_of_two_leads_and_hands_over_when_it_stops(dsn, quick):
    first, first_told = instance(dsn, "first")
    await eventually(lambda: first.leading)
    second, second_told = instance(dsn, "second")
    assert owner(dsn) == ["first"]
    await future(first.stopService())
    assert first_told == ["started", "stopped"]
    await eventually(lambda: second.leading)
    assert owner(dsn) == ["second"]
    assert second_told == ["started"]
    await future(second.stopService())
    assert owner(dsn) == []


async def test_a_lock_whose_holder_is_gone_is_taken_after_a_lease(dsn):
    gone, heir = PostgresLock(Database(dsn), "gone"), PostgresLock(Database(dsn), "heir")
    assert await gone.acquire()
    assert not await heir.acquire()
    assert await gone.renew()
    assert not await heir.acquire()  # it has moved since
    assert await heir.acquire()  # it has not
    assert not await gone.renew()
    assert owner(dsn) == ["heir"]
    await gone.release()  # what it does not hold, it does not release
    assert owner(dsn) == ["heir"]
    await heir.release()


async def test_a_lock_left_by_another_implementation_is_honoured(dsn):
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO locks VALUES ('kuma-cp-lock', nextval('locks_rvn'), '', 'other-1234')")
    lock = PostgresLock(Database(dsn), "ours")
    assert not await lock.acquire()
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE locks SET record_version_number = NULL")
    assert await lock.acquire()  # released
    await lock.release()


async def test_who_loses_the_database_leads_no_more(tmp_path, quick):
    server = EmbeddedPostgres(tmp_path / "postgres")
    server.start()
    server.create_database("kuma")
    migrate(server.dsn("kuma"))
    found, told = instance(server.dsn("kuma"), "only")
    await eventually(lambda: found.leading)
    server.stop()
    await eventually(lambda: told == ["started", "stopped"], within=5)
    server.start()
    await eventually(lambda: told == ["started", "stopped", "started"])
    await future(found.stopService())
    server.stop()


async def test_an_instance_alone_always_leads():
    told, hands = [], Hands()
    found = Leader(AloneLock(), lambda: Led(told), hands)
    found.startService()
    await hands.advance(60)
    assert told == ["started"]
    await future(found.stopService())
    assert told == ["started", "stopped"]
