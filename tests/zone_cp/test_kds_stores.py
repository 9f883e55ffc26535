"""The zone's end of the sync, on a real Postgres and on a store that goes away."""

from __future__ import annotations

from contextlib import asynccontextmanager

import pytest

from kuma.model import Key, hashed_name
from kuma.store.api import Unavailable
from kuma.store.memory import MemoryStore
from tests.plugin import eventually
from tests.postgres import dsn, opened, postgres  # noqa: F401 - fixtures
from tests.zone_cp.test_kds import mesh_service, mesh_timeout, secret
from tests.zones import found, global_cp, names, put, resource, stop, zone_cp


class Absent(MemoryStore):
    """A store that nobody reaches while it is `away`."""

    away = False

    def _reach(self):
        if self.away:
            raise Unavailable("switched off")

    async def get(self, key):
        self._reach()
        return await super().get(key)

    async def some(self, keys):
        self._reach()
        return await super().some(keys)

    async def list(self, kind, mesh=None):
        self._reach()
        return await super().list(kind, mesh)

    @asynccontextmanager
    async def transaction(self):
        self._reach()
        async with super().transaction() as writer:
            yield writer


@pytest.fixture
async def world(tmp_path):
    world = global_cp(tmp_path, MemoryStore())
    yield world
    await stop(world.server)


async def test_a_store_that_was_away_catches_up_by_itself(world):
    west = Absent()
    client = zone_cp(world, "west", west)
    await put(world.store, resource("Mesh", "default"))
    await eventually(lambda: found(west, "Mesh", "default"))
    west.away = True
    await put(world.store, mesh_timeout("t"))
    await world.store.delete(Key("Mesh", "", "default"))
    reached = world.store.changes(("ZoneInsight",))
    await anext(reached)  # the zone has been lost and came back, or is about to
    west.away = False
    await eventually(lambda: found(west, "MeshTimeout", hashed_name("default", "t"), "default"))

    async def gone():
        return await names(west, "Mesh") == []

    await eventually(gone)
    await stop(client)


async def test_a_global_store_that_is_away_makes_no_zone_delete_anything(tmp_path):
    store, west = Absent(), MemoryStore()
    world = global_cp(tmp_path, store)
    client = zone_cp(world, "west", west)
    await put(store, resource("Mesh", "default"))
    await eventually(lambda: found(west, "Mesh", "default"))
    await stop(world.server)
    store.away = True
    back = global_cp(tmp_path, store, port=world.server.port)
    watched = west.changes(("Mesh",))
    for _ in range(3):
        await put(west, mesh_service("alive"))  # time passes, and the zone goes on
    store.away = False
    await put(store, resource("Mesh", "second"))
    await eventually(lambda: found(west, "Mesh", "second"))
    assert [change.op.value for change in await anext(watched)] == ["created"]
    await stop(client, back.server)


async def test_a_zone_on_postgres_gets_everything_but_what_collides(world, dsn):  # noqa: F811 - the fixture
    west = opened(dsn)
    west.startService()
    await west.create(secret("mine"))
    await put(world.store, secret("theirs"))
    await put(world.store, secret("more", "y"))
    await put(world.store, resource("Mesh", "default"))
    await put(world.store, mesh_timeout("t"))
    client = zone_cp(world, "west", west)
    name = hashed_name("default", "t")
    await eventually(lambda: found(west, "MeshTimeout", name, "default"))
    await eventually(lambda: found(west, "Secret", "y", "default"))
    assert (await found(west, "Secret", "x", "default")).spec.data == b"mine"
    await west.create(mesh_service())
    await eventually(lambda: names(world.store, "MeshService"))
    await put(world.store, mesh_timeout("t", team="x"))

    async def changed():
        return (await found(west, "MeshTimeout", name, "default")).labels.get("team") == "x"

    await eventually(changed)
    await world.store.delete(Key("MeshTimeout", "default", "t"))

    async def gone():
        return await found(west, "MeshTimeout", name, "default") is None

    await eventually(gone)
    await stop(client, west)
