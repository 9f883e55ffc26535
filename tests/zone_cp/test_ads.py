"""Proxies over real sockets: what they get, when they get nothing, and who is turned away."""

import asyncio
import json
from datetime import timedelta
from random import Random

import grpc
import pytest

from certs import tokens
from certs.secrets import SigningKeys
from certs.tokens import DataplaneClaims
from kuma.model import Key
from kuma.xds.delta import Node, Request
from tests.certificates import server_pair
from tests.plugin import eventually
from tests.zone_cp.peer import Peer, dialled
from tests.zone_cp.runtime import CLOCK, runtime
from zone_cp.admit import Gate
from zone_cp.session import CLUSTERS, LISTENERS

PAIR = server_pair()
MESH = "type: Mesh\nname: shop\n"
DATAPLANE = """
type: Dataplane
mesh: shop
name: backend-01
labels: {kuma.io/workload: backend}
networking:
  address: 127.0.0.1
  inbound: [{port: 8080, protocol: http}]
"""
OTHER = DATAPLANE.replace("backend-01", "backend-02")
BROUGHT = (
    '{"type":"Dataplane","mesh":"shop","name":"api-01","networking":{"address":"127.0.0.1","inbound":[{"port":80}]}}'
)


@pytest.fixture
async def zone(tmp_path):
    made = runtime(tmp_path, PAIR)
    made.start()
    await made.apply(MESH)
    await made.apply(DATAPLANE)
    yield made
    await made.stop()


@pytest.fixture
async def guarded(tmp_path):
    made = runtime(tmp_path, PAIR, authenticated=True)
    made.start()
    await made.apply(MESH)
    await made.apply(DATAPLANE)
    yield made
    await made.stop()


async def insight(zone, name="backend-01"):
    kept = await zone.store.list("DataplaneInsight", "shop")
    return next((one.spec for one in kept if one.name == name and one.spec.subscriptions[-1].status.lds), None)


async def test_a_proxy_gets_its_config_and_acknowledges_it(zone):
    async with dialled(zone.port, PAIR.cert) as channel:
        peer = Peer(channel, "shop.backend-01")
        await peer.subscribe()
        await eventually(lambda: "self_inbound_dp_8080" in peer.names(LISTENERS))
        assert "self_inbound_dp_8080" in peer.names(CLUSTERS)
        kept = await eventually(lambda: acknowledged(zone))
        assert kept.online
        assert kept.subscriptions[0].control_plane_instance_id == "cp-1"
        await peer.leave()
        await eventually(lambda: offline(zone))


async def acknowledged(zone):
    kept = await insight(zone)
    return kept if kept and kept.subscriptions[-1].status.lds.responses_acknowledged else None


async def offline(zone):
    return not (await insight(zone)).online


async def test_a_change_reaches_the_proxies_it_concerns_and_others_hear_nothing(zone):
    await zone.apply(OTHER)
    async with dialled(zone.port, PAIR.cert) as channel:
        one, other = Peer(channel, "shop.backend-01"), Peer(channel, "shop.backend-02")
        for peer in (one, other):
            await peer.subscribe()
        await eventually(lambda: one.names(LISTENERS) and other.names(LISTENERS))
        heard = len(other.responses)
        await zone.apply(DATAPLANE.replace("8080", "9090"))
        await eventually(lambda: "self_inbound_dp_9090" in one.names(LISTENERS))
        await eventually(lambda: "self_inbound_dp_8080" not in one.names(CLUSTERS))
        assert len(other.responses) == heard


async def test_a_proxy_that_comes_back_with_what_it_has_is_sent_nothing(zone):
    async with dialled(zone.port, PAIR.cert) as channel:
        first = Peer(channel, "shop.backend-01")
        await first.subscribe()
        await eventually(lambda: first.names(LISTENERS) and first.names(CLUSTERS))
        await first.leave()
        again = Peer(channel, "shop.backend-01")
        await again.subscribe(initial=first.versions)
        await eventually(lambda: {one.type_url for one in again.responses} >= {CLUSTERS, LISTENERS})
        assert [one for one in again.responses if one.resources or one.removed] == []


async def test_a_refusal_is_seen_and_only_what_is_new_follows_it(zone):
    async with dialled(zone.port, PAIR.cert) as channel:
        peer = Peer(channel, "shop.backend-01")
        peer.refuse = {LISTENERS: "no such filter"}
        await peer.subscribe()
        await eventually(lambda: zone.metrics.requests.count(LISTENERS, "NACK", "other") == 1)
        await zone.apply(DATAPLANE.replace("8080", "9090"))
        await eventually(lambda: "self_inbound_dp_9090" in peer.names(CLUSTERS))  # the other types go on
        assert zone.metrics.requests.count(LISTENERS, "NACK", "other") == 1  # listeners rest
        peer.refuse = {}
        kept = await eventually(lambda: rejected(zone))
        assert kept.subscriptions[-1].status.lds.responses_rejected == 1
        await eventually(lambda: "self_inbound_dp_9090" in peer.names(LISTENERS))


async def rejected(zone):
    kept = await insight(zone)
    return kept if kept and kept.subscriptions[-1].status.lds.responses_rejected else None


async def test_a_newer_stream_takes_the_place_of_the_older(zone):
    async with dialled(zone.port, PAIR.cert) as channel:
        older, newer = Peer(channel, "shop.backend-01"), Peer(channel, "shop.backend-01")
        await older.subscribe()
        await eventually(lambda: older.names(LISTENERS))
        await newer.subscribe()
        assert (await older.status())[0] == grpc.StatusCode.ABORTED
        await eventually(lambda: newer.names(LISTENERS))
        await zone.apply(DATAPLANE.replace("8080", "9090"))
        await eventually(lambda: "self_inbound_dp_9090" in newer.names(LISTENERS))


async def test_a_proxy_that_does_not_read_delays_nobody(zone):
    await zone.apply(OTHER)
    async with dialled(zone.port, PAIR.cert) as slow_channel, dialled(zone.port, PAIR.cert) as channel:
        slow, other = Peer(slow_channel, "shop.backend-01"), Peer(channel, "shop.backend-02")
        await slow.ask(LISTENERS)
        await slow.ask(CLUSTERS)
        await other.subscribe()
        for port in range(9000, 9020):
            await zone.apply(DATAPLANE.replace("8080", str(port)))
            await zone.apply(OTHER.replace("8080", str(port)))
        await eventually(lambda: "self_inbound_dp_9019" in other.names(LISTENERS))
        slow.read()
        await eventually(lambda: "self_inbound_dp_9019" in slow.names(LISTENERS))
        assert len(slow.responses) < 10  # it gets the latest state, not the history


@pytest.mark.parametrize(
    "node_id", ["", ".", "shop", "shop.", ".backend-01", "shop.UPPER", "shop.a b", "s" * 999 + ".x"]
)
async def test_malformed_node_ids_are_refused(zone, node_id):
    async with dialled(zone.port, PAIR.cert) as channel:
        peer = Peer(channel, node_id)
        await peer.ask(CLUSTERS)
        code, text = await peer.status()
        assert code == grpc.StatusCode.INVALID_ARGUMENT
        assert "<mesh>.<name>" in text


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ({"dataplane.proxyType": "ingress"}, "unknown proxy type"),
        ({"dataplane.admin.port": "many"}, "malformed"),
        ({"dataplane.resource": "{"}, "no JSON"),
        ({"dataplane.resource": '{"type":"Mesh","name":"shop"}'}, "node id says"),
        ({"dataplane.resource": BROUGHT}, "node id says"),
        ({"dataplane.resource": BROUGHT.replace("80", "800000")}, "port"),
        ({"dataplane.resource": 7}, "no JSON"),
        ({"version": [1], "features": 3}, "malformed"),
    ],
)
async def test_bad_metadata_is_refused_by_name(zone, metadata, reason):
    async with dialled(zone.port, PAIR.cert) as channel:
        peer = Peer(channel, "shop.backend-01", metadata=metadata)
        await peer.ask(CLUSTERS)
        code, text = await peer.status()
        assert code == grpc.StatusCode.INVALID_ARGUMENT
        assert reason in text


async def test_a_mesh_or_dataplane_that_is_not_there_is_named(zone):
    async with dialled(zone.port, PAIR.cert) as channel:
        for node_id, code in (("other.x", "INVALID_ARGUMENT"), ("shop.nobody", "NOT_FOUND")):
            peer = Peer(channel, node_id)
            await peer.ask(CLUSTERS)
            found, text = await peer.status()
            assert found.name == code
            assert node_id.partition(".")[0] in text


async def test_random_bytes_are_refused_and_the_server_goes_on(zone):
    random = Random(7)
    async with dialled(zone.port, PAIR.cert) as channel:
        for size in (0, 1, 10, 1000, 100_000):
            peer = Peer(channel, "shop.backend-01")
            await peer.call.write(random.randbytes(size))
            assert (await peer.status())[0] == grpc.StatusCode.INVALID_ARGUMENT
        peer = Peer(channel, "shop.backend-01")
        await peer.subscribe()
        await eventually(lambda: peer.names(LISTENERS))
        await peer.call.write(b"\xff" * 50)
        assert (await peer.status())[0] == grpc.StatusCode.INVALID_ARGUMENT


async def test_a_request_over_the_limit_is_refused(zone):
    async with dialled(zone.port, PAIR.cert) as channel:
        peer = Peer(channel, "shop.backend-01")
        await peer.ask(CLUSTERS, *("x" * 1000 + str(number) for number in range(10_000)))
        assert (await peer.status())[0] == grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_another_node_id_on_the_same_stream_is_refused(zone):
    async with dialled(zone.port, PAIR.cert) as channel:
        peer = Peer(channel, "shop.backend-01")
        await peer.ask(CLUSTERS)
        peer.read()
        await eventually(lambda: CLUSTERS in peer.held)
        await peer.say(Request(LISTENERS, node=Node("shop.backend-02")))
        assert (await peer.status())[0] == grpc.StatusCode.INVALID_ARGUMENT


async def test_the_state_of_the_world_variant_is_refused_with_what_to_do(zone):
    async with dialled(zone.port, PAIR.cert) as channel:
        peer = Peer(channel, "shop.backend-01", method="SotW")
        code, text = await peer.status()
        assert code == grpc.StatusCode.UNIMPLEMENTED
        assert "DELTA_GRPC" in text


async def test_a_dataplane_brought_along_comes_and_goes_with_its_proxy(zone):
    key = Key("Dataplane", "shop", "api-01")
    async with dialled(zone.port, PAIR.cert) as channel:
        peer = Peer(channel, "shop.api-01", metadata={"dataplane.resource": BROUGHT})
        await peer.subscribe()
        await eventually(lambda: "self_inbound_dp_80" in peer.names(LISTENERS))
        stored = await zone.store.get(key)
        assert stored.labels["kuma.io/zone"] == "z1"
        await peer.leave()
        again = Peer(channel, "shop.api-01", metadata={"dataplane.resource": BROUGHT})
        await again.subscribe()
        await eventually(lambda: again.names(LISTENERS))
        await CLOCK.sleep(0.4)  # longer than the delay: who is back in time keeps its Dataplane
        await zone.store.get(key)
        await again.leave()
        await eventually(lambda: gone(zone, key))


async def gone(zone, key):
    return key not in {one.key for one in await zone.store.list("Dataplane")}


async def test_stopping_removes_no_dataplane(tmp_path):
    zone = runtime(tmp_path, PAIR, delay=0.0)
    zone.start()
    await zone.apply(MESH)
    async with dialled(zone.port, PAIR.cert) as channel:
        peer = Peer(channel, "shop.api-01", metadata={"dataplane.resource": BROUGHT})
        await peer.subscribe()
        await eventually(lambda: peer.names(LISTENERS))
        await zone.stop()
        await zone.store.get(Key("Dataplane", "shop", "api-01"))
        assert not (await insight(zone, "api-01")).online
        await peer.leave()


async def token(zone, claims, valid=timedelta(hours=1)):
    return await SigningKeys(zone.store, CLOCK).issue(tokens.proxies("shop"), claims, valid)


async def test_a_good_token_opens(guarded):
    async with dialled(guarded.port, PAIR.cert) as channel:
        for claims in (DataplaneClaims(), DataplaneClaims("backend-01", "shop"), DataplaneClaims(workload="backend")):
            peer = Peer(channel, "shop.backend-01", token=await token(guarded, claims))
            await peer.subscribe()
            await eventually(lambda peer=peer: peer.names(LISTENERS))
            await peer.leave()


async def test_no_token_a_bad_one_and_an_old_one_are_refused(guarded):
    good = await token(guarded, DataplaneClaims())
    old = await token(guarded, DataplaneClaims(), timedelta(seconds=-10))
    async with dialled(guarded.port, PAIR.cert) as channel:
        for shown, reason in (
            ("", "exactly one"),
            ("x.y.z", "parse"),
            (good[:-9] + "AAAAAAAAA", "parse"),
            (old, "expired"),
        ):
            peer = Peer(channel, "shop.backend-01", token=shown)
            await peer.ask(CLUSTERS)
            code, text = await peer.status()
            assert code == grpc.StatusCode.UNAUTHENTICATED
            assert reason in text


@pytest.mark.parametrize(
    "claims",
    [
        DataplaneClaims("backend-02"),
        DataplaneClaims(mesh="other"),
        DataplaneClaims(tags={"kuma.io/workload": ("frontend",)}),
        DataplaneClaims(workload="frontend"),
    ],
)
async def test_a_token_for_somebody_else_is_refused(guarded, claims):
    async with dialled(guarded.port, PAIR.cert) as channel:
        peer = Peer(channel, "shop.backend-01", token=await token(guarded, claims))
        await peer.ask(CLUSTERS)
        assert (await peer.status())[0] == grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.parametrize("known", [True, False], ids=["seen already", "stored this moment"])
async def test_nobody_takes_the_place_of_a_dataplane_that_its_token_is_not_good_for(guarded, monkeypatch, known):
    key = Key("Dataplane", "shop", "backend-01")
    stored = await guarded.store.get(key)
    if not known:
        monkeypatch.setattr(Gate, "_stored", lambda *_: None)
    brought = {"type": "Dataplane", "mesh": "shop", "name": "backend-01", "labels": {"kuma.io/workload": "frontend"}}
    brought["networking"] = {"address": "127.0.0.1", "inbound": [{"port": 81}]}
    shown = await token(guarded, DataplaneClaims(workload="frontend"))
    async with dialled(guarded.port, PAIR.cert) as channel:
        peer = Peer(channel, "shop.backend-01", metadata={"dataplane.resource": json.dumps(brought)}, token=shown)
        await peer.ask(CLUSTERS)
        async with asyncio.timeout(10):
            code, text = await peer.status()
    assert code == grpc.StatusCode.PERMISSION_DENIED
    assert 'the Dataplane "backend-01" that is stored may not be replaced' in text
    assert await guarded.store.get(key) == stored
