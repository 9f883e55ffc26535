"""What the status of a MeshMultiZoneService says: which services stand behind it."""

from __future__ import annotations

from datetime import timedelta

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from twisted.application.service import MultiService

from kuma.admission import Resources
from kuma.labels import Where
from kuma.loop import future
from kuma.mirror import Mirror
from kuma.model import Key
from kuma.resources.meshmultizoneservice import MatchedService, Status
from kuma.resources.parts import Condition, Vip
from kuma.spiffe import Local
from kuma.store.memory import MemoryStore
from tests.plugin import eventually
from tests.zone_cp.runtime import CLOCK
from tests.zone_cp.worlds import resources
from zone_cp.generated import Writing
from zone_cp.generators import SEEN, Generators
from zone_cp.multizoneservices import MATCHED, multizone_now

MOMENT = timedelta(seconds=0.1)
KEY = Key("MeshMultiZoneService", "shop", "backend")
(BOTH,) = resources("""
type: MeshMultiZoneService
mesh: shop
name: backend
labels: {kuma.io/display-name: backend, kuma.io/origin: global, kuma.io/mesh: shop}
spec:
  selector: {meshService: {matchLabels: {kuma.io/display-name: backend}}}
  ports: [{port: 80, name: http, appProtocol: http}]
""")
OWN, OTHER, UNRELATED = SERVICES = resources("""
type: MeshService
mesh: shop
name: backend
labels: {kuma.io/display-name: backend, kuma.io/zone: z1, kuma.io/origin: zone}
spec: {ports: [{port: 80, name: http}]}
---
type: MeshService
mesh: shop
name: backend-d2622w4zxzdb6cfw
labels: {kuma.io/display-name: backend, kuma.io/zone: z2, kuma.io/origin: global, k8s.kuma.io/namespace: app}
spec: {ports: [{port: 80, name: http}], state: Unavailable}
---
type: MeshService
mesh: shop
name: frontend
labels: {kuma.io/display-name: frontend, kuma.io/zone: z1, kuma.io/origin: zone}
spec: {ports: [{port: 80, name: http}]}
""")


def said(service):
    (condition,) = (one for one in service.status.conditions if one.type == MATCHED)
    return condition.status, condition.reason


@given(st.permutations(SERVICES))
def test_members_are_called_as_in_their_own_zone_and_always_in_one_order(services):
    after = multizone_now(BOTH, services)
    assert after.status.mesh_services == (
        MatchedService("backend", "", "z1", "shop"),
        MatchedService("backend", "app", "z2", "shop"),
    )
    assert said(after) == ("True", "MatchesFound")
    assert multizone_now(after, services) == after


def test_nobody_behind_it_is_said_too():
    after = multizone_now(BOTH, [UNRELATED])
    assert after.status.mesh_services == ()
    assert said(after) == ("False", "NoMatchesFound")


def test_what_others_say_of_it_stays():
    other = Condition("Other", "True", "Said", "by somebody else")
    before = evolve(multizone_now(BOTH, []), status=Status(vips=(Vip("243.0.0.1"),), conditions=(other,)))
    found = multizone_now(multizone_now(before, []), SERVICES)
    assert found.status.vips == (Vip("243.0.0.1"),)
    assert [one.type for one in found.status.conditions] == ["Other", MATCHED]
    assert said(found) == ("True", "MatchesFound")


async def names(zone):
    status = (await zone.get(KEY)).status
    return [] if status is None else [(one.zone, one.name) for one in status.mesh_services]


async def test_the_status_follows_the_services_and_leaves_the_labels_of_a_copy():
    zone, services = Resources(MemoryStore(), Where("zone", "z1", federated=True), CLOCK), MultiService()
    for resource in (*resources("type: Mesh\nname: shop"), BOTH):
        await zone.create(resource)
    mirror = Mirror(zone.store, SEEN, CLOCK)
    generators = Generators(mirror, Writing(zone, CLOCK, MOMENT), Local("z1"))
    for part in (mirror, generators.multizones(MOMENT)):
        part.setServiceParent(services)
    services.startService()
    try:
        await eventually(lambda: _is(zone, "False"))
        for service in SERVICES:
            await zone.create(service)
        await eventually(lambda: _names(zone, [("z1", "backend"), ("z2", "backend")]))
        await zone.delete(OTHER.key)
        await eventually(lambda: _names(zone, [("z1", "backend")]))
        kept = await zone.get(KEY)
        assert (kept.labels, kept.spec) == (BOTH.labels, BOTH.spec)
    finally:
        await future(services.stopService())


async def _is(zone, status):
    found = await zone.get(KEY)
    return found.status is not None and said(found)[0] == status


async def _names(zone, expected):
    return await names(zone) == expected
