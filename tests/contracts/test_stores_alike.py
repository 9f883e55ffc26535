"""Whatever is done to them, memory and Postgres answer the same, and tell followers the same."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from kuma.loop import future
from kuma.model import Key
from kuma.store.api import Missed, Op, StoreError
from kuma.store.memory import MemoryStore
from tests.contracts.test_store import following, mesh, service
from tests.plugin import run
from tests.postgres import opened

NAMES = st.sampled_from(["a", "b", "a.b", "ü"])
MESHES = st.sampled_from(["m", "n"])
KEYS = st.one_of(
    st.builds(lambda name: Key("Mesh", "", name), NAMES),
    st.builds(lambda name, in_mesh: Key("MeshService", in_mesh, name), NAMES, MESHES),
)
LABELS = st.dictionaries(st.sampled_from(["x", "y"]), st.text("ab'\"\\%é", max_size=3), max_size=2)


def resource_of(key, labels):
    if key.kind == "Mesh":
        return mesh(key.name)
    return service(key.name, key.mesh, len(labels) + 1, **labels)


async def outcome(call):
    """What came of it, without the versions, which each store counts in its own way."""
    try:
        result = await call
    except StoreError as error:
        return type(error), str(error)
    return evolve(result, version="") if result is not None else None


@pytest.fixture
async def stores(dsn):
    postgres = opened(dsn)
    yield MemoryStore(), postgres
    await future(postgres.stopService())


def test_memory_and_postgres_are_alike(stores):
    class Alike(RuleBasedStateMachine):
        """Does the same to both."""

        def __init__(self):
            super().__init__()
            run(_emptied(stores))
            self.changes = [run(following(store)) for store in stores]
            self.moment = datetime(2026, 1, 1, tzinfo=UTC)

        def both(self, ask):
            memory, postgres = (run(outcome(ask(store))) for store in stores)
            assert memory == postgres

        def tick(self):
            self.moment += timedelta(seconds=1)
            return self.moment

        @rule(key=KEYS, labels=LABELS, owner=st.none() | KEYS)
        def create(self, key, labels, owner):
            resource = evolve(resource_of(key, labels), created=self.tick())
            if owner != key:
                self.both(lambda store: store.create(resource, owner))

        @rule(key=KEYS, labels=LABELS, stale=st.booleans())
        def update(self, key, labels, stale):
            now = self.tick()

            async def update(store):
                stored = await store.get(key)
                changed = evolve(resource_of(key, labels), version=stored.version, created=stored.created, modified=now)
                return await store.update(evolve(changed, version="77") if stale else changed)

            self.both(update)

        @rule(key=KEYS)
        def delete(self, key):
            self.both(lambda store: store.delete(key))

        @rule(key=KEYS)
        def get(self, key):
            self.both(lambda store: store.get(key))

        @rule(first=KEYS, second=KEYS, fails=st.booleans())
        def transaction(self, first, second, fails):
            now = self.tick()

            async def write(store):
                async with store.transaction() as writer:
                    await writer.delete(first)
                    await writer.create(evolve(resource_of(second, {}), created=now))
                    if fails:
                        raise StoreError("changed my mind")

            self.both(write)

        @invariant()
        def lists_are_equal(self):
            memory, postgres = (run(_all(store)) for store in stores)
            assert memory == postgres

        def teardown(self):
            memory, postgres = (
                run(_heard(store, changes)) for store, changes in zip(stores, self.changes, strict=True)
            )
            assert memory == postgres

    few = settings(max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Alike, settings=few)


async def _emptied(stores):
    for store in stores:
        for kind in ("Mesh", "MeshService"):
            for resource in await store.list(kind):
                await outcome(store.delete(resource.key))


async def _all(store):
    found = [*await store.list("Mesh"), *await store.list("MeshService"), *await store.list("MeshService", "m")]
    return [evolve(resource, version="") for resource in found]


async def _heard(store, changes):
    """Everything told so far. What one cascade takes along has no order, so each key's story is told by itself."""
    end = Key("MeshService", "end", "end")
    await store.create(service(end.name, end.mesh))
    seen = []
    while not any(change.key == end for change in seen):
        seen += await asyncio.wait_for(anext(changes), 10)
    changes.close()
    assert Missed() not in seen
    stories: dict[Key, list[Op]] = {}
    for change in seen:
        stories.setdefault(change.key, []).append(change.op)
    return stories
