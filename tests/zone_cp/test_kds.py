"""The sync between a global control plane and its zones, over real sockets with TLS."""

from __future__ import annotations

import asyncio
import base64

import pytest
from attrs import evolve
from structlog.testing import capture_logs

from kuma.model import Key, hashed_name
from kuma.settings.multizone import SyncedLabels
from kuma.store.memory import MemoryStore
from tests.plugin import eventually
from tests.zones import found, global_cp, names, put, resource, stop, zone_cp

WEST_MESH_SERVICE = {"kuma.io/display-name": "backend", "kuma.io/origin": "zone", "kuma.io/zone": "west"}
TIMEOUT = {"to": [{"targetRef": {"kind": "Mesh"}, "default": {"connectionTimeout": "2s"}}]}


def secret(text: str, name: str = "x", mesh: str = "default"):
    return resource("Secret", name, mesh, data=base64.b64encode(text.encode()).decode())


def mesh_timeout(name: str = "t", **labels: str):
    return resource("MeshTimeout", name, "default", labels, spec=TIMEOUT)


def mesh_service(name: str = "backend", **more: str):
    labels = WEST_MESH_SERVICE | {"kuma.io/display-name": name} | more
    return resource("MeshService", name, "default", labels, spec={"ports": [{"port": 80}]})


@pytest.fixture
async def world(tmp_path):
    world = global_cp(tmp_path, MemoryStore())
    yield world
    await stop(world.server)


@pytest.fixture
async def west(world):
    store = MemoryStore()
    client = zone_cp(world, "west", store)
    yield store
    await stop(client)


@pytest.fixture
async def east(world):
    store = MemoryStore()
    client = zone_cp(world, "east", store)
    yield store
    await stop(client)


async def synced(world, *stores):
    """Wait until something that is written now has arrived: what was on its way before has arrived, too."""
    marker = await put(world.store, resource("Mesh", f"marker-{len(await names(world.store, 'Mesh'))}"))
    for store in stores:
        await eventually(lambda store=store: found(store, "Mesh", marker.name))


async def test_a_mesh_of_the_global_control_plane_comes_to_the_zone(world, west):
    await put(world.store, resource("Mesh", "default"))
    mesh = await eventually(lambda: found(west, "Mesh", "default"))
    assert dict(mesh.labels) == {"kuma.io/origin": "global"}
    await world.store.delete(Key("Mesh", "", "default"))
    await eventually(lambda: not_found(west, "Mesh", "default"))


async def not_found(store, kind, name, mesh=""):
    return await found(store, kind, name, mesh) is None


async def test_a_policy_gets_a_hashed_name_and_keeps_its_own_to_show(world, west):
    await put(world.store, mesh_timeout("t"))
    policy = await eventually(lambda: found(west, "MeshTimeout", hashed_name("default", "t"), "default"))
    assert dict(policy.labels) == {"kuma.io/origin": "global", "kuma.io/display-name": "t"}
    assert policy.spec == mesh_timeout("t").spec


@pytest.mark.scenario("M-sync-01")
async def test_zones_are_made_when_they_call_and_shown_online(world, west, east):
    async def online(zone):
        insight = await found(world.store, "ZoneInsight", zone)
        return insight is not None and insight.spec.online

    for zone in ("west", "east"):
        await eventually(lambda zone=zone: online(zone))
        assert (await found(world.store, "Zone", zone)).spec.enabled


@pytest.mark.scenario("M-sync-02")
async def test_both_sides_know_both_instances(world, west):
    async def subscription(store):
        insight = await found(store, "ZoneInsight", "west")
        one = insight.spec.subscriptions[-1] if insight is not None and insight.spec.subscriptions else None
        return one if one is not None and one.global_instance_id and one.zone_instance_id else None

    above = await eventually(lambda: subscription(world.store))
    below = await eventually(lambda: subscription(west))
    assert above.global_instance_id == below.global_instance_id == "global-1234"
    assert above.zone_instance_id == below.zone_instance_id == "west-1234"
    assert above.config == '{"store":{"type":"memory"}}'
    assert above.version.kuma_cp.version


async def test_the_insight_counts_what_was_sent_and_accepted(world, west):
    await put(world.store, mesh_timeout("t"))

    async def counted():
        insight = await found(world.store, "ZoneInsight", "west")
        stat = insight.spec.subscriptions[-1].status.stat.get("MeshTimeout")
        return stat is not None and stat.responses_sent >= 1 and stat.responses_acknowledged == stat.responses_sent

    await eventually(lambda: found(world.store, "ZoneInsight", "west"))
    await eventually(counted)


@pytest.mark.scenario("M-resilience-04")
async def test_a_zone_that_leaves_is_offline_at_once(world):
    client = zone_cp(world, "west", MemoryStore())

    async def online():
        insight = await found(world.store, "ZoneInsight", "west")
        return insight is not None and insight.spec.online

    await eventually(online)
    await stop(client)

    async def offline():
        return not await online()

    await eventually(offline, within=5)


@pytest.mark.scenario("M-sync-06")
async def test_labels_with_a_skipped_prefix_stay_at_home(tmp_path):
    world = global_cp(tmp_path, MemoryStore(), labels=SyncedLabels(("argocd.argoproj.io/",)))
    west = MemoryStore()
    client = zone_cp(world, "west", west)
    await put(world.store, mesh_timeout("t", **{"argocd.argoproj.io/instance": "a", "team": "x"}))
    policy = await eventually(lambda: found(west, "MeshTimeout", hashed_name("default", "t"), "default"))
    assert "argocd.argoproj.io/instance" not in policy.labels
    assert policy.labels["team"] == "x"
    await stop(client, world.server)


@pytest.mark.scenario("M-sync-07")
async def test_a_zones_secret_never_leaves_it(world, west):
    await put(west, secret("mine"))
    await put(west, mesh_service())
    await eventually(lambda: names(world.store, "MeshService"))
    assert await names(world.store, "Secret") == []


@pytest.mark.scenario("M-sync-08", "M-sync-09", "M-sync-10")
async def test_a_secret_that_collides_is_refused_and_holds_up_nothing(world, west):
    await put(west, secret("mine"))
    await put(world.store, secret("theirs"))
    await synced(world, west)

    async def refused():
        insight = await found(world.store, "ZoneInsight", "west")
        stat = insight.spec.subscriptions[-1].status.stat.get("Secret") if insight is not None else None
        return stat is not None and stat.responses_rejected == 1

    await eventually(refused)
    assert (await found(west, "Secret", "x", "default")).spec.data == b"mine"
    assert (await found(world.store, "Secret", "x", "default")).spec.data == b"theirs"
    await put(world.store, secret("another", "y"))
    assert (await eventually(lambda: found(west, "Secret", "y", "default"))).spec.data == b"another"
    await world.store.delete(Key("Secret", "default", "x"))
    await put(world.store, secret("more", "z"))
    await eventually(lambda: found(west, "Secret", "z", "default"))
    assert (await found(west, "Secret", "x", "default")).spec.data == b"mine"


async def test_a_bad_resource_does_not_hold_up_the_good_ones(world, west):
    """What a newer global control plane might send: not understood here, and said so."""
    good = mesh_timeout("good")
    bad = evolve(mesh_timeout("bad"), spec=evolve(good.spec, to=(evolve(good.spec.to[0], target_ref=None),)))
    await put(world.store, bad)
    await put(world.store, good)
    await eventually(lambda: found(west, "MeshTimeout", hashed_name("default", "good"), "default"))
    assert await names(west, "MeshTimeout") == [hashed_name("default", "good")]


async def test_two_zones_get_each_others_services_and_none_gets_its_own_back(world, west, east):
    await put(west, mesh_service())
    name = hashed_name("default", "backend", "west")
    above = await eventually(lambda: found(world.store, "MeshService", name, "default"))
    assert dict(above.labels) == WEST_MESH_SERVICE
    beside = await eventually(lambda: found(east, "MeshService", name, "default"))
    assert dict(beside.labels) == WEST_MESH_SERVICE | {"kuma.io/origin": "global"}
    await synced(world, west, east)
    assert await names(west, "MeshService") == ["backend"]
    assert await names(world.store, "MeshService") == [name]
    await west.delete(Key("MeshService", "default", "backend"))
    await eventually(lambda: not_found(east, "MeshService", name, "default"))


async def test_what_a_disabled_zone_offers_is_taken_from_the_others(world, west, east):
    await put(west, mesh_service())
    await eventually(lambda: names(east, "MeshService"))
    zone = await found(world.store, "Zone", "west")
    await world.store.update(evolve(zone, spec=evolve(zone.spec, enabled=False)))

    async def withdrawn():
        return await names(east, "MeshService") == []

    await eventually(withdrawn)
    assert len(await names(world.store, "MeshService")) == 1


async def test_a_zone_can_not_write_in_anothers_name(world, west):
    await put(west, mesh_service(**{"kuma.io/zone": "east"}))
    (service,) = await eventually(lambda: world.store.list("MeshService"))
    assert service.zone == "west"


async def test_a_write_of_nothing_new_does_not_travel(world, west):
    policy = await put(world.store, mesh_timeout("t"))
    copy = await eventually(lambda: found(west, "MeshTimeout", hashed_name("default", "t"), "default"))
    await world.store.update(policy)
    await synced(world, west)
    assert (await found(west, "MeshTimeout", copy.name, "default")).version == copy.version


async def test_global_gone_and_back_changes_nothing_that_is_the_same(tmp_path):
    store, west = MemoryStore(), MemoryStore()
    world = global_cp(tmp_path, store)
    client = zone_cp(world, "west", west)
    await put(store, resource("Mesh", "default"))
    await put(store, mesh_timeout("t"))
    await put(west, mesh_service())
    await eventually(lambda: names(west, "MeshTimeout"))
    await eventually(lambda: names(store, "MeshService"))
    await stop(world.server)
    before = [await west.list(kind) for kind in ("Mesh", "MeshTimeout", "MeshService")]
    watched, above = west.changes(("Mesh", "MeshTimeout", "MeshService")), store.changes(("MeshService", "Dataplane"))
    back = global_cp(tmp_path, store, port=world.server.port)
    await put(store, mesh_timeout("new"))
    await eventually(lambda: found(west, "MeshTimeout", hashed_name("default", "new"), "default"))
    await synced(back, west)
    changed = {change.key for change in await anext(watched)}
    assert not changed & {one.key for kept in before for one in kept}
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(above), 0.2)
    await stop(client, back.server)


async def test_a_zone_that_comes_and_goes_makes_no_other_zone_see_a_delete(world, east):
    store = MemoryStore()
    await put(store, mesh_service())
    await put(world.store, secret("shared", "shared"))
    client = zone_cp(world, "west", store)
    await eventually(lambda: names(east, "MeshService"))
    watched = east.changes()
    for _ in range(5):
        await stop(client)
        client = zone_cp(world, "west", store)
        await synced(world, store, east)
    seen = [change for change in await anext(watched) if change.op.value == "deleted"]
    assert seen == []
    assert len(await names(east, "MeshService")) == 1
    await stop(client)


async def test_zone_changes_made_while_global_is_away_arrive_afterwards(tmp_path):
    store, west = MemoryStore(), MemoryStore()
    world = global_cp(tmp_path, store)
    client = zone_cp(world, "west", west)
    await put(west, mesh_service("old"))
    await eventually(lambda: names(store, "MeshService"))
    await stop(world.server)
    await put(west, mesh_service("new"))
    await west.delete(Key("MeshService", "default", "old"))
    back = global_cp(tmp_path, store, port=world.server.port)

    async def replaced():
        return await names(store, "MeshService") == [hashed_name("default", "new", "west")]

    await eventually(replaced)
    await stop(client, back.server)


async def test_an_unknown_certificate_is_not_spoken_to(tmp_path, world):
    other = tmp_path / "other"
    other.mkdir()
    stranger = global_cp(other, MemoryStore())
    with capture_logs() as logged:
        client = zone_cp(evolve(world, ca=stranger.ca), "west", MemoryStore())
        await eventually(lambda: [one for one in logged if one["event"] == "global control plane lost"])
    assert await names(world.store, "Zone") == []
    await stop(client, stranger.server)


async def test_verification_can_be_switched_off(world):
    west = MemoryStore()
    client = zone_cp(world, "west", west, root_ca_file="", tls_skip_verify=True)
    await put(world.store, resource("Mesh", "default"))
    await eventually(lambda: found(west, "Mesh", "default"))
    await stop(client)
