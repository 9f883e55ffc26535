"""What every store does, whatever it is made of."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from kuma.kinds import parse_document
from kuma.model import Key, Labels
from kuma.store.api import AlreadyExists, Change, Conflict, Missed, NotFound, Op

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def mesh(name="m"):
    return evolve(parse_document({"type": "Mesh", "name": name}), created=NOW)


def service(name="s", in_mesh="m", port=80, **labels):
    document = {
        "type": "MeshService",
        "mesh": in_mesh,
        "name": name,
        "labels": labels,
        "spec": {"selector": {"dataplaneLabels": {"matchLabels": {"app": "ünï"}}}, "ports": [{"port": port}]},
    }
    return evolve(parse_document(document), created=NOW, modified=NOW)


async def test_what_was_created_is_there(store):
    created = await store.create(service(color="blue"))
    found = await store.get(created.key)
    assert found == created
    assert (found.spec, found.labels, found.created, found.modified) == (
        service().spec,
        Labels(color="blue"),
        NOW,
        NOW,
    )


async def test_what_is_not_there(store):
    key = Key("Mesh", "", "nobody")
    with pytest.raises(NotFound) as error:
        await store.get(key)
    assert str(error.value) == 'resource not found: type="Mesh" name="nobody" mesh=""'
    with pytest.raises(NotFound):
        await store.delete(key)


async def test_some_of_many_are_read_together(store):
    created = [await store.create(one) for one in (service(), service("t"), mesh("t"))]
    wanted = [created[0].key, created[2].key, Key("MeshService", "m", "nobody")]
    assert {one.key: one for one in await store.some(wanted)} == {one.key: one for one in (created[0], created[2])}
    assert list(await store.some([])) == []


async def test_a_name_is_taken_once(store):
    created = await store.create(service())
    with pytest.raises(AlreadyExists):
        await store.create(service(port=81))
    assert await store.get(created.key) == created


async def test_names_are_of_a_kind_and_a_mesh(store):
    for resource in (service(), service(in_mesh="n"), mesh("s")):
        await store.create(resource)
    assert [one.mesh for one in await store.list("MeshService")] == ["m", "n"]
    assert [one.name for one in await store.list("MeshService", "n")] == ["s"]
    assert await store.list("MeshService", "o") == []


async def test_lists_are_in_order(store):
    for name in ("b", "a-b", "a", "Z", "a.b"):
        await store.create(service(name))
    names = [one.name for one in await store.list("MeshService")]
    assert names == sorted(names)


async def test_an_update_changes_spec_labels_and_time(store):
    created = await store.create(service(color="blue"))
    later = NOW + timedelta(minutes=1)
    change = evolve(created, spec=service(port=81).spec, labels=Labels(color="red"), modified=later)
    updated = await store.update(change)
    found = await store.get(created.key)
    assert found == updated
    assert (found.spec.ports[0].port, found.labels["color"], found.modified, found.created) == (81, "red", later, NOW)
    assert found.version != created.version


async def test_a_lost_update_is_refused(store):
    created = await store.create(service())
    await store.update(evolve(created, spec=service(port=81).spec))
    with pytest.raises(Conflict):
        await store.update(evolve(created, spec=service(port=82).spec))
    assert (await store.get(created.key)).spec.ports[0].port == 81


async def test_an_update_of_what_is_gone_is_a_conflict(store):
    created = await store.create(service())
    await store.delete(created.key)
    with pytest.raises(Conflict):
        await store.update(created)


async def test_one_of_many_writers_wins(store):
    created = await store.create(service())
    writes = [store.update(evolve(created, spec=service(port=number).spec)) for number in range(1, 11)]
    outcomes = await asyncio.gather(*writes, return_exceptions=True)
    won = [outcome for outcome in outcomes if not isinstance(outcome, Conflict)]
    assert len(won) == 1
    assert await store.get(created.key) == won[0]


async def test_what_is_owned_goes_with_its_owner(store):
    owner = await store.create(mesh())
    owned = await store.create(service(), owner=owner.key)
    below = await store.create(service("below"), owner=owned.key)
    await store.delete(owner.key)
    for gone in (owned, below):
        with pytest.raises(NotFound):
            await store.get(gone.key)


async def test_a_name_that_was_owned_once_is_free_again(store):
    owner = await store.create(mesh())
    await store.create(service(), owner=owner.key)
    await store.delete(service().key)
    kept = await store.create(service())
    await store.delete(owner.key)
    assert await store.get(kept.key) == kept


async def test_an_owner_must_exist(store):
    with pytest.raises(NotFound):
        await store.create(service(), owner=Key("Mesh", "", "nobody"))


async def test_a_transaction_is_kept_as_a_whole(store):
    async with store.transaction() as writer:
        await writer.create(mesh())
        await writer.create(service())
        assert (await writer.get(service().key)).name == "s"
    assert len(await store.list("MeshService")) == 1


async def test_a_transaction_that_fails_leaves_nothing(store):
    kept = await store.create(service("kept"))
    with pytest.raises(ZeroDivisionError):
        await _fail_after_writing(store, kept)
    assert await store.list("Mesh") == []
    assert await store.list("MeshService") == [kept]


async def _fail_after_writing(store, kept):
    async with store.transaction() as writer:
        await writer.create(mesh())
        await writer.update(evolve(kept, spec=service(port=1).spec))
        await writer.delete(kept.key)
        raise ZeroDivisionError


async def test_a_collision_does_not_spoil_a_transaction(store):
    await store.create(service())
    async with store.transaction() as writer:
        with pytest.raises(AlreadyExists):
            await writer.create(service())
        await writer.create(service("other"))
    assert [one.name for one in await store.list("MeshService")] == ["other", "s"]


async def test_followers_hear_of_everything(store):
    owner = await store.create(mesh())
    changes = await following(store)
    owned = await store.create(service(), owner=owner.key)
    owned = await store.update(owned)
    await store.delete(owner.key)
    heard = await _heard(changes, 4)
    assert heard[:2] == [Change(Op.CREATED, owned.key), Change(Op.UPDATED, owned.key)]
    assert {(change.op, change.key) for change in heard[2:]} == {(Op.DELETED, owner.key), (Op.DELETED, owned.key)}


async def test_followers_hear_of_the_kinds_they_asked_for(store):
    changes = await following(store, kinds=["MeshService"])
    await store.create(mesh())
    created = await store.create(service())
    assert await _heard(changes, 1) == [Change(Op.CREATED, created.key)]


async def test_followers_hear_nothing_of_what_was_undone(store):
    changes = await following(store)
    kept = await store.create(service("kept"))
    with pytest.raises(ZeroDivisionError):
        await _fail_after_writing(store, kept)
    after = await store.create(service("after"))
    assert await _heard(changes, 2) == [Change(Op.CREATED, kept.key), Change(Op.CREATED, after.key)]


async def test_a_closed_follower_ends(store):
    changes = store.changes()
    changes.close()
    async for batch in changes:
        assert all(isinstance(change, Missed) for change in batch)


async def test_who_does_not_read_holds_little(store, monkeypatch):
    monkeypatch.setattr("kuma.store.follow.MOST", 10)
    changes = await following(store)
    for number in range(30):
        await store.create(service(f"s{number}"))
    heard = await _until(changes, lambda seen: Missed() in seen)
    assert len(heard) <= 11


async def following(store, kinds=None):
    """Follow from now on; a store that connects only now says first that something may have been missed before."""
    changes = store.changes(kinds)
    sign = await store.create(service("sign", in_mesh="sign"))
    await _until(changes, lambda seen: seen)
    await store.delete(sign.key)
    await _until(changes, lambda seen: any(getattr(one, "op", None) is Op.DELETED for one in seen))
    return changes


async def _heard(changes, count):
    return await _until(changes, lambda seen: len(seen) >= count)


async def _until(changes, enough):
    seen = []
    while not enough(seen):
        seen += await asyncio.wait_for(anext(changes), 10)
    return seen
