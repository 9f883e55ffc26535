"""The global control plane's KDS server, spoken to message by message as any zone may."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import grpc
import grpc.aio
import pytest
from attrs import evolve

from global_cp.admin_streams import RPCS, NotAsked
from kuma.kds.instance import GLOBAL, SYNC
from kuma.model import Key, hashed_name
from kuma.protos import kds_pb2
from kuma.settings.multizone import ZoneHealthCheck
from kuma.store.memory import MemoryStore
from kuma.sync.packing import pack
from kuma.sync.travel import FEATURES, FROM_GLOBAL, FROM_ZONES
from kuma.xds.delta import Node, Request, Response
from kuma.xds.wire import parse_request, parse_response, request_bytes, response_bytes
from tests.plugin import eventually
from tests.zones import found, global_cp, names, put, resource, stop

WEST = (("client-id", "west"), ("features", "zone-ping-health"), ("features", "hash-suffix"))
NODE = Node("west", {"features": list(FEATURES), "control-plane-id": "west-1"})
SOON = timedelta(milliseconds=50)


@pytest.fixture
async def world(tmp_path):
    world = global_cp(tmp_path, MemoryStore(), tls_enabled=False)
    yield world
    await stop(world.server)


@pytest.fixture
async def channel(world):
    async with grpc.aio.insecure_channel(f"localhost:{world.server.port}") as channel:
        yield channel


def call(channel, method, metadata=WEST, service=SYNC):
    return channel.stream_stream(f"/{service}/{method}")(metadata=metadata)


async def ask(stream, kind, **more):
    await stream.write(request_bytes(Request(kind, node=NODE, **more)))


async def answer(stream):
    return parse_response(await asyncio.wait_for(stream.read(), 5))


async def silence(stream):
    """A pending read can't be given up, so it is handed back to be awaited later."""
    reading = asyncio.ensure_future(stream.read())
    done, _ = await asyncio.wait([reading], timeout=0.3)
    assert not done
    return reading


async def code_of(stream):
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await asyncio.wait_for(stream.read(), 5)
    return caught.value.code(), caught.value.details()


async def test_every_question_is_answered_even_about_unknown_kinds(channel):
    stream = call(channel, "GlobalToZoneSync")
    for kind in ("Mesh", "NeverHeardOf"):
        await ask(stream, kind, subscribe=("*",))
    found = [await answer(stream) for _ in range(2)]
    assert [(one.type_url, one.resources, one.nonce) for one in found] == [("Mesh", (), "1"), ("NeverHeardOf", (), "2")]


async def test_the_conversation_of_a_type(world, channel):
    await put(world.store, resource("Mesh", "default"))
    stream = call(channel, "GlobalToZoneSync")
    await ask(stream, "Mesh", subscribe=("*",))
    first = await answer(stream)
    assert [one.name for one in first.resources] == ["default."]
    await put(world.store, resource("Mesh", "second"))
    reading = await silence(stream)
    await ask(stream, "Mesh", nonce=first.nonce)
    second = parse_response(await reading)
    assert [one.name for one in second.resources] == ["second."]
    await ask(stream, "Mesh", nonce=second.nonce, error="no", subscribe=("*",))
    await world.store.delete(Key("Mesh", "", "default"))
    third = await answer(stream)
    assert (third.resources, third.removed) == ((), ("default.",))


async def test_everything_that_global_sends_is_of_a_kind_that_zones_take(world, channel):
    stream = call(channel, "GlobalToZoneSync")
    for kind in FROM_GLOBAL:
        await ask(stream, kind, subscribe=("*",))
    assert {(await answer(stream)).type_url for _ in FROM_GLOBAL} == set(FROM_GLOBAL)


async def test_a_zone_without_features_gets_plain_names(world, channel):
    policy = resource("MeshTimeout", "t", "default", spec={})
    await put(world.store, policy)
    stream = call(channel, "GlobalToZoneSync")
    await stream.write(request_bytes(Request("MeshTimeout", ("*",), node=Node("west"))))
    assert [one.name for one in (await answer(stream)).resources] == ["t.default"]


@pytest.mark.parametrize("method", ["GlobalToZoneSync", "ZoneToGlobalSync"])
async def test_who_does_not_say_which_zone_it_is_is_sent_away(channel, method):
    code, details = await code_of(call(channel, method, metadata=()))
    assert (code, details) == (grpc.StatusCode.INVALID_ARGUMENT, "missing metadata: client-id")


async def test_nonsense_ends_the_stream_and_nothing_else(world, channel):
    stream = call(channel, "GlobalToZoneSync")
    await stream.write(b"\xff\xff\xff")
    assert await code_of(stream) == (grpc.StatusCode.INTERNAL, "stream failed")
    again = call(channel, "GlobalToZoneSync")
    await ask(again, "Mesh", subscribe=("*",))
    assert (await answer(again)).type_url == "Mesh"


class Zone:
    """A zone that offers what it is told to."""

    def __init__(self, channel):
        self.stream = call(channel, "ZoneToGlobalSync")
        self.nonces = 0

    async def questions(self):
        return [parse_request(await asyncio.wait_for(self.stream.read(), 5)) for _ in FROM_ZONES]

    async def send(self, kind, *resources, removed=()):
        self.nonces += 1
        await self.stream.write(response_bytes(Response(kind, str(self.nonces), resources, removed), "west"))
        return parse_request(await asyncio.wait_for(self.stream.read(), 5))


def service(name, zone="west"):
    labels = {"kuma.io/zone": zone, "kuma.io/origin": "zone"}
    return resource("MeshService", name, "default", labels, spec={"ports": [{"port": 80}]})


async def test_global_asks_for_all_that_zones_provide_and_keeps_it(world, channel):
    zone = Zone(channel)
    questions = await zone.questions()
    assert {one.type_url for one in questions} == set(FROM_ZONES)
    assert {(one.subscribe, one.node.id, one.nonce) for one in questions} == {(("*",), "west", "")}
    first = await zone.send("MeshService", pack(service("a")), pack(service("b")))
    assert (first.nonce, first.error, first.node.id) == ("1", None, "west")
    assert await names(world.store, "MeshService") == ["a", "b"]
    await zone.send("MeshService", removed=("a.default",))
    assert await names(world.store, "MeshService") == ["b"]


async def test_the_first_response_is_the_whole_truth_about_this_zone_only(world, channel):
    await put(world.store, service("others", "east"))
    await put(world.store, service("stale"))
    zone = Zone(channel)
    await zone.questions()
    await zone.send("MeshService", pack(service("new")))
    assert await names(world.store, "MeshService") == ["new", "others"]


async def test_what_is_wrong_is_refused_by_name_and_the_rest_is_kept(world, channel):
    zone = Zone(channel)
    await zone.questions()
    message = kds_pb2.KumaResource(meta=kds_pb2.KumaResource.Meta(name="bad", mesh="default"))
    message.spec.value = b'{"ports": "none"}'
    bad = evolve(pack(service("bad")), body=message.SerializeToString())
    refusal = await zone.send("MeshService", bad, pack(service("good")))
    assert 'name="bad"' in refusal.error
    assert refusal.subscribe == ("*",)
    assert await names(world.store, "MeshService") == ["good"]


async def test_a_response_that_is_no_resource_ends_the_stream(world, channel):
    zone = Zone(channel)
    await zone.questions()
    await zone.stream.write(
        response_bytes(Response("MeshService", "1", (evolve(pack(service("a")), url="x"),)), "west")
    )
    assert await code_of(zone.stream) == (grpc.StatusCode.INTERNAL, "stream failed")


async def test_resources_of_a_zone_go_with_it(world, channel):
    zone = Zone(channel)
    await zone.questions()
    await zone.send("MeshService", pack(service("a")))
    await world.store.delete(Key("Zone", "", "west"))
    assert await names(world.store, "MeshService") == []


async def test_health_checks_are_written_down(world, channel):
    check = channel.unary_unary(f"/{GLOBAL}/HealthCheck")
    response = kds_pb2.ZoneHealthCheckResponse.FromString(await check(b"", metadata=WEST))
    assert response.interval.ToTimedelta() == timedelta()
    assert (await found(world.store, "ZoneInsight", "west")).spec.health_check.time


async def test_streams_are_written_down_with_their_instance(world, channel):
    await put(world.store, resource("Zone", "west"))
    call(channel, "StreamStats", service=GLOBAL)

    async def written():
        insight = await found(world.store, "ZoneInsight", "west")
        streams = insight.spec.kds_streams if insight is not None else None
        return streams.stats.global_instance_id if streams is not None else ""

    assert await eventually(written) == "global-1234"
    insight = await found(world.store, "ZoneInsight", "west")
    assert insight.spec.envoy_admin_streams.stats_global_instance_id == "global-1234"


async def test_a_zone_is_asked_about_its_envoys_and_late_answers_are_dropped(world, channel):
    await put(world.store, resource("Zone", "west"))
    stream, rpc = call(channel, "StreamClusters", service=GLOBAL), RPCS["StreamClusters"]
    question = kds_pb2.ClustersRequest(resource_type="Dataplane", resource_name="dp", resource_mesh="default")
    await stream.write(kds_pb2.ClustersResponse(request_id="long ago").SerializeToString())
    await eventually(lambda: world.server.admin._open)
    asking = asyncio.ensure_future(world.server.admin.ask(rpc, "west", question, timedelta(seconds=5)))
    asked = kds_pb2.ClustersRequest.FromString(await asyncio.wait_for(stream.read(), 5))
    answered = kds_pb2.ClustersResponse(request_id=asked.request_id, clusters=b"all well")
    await stream.write(answered.SerializeToString())
    assert await asking == b"all well"


async def test_a_zone_that_is_not_there_can_not_be_asked(world):
    asking = world.server.admin.ask(RPCS["StreamStats"], "west", kds_pb2.StatsRequest(), timedelta(seconds=1))
    with pytest.raises(NotAsked, match="could not send StatsRequest: client west is not connected"):
        await asking


async def test_a_silent_zone_is_given_up(tmp_path):
    world = global_cp(tmp_path, MemoryStore(), tls_enabled=False, zone_health_check=ZoneHealthCheck(SOON, 4 * SOON))
    await world.server.zones.admit("west")
    async with grpc.aio.insecure_channel(f"localhost:{world.server.port}") as channel:
        check = channel.unary_unary(f"/{GLOBAL}/HealthCheck")
        response = kds_pb2.ZoneHealthCheckResponse.FromString(await check(b"", metadata=WEST))
        assert response.interval.ToTimedelta() == SOON
        stream = call(channel, "GlobalToZoneSync")
        await ask(stream, "Mesh", subscribe=("*",))
        await answer(stream)
        details = "stream canceled - zone hc failed"
        assert await code_of(stream) == (grpc.StatusCode.CANCELLED, details)
    await stop(world.server)


async def test_a_newer_stream_of_the_same_zone_takes_the_older_ones_place(tmp_path):
    liveness = ZoneHealthCheck(SOON, timedelta(seconds=60), close_stale_conn=True)
    world = global_cp(tmp_path, MemoryStore(), tls_enabled=False, zone_health_check=liveness)
    async with grpc.aio.insecure_channel(f"localhost:{world.server.port}") as channel:
        old = call(channel, "GlobalToZoneSync")
        await ask(old, "Mesh", subscribe=("*",))
        await answer(old)
        new = call(channel, "GlobalToZoneSync")
        await ask(new, "Mesh", subscribe=("*",))
        await answer(new)
        assert (await code_of(old))[0] == grpc.StatusCode.CANCELLED
    await stop(world.server)


async def test_who_takes_but_does_not_answer_is_given_up(tmp_path):
    world = global_cp(tmp_path, MemoryStore(), tls_enabled=False, msg_send_timeout=4 * SOON)
    async with grpc.aio.insecure_channel(f"localhost:{world.server.port}") as channel:
        stream = call(channel, "GlobalToZoneSync")
        await ask(stream, "Mesh", subscribe=("*",))
        await answer(stream)
        assert await code_of(stream) == (grpc.StatusCode.INTERNAL, "stream failed")
    await stop(world.server)


async def test_a_stopping_server_says_so(world, channel):
    stream = call(channel, "GlobalToZoneSync")
    await ask(stream, "Mesh", subscribe=("*",))
    await answer(stream)
    stopping = asyncio.ensure_future(stop(world.server))
    assert await code_of(stream) == (grpc.StatusCode.UNAVAILABLE, "stream unavailable")
    await stopping


async def test_names_are_hashed_as_documented():
    mesh = "producer-policy-flow"
    values = ("kuma-2", "producer-policy-flow-ns")
    assert hashed_name(mesh, "to-test-server", *values) == "to-test-server-4cx47v8b5wcd4764"
