"""The store is away: proxies that are here are served on, and one that brings its Dataplane joins all the same."""

import json

import pytest

from kuma.model import Key
from kuma.store.api import Unavailable
from kuma.store.memory import MemoryStore
from tests.certificates import server_pair
from tests.plugin import eventually
from tests.zone_cp.peer import Peer, dialled
from tests.zone_cp.runtime import runtime
from zone_cp.session import LISTENERS

PAIR = server_pair()
KEY = Key("Dataplane", "shop", "api-01")
BROUGHT = json.dumps({
    "type": "Dataplane", "mesh": "shop", "name": "api-01", "labels": {"kuma.io/workload": "api"},
    "networking": {"address": "127.0.0.1", "inbound": [{"port": 8080}]},
})  # fmt: skip


class Away(MemoryStore):
    """A store that can be away."""

    away = False

    async def get(self, key):
        self._answer()
        return await super().get(key)

    async def some(self, keys):
        self._answer()
        return await super().some(keys)

    async def list(self, kind, mesh=None):
        self._answer()
        return await super().list(kind, mesh)

    async def create(self, resource, owner=None):
        self._answer()
        return await super().create(resource, owner)

    async def update(self, resource):
        self._answer()
        return await super().update(resource)

    async def delete(self, key):
        self._answer()
        await super().delete(key)

    def _answer(self):
        if self.away:
            raise Unavailable("gone fishing")


@pytest.fixture
async def zone(tmp_path):
    made = runtime(tmp_path, PAIR, store=Away())
    made.start()
    await made.apply("type: Mesh\nname: shop\n")
    await eventually(lambda: made.meshes.names() == ("shop",))
    yield made
    made.store.away = False
    await made.stop()


async def registered(zone):
    return [one.key for one in await zone.store.list("Dataplane")]


async def test_a_proxy_joins_while_the_store_is_away_and_is_written_when_it_is_back(zone):
    zone.store.away = True
    async with dialled(zone.port, PAIR.cert) as channel:
        peer = Peer(channel, "shop.api-01", metadata={"dataplane.resource": BROUGHT})
        await peer.subscribe()
        await eventually(lambda: "self_inbound_dp_8080" in peer.names(LISTENERS))
        heard = len(peer.responses)
        zone.store.away = False
        await eventually(lambda: registered(zone))
        await eventually(lambda: online(zone))
        assert len([one for one in peer.responses[heard:] if one.removed]) == 0
        zone.store.away = True
        await peer.leave()
        zone.store.away = False
        await eventually(lambda: nobody(zone))


async def online(zone):
    kept = await zone.store.list("DataplaneInsight")
    return kept and kept[0].spec.online


async def nobody(zone):
    return await registered(zone) == []


async def test_before_the_store_was_read_nobody_is_sent_anything(tmp_path):
    store = Away()
    store.away = True
    zone = runtime(tmp_path, PAIR, store=store)
    zone.start()
    try:
        async with dialled(zone.port, PAIR.cert) as channel:
            peer = Peer(channel, "shop.api-01", metadata={"dataplane.resource": BROUGHT})
            await peer.subscribe()
            assert not zone.meshes.ready
            store.away = False
            await zone.apply("type: Mesh\nname: shop\n")
            await eventually(lambda: zone.meshes.ready)
            await eventually(lambda: peer.names(LISTENERS))
            await peer.leave()
    finally:
        await zone.stop()
