"""Questions about Envoys: from the global control plane to a zone and back, over a real connection."""

from __future__ import annotations

import asyncio

import pytest
from attrs import evolve

from certs import peers
from global_cp.envoys import GlobalEnvoys, name_in_zone
from global_cp.forwarding import Forwarding, handler
from kuma import defaults
from kuma.kinds import parse_document
from kuma.loop import future
from kuma.model import Key
from kuma.peers.calls import AUTHORITY, Calls
from kuma.peers.catalog import CATALOG, Peer, written
from kuma.peers.server import PeerServer
from kuma.ports import free_ports
from kuma.resources.zoneinsight import Subscription, ZoneInsight
from kuma.rest.envoys import Look, NotTold
from kuma.store.memory import MemoryStore
from tests.plugin import eventually
from tests.zones import CLOCK, Envoys, found, global_cp, put, resource, stop, zone_cp
from zone_cp.kds import Here

LABELS = {"kuma.io/zone": "west", "kuma.io/display-name": "web-1"}
COPY = resource("Dataplane", "web-1-hashed", "default", LABELS, networking={"address": "10.0.0.1"})
LOOKS = [
    (Look("config_dump", include_eds=True, as_json=True), "web-1 /config_dump?include_eds"),
    (Look("stats"), "web-1 /stats?usedonly"),
    (Look("stats", as_json=True, used_only=False), "web-1 /stats?format=json"),
    (Look("clusters", as_json=True), "web-1 /clusters?format=json"),
    (Look("clusters"), "web-1 /clusters"),
]


def asking(world, instance: str) -> GlobalEnvoys:
    calls = Calls(world.store, 2**20)
    return GlobalEnvoys(world.store, world.server.admin, instance, Forwarding(calls).forward)


async def connected(world) -> GlobalEnvoys:
    """Whoever asks, once the zone holds its streams open."""

    async def written():
        insight = await found(world.store, "ZoneInsight", "west")
        streams = insight.spec.kds_streams if insight is not None else None
        return (
            streams is not None and all((streams.config_dump, streams.stats, streams.clusters)) and insight.spec.online
        )

    await eventually(written)
    return asking(world, "global-1234")


async def of_west() -> MemoryStore:
    store = MemoryStore()
    await put(store, resource("Mesh", "default"))
    await put(store, resource("Dataplane", "web-1", "default", networking={"address": "10.0.0.1"}))
    return store


async def test_a_zone_looks_for_us(tmp_path):
    world = global_cp(tmp_path, MemoryStore())
    zone = zone_cp(world, "west", await of_west())
    try:
        envoys = await connected(world)
        for look, told in LOOKS:
            assert await envoys.look(COPY, look) == told.encode()
        unknown = resource(
            "Dataplane", "other", "default", {"kuma.io/zone": "west"}, networking={"address": "10.0.0.1"}
        )
        with pytest.raises(NotTold, match="could not send StatsRequest: there is no Dataplane other in mesh default"):
            await envoys.look(unknown, Look("stats"))
    finally:
        await stop(zone, world.server)


async def test_why_there_is_no_answer(tmp_path):
    world = global_cp(tmp_path, MemoryStore())
    nobody = asking(world, "global-1234")
    with pytest.raises(NotTold, match="couldn't execute XDS Config Dump operation, zone is offline"):
        await nobody.look(COPY, Look("config_dump"))
    zone = zone_cp(world, "west", Here(await of_west(), CLOCK, Envoys(refused="Envoy does not answer")))
    try:
        envoys = await connected(world)
        with pytest.raises(NotTold, match="could not send ClustersRequest: Envoy does not answer"):
            await envoys.look(COPY, Look("clusters"))
        another = asking(world, "global-2")
        with pytest.raises(NotTold, match="instance not found: global-1234"):
            await another.look(COPY, Look("stats"))
    finally:
        await stop(zone, world.server)


async def test_a_zone_is_asked_through_the_instance_that_it_is_connected_to(tmp_path):
    world = global_cp(tmp_path, MemoryStore())
    zone = zone_cp(world, "west", await of_west())
    secret = defaults.secret(AUTHORITY, peers.new_ca(CLOCK.now()))
    await world.store.create(secret)
    holder = Peer("global-1234", "127.0.0.1", free_ports(1)[0])
    catalog = {"type": "Config", "name": CATALOG.name, "config": written([holder])}
    await world.store.create(parse_document(catalog))
    server = PeerServer(world.store, holder, (handler(asking(world, holder.id).told),), 2**20, CLOCK)
    server.startService()
    try:
        await connected(world)
        await eventually(lambda: server.port)
        await eventually(lambda: world.store.list("Dataplane"))
        another, (copy,) = asking(world, "global-2"), await world.store.list("Dataplane")
        for look, told in LOOKS:
            assert await another.look(copy, look) == told.encode()
        unknown = evolve(copy, key=Key("Dataplane", "default", "other"))
        with pytest.raises(NotTold, match="there is no Dataplane other in mesh default"):
            await another.look(unknown, Look("stats"))
    finally:
        await stop(zone, world.server)
        await future(server.stopService())


@pytest.mark.parametrize(
    ("config", "name"),
    [
        ('{"store": {"type": "kubernetes"}}', "web-1.shop"),
        ('{"store": {"type": "postgres"}}', "web-1"),
        ("no JSON", "web-1"),
        ("[]", "web-1"),
        ("", "web-1"),
    ],
)
def test_what_a_dataplane_is_called_in_its_zone(config, name):
    labels = {**LABELS, "k8s.kuma.io/namespace": "shop"}
    dataplane = resource("Dataplane", "hashed", "default", labels, networking={"address": "10.0.0.1"})
    assert name_in_zone(dataplane, ZoneInsight((Subscription(config=config),))) == name


async def test_many_questions_at_once(tmp_path):
    world = global_cp(tmp_path, MemoryStore())
    zone = zone_cp(world, "west", await of_west())
    try:
        envoys = await connected(world)
        told = await asyncio.gather(*(envoys.look(COPY, Look("stats")) for _ in range(50)))
        assert set(told) == {b"web-1 /stats?usedonly"}
    finally:
        await stop(zone, world.server)
