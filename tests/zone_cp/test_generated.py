"""How soon the next plan is made: others have the loop and the store too, and nobody waits long for either."""

import asyncio
from datetime import timedelta

import pytest
from twisted.application.service import MultiService

from kuma.admission import Resources
from kuma.clock import SystemClock
from kuma.labels import Where
from kuma.loop import future
from kuma.mirror import Mirror
from kuma.spiffe import Local
from kuma.store.memory import MemoryStore
from tests.plugin import eventually
from tests.zone_cp.runtime import documents
from zone_cp.generated import LONGEST, PAUSE, Writing, pause_after
from zone_cp.generators import SEEN, Generators

DATAPLANE = """
type: Dataplane
mesh: shop
name: {name}-01
labels: {{kuma.io/workload: {name}}}
networking: {{address: 10.0.0.1, inbound: [{{port: 80, protocol: http}}]}}
"""


@pytest.mark.parametrize(
    ("planning", "whole", "pause"),
    [
        (0.0, 0.0, PAUSE),
        (0.001, 0.1, PAUSE),  # what is done quickly gathers for as long as usual
        (0.05, 0.06, 0.5),  # planning has a tenth of the time
        (0.001, 0.7, 0.7),  # writing has half of it
        (0.001, 60.0, LONGEST),  # a store that was slow is no reason to be late
        (5.0, 5.0, LONGEST),
    ],
)
def test_a_pause_is_as_long_as_the_work_is_heavy_and_has_an_end(planning, whole, pause):
    assert pause_after(planning, whole) == pytest.approx(pause)


class Leaping(SystemClock):
    """A clock that leaps ahead when it is told to; it notes what it is asked to sleep."""

    ahead = 0.0

    def __init__(self):
        self.slept = []

    def monotonic(self):
        return super().monotonic() + self.ahead

    async def sleep(self, seconds):
        self.slept.append(seconds)
        await asyncio.sleep(min(seconds, PAUSE))


class Slow(MemoryStore):
    """Takes a minute to create."""

    def __init__(self, clock):
        super().__init__()
        self.clock = clock

    async def create(self, resource, owner=None):
        self.clock.ahead += 60.0
        return await super().create(resource, owner)


async def test_after_a_slow_store_the_next_service_comes_soon():
    clock = Leaping()
    resources = Resources(Slow(clock), Where("zone", "z1"), clock)
    services = MultiService()
    for resource in documents("type: Mesh\nname: shop\n---" + DATAPLANE.format(name="backend")):
        await resources.create(resource)
    mirror = Mirror(resources.store, SEEN, SystemClock())
    writing = Writing(resources, clock, timedelta(seconds=0.1))
    for part in (mirror, Generators(mirror, writing, Local("z1")).services()):
        part.setServiceParent(services)
    services.startService()

    async def has(name):
        return name in {one.name for one in await resources.list("MeshService", "shop")}

    await eventually(lambda: has("backend"))
    (reports,) = documents(DATAPLANE.format(name="reports"))
    await resources.create(reports)
    await eventually(lambda: has("reports"))
    assert clock.slept
    assert max(clock.slept) <= LONGEST
    await future(services.stopService())
