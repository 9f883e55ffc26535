"""Addresses and hostnames of a zone's services: stable, never shared, and written only when they change."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from twisted.application.service import MultiService

from kuma.admission import Resources
from kuma.kinds import parse_document
from kuma.labels import Where
from kuma.loop import future
from kuma.mirror import Mirror
from kuma.model import Key
from kuma.settings import load
from kuma.store.memory import MemoryStore
from kuma.vips import Pool, outline, vip_of, with_vip
from tests.plugin import eventually
from tests.zone_cp.runtime import CLOCK
from tests.zone_cp.worlds import resources
from zone_cp.addressing import SEEN, Addressing, Ledger, pools_of
from zone_cp.generated import Writing

MOMENT = timedelta(seconds=0.1)
BOTH = "MeshMultiZoneService"


def service(name, *, vip="", day=1, kind="MeshService", mesh="shop"):
    specs = {
        "MeshService": {"ports": [{"port": 80}]},
        BOTH: {"ports": [{"port": 80}], "selector": {"meshService": {"matchLabels": {"a": "b"}}}},
    }
    found = parse_document({"type": kind, "mesh": mesh, "name": name, "spec": specs[kind]})
    found = evolve(found, created=datetime(2030, 1, day, tzinfo=UTC))
    return with_vip(found, vip) if vip else found


def ledger(cidr="241.0.0.0/8", other="243.0.0.0/8"):
    return Ledger({"MeshService": Pool(ip_network(cidr)), BOTH: Pool(ip_network(other))})


def assigned(ledger, *services):
    return {key.name: ip for key, ip in ledger.assigned(services).items()}


def test_addresses_are_handed_out_by_age_each_kind_from_its_own_network():
    services = service("a", day=2), service("b", day=1), service("c", kind=BOTH)
    assert assigned(ledger(), *services) == {"a": "241.0.0.1", "b": "241.0.0.0", "c": "243.0.0.0"}


def test_who_has_an_address_keeps_it_wherever_it_is_from():
    inside, outside = service("a", vip="241.0.0.0"), service("b", vip="10.0.0.1")
    assert assigned(ledger(), inside, outside, service("c", day=2)) == {"c": "241.0.0.1"}


def test_what_was_planned_is_planned_again_until_it_is_written():
    planning, one, two = ledger(), service("a"), service("b", day=2)
    assert assigned(planning, one, two) == {"a": "241.0.0.0", "b": "241.0.0.1"}
    assert assigned(planning, two, one) == {"a": "241.0.0.0", "b": "241.0.0.1"}
    assert assigned(planning, with_vip(one, "241.0.0.0"), two) == {"b": "241.0.0.1"}


def test_an_address_outlives_its_service_while_there_are_others():
    planning = ledger("241.0.0.0/31")
    assert assigned(planning, service("a")) == {"a": "241.0.0.0"}
    assert assigned(planning, service("b")) == {"b": "241.0.0.1"}
    assert assigned(planning, service("b", vip="241.0.0.1"), service("c")) == {"c": "241.0.0.0"}


def test_a_full_network_gives_nothing_and_takes_nothing():
    planning, services = ledger("241.0.0.0/32"), (service("a", vip="241.0.0.0"), service("b"))
    assert assigned(planning, *services) == {}
    assert assigned(planning, services[1]) == {"b": "241.0.0.0"}


def test_kinds_that_share_a_network_share_no_address():
    planning = ledger("127.0.0.0/30", "127.0.0.0/30")
    assert set(assigned(planning, service("a"), service("b", kind=BOTH)).values()) == {"127.0.0.0", "127.0.0.1"}


def test_of_two_with_one_address_the_older_keeps_it():
    old, young = service("z", vip="241.0.0.0"), service("a", vip="241.0.0.0", day=2)
    assert assigned(ledger(), young, old) == {"a": "241.0.0.1"}


def test_services_may_share_an_address_that_is_not_ours():
    pods = service("a", vip="10.0.0.1"), service("b", vip="10.0.0.1")
    assert assigned(ledger(), *pods) == {}


def test_networks_are_those_of_the_settings():
    pools = pools_of(load(None, {"KUMA_IPAM_MESH_SERVICE_CIDR": "251.0.0.0/8"}))
    assert str(pools["MeshService"].network) == "251.0.0.0/8"
    assert str(pools[BOTH].network) == "243.0.0.0/8"
    assert pools_of(load(None, {"KUMA_CORE_RESOURCES_ENABLED": "hostnamegenerators"})) == {}


class Store:
    """Services with versions, and two leaders who may know an older state of them."""

    def __init__(self):
        self.services = {}
        self.version = 0
        self.leaders = [ledger("241.0.0.0/28") for _ in range(2)]
        self.known = [{}, {}]

    def create(self, name):
        self.version += 1
        made = evolve(service(name, day=1 + self.version % 28), version=str(self.version))
        self.services.setdefault(made.key, made)

    def look(self, leader):
        self.known[leader] = dict(self.services)

    def plan(self, leader, most):
        """Plan from what is known, and write some of it, as far as nobody else was quicker."""
        planned = self.leaders[leader].assigned(self.known[leader].values())
        for key, ip in list(planned.items())[:most]:
            stored = self.services.get(key)
            if stored is not None and stored.version == self.known[leader][key].version:
                self.version += 1
                self.services[key] = evolve(with_vip(stored, ip), version=str(self.version))

    def settle(self, leader):
        before = None
        while before != self.services:
            before = dict(self.services)
            self.look(leader)
            self.plan(leader, 100)


STEPS = st.lists(
    st.tuples(st.just("create"), st.sampled_from("abcdef"))
    | st.tuples(st.just("look"), st.integers(0, 1))
    | st.tuples(st.just("plan"), st.integers(0, 1), st.integers(1, 3)),
    max_size=30,
)


@given(STEPS, st.integers(0, 1))
def test_two_leaders_who_know_different_things_end_with_an_address_for_each(steps, last):
    store = Store()
    for name, *arguments in steps:
        getattr(store, name)(*arguments)
    store.settle(last)
    vips = {key: vip_of(one) for key, one in store.services.items()}
    assert all(vips.values())
    assert len(set(vips.values())) == len(vips)
    store.settle(1 - last)
    assert {key: vip_of(one) for key, one in store.services.items()} == vips


GENERATED = resources("""
type: Mesh
name: shop
---
type: Mesh
name: other
---
type: HostnameGenerator
name: local
spec:
  selector: {meshService: {matchLabels: {kuma.io/origin: zone}}}
  template: "{{ .DisplayName }}.svc.mesh.local"
---
type: HostnameGenerator
name: of-all-zones
spec:
  selector: {meshMultiZoneService: {matchLabels: {}}}
  template: "{{ .DisplayName }}.mzsvc.mesh.local"
""")
BACKEND, EVERYWHERE = Key("MeshService", "shop", "backend"), Key(BOTH, "shop", "everywhere")


class Zone:
    """One instance of a zone's control plane, as far as addresses go."""

    def __init__(self, store):
        self.resources = Resources(store, Where("zone", "z1"), CLOCK)
        self._services = MultiService()
        mirror = Mirror(store, SEEN, CLOCK)
        addressing = Addressing(mirror, "z1", ledger())
        for part in (mirror, addressing.service(Writing(self.resources, CLOCK, MOMENT))):
            part.setServiceParent(self._services)
        self._services.startService()

    async def stop(self):
        await future(self._services.stopService())

    async def status(self, key):
        found = outline(await self.resources.get(key))
        return [one.ip for one in found.vips], [one.hostname for one in found.addresses]

    async def becomes(self, key, vip, *names):
        async def it_is():
            return await self.status(key) == ([vip], list(names))

        await eventually(it_is)


@pytest.fixture
async def zone():
    zone = Zone(MemoryStore())
    for resource in GENERATED:
        await zone.resources.create(resource)
    yield zone
    await zone.stop()


async def test_a_new_service_gets_its_address_and_its_names_at_once(zone):
    for one in (service("backend"), service("everywhere", kind=BOTH)):
        await zone.resources.create(one)
    await zone.becomes(BACKEND, "241.0.0.0", "backend.svc.mesh.local")
    await zone.becomes(EVERYWHERE, "243.0.0.0", "everywhere.mzsvc.mesh.local")
    stored = await zone.resources.get(BACKEND)
    assert stored.version == "2"  # one write for both


async def test_names_follow_their_generators_in_every_mesh(zone):
    elsewhere = Key("MeshService", "other", "backend")
    for mesh in ("shop", "other"):
        await zone.resources.create(service("backend", mesh=mesh))
    await zone.becomes(BACKEND, "241.0.0.0", "backend.svc.mesh.local")
    (local,) = (one for one in GENERATED if one.name == "local")
    await zone.resources.upsert(local.key, lambda stored: evolve(stored, spec=evolve(stored.spec, template="x.mesh")))
    await zone.becomes(BACKEND, "241.0.0.0", "x.mesh")
    await zone.becomes(elsewhere, "241.0.0.1", "x.mesh")
    await zone.resources.delete(local.key)
    await zone.becomes(BACKEND, "241.0.0.0")
    await zone.becomes(elsewhere, "241.0.0.1")


async def test_the_next_leader_changes_nothing(zone):
    for number in range(5):
        await zone.resources.create(service(f"s{number}"))
    await zone.becomes(Key("MeshService", "shop", "s4"), "241.0.0.4", "s4.svc.mesh.local")
    await zone.stop()
    before = await zone.resources.list("MeshService")
    following = Zone(zone.resources.store)
    try:
        await following.resources.create(service("new"))
        await following.becomes(Key("MeshService", "shop", "new"), "241.0.0.5", "new.svc.mesh.local")
        after = [one for one in await following.resources.list("MeshService") if one.name != "new"]
        assert after == before
    finally:
        await following.stop()
