"""Labels that services take over from their Dataplanes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from kuma.model import Key, Labels, Resource
from zone_cp.generated import Maker, converge
from zone_cp.meshservices import SERVICES
from zone_cp.propagation import MARK, Contribution, Propagation, contribution, mark, marked, taken_over, together

NOW = datetime(2030, 1, 1, tzinfo=UTC)
TEAM = mark("team")


def dataplane(day=1, **labels):
    return Resource(Key("Dataplane", "m", f"d-{day}"), None, Labels(labels), created=datetime(2029, 1, day, tzinfo=UTC))


def test_a_mark_is_a_hash_of_the_key():
    assert mark("team") == MARK + "ca8b22d0db83a22d"


@pytest.mark.parametrize(
    ("labels", "allowed", "given", "dropped"),
    [
        ({}, (), {}, {}),
        ({"team": "a", "tier": "b"}, (), {"team": "a", "tier": "b"}, {}),
        ({"team": "a", "tier": "b"}, ("tier", "x"), {"tier": "b"}, {}),
        ({"kuma.io/owner": "a", "k8s.kuma.io/x": "b", "example.com/c": "d"}, (), {"example.com/c": "d"}, {}),
        ({"a!": "b", "c": "d e", "e": "f"}, (), {"e": "f"}, {"invalid": 2}),
        ({"a!": "b", "c": "d"}, ("c",), {"c": "d"}, {}),
        ({"e": ""}, (), {"e": ""}, {}),
    ],
)
def test_what_one_dataplane_gives(labels, allowed, given, dropped):
    assert contribution(labels, allowed) == Contribution(Labels(given), dropped)


@pytest.mark.parametrize(
    ("dataplanes", "given"),
    [
        ([dataplane(1, team="a"), dataplane(2, team="b"), dataplane(3, team="a")], {"team": "a"}),
        ([dataplane(2, team="a"), dataplane(1, team="b")], {"team": "a"}),
        ([dataplane(1, team="b"), dataplane(1, team="a")], {"team": "a"}),
        ([dataplane(1, team="a"), dataplane(2)], {"team": "a"}),
        ([dataplane(1, team="a"), dataplane(2, tier="b")], {"team": "a", "tier": "b"}),
        ([], {}),
    ],
)
def test_most_decide_then_the_youngest_then_the_smallest(dataplanes, given):
    assert together(dataplanes).labels == given


def test_what_could_not_be_given_is_told():
    told = []
    service = Resource(Key("MeshService", "m", "s"), None, Labels({"kuma.io/mesh": "m"}))
    taking = Propagation(True, (), lambda reason, count: told.append((reason, count)))
    taken = taking.applied(service, [dataplane(1, **{"a!": "b", "team": "a"}), dataplane(2, **{"a!": "c"})])
    assert taken.labels == {"kuma.io/mesh": "m", "team": "a", TEAM: ""}
    assert told == [("invalid", 2)]
    assert Propagation().applied(service, [dataplane(1, team="a")]) is service


def wanted(labels, taking=Propagation(True)):  # noqa: B008 - frozen
    service = Resource(Key("MeshService", "m", "s"), None, Labels({"kuma.io/managed-by": SERVICES}))
    return {"s": taking.applied(service, [dataplane(1, **labels)])}


def after(stored, want):
    plan = converge(want, [stored], Maker(SERVICES, NOW - NOW), NOW)
    return plan.puts[0] if plan.puts else stored


def test_labels_are_taken_over_changed_and_given_back():
    (made,) = converge(wanted({"team": "a"}), [], Maker(SERVICES, NOW - NOW), NOW).puts
    mine = evolve(made, labels=made.labels | {"color": "blue"})
    changed = after(mine, wanted({"team": "b", "tier": "c"}))
    assert {"color", "team", "tier", TEAM, mark("tier")} <= set(changed.labels)
    assert changed.labels["team"] == "b"
    without = after(changed, wanted({}))
    assert without.labels == {"kuma.io/managed-by": SERVICES, "color": "blue"}
    switched_off = after(changed, wanted({"team": "b"}, Propagation()))
    assert switched_off == without


KEYS = st.sampled_from(["team", "tier", "example.com/color"])


@given(st.dictionaries(KEYS, st.sampled_from(["a", "b"])), st.dictionaries(KEYS, st.just("own")))
def test_only_what_was_taken_over_is_given_back(given_over, own):
    labels = Labels({**own, **marked(Labels(given_over))})
    left = {key: value for key, value in labels.items() if key not in set(taken_over(labels))}
    assert left == {key: value for key, value in own.items() if key not in given_over}
