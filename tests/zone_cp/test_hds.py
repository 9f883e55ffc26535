"""Health discovery over real sockets: what Envoys are told to check, and what their reports change."""

from contextlib import asynccontextmanager
from datetime import timedelta

import grpc
import grpc.aio
import pytest
from attrs import evolve

from certs import tokens
from certs.secrets import SigningKeys
from certs.tokens import DataplaneClaims
from kuma.envoy import api
from kuma.model import Key
from kuma.resources.dataplane import Health
from kuma.store.api import NotFound
from tests.certificates import server_pair
from tests.plugin import eventually
from tests.zone_cp.peer import Peer, dialled
from tests.zone_cp.runtime import CLOCK, runtime
from tests.zone_cp.test_kds_stores import Absent

PAIR = server_pair()
METHOD = "/envoy.service.health.v3.HealthDiscoveryService/StreamHealthCheck"
KEY = Key("Dataplane", "shop", "backend-01")
BROUGHT = (
    '{"type":"Dataplane","mesh":"shop","name":"backend-01","labels":{"kuma.io/workload":"backend"},'
    '"networking":{"address":"127.0.0.1","inbound":[{"port":80,"servicePort":8080,"serviceProbe":{"tcp":{}}}]}}'
)
DATAPLANE = BROUGHT
ADMIN = {"dataplane.admin.port": "9901"}
WELL = {"system_envoy_admin": "HEALTHY", "localhost:8080": "HEALTHY"}
SICK = {**WELL, "localhost:8080": "UNHEALTHY"}
DRAINED = {**WELL, "system_envoy_admin": "UNHEALTHY"}


class Envoy:
    """One stream of one Envoy, as far as health goes."""

    def __init__(self, channel, node_id="shop.backend-01", *, token="", metadata=ADMIN):
        self.node = {"id": node_id, "metadata": metadata}
        shown = (("authorization", token),) if token else ()
        self.call = channel.stream_stream(METHOD)(metadata=shown)

    async def begin(self):
        message = api.HealthMessage()
        message.health_check_request.node.id = self.node["id"]
        message.health_check_request.node.metadata.update(self.node["metadata"])
        await self.call.write(message.SerializeToString())

    async def told(self):
        """The ports of workloads that it is told to check."""
        message = api.HealthCheckSpecifier.FromString(await self.call.read())
        names = [one.cluster_name for one in message.cluster_health_checks]
        assert names[0] == "system_envoy_admin"
        return names[1:]

    async def report(self, statuses):
        clusters = [
            {"cluster_name": name, "locality_endpoints_health": [{"endpoints_health": [{"health_status": status}]}]}
            for name, status in statuses.items()
        ]
        message = api.HealthMessage(endpoint_health_response={"cluster_endpoints_health": clusters})
        await self.call.write(message.SerializeToString())

    async def status(self):
        return await self.call.code(), await self.call.details()


@pytest.fixture
async def zone(tmp_path):
    async with running(tmp_path) as made:
        yield made


@asynccontextmanager
async def running(folder, **more):
    made = runtime(folder, PAIR, **more)
    made.start()
    await made.apply("type: Mesh\nname: shop\n")
    await made.apply(DATAPLANE)
    try:
        yield made
    finally:
        await made.stop()


async def is_ready(zone):
    (inbound,) = (await zone.store.get(KEY)).spec.networking.inbound
    assert inbound.health == Health(ready=inbound.state == "Ready")
    return inbound.state == "Ready"


async def is_not_ready(zone):
    return not await is_ready(zone)


async def reported(zone, envoy, statuses, state):
    """As an Envoy does, say the same again and again."""

    async def seen():
        await envoy.report(statuses)
        return await state(zone)

    await eventually(seen)


async def deleted(zone):
    await zone.resources.delete(KEY)
    await eventually(lambda: zone.meshes.current("shop").get("Dataplane", KEY.name) is None)


async def heard(zone, count):
    await eventually(lambda: zone.health.reports.count() >= count)


async def test_reports_make_an_instance_ready_and_not_ready(zone):
    async with dialled(zone.port, PAIR.cert) as channel:
        envoy = Envoy(channel)
        await envoy.begin()
        assert await envoy.told() == ["localhost:8080"]
        assert await is_not_ready(zone)
        await reported(zone, envoy, WELL, is_ready)
        for statuses in (SICK, DRAINED):
            await reported(zone, envoy, statuses, is_not_ready)
            await reported(zone, envoy, WELL, is_ready)
        assert zone.health.requests.count() == 1


async def test_a_report_that_says_what_is_known_writes_nothing(zone):
    async with dialled(zone.port, PAIR.cert) as channel:
        envoy = Envoy(channel)
        await envoy.begin()
        await envoy.told()
        await reported(zone, envoy, WELL, is_ready)
        before, count = await zone.store.get(KEY), zone.health.reports.count()
        for _ in range(5):
            await envoy.report(WELL)
        await envoy.report({**WELL, "localhost:8080": "UNKNOWN"})
        await heard(zone, count + 6)
        assert await zone.store.get(KEY) == before


async def test_checks_are_told_again_when_they_are_others(zone):
    async with dialled(zone.port, PAIR.cert) as channel:
        envoy = Envoy(channel)
        await envoy.begin()
        assert await envoy.told() == ["localhost:8080"]
        await zone.apply(DATAPLANE.replace('"shop","name"', '"shop","labels":{"a":"b"},"name"'))
        await zone.apply(DATAPLANE.replace("8080", "9090"))
        assert await envoy.told() == ["localhost:9090"]


async def test_a_dataplane_that_is_gone_stays_gone(zone):
    async with dialled(zone.port, PAIR.cert) as channel:
        envoy = Envoy(channel)
        await envoy.begin()
        await envoy.told()
        await deleted(zone)
        await envoy.report(WELL)
        await heard(zone, 1)
        with pytest.raises(NotFound):
            await zone.store.get(KEY)
        await zone.apply(DATAPLANE)
        assert await is_not_ready(zone)


async def test_a_proxy_that_brings_its_dataplane_again_is_as_ready_as_it_was(zone):
    async with dialled(zone.port, PAIR.cert) as channel:
        envoy = Envoy(channel, metadata=ADMIN | {"dataplane.resource": BROUGHT})
        await envoy.begin()
        await envoy.told()
        for statuses, state in ((WELL, is_ready), (SICK, is_not_ready)):
            await reported(zone, envoy, statuses, state)
            before = await zone.store.get(KEY)
            peer = Peer(channel, "shop.backend-01", metadata={"dataplane.resource": BROUGHT})
            await peer.subscribe()
            await eventually(lambda peer=peer: peer.responses)
            assert (await zone.store.get(KEY)).spec == before.spec
            await peer.call.write(b"")


async def test_what_can_not_be_kept_is_kept_with_the_next_report(tmp_path):
    store = Absent()
    async with running(tmp_path, store=store) as zone, dialled(zone.port, PAIR.cert) as channel:
        envoy = Envoy(channel)
        await envoy.begin()
        await envoy.told()
        store.away = True
        await envoy.report(WELL)
        await heard(zone, 1)
        store.away = False
        assert await is_not_ready(zone)
        await reported(zone, envoy, WELL, is_ready)


async def test_of_two_streams_the_newer_is_believed(zone):
    async with dialled(zone.port, PAIR.cert) as channel:
        older, newer = Envoy(channel), Envoy(channel)
        for envoy in (older, newer):
            await envoy.begin()
            await envoy.told()
        await reported(zone, newer, WELL, is_ready)
        count = zone.health.reports.count()
        await older.report(DRAINED)
        await heard(zone, count + 1)
        assert await is_ready(zone)
        newer.call.cancel()
        await eventually(lambda: zone.health.streams._value.get() == 1)
        await reported(zone, older, DRAINED, is_not_ready)


async def test_a_proxy_may_be_there_before_its_dataplane(zone):
    await deleted(zone)
    async with dialled(zone.port, PAIR.cert) as channel:
        envoy = Envoy(channel, metadata=ADMIN | {"dataplane.resource": BROUGHT})
        await envoy.begin()
        await eventually(lambda: zone.health.streams._value.get() == 1)
        await zone.apply(DATAPLANE)
        assert await envoy.told() == ["localhost:8080"]


async def test_a_report_on_what_nobody_asked_for_ends_the_stream(zone):
    async with dialled(zone.port, PAIR.cert) as channel:
        envoy = Envoy(channel)
        await envoy.begin()
        await envoy.told()
        await envoy.report({"elsewhere:80": "HEALTHY"})
        code, text = await envoy.status()
        assert code == grpc.StatusCode.INVALID_ARGUMENT
        assert "elsewhere" in text


@pytest.fixture
async def guarded(tmp_path):
    async with running(tmp_path, authenticated=True) as made:
        yield made


async def token(zone, claims):
    keys = SigningKeys(zone.store, CLOCK)
    return await keys.issue(tokens.proxies("shop"), evolve(claims, mesh=claims.mesh or "shop"), timedelta(hours=1))


async def test_without_a_token_nobody_is_told_anything(guarded):
    async with dialled(guarded.port, PAIR.cert) as channel:
        for shown, code in (
            ("", grpc.StatusCode.UNAUTHENTICATED),
            ("x.y.z", grpc.StatusCode.UNAUTHENTICATED),
            (await token(guarded, DataplaneClaims("backend-02")), grpc.StatusCode.PERMISSION_DENIED),
        ):
            envoy = Envoy(channel, token=shown)
            await envoy.begin()
            assert (await envoy.status())[0] == code
        envoy = Envoy(channel, token=await token(guarded, DataplaneClaims("backend-01")))
        await envoy.begin()
        assert await envoy.told() == ["localhost:8080"]


async def test_a_token_for_what_is_brought_opens_nothing_of_another_that_is_stored_later(guarded):
    await deleted(guarded)
    brought = BROUGHT.replace('"kuma.io/workload":"backend"', '"kuma.io/workload":"other"')
    shown = await token(guarded, DataplaneClaims(workload="other"))
    async with dialled(guarded.port, PAIR.cert) as channel:
        envoy = Envoy(channel, token=shown, metadata=ADMIN | {"dataplane.resource": brought})
        await envoy.begin()
        await eventually(lambda: guarded.health.streams._value.get() == 1)
        await guarded.apply(DATAPLANE)
        assert (await envoy.status())[0] == grpc.StatusCode.PERMISSION_DENIED
