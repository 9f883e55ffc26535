"""What was looked at is not looked at again; whatever happens, plans are those of who looks at everything."""

from datetime import timedelta

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from kuma.admission import Resources
from kuma.kinds import parse_document
from kuma.labels import Where
from kuma.model import Key
from kuma.resources.dataplaneinsight import DataplaneInsight, Subscription
from kuma.spiffe import Local
from kuma.store.memory import MemoryStore
from tests.hands import BEGAN, Hands
from tests.zone_cp.identity_world import identity
from zone_cp.generated import Writing
from zone_cp.generators import Generators
from zone_cp.settled import Noticed, Settled

ONE, OTHER = object(), object()


def test_what_is_the_same_is_not_due_again_and_what_was_busy_is():
    settled = Settled()
    assert settled.due({"a": (ONE,), "b": (ONE, OTHER)}) == {"a", "b"}
    settled.settle({"a": (ONE,), "b": (ONE, OTHER)}, {"b"})
    assert settled.due({"a": (ONE,), "b": (ONE, OTHER), "c": ()}) == {"b", "c"}
    assert settled.due({"a": (OTHER,)}) == {"a"}
    settled.settle({}, ())
    assert settled.due({"a": (ONE,)}) == {"a"}  # it was gone meanwhile


def test_what_says_nothing_new_stays_what_it_was():
    first, counted, other = insight("a", True), insight("a", True), insight("a", False)
    noticed = Noticed(lambda one: one.spec.online)
    assert noticed.of({"a": first}) == {"a": first}
    assert noticed.of({"a": counted})["a"] is first
    assert noticed.of({"a": other})["a"] is other
    assert noticed.of({}) == {}
    assert noticed.of({"a": counted})["a"] is counted


class Held:
    """Resources as a mirror holds them."""

    def __init__(self):
        self.resources = {}

    def of(self, kind, mesh=""):
        return tuple(one for key, one in self.resources.items() if (key.kind, key.mesh) == (kind, mesh))

    def named(self, kind, mesh=""):
        return {one.name: one for one in self.of(kind, mesh)}

    def put(self, resource):
        self.resources[resource.key] = resource


def dataplane(name, workload, port=80, state="Ready"):
    inbound = [{"port": port, "state": state}] if port else []
    labels = {"kuma.io/workload": workload}
    networking = {"address": "10.0.0.1", "inbound": inbound, "gateway": None if port else {"tags": {"a": "b"}}}
    document = {"type": "Dataplane", "mesh": "default", "name": name, "labels": labels, "networking": networking}
    return evolve(parse_document(document), created=BEGAN)


def insight(name, online):
    connection = Subscription("1", "cp", connect_time=BEGAN, disconnect_time=None if online else BEGAN)
    return evolve(
        dataplane(name, "x"), key=Key("DataplaneInsight", "default", name), spec=DataplaneInsight((connection,))
    )


names, workloads = st.sampled_from(("p0", "p1", "p2")), st.sampled_from(("web", "api"))
puts = st.one_of(
    st.builds(dataplane, names, workloads, st.sampled_from((80, 81, 0)), st.sampled_from(("Ready", "NotReady"))),
    st.builds(insight, names, st.booleans()),
    st.builds(identity, st.sampled_from(("i", "j"))),
)
deletes = st.builds(Key, st.sampled_from(("Dataplane", "DataplaneInsight", "MeshService")), st.just("default"), names)
gone = st.builds(Key, st.sampled_from(("MeshService", "Workload")), st.just("default"), workloads)


def generators(mirror, hands):
    writing = Writing(Resources(MemoryStore(), Where("zone", "z1"), hands), hands, timedelta(seconds=1))
    return Generators(mirror, writing, Local("z1"), timedelta(seconds=10))


def plans(made):
    return made._plan_services("default"), made._plan_workloads("default"), made._plan_status("default")


@given(st.lists(st.one_of(puts, deletes, gone, st.integers(1, 20)), max_size=12))
def test_who_remembers_plans_what_who_remembers_nothing_does(steps):
    held, hands = Held(), Hands()
    held.put(parse_document({"type": "Mesh", "name": "default"}))
    remembering = generators(held, hands)
    for step in steps:
        if isinstance(step, int):
            hands.seconds += step
        elif isinstance(step, Key):
            held.resources.pop(step, None)
        else:
            held.put(step)
        found, whole = plans(remembering), plans(generators(held, hands))
        for plan, other in zip(found, whole, strict=True):
            assert sorted(plan.puts, key=str) == sorted(other.puts, key=str)
            assert (plan.deletes, plan.foreign, plan.kept) == (other.deletes, other.foreign, other.kept)
            for put in plan.puts:
                held.put(put)
            for key in plan.deletes:
                held.resources.pop(key)
