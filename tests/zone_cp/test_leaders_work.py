"""What the leader does for the whole zone: generates services, ends dead connections, removes dead Dataplanes."""

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from frozendict import frozendict
from twisted.application.service import MultiService

from kuma.admission import Resources
from kuma.finalizer import Finalizer
from kuma.insights import counts_as
from kuma.labels import Where
from kuma.loop import future
from kuma.meshinsights import MeshInsights
from kuma.mirror import Mirror
from kuma.model import Key, Resource
from kuma.resources.dataplaneinsight import DataplaneInsight, Subscription
from kuma.spiffe import Local
from kuma.store.memory import MemoryStore
from tests.plugin import eventually
from tests.zone_cp.runtime import CLOCK, documents
from zone_cp.collector import Ages, Collector, dead
from zone_cp.generated import Writing
from zone_cp.generators import SEEN, Generators
from zone_cp.insights import Habits, Insights

NOW = datetime(2030, 1, 1, tzinfo=UTC)
MOMENT = timedelta(seconds=0.1)
BACKEND = """
type: Dataplane
mesh: shop
name: backend-01
labels: {kuma.io/workload: backend}
networking: {address: 10.0.0.1, inbound: [{port: 80, protocol: http}]}
"""
KEY = Key("DataplaneInsight", "shop", "backend-01")


def insight(connected=NOW, until=None, metadata=None, generation=0):
    subscription = Subscription("1", "cp-1", connected, until, generation=generation)
    return Resource(KEY, DataplaneInsight((subscription,), metadata=frozendict(metadata or {})))


@pytest.fixture
async def zone():
    resources = Resources(MemoryStore(), Where("zone", "z1"), CLOCK)
    for resource in documents("type: Mesh\nname: shop\n---" + BACKEND):
        await resources.create(resource)
    services = MultiService()
    services.startService()
    yield resources, services
    await future(services.stopService())


def generate(resources, services, grace=timedelta(0)):
    mirror = Mirror(resources.store, SEEN, CLOCK)
    generators = Generators(mirror, Writing(resources, CLOCK, MOMENT), Local("z1"), grace)
    for part in (mirror, generators.services(), generators.workloads(MOMENT), generators.status(MOMENT)):
        part.setServiceParent(services)


async def found(resources, kind):
    return {one.name: one for one in await resources.list(kind, "shop")}


@pytest.mark.scenario("U-workload-01")
async def test_services_and_workloads_come_go_and_know_how_they_are(zone):
    resources, services = zone
    generate(resources, services)
    await eventually(lambda: has(resources, "Workload", "backend"))
    await eventually(
        lambda: has(
            resources, "MeshService", "backend", lambda one: one.status and one.status.dataplane_proxies.total == 1
        )
    )
    await resources.create(insight())
    await eventually(lambda: has(resources, "MeshService", "backend", lambda one: one.spec.state == "Available"))
    await resources.update(evolve(await resources.get(KEY), spec=insight(until=NOW).spec))
    await eventually(lambda: has(resources, "MeshService", "backend", lambda one: one.spec.state == "Unavailable"))
    await resources.delete(Key("Dataplane", "shop", "backend-01"))
    await eventually(lambda: lacks(resources, "MeshService", "backend"))
    await eventually(lambda: lacks(resources, "Workload", "backend"))


async def has(resources, kind, name, which=lambda _: True):
    one = (await found(resources, kind)).get(name)
    return one is not None and which(one)


async def lacks(resources, kind, name):
    return name not in await found(resources, kind)


async def test_a_service_that_an_operator_wrote_keeps_its_name(zone):
    resources, services = zone
    operators = """
type: MeshService
mesh: shop
name: backend
spec: {ports: [{port: 1234, appProtocol: tcp}]}
"""
    for resource in documents(operators):
        await resources.create(resource)
    generate(resources, services)
    await eventually(lambda: has(resources, "Workload", "backend"))
    kept = (await found(resources, "MeshService"))["backend"]
    assert [port.port for port in kept.spec.ports] == [1234]
    assert "kuma.io/managed-by" not in kept.labels


async def test_a_connection_that_stopped_counting_is_ended(zone):
    resources, services = zone
    await resources.create(insight())
    Finalizer(resources, "DataplaneInsight", MOMENT).setServiceParent(services)
    await eventually(lambda: ended(resources))


class Instances:
    """Those that the leader knows, and how often it was asked."""

    def __init__(self, *living):
        self.living = living
        self.asked = 0

    async def __call__(self):
        self.asked += 1
        return self.living


async def test_a_connection_of_an_instance_that_lives_need_not_count(zone):
    resources, services = zone
    await resources.create(insight())
    instances = Instances("cp-1")
    Finalizer(resources, "DataplaneInsight", MOMENT, instances).setServiceParent(services)
    await eventually(lambda: instances.asked > 3)
    assert not await ended(resources)
    instances.living = ("cp-2",)
    await eventually(lambda: ended(resources))


async def test_who_begins_to_lead_believes_no_list_of_the_leader_before(zone):
    resources, services = zone
    await resources.create(insight())
    instances = Instances("cp-2")
    Finalizer(resources, "DataplaneInsight", MOMENT, instances).setServiceParent(services)
    await eventually(lambda: ended(resources))
    assert instances.asked == 1, "the second look has ended it"


async def test_connections_count_on_while_nobody_knows_their_instance(zone):
    resources, services = zone
    instances = Instances()
    insights = Insights(resources, Habits("cp-1", flush=MOMENT, idle=MOMENT), instances)
    insights.setServiceParent(services)
    record = insights.open(evolve(KEY, kind="Dataplane"), {})
    await eventually(lambda: counted(resources, 2))
    instances.living = ("cp-1",)
    await asked(instances, 2)
    generation = record.began.generation
    await asked(instances, 3)
    assert record.began.generation == generation


async def asked(instances, times):
    before = instances.asked
    await eventually(lambda: instances.asked >= before + times)


async def counted(resources, least):
    stored = {one.key: one.spec for one in await resources.list("DataplaneInsight")}
    return KEY in stored and stored[KEY].subscriptions[0].generation >= least


async def ended(resources):
    return not (await resources.get(KEY)).spec.online


async def test_the_numbers_of_a_mesh_follow(zone):
    resources, services = zone
    MeshInsights(resources, CLOCK, MOMENT).setServiceParent(services)
    await eventually(lambda: online(resources, 0))
    await resources.create(insight())
    await eventually(lambda: online(resources, 1))


def test_counters_of_a_connection_change_no_state():
    connected, counted, left = insight().spec, insight(generation=7).spec, insight(until=NOW).spec
    assert counts_as(connected) == counts_as(counted) != counts_as(left)


async def online(resources, number):
    numbers = [one.spec for one in await resources.list("MeshInsight")]
    return numbers and numbers[0].dataplanes.total == 1 and numbers[0].dataplanes.online == number


async def test_a_dead_dataplane_is_removed_with_its_insight(zone):
    resources, services = zone
    await resources.create(insight(until=NOW - timedelta(days=9999)))
    Collector(resources, Ages(), MOMENT, CLOCK).setServiceParent(services)
    await eventually(lambda: lacks(resources, "Dataplane", "backend-01"))
    assert await lacks(resources, "DataplaneInsight", "backend-01")


BROUGHT = {"dataplane.resource": "{}"}
LONG_AGO = NOW - timedelta(days=1)


@pytest.mark.parametrize(
    ("one", "began", "expected"),
    [
        (insight(), LONG_AGO, False),
        (insight(until=NOW - timedelta(hours=71)), LONG_AGO, False),
        (insight(until=NOW - timedelta(hours=73)), LONG_AGO, True),
        (insight(until=NOW - timedelta(seconds=11), metadata=BROUGHT), LONG_AGO, True),
        (insight(until=NOW - timedelta(seconds=9), metadata=BROUGHT), LONG_AGO, False),
        # the control plane was away for an hour: its proxies get the time to come back
        (insight(until=NOW - timedelta(hours=1), metadata=BROUGHT), NOW - timedelta(seconds=20), False),
        (insight(until=NOW - timedelta(hours=1), metadata=BROUGHT), NOW - timedelta(seconds=80), True),
        (Resource(KEY, DataplaneInsight()), LONG_AGO, False),
    ],
)
def test_dead_is_who_is_away_for_too_long(one, began, expected):
    assert bool(dead([one], Ages(), began, NOW)) is expected
