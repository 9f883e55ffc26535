"""What leads out of a mesh, as a control plane follows it in its store."""

from __future__ import annotations

import pytest
from attrs import evolve
from structlog.testing import capture_logs

from kuma.loop import future
from kuma.model import Key, Resource
from kuma.resources.secret import Secret
from kuma.store.memory import MemoryStore
from tests.kuma.test_external import egress, external, named, secured
from tests.plugin import eventually
from tests.zone_cp.runtime import CLOCK, documents
from zone_cp.addresses import Addresses
from zone_cp.meshes import Meshes

MESH = documents("{type: Mesh, name: m}")[0]


async def looked_up(_: str) -> list[str]:
    return ["10.0.0.7"]


@pytest.fixture
async def zone():
    store = MemoryStore()
    await store.create(MESH)
    meshes = Meshes(store, "here", CLOCK, Addresses(CLOCK, looked_up))
    meshes.startService()
    await meshes.completed()
    yield store, meshes
    await future(meshes.stopService())


def secret(name: str, data: bytes) -> Resource:
    return Resource(Key("Secret", "m", name), Secret(data))


async def test_a_service_is_reached_with_what_its_secrets_hold_now(zone):
    store, meshes = zone
    for name in ("ca", "signing-key"):
        await store.create(secret(name, b"old"))
    with capture_logs() as told:
        await store.create(secured(caCert=named("ca")))
        await store.create(evolve(secured(caCert=named("lost")), key=Key("MeshExternalService", "m", "other")))
        await eventually(lambda: meshes.current("m").outside.exits)
        await eventually(lambda: [one["service"] for one in told if one["event"] == "service unreachable"])
    assert meshes.current("m").outside.exits["api"].talk.ca == b"old"
    assert list(meshes.current("m").of("Secret")) == ["ca"]
    stored = await store.get(Key("Secret", "m", "ca"))
    await store.update(evolve(stored, spec=Secret(b"new")))
    await eventually(lambda: meshes.current("m").outside.exits["api"].talk.ca == b"new")


async def test_an_egress_with_a_name_is_reached_at_its_address(zone):
    store, meshes = zone
    named_egress = egress(address="zp.example.com")
    networking = evolve(named_egress.spec.networking, address="zp.example.com")
    await store.create(evolve(named_egress, spec=evolve(named_egress.spec, networking=networking)))
    await store.create(external())
    await eventually(lambda: [(way.address, way.port) for way in meshes.current("m").outside.ways])
    assert [(way.address, way.port) for way in meshes.current("m").outside.ways] == [("10.0.0.7", 10002)]
