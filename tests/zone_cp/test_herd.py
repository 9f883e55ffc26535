"""Many proxies at once, and many changes at once: everybody is served, and nobody hears more than is needed."""

import asyncio
import json
from contextlib import AsyncExitStack

import pytest

from tests.certificates import server_pair
from tests.plugin import eventually
from tests.zone_cp.peer import Peer, dialled
from tests.zone_cp.runtime import runtime
from zone_cp.session import LISTENERS

PAIR = server_pair()
MESH = "type: Mesh\nname: shop\n"
HERD = 60
STORM = 40


def document(place, port=8080):
    inbound = [{"port": port, "protocol": "http"}]
    return {
        "type": "Dataplane",
        "mesh": "shop",
        "name": f"web-{place}",
        "labels": {"kuma.io/workload": "web"},
        "networking": {"address": f"10.0.0.{place + 1}", "inbound": inbound},
    }


@pytest.fixture
async def zone(tmp_path):
    made = runtime(tmp_path, PAIR)
    made.start()
    await made.apply(MESH)
    yield made
    await made.stop()


def served(peer, port=8080):
    return f"self_inbound_dp_{port}" in peer.names(LISTENERS)


async def connected(zone, stack, place):
    channel = await stack.enter_async_context(dialled(zone.port, PAIR.cert))
    peer = Peer(channel, f"shop.web-{place}", metadata={"dataplane.resource": json.dumps(document(place))})
    await peer.subscribe()
    return peer


async def test_a_herd_that_brings_its_dataplanes_is_served_whole_and_once(zone):
    async with AsyncExitStack() as stack:
        peers = await asyncio.gather(*(connected(zone, stack, place) for place in range(HERD)))
        await eventually(lambda: all(map(served, peers)), 30)
        # nobody's listeners depend on who else came, so nobody was told of them again
        assert {sum(one.type_url == LISTENERS for one in peer.responses) for peer in peers} == {1}
        assert len(await zone.store.list("Dataplane", "shop")) == HERD


async def test_a_storm_of_changes_is_merged_and_others_hear_nothing_of_it(zone):
    async with AsyncExitStack() as stack:
        one, other = [await connected(zone, stack, place) for place in range(2)]
        await eventually(lambda: served(one) and served(other))
        before, others_before = len(one.responses), len(other.responses)
        for port in range(9000, 9000 + STORM):
            await zone.apply(json.dumps(document(0, port)))
        await eventually(lambda: served(one, 9000 + STORM - 1))
        assert len(one.responses) - before < STORM  # of each change: new clusters, listeners, and clusters removed
        assert len(other.responses) == others_before
