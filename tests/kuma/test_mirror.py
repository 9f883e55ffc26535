"""The mirror holds what the store had last, whatever happens to the store."""

from contextlib import asynccontextmanager

import pytest
from attrs import evolve

from kuma.clock import SystemClock
from kuma.loop import future
from kuma.mirror import Mirror
from kuma.model import NEVER, Key, Resource
from kuma.resources.mesh import Mesh
from kuma.resources.workload import Workload
from kuma.store.api import Unavailable
from kuma.store.memory import MemoryStore
from tests.plugin import eventually

MESH = Resource(Key("Mesh", "", "shop"), Mesh(), created=NEVER)


def workload(name):
    return Resource(Key("Workload", "shop", name), Workload())


class Fickle(MemoryStore):
    """A store that can be away, and whose followers can miss changes."""

    away = False
    lists = 0

    async def get(self, key):
        self._answer()
        return await super().get(key)

    async def some(self, keys):
        self._answer()
        return await super().some(keys)

    async def list(self, kind, mesh=None):
        self.lists += 1
        self._answer()
        return await super().list(kind, mesh)

    def _answer(self):
        if self.away:
            raise Unavailable("gone fishing")

    def miss(self):
        self._followers.missed()


@asynccontextmanager
async def following(store, kinds=("Mesh", "Workload")):
    mirror = Mirror(store, kinds, SystemClock(), pause=0.01)
    heard = []
    mirror.subscribe(heard.append)
    mirror.startService()
    try:
        yield mirror, heard
    finally:
        await future(mirror.stopService())


def names(mirror):
    return {one.name for one in mirror.of("Workload", "shop")}


async def test_it_holds_what_was_there_and_follows():
    store = MemoryStore()
    await store.create(MESH)
    async with following(store) as (mirror, heard):
        await mirror.completed()
        await store.create(workload("a"))
        await eventually(lambda: names(mirror) == {"a"})
        stored = await store.get(workload("a").key)
        await store.update(stored.labelled(team="blue"))
        await eventually(lambda: mirror.get(stored.key).labels == {"team": "blue"})
        await store.delete(stored.key)
        await eventually(lambda: names(mirror) == set())
        assert heard[-1].deletes == (stored.key,)


async def test_nothing_is_known_before_everything_was_read():
    store = Fickle()
    store.away = True
    await MemoryStore.create(store, MESH)
    async with following(store) as (mirror, heard):
        await eventually(lambda: store.lists > 0)
        assert (mirror.complete, heard) == (False, [])
        store.away = False
        await mirror.completed()
        assert [put.name for put in heard[0].puts] == ["shop"]


@pytest.mark.parametrize("missed", [True, False])
async def test_an_outage_takes_nothing_away_and_loses_nothing(missed):
    store = Fickle()
    await store.create(MESH)
    await store.create(workload("a"))
    async with following(store) as (mirror, heard):
        await eventually(lambda: names(mirror) == {"a"})
        told = len(heard)
        store.away = True
        store._kept.resources[workload("b").key] = evolve(workload("b"), version="1")
        if missed:
            store.miss()
        else:
            await store.create(workload("c"))
        await eventually(lambda: store.lists > 4)
        assert names(mirror) == {"a"}
        store.away = False
        await eventually(lambda: names(mirror) >= {"a", "b"})
        assert len(heard) == told + 1  # only the difference, at once


async def test_many_changes_are_read_together():
    store = Fickle()
    await store.create(MESH)
    async with following(store) as (mirror, _):
        await mirror.completed()
        lists = store.lists
        async with store.transaction() as writer:
            for number in range(100):
                await writer.create(workload(f"w{number}"))
        await eventually(lambda: len(names(mirror)) == 100)
        assert store.lists <= lists + 3


async def test_a_follower_that_fails_hurts_nobody():
    store = MemoryStore()
    async with following(store) as (mirror, heard):
        mirror.subscribe(lambda _: 1 / 0)
        await mirror.completed()
        await store.create(MESH)
        await eventually(lambda: heard)


async def test_changes_are_read_together_and_what_has_not_changed_is_not_read():
    store = Fickle()
    for number in range(200):
        await store.create(workload(f"w{number}"))
    async with following(store) as (mirror, heard):
        await mirror.completed()
        lists, told = store.lists, len(heard)
        async with store.transaction() as writer:
            for number in range(40):
                await writer.delete(workload(f"w{number}").key)
            await writer.create(workload("new"))
        await eventually(lambda: len(names(mirror)) == 161)
        assert store.lists == lists
        assert len(heard) == told + 1
