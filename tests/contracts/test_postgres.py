"""What a store in Postgres does besides: several instances, and a server that goes and comes."""

import asyncio
import socket
import threading

import psutil
import psycopg2
import pytest
from attrs import evolve

from kuma.loop import future
from kuma.model import Key, Labels
from kuma.schema import Invalid
from kuma.store.api import Change, Missed, Op, Unavailable
from kuma.store.embedded import EmbeddedPostgres
from kuma.store.migrate import NotMigrated, check, lock_id, migrate, newest, steps
from kuma.store.pool import Pool
from tests.contracts.test_store import following, mesh, service
from tests.plugin import eventually
from tests.postgres import opened


@pytest.fixture
async def two(dsn):
    stores = opened(dsn), opened(dsn)
    yield stores
    for store in stores:
        await future(store.stopService())


@pytest.fixture
def server(tmp_path):
    """A server of one's own, to be stopped and started."""
    found = EmbeddedPostgres(tmp_path / "postgres")
    found.start()
    found.create_database("kuma")
    migrate(found.dsn("kuma"))
    yield found
    found.stop()


def run_sql(dsn, statement, *parameters):
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


async def test_one_instance_sees_at_once_what_another_writes(two):
    here, there = two
    changes = await following(there)
    created = await here.create(service())
    assert await anext(changes) == (Change(Op.CREATED, created.key),)
    assert await there.get(created.key) == created


async def test_what_an_instance_wrote_it_need_not_take_apart_and_another_reads_the_same(two):
    here, there = two
    created = await here.create(service(color="blue"))
    assert await here.get(created.key) is created
    updated = await here.update(created.labelled(color="red"))
    assert (await here.list("MeshService"))[0] is updated
    assert (await there.some([created.key]))[0] == updated
    again = await there.update(updated.labelled(color="green"))
    assert await here.get(created.key) == again


async def test_instances_refuse_each_others_lost_updates(two):
    here, there = two
    created = await here.create(service())
    await there.update(evolve(created, spec=service(port=81).spec))
    assert (await here.get(created.key)).spec.ports[0].port == 81


async def test_an_outage_costs_nothing_but_time(server):
    store = opened(server.dsn("kuma"))
    changes = await following(store)
    kept = await store.create(service())
    await anext(changes)
    server.stop()
    for attempt in (store.get(kept.key), store.create(service("lost")), store.list("MeshService")):
        with pytest.raises(Unavailable):
            async with asyncio.timeout(10):
                await attempt
    server.start()
    assert await store.get(kept.key) == kept
    assert Missed() in await asyncio.wait_for(anext(changes), 10)
    after = await store.create(service("after"))
    assert Change(Op.CREATED, after.key) in await asyncio.wait_for(anext(changes), 10)
    assert [one.name for one in await store.list("MeshService", "m")] == ["after", "s"]
    await future(store.stopService())


async def test_a_crash_is_survived_in_silence(server, caplog, capsys):
    store = opened(server.dsn("kuma"))
    changes = await following(store)
    server.kill()
    with pytest.raises(Unavailable):
        await store.create(service("lost"))
    server.start()
    assert await store.list("MeshService") == []
    assert Missed() in await asyncio.wait_for(anext(changes), 10)
    await future(store.stopService())
    shown = capsys.readouterr()
    assert "Traceback" not in shown.out + shown.err + caplog.text


async def test_a_transaction_that_an_outage_meets_leaves_nothing(server):
    store = opened(server.dsn("kuma"))
    with pytest.raises(Unavailable):
        await _write_while_it_dies(store, server)
    server.start()
    assert await store.list("MeshService") == []
    await future(store.stopService())


async def _write_while_it_dies(store, server):
    async with store.transaction() as writer:
        await writer.create(service())
        server.kill()
        await writer.create(service("second"))


async def test_a_server_that_hangs_holds_nobody(server, monkeypatch):
    monkeypatch.setattr("kuma.store.pool.ANSWER", 0.5)
    store = opened(server.dsn("kuma"), connect_timeout=0.5)
    kept = await store.create(service())
    parent = psutil.Process(server._process.pid)
    processes = [parent, *parent.children()]
    for process in processes:
        process.suspend()
    try:
        for _ in range(3):
            with pytest.raises(Unavailable):
                await asyncio.wait_for(store.get(kept.key), 3)
    finally:
        for process in processes:
            process.resume()
    assert await eventually(lambda: _found(store, kept.key)) == kept
    await future(store.stopService())


async def _found(store, key):
    try:
        return await store.get(key)
    except Unavailable:
        return None


async def test_there_are_never_more_connections_than_allowed(dsn):
    store = opened(dsn, connections=3)
    await asyncio.gather(*(store.create(service(f"s{number}")) for number in range(50)))
    used = run_sql(dsn, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
    assert used[0][0] <= 3 + 1 + 1  # the pool, the listener, and who asks
    assert len(await store.list("MeshService")) == 50
    await future(store.stopService())


async def test_who_finds_all_connections_busy_is_told(dsn, monkeypatch):
    monkeypatch.setattr("kuma.store.pool.WAIT", 0.1)
    store = opened(dsn, connections=1)
    async with store.transaction():
        with pytest.raises(Unavailable, match="all 1 connections were busy"):
            await store.list("Mesh")
    assert await store.list("Mesh") == []
    await future(store.stopService())


async def test_who_gives_up_waiting_spoils_no_connection(dsn):
    pool = Pool(dsn, 1, 5.0)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(pool.run("SELECT pg_sleep(5)"), 0.1)
    assert (await pool.run("SELECT 42")).rows == ((42,),)
    pool.close()


async def test_a_connection_that_ends_while_a_statement_runs_deafens_nobody(dsn):
    pool = Pool(dsn, 1, 5.0)
    running = asyncio.ensure_future(pool.run("SELECT pg_sleep(5) AS deafening"))
    asked = "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%%AS deafening'"
    await eventually(lambda: run_sql(dsn, asked))
    running.cancel()
    await asyncio.wait((running,))
    pairs = [socket.socketpair() for _ in range(8)]  # one of them gets the number of the socket that was closed
    heard = [asyncio.Event() for _ in pairs]
    for (ours, theirs), event in zip(pairs, heard, strict=True):
        asyncio.get_running_loop().add_reader(ours.fileno(), event.set)
        theirs.send(b"hello")
    async with asyncio.timeout(2):
        for event in heard:
            await event.wait()
    for ours, theirs in pairs:
        asyncio.get_running_loop().remove_reader(ours.fileno())
        ours.close()
        theirs.close()


async def test_rows_of_another_implementation_are_read(dsn, two):
    statement = "INSERT INTO resources (name, mesh, type, version, spec, labels) VALUES (%s, %s, %s, 7, %s, %s)"
    run_sql(dsn, statement, "m", "", "Mesh", '{"mtls":{"enabledBackend":"x"},"aFieldOfTomorrow":1}', "null")
    found = await two[0].get(Key("Mesh", "", "m"))
    assert (found.labels, found.version, found.status) == (Labels(), "7", None)
    assert (await two[0].update(found)).version == "8"


async def test_a_row_that_can_not_be_read_hides_no_other(dsn, two):
    statement = "INSERT INTO resources (name, mesh, type, version, spec) VALUES (%s, 'm', 'MeshService', 0, %s)"
    run_sql(dsn, statement, "bad", '{"ports": 7}')
    run_sql(dsn, statement, "worse", "no JSON")
    kept = await two[0].create(service("good"))
    assert await two[0].list("MeshService") == [kept]


async def test_nothing_is_ever_null(dsn, two):
    await two[0].create(mesh())
    assert run_sql(dsn, "SELECT spec, labels::text, status::text FROM resources") == [("{}", "{}", "{}")]


@pytest.mark.parametrize("name", ["n" * 254, "nul\0", "\ud800"])
async def test_what_postgres_can_not_hold_is_invalid(two, name):
    with pytest.raises(Invalid):
        await two[0].create(service(name))


async def test_what_is_gone_is_not_remembered(two):
    here, there = two
    changes = await following(here)
    created = await here.create(service())
    await here.get(created.key)
    assert created.key in here._rows._read
    await there.delete(created.key)
    while Change(Op.DELETED, created.key) not in await asyncio.wait_for(anext(changes), 10):
        pass
    assert created.key not in here._rows._read


def test_migrating_twice_changes_nothing(dsn):
    assert migrate(dsn) is False
    check(dsn)
    assert run_sql(dsn, "SELECT version, dirty FROM schema_migrations") == [(newest(), False)]


def test_many_may_migrate_at_once(postgres):
    postgres.create_database("together")
    dsn, done = postgres.dsn("together"), []
    threads = [threading.Thread(target=lambda: done.append(migrate(dsn))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [False, False, False, True]


def test_a_database_from_half_way_is_brought_up(postgres):
    postgres.create_database("older")
    dsn = postgres.dsn("older")
    with pytest.raises(NotMigrated, match="not migrated"):
        check(dsn)
    run_sql(dsn, "CREATE TABLE schema_migrations (version bigint not null primary key, dirty boolean not null)")
    half = steps()[:7]
    for step in half:
        run_sql(dsn, step.sql)
    run_sql(dsn, "INSERT INTO schema_migrations VALUES (%s, false)", half[-1].version)
    insert = "INSERT INTO resources (name, mesh, type, version, spec) VALUES ('m', '', 'Mesh', 0, '{}')"
    run_sql(dsn, insert)
    assert migrate(dsn) is True
    check(dsn)
    assert run_sql(dsn, "SELECT name, labels::text FROM resources") == [("m", "{}")]


def test_a_newer_database_is_left_alone(dsn):
    run_sql(dsn, "UPDATE schema_migrations SET version = version + 1")
    with pytest.raises(NotMigrated, match="newer version"):
        migrate(dsn)
    with pytest.raises(NotMigrated):
        check(dsn)
    check(dsn, tolerate_newer=True)
    assert migrate(dsn, tolerate_newer=True) is False


def test_the_lock_is_the_one_that_others_take():
    assert lock_id("kuma") == 1126980735
