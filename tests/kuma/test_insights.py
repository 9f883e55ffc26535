"""What insights say: online, degraded, forgotten, finalised; and the numbers of a mesh."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from kuma.insights import Overview, compatible, finalized, generations, health, mesh_insight, overviews, recorded
from kuma.kinds import parse_document
from kuma.meshinsights import Proxies
from kuma.model import Key, Resource
from kuma.resources.dataplaneinsight import DataplaneInsight, EnvoyVersion, KumaDpVersion, Mtls, Subscription, Version

NOW = datetime(2030, 1, 1, tzinfo=UTC)
VERSION = Version(KumaDpVersion("2.9.0"), EnvoyVersion("1.40.0"))


def connected(name="1", until=None, generation=0):
    return Subscription(name, "cp", NOW, until, version=VERSION, generation=generation)


ONLINE = DataplaneInsight((connected(),), mtls=Mtls(issued_backend="kri_mid_", supported_backends=("kri_mtrust_",)))
OFFLINE = DataplaneInsight((connected(until=NOW),))


def dataplane(name="a", **networking):
    said = {"address": "10.0.0.1", "inbound": [{"port": 80}, {"port": 81}], **networking}
    return parse_document({"type": "Dataplane", "mesh": "shop", "name": name, "networking": said})


def test_a_proxy_is_as_good_as_its_connection_and_its_ports():
    ready, probed = [{"port": 80}], [{"port": 81, "health": {"ready": False}}]
    waiting = [{"port": 82, "state": "NotReady"}]
    assert health(dataplane().spec, ONLINE).status == "Online"
    assert health(dataplane().spec, OFFLINE).status == "Offline"
    assert health(dataplane().spec, None).status == "Offline"
    degraded = health(dataplane(inbound=ready + probed).spec, ONLINE)
    assert (degraded.status, degraded.reasons) == ("Partially degraded", ("inbound[port=81] is not ready",))
    assert health(dataplane(inbound=probed + waiting).spec, ONLINE).status == "Offline"
    assert health(dataplane(inbound=[]).spec, ONLINE).status == "Offline"
    assert health(dataplane(inbound=[], gateway={}).spec, ONLINE).status == "Online"
    assert health(dataplane(inbound=[{"port": 80, "state": "Ignored"}]).spec, ONLINE).status == "Online"


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=8), st.integers(1, 3))
def test_only_the_last_connection_can_be_online_and_few_are_remembered(events, limit):
    subscriptions = ()
    for name, ends in events:
        subscriptions = recorded(subscriptions, connected(name, NOW if ends else None), limit, NOW)
        assert len(subscriptions) <= limit
        assert any(one.id == name for one in subscriptions)


def test_a_new_connection_ends_the_ones_before():
    kept = recorded((connected("1"),), connected("2"), 2, NOW)
    assert [one.online for one in kept] == [False, True]
    assert recorded(kept, connected("3"), 0, NOW) == ()


def test_a_connection_that_does_not_count_on_is_over():
    insight = DataplaneInsight((connected("1", generation=3),))
    before = generations(insight)
    later = NOW + timedelta(minutes=5)
    assert finalized(insight, before, later).subscriptions[0].disconnect_time == later
    counted = DataplaneInsight((connected("1", generation=4),))
    assert finalized(counted, before, later) == counted
    assert finalized(insight, {}, later) == insight


def test_a_connection_of_a_control_plane_that_lives_need_not_count():
    insight = DataplaneInsight((connected("1", generation=3),))
    later = NOW + timedelta(minutes=5)
    assert generations(insight, living={"cp"}) == {}
    assert finalized(insight, generations(insight), later, living={"cp"}) == insight
    assert not finalized(insight, generations(insight), later, living={"another"}).online


def census(dataplanes, insights):
    return Counter(one.standing for one in overviews(dataplanes, insights))


def test_the_numbers_of_a_mesh():
    group = [dataplane("a"), dataplane("b"), dataplane("c", inbound=[], gateway={})]
    insights = [Resource(Key("DataplaneInsight", "shop", name), spec) for name, spec in (("a", ONLINE), ("b", OFFLINE))]
    numbers = mesh_insight(census(group, insights), {"Dataplane": 3, "MeshTimeout": 0})
    assert (numbers.dataplanes.total, numbers.dataplanes.online, numbers.dataplanes.offline) == (3, 1, 2)
    assert numbers.dataplanes_by_type.standard.total == 2
    assert numbers.dataplanes_by_type.gateway == numbers.dataplanes_by_type.gateway_delegated
    assert numbers.dp_versions.kuma_dp["2.9.0"].total == 2
    assert numbers.dp_versions.envoy["unknown"].offline == 1
    assert numbers.mtls.issued_backends["kri_mid_"].online == 1
    assert dict(numbers.resources).keys() == {"Dataplane"}


def test_the_partially_degraded_are_not_in_the_total_of_a_version():
    group = [dataplane("a", inbound=[{"port": 80}, {"port": 81, "state": "NotReady"}])]
    insight = Resource(Key("DataplaneInsight", "shop", "a"), ONLINE)
    numbers = mesh_insight(census(group, [insight]), {})
    assert numbers.dataplanes.partially_degraded == 1
    assert numbers.dp_versions.kuma_dp["2.9.0"] == evolve(numbers.dataplanes, total=0)


standings = st.sampled_from(
    [Overview(dataplane().spec, insight).standing for insight in (None, ONLINE, OFFLINE)] + [None],
)


@given(st.lists(st.tuples(st.sampled_from("abc"), standings)))
def test_proxies_counted_one_by_one_are_those_that_there_are(news):
    proxies, now = Proxies(), {}
    for name, standing in news:
        assert proxies.stands(name, standing) == (now.get(name) != standing)
        now[name] = standing
    assert proxies.census == Counter(one for one in now.values() if one is not None)


@pytest.mark.parametrize(
    ("theirs", "ours", "expected"),
    [
        ("2.9.0", "2.11.3", True),
        ("2.8.0", "2.11.3", False),
        ("3.0.0", "2.11.3", False),
        ("2.9.0-rc.1", "2.9.0", False),
        ("0.0.0-preview.v1", "2.9.0", True),
        ("2.9.0", "3.0.0-preview.1", True),
        ("dev", "2.9.0", True),
    ],
)
def test_two_minor_versions_apart_work_together(theirs, ours, expected):
    assert compatible(theirs, ours) is expected
