"""A zone's runtime in one process, on a store in memory, for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import yaml
from attrs import define, field
from frozendict import frozendict
from prometheus_client import CollectorRegistry
from twisted.application.service import MultiService

from certs.secrets import SigningKeys
from kuma.admission import Resources
from kuma.clock import SystemClock
from kuma.kinds import parse_document
from kuma.labels import Where
from kuma.loop import future
from kuma.model import Resource
from kuma.settings.servers import Hds as Checking
from kuma.spiffe import Local
from kuma.store.memory import MemoryStore
from kuma.tasks import Ordered
from tests.certificates import Pair
from zone_cp.addresses import Addresses
from zone_cp.admit import Gate
from zone_cp.ads import Ads, Door, House
from zone_cp.dataplanes import Dataplanes, Leaving
from zone_cp.hds import Hds, Ward
from zone_cp.health import brought_again
from zone_cp.insights import Habits, Insights
from zone_cp.meshes import Meshes
from zone_cp.metrics import HealthMetrics, Metrics
from zone_cp.proxies import Materials, Proxies
from zone_cp.session import Speech

CLOCK = SystemClock()
NOW = datetime(2030, 1, 1, tzinfo=UTC)


async def nothing(*_):
    return None


def documents(text: str) -> list[Resource]:
    return [parse_document(document) for document in yaml.safe_load_all(text)]


@define
class Runtime:
    """Everything that serves proxies."""

    store: object
    resources: Resources
    meshes: Meshes
    proxies: Proxies
    insights: Insights
    metrics: Metrics
    ads: Ads
    health: HealthMetrics
    services: MultiService = field(factory=Ordered)

    @property
    def port(self) -> int:
        return self.ads.port

    async def apply(self, text: str) -> None:
        for resource in documents(text):
            await self.resources.upsert(
                resource.key,
                lambda stored, resource=resource: (
                    resource if stored is None else stored.__class__(resource.key, resource.spec, resource.labels)
                ),
            )

    def start(self) -> None:
        for part in (self.meshes, self.proxies, self.insights, self.ads):
            part.setServiceParent(self.services)
        self.services.startService()

    async def stop(self) -> None:
        await future(self.services.stopService())


def runtime(folder, pair: Pair, *, store=None, delay=0.2, rest=1.0, authenticated=False) -> Runtime:
    """A runtime whose files are in this folder."""
    (folder / "tls.crt").write_bytes(pair.cert)
    (folder / "tls.key").write_bytes(pair.key)
    store = store or MemoryStore()
    resources = Resources(store, Where("zone", "z1"), CLOCK)
    metrics = Metrics(CollectorRegistry())
    meshes = Meshes(store, "z1", CLOCK, Addresses(CLOCK))
    proxies = Proxies(meshes, Materials(nothing, nothing), metrics, CLOCK)
    dataplanes = Dataplanes(
        resources, Leaving("cp-1", timedelta(seconds=delay), proxies.connected), CLOCK, brought_again
    )
    insights = Insights(resources, Habits("cp-1", flush=timedelta(seconds=0.3)))
    gate = Gate(meshes, SigningKeys(store, CLOCK) if authenticated else None, Local("z1"))
    house = House(gate, proxies, dataplanes, insights, Speech("cp-1", rest, CLOCK, metrics))
    health = HealthMetrics(CollectorRegistry())
    hds = Hds(Ward(gate, resources, health, proxies.rehearsed), Checking())
    ads = Ads(Door("127.0.0.1", 0, folder / "tls.crt", folder / "tls.key"), house, (hds.handler,))
    made = Runtime(store, resources, meshes, proxies, insights, metrics, ads, health)
    dataplanes.setServiceParent(made.services)
    return made


NO_LABELS = frozendict()
