"""Who is looked at when the mesh changes, and when."""

from __future__ import annotations

import pytest
from attrs import define, field, frozen
from prometheus_client import CollectorRegistry

from kuma.clock import SystemClock
from kuma.envoy.names import LDS
from kuma.loop import future
from kuma.mesh import Mesh
from kuma.model import Key
from tests.plugin import eventually
from tests.zone_cp.worlds import ADMIN, CERTIFICATE, METADATA, resources, shop
from zone_cp import proxies
from zone_cp.generate import Workshop, generate, prepare
from zone_cp.metrics import Metrics
from zone_cp.proxies import Materials, Proxies

EARLY = """
type: Dataplane
mesh: shop
name: frontend-01
labels: {kuma.io/display-name: frontend-01, kuma.io/workload: frontend, kuma.io/zone: z1}
networking:
  address: 10.0.0.1
  inbound: [{port: 3000, protocol: tcp}]
  outbound: [{port: 20001, backendRef: {kind: MeshService, name: frontend, port: 3000}}]
"""
MORE = """
type: Dataplane
mesh: shop
name: backend-02
labels: {kuma.io/display-name: backend-02, kuma.io/workload: backend, kuma.io/zone: z1}
networking:
  address: 10.0.0.3
  inbound: [{name: http, port: 80, servicePort: 8080, protocol: http}]
"""


FRONTEND, BACKEND = (Key("Dataplane", "shop", name) for name in ("frontend-01", "backend-01"))


@define(eq=False)
class Changing:
    """A mesh that changes when it is told to."""

    mesh: Mesh
    _heard: list = field(factory=list)

    def current(self, name):
        return self.mesh

    def subscribe(self, hears):
        self._heard.append(hears)

    async def completed(self):
        """All is known."""

    def become(self, mesh):
        self.mesh = mesh
        for hears in self._heard:
            hears(mesh)


@frozen(eq=False)
class Caller:
    """A connected proxy that keeps what it is sent."""

    key: Key = FRONTEND
    sent: list = field(factory=list)
    metadata = METADATA

    def dataplane(self, mesh):
        return mesh.get("Dataplane", self.key.name)

    async def publish(self, config):
        self.sent.append(config)

    def identified(self, mesh, certificate):
        """It makes no difference here."""


async def identity(mesh, dataplane):
    return CERTIFICATE


async def admin(dataplane):
    return ADMIN


def versions(config):
    return {url: {name: one.version for name, one in config.resources(url).items()} for url in config.by_type}


@pytest.fixture
async def meshes():
    return Changing(shop().changed(resources(EARLY)))


@pytest.fixture
async def caller(meshes):
    made = Proxies(meshes, Materials(identity, admin), Metrics(CollectorRegistry()), SystemClock())
    made.startService()
    joined = Caller()
    made.join(joined)
    yield joined
    await future(made.stopService())


async def test_a_change_while_a_config_is_made_is_in_the_next_one(meshes, caller, monkeypatch):
    await eventually(lambda: caller.sent)
    called = shop()
    moved = called.changed(resources(MORE))

    def slowly(mesh, proxy, workshop):
        if mesh is called:
            meshes.become(moved)
            yield
        yield from prepare(mesh, proxy, workshop)

    monkeypatch.setattr(proxies, "prepare", slowly)
    meshes.become(called)
    proxy = proxies.Proxy(moved.get("Dataplane", "frontend-01"), METADATA, CERTIFICATE, ADMIN)
    wanted = versions(generate(moved, proxy, Workshop()))
    await eventually(lambda: versions(caller.sent[-1]) == wanted)


async def test_whose_callers_count_as_the_mesh_s_own_is_said_by_the_workshop(meshes):
    made = Proxies(
        meshes,
        Materials(identity, admin, Workshop(internal=("192.0.2.0/24",))),
        Metrics(CollectorRegistry()),
        SystemClock(),
    )
    made.startService()
    joined = Caller(BACKEND)
    made.join(joined)
    await eventually(lambda: joined.sent)
    listeners = joined.sent[-1].resources(LDS)
    assert any(b"192.0.2.0" in one.body for one in listeners.values())
    await future(made.stopService())
