"""Crowds, storms and those who do not read: each is held within bounds, and none of them delays the others."""

import asyncio
from datetime import timedelta

from frozendict import frozendict
from prometheus_client import CollectorRegistry

from kuma.admission import Resources
from kuma.clock import SystemClock
from kuma.kinds import parse_document
from kuma.labels import Where
from kuma.loop import future
from kuma.mesh import Metadata
from kuma.mirror import PAUSE, Mirror
from kuma.model import Key, Resource
from kuma.resources.mesh import Mesh
from kuma.resources.workload import Workload
from kuma.store.memory import MemoryStore
from kuma.xds.config import Config, Packed, layer
from kuma.xds.delta import Request
from tests.hands import Hands, settle
from tests.plugin import eventually
from zone_cp.admit import Admitted
from zone_cp.dataplanes import AT_ONCE, Dataplanes, Leaving
from zone_cp.insights import Habits, Insights
from zone_cp.metrics import Metrics
from zone_cp.session import CLUSTERS, TYPES, Session, Speech

CLOCK = SystemClock()
MESH = Resource(Key("Mesh", "", "shop"), Mesh())
HERD = 200


def dataplane(place):
    networking = {"address": f"10.0.0.{place + 1}", "inbound": [{"port": 80}]}
    return parse_document({"type": "Dataplane", "mesh": "shop", "name": f"p{place}", "networking": networking})


class Slow(MemoryStore):
    """A store whose new resources wait until they are let in, one by one."""

    def __init__(self):
        super().__init__()
        self.waiting = []
        self.most = 0

    async def create(self, resource, owner=None):
        if resource.kind == "Dataplane":
            turn = asyncio.get_running_loop().create_future()
            self.waiting.append((resource.name, turn))
            self.most = max(self.most, len(self.waiting))
            await turn
        return await super().create(resource, owner)


async def test_of_a_herd_a_few_register_at_a_time_in_their_order_and_others_use_the_store():
    store = Slow()
    await store.create(MESH)
    resources = Resources(store, Where("zone", "z1"), CLOCK)
    dataplanes = Dataplanes(resources, Leaving("cp-1", timedelta(seconds=1), lambda _: False), CLOCK)
    herd = asyncio.gather(*(dataplanes.arrive(dataplane(place % 250), lambda _: None) for place in range(HERD)))
    let_in = []
    while len(let_in) < HERD:
        await eventually(lambda: store.waiting)
        await store.list("Mesh")  # others are not kept waiting
        name, turn = store.waiting.pop(0)
        let_in.append(name)
        turn.set_result(None)
    assert len(await herd) == HERD
    assert store.most <= AT_ONCE
    assert let_in == [f"p{place}" for place in range(HERD)]


def workload(number):
    return Resource(Key("Workload", "shop", f"w{number}"), Workload())


async def test_of_a_storm_the_first_change_is_told_at_once_and_the_rest_once_in_a_while():
    store, hands, heard = MemoryStore(), Hands(), []
    await store.create(MESH)
    mirror = Mirror(store, ("Workload",), hands)
    mirror.subscribe(lambda difference: heard.append({one.name for one in difference.puts}))
    mirror.startService()
    await mirror.completed()
    await settle()
    await store.create(workload(0))
    await settle()
    assert heard == [{"w0"}]  # no time has passed
    for number in range(1, 100):
        await store.create(workload(number))
        await settle(2)
    assert len(heard) == 1
    await hands.advance(PAUSE, step=PAUSE)
    assert heard[1:] == [{f"w{number}" for number in range(1, 100)}]
    for number in range(100, 200):
        await store.create(workload(number))
        await hands.advance(PAUSE / 10, step=PAUSE / 10)
    assert len(heard) <= 2 + 10 + 1  # a change every 10 ms for a second
    await future(mirror.stopService())


def config(number):
    def packed(url):
        return layer(Packed(f"{place}", f"v{number:02}-{place}", bytes(1000), url) for place in range(100))

    return Config(frozendict((url, (packed(url),)) for url in TYPES))


class Wire:
    """Where messages go: each is taken when the peer reads."""

    def __init__(self):
        self.reads = asyncio.Event()
        self.taken = []
        self.writing = 0
        self.most = 0

    async def say(self, message):
        self.writing += 1
        self.most = max(self.most, self.writing)
        await self.reads.wait()
        self.writing -= 1
        self.taken.append(message)


async def test_who_does_not_read_has_one_message_on_its_way_and_gets_only_the_newest_later():
    key, wire = Key("Dataplane", "shop", "p0"), Wire()
    insights = Insights(Resources(MemoryStore(), Where("zone", "z1"), CLOCK), Habits("cp-1"))
    admitted = Admitted(key, Metadata(), {}, None, None)
    speech = Speech("cp-1", 1.0, CLOCK, Metrics(CollectorRegistry()))
    session = Session(admitted, wire.say, insights.open(key, {}), speech)
    await session.publish(config(0))
    asking = asyncio.ensure_future(session.hear(Request(CLUSTERS)))
    newer = [asyncio.ensure_future(session.publish(config(number))) for number in range(1, 50)]
    await settle()
    assert wire.most == 1
    wire.reads.set()
    await asyncio.gather(asking, *newer)
    assert len(wire.taken) == 1  # the rest waits for its answer
    await session.hear(Request(CLUSTERS, nonce="1"))
    assert len(wire.taken) == 2
    assert b"v49-7" in wire.taken[1]
    assert not any(b"v%02d-7" % number in wire.taken[1] for number in range(1, 49))
