"""Dataplanes by their workload: whatever comes and goes, they are put together as if for the first time."""

from datetime import timedelta

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from kuma.model import WORKLOAD, Key, Labels, Resource
from kuma.resources.dataplane import Dataplane
from tests.hands import BEGAN
from zone_cp.workloads import Workloads, by_workload


def dataplane(name, workload="", age=0):
    labels = Labels({WORKLOAD: workload} if workload else {})
    return Resource(Key("Dataplane", "shop", name), Dataplane(), labels, created=BEGAN + timedelta(seconds=age))


def test_the_older_come_first():
    young, old = dataplane("a", "web", age=1), dataplane("b", "web")
    assert by_workload((young, old)) == {"web": (old, young)}


def test_what_can_be_no_name_of_a_service_makes_none():
    workloads, named = Workloads(), {"a": dataplane("a", "web.shop"), "b": dataplane("b")}
    assert workloads.servable(named) == {}
    assert workloads.all(named) == {"web.shop": (named["a"],), "": (named["b"],)}


STEPS = st.lists(
    st.dictionaries(
        st.sampled_from("abcdef"), st.tuples(st.sampled_from(("", "web", "api", "not.one")), st.integers(0, 2))
    ),
    min_size=1,
    max_size=6,
)


@given(STEPS)
def test_what_is_remembered_makes_no_difference(steps):
    workloads, before = Workloads(), {}
    for step in steps:
        made = {name: dataplane(name, *said) for name, said in step.items()}
        now = {name: before[name] if before.get(name) == one else one for name, one in made.items()}
        assert workloads.all(now) == Workloads().all({name: evolve(one) for name, one in now.items()})
        assert workloads.servable(now) == by_workload(now.values())
        before = now
