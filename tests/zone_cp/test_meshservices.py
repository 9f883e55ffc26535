"""MeshServices out of Dataplanes: which there are, with which ports, and how they are."""

from datetime import UTC, datetime, timedelta

import yaml
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from kuma.kinds import parse_document, validate
from kuma.model import DELETION_STARTED, Key, Labels, Resource
from kuma.resources.dataplaneinsight import DataplaneInsight, Mtls, Subscription
from kuma.resources.meshservice import MeshService
from kuma.spiffe import Local
from zone_cp.generated import Maker, converge
from zone_cp.meshservices import SERVICES, Members, Names, Place, service_now, wanted_services, wanted_workloads

NOW = datetime(2030, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
MAKER = Maker(SERVICES, HOUR)
PLACE = Place("shop", "z1")


def dataplane(name, workload="backend", *ports, day=1, protocol="http", state="Ready"):
    inbounds = [{"port": port, "protocol": protocol, "state": state} for port in ports or (80,)]
    found = parse_document({
        "type": "Dataplane", "mesh": "shop", "name": name, "labels": {"kuma.io/workload": workload},
        "networking": {"address": "10.0.0.1", "inbound": inbounds},
    })  # fmt: skip
    return evolve(found, created=datetime(2029, 1, day, tzinfo=UTC))


def ports(service):
    return [(port.name, port.port, port.target_port, port.app_protocol) for port in service.spec.ports]


def test_a_workload_becomes_a_service_with_the_ports_of_its_first_dataplane():
    young, old = dataplane("a", "backend", 80, 81, day=2), dataplane("b", "backend", 80, day=1)
    wanted, disagreements = wanted_services(PLACE, [young, old], [])
    assert ports(wanted["backend"]) == [("80", 80, 80, "http")]
    assert [one.dataplane for one in disagreements] == ["a"]
    assert wanted["backend"].labels["kuma.io/managed-by"] == "meshservice-generator"
    assert wanted["backend"].labels["kuma.io/zone"] == "z1"
    assert validate(wanted["backend"]) == ()


def test_a_service_keeps_its_ports_while_one_dataplane_has_them():
    first, second = dataplane("a", "backend", 80, day=1), dataplane("b", "backend", 90, day=2)
    stored, _ = wanted_services(PLACE, [second], [])
    wanted, _ = wanted_services(PLACE, [first, second], stored.values())
    assert [port.port for port in wanted["backend"].spec.ports] == [90]
    wanted, _ = wanted_services(PLACE, [first], stored.values())
    assert [port.port for port in wanted["backend"].spec.ports] == [80]


def test_workloads_that_are_no_name_and_proxies_without_ports_make_no_service():
    nameless = evolve(dataplane("a"), labels=Labels({"kuma.io/workload": "No Name"}))
    portless = dataplane("b")
    networking = evolve(portless.spec.networking, inbound=())
    portless = evolve(portless, spec=evolve(portless.spec, networking=networking))
    assert wanted_services(PLACE, [nameless, portless], []) == ({}, ())
    assert list(wanted_workloads(PLACE, [nameless, portless])) == ["backend"]


def test_unknown_protocols_are_tcp():
    wanted, _ = wanted_services(PLACE, [dataplane("a", protocol="mysql")], [])
    assert wanted["backend"].spec.ports[0].app_protocol == "tcp"


def test_a_service_without_dataplanes_waits_before_it_goes():
    wanted, _ = wanted_services(PLACE, [dataplane("a")], [])
    made = converge(wanted, [], MAKER, NOW).puts
    assert converge(wanted, made, MAKER, NOW).puts == ()
    left = converge({}, made, MAKER, NOW)
    assert left.puts[0].labels[DELETION_STARTED] == "2030-01-01T00:00:00Z"
    assert left.kept
    assert converge({}, left.puts, MAKER, NOW + timedelta(minutes=59)) == evolve(left, puts=())
    assert converge({}, left.puts, MAKER, NOW + HOUR).deletes == (Key("MeshService", "shop", "backend"),)
    back = converge(wanted, left.puts, MAKER, NOW).puts
    assert DELETION_STARTED not in back[0].labels


def test_an_illegible_time_begins_again():
    wanted, _ = wanted_services(PLACE, [dataplane("a")], [])
    broken = wanted["backend"].labelled(**{DELETION_STARTED: "yesterday"})
    assert converge({}, [broken], MAKER, NOW).puts[0].labels[DELETION_STARTED].startswith("2030")


def test_what_somebody_else_made_is_never_touched():
    wanted, _ = wanted_services(PLACE, [dataplane("a")], [])
    operators = Resource(Key("MeshService", "shop", "backend"), MeshService())
    copied = evolve(wanted["backend"], labels=wanted["backend"].labels | {"kuma.io/origin": "global"})
    for foreign in (operators, copied):
        plan = converge(wanted, [foreign], MAKER, NOW)
        assert (plan.puts, plan.deletes, plan.foreign) == ((), (), (foreign.key,))
        assert converge({}, [foreign], MAKER, NOW).deletes == ()


names = st.sampled_from(["a", "b", "c", "d"])


@given(st.sets(names), st.sets(names), st.sets(names))
def test_carrying_out_a_plan_leaves_nothing_to_do(first, second, operators):
    stored = {name: Resource(Key("MeshService", "shop", name), MeshService()) for name in operators}
    at = NOW
    for workloads in (first, second):
        wanted, _ = wanted_services(PLACE, [dataplane(f"{one}-1", one) for one in sorted(workloads)], [])
        for _ in range(2):
            plan = converge(wanted, stored.values(), MAKER, at)
            stored |= {put.name: put for put in plan.puts}
            for key in plan.deletes:
                del stored[key.name]
            at += HOUR
        assert converge(wanted, stored.values(), MAKER, at).puts == ()
        assert stored.keys() == workloads | operators


def online(name, connected=True):
    subscription = Subscription("1", "cp", NOW, None if connected else NOW)
    return Resource(Key("DataplaneInsight", "shop", name), DataplaneInsight((subscription,)))


def members(*dataplanes, connected=()):
    return Members(dataplanes, {one.name: online(one.name, one.name in connected) for one in dataplanes})


NOBODY = Names((), frozenset(), Local("z1"))
IDENTITY = """
type: MeshIdentity
mesh: shop
name: {name}
spec:
  selector: {{dataplane: {{matchLabels: {{}}}}}}
  provider: {{type: Bundled, bundled: {{insecureAllowSelfSigned: true, autogenerate: {{enabled: true}}}}}}
status: {{conditions: [{{type: Ready, status: "{ready}", reason: Ready, message: ""}}]}}
"""


def identity(name="identity", ready="True"):
    return parse_document(yaml.safe_load(IDENTITY.format(name=name, ready=ready)))


def test_counters_and_state_follow_the_proxies():
    service = wanted_services(PLACE, [dataplane("a")], [])[0]["backend"]
    group = (dataplane("a"), dataplane("b"), dataplane("c", state="NotReady"))
    now = service_now(service, members(*group, connected=("a", "c")), NOBODY)
    counted = now.status.dataplane_proxies
    assert (counted.connected, counted.healthy, counted.total) == (2, 1, 3)
    assert now.spec.state == "Available"
    assert service_now(now, members(*group), NOBODY).spec.state == "Unavailable"


def test_identities_are_those_of_all_proxies_and_tls_stays_ready():
    service = wanted_services(PLACE, [dataplane("a")], [])[0]["backend"]
    group = members(dataplane("a"))
    trusted = Names((identity(),), frozenset({"shop.z1.mesh.local"}), Local("z1"))
    now = service_now(service, group, trusted)
    assert [one.value for one in now.spec.identities] == ["spiffe://shop.z1.mesh.local/workload/backend"]
    assert now.status.tls.status == "Ready"
    unready = Names((identity(ready="False"),), frozenset(), Local("z1"))
    assert service_now(service, group, unready).status.tls.status == "NotReady"
    assert service_now(now, group, unready).status.tls.status == "Ready"
    assert service_now(now, group, NOBODY).status.tls.status == "NotReady"


def test_a_service_that_nobody_serves_now_is_still_known_by_its_identities():
    """Its endpoints come back before anybody has said who they are, and callers must believe them."""
    service = wanted_services(PLACE, [dataplane("a")], [])[0]["backend"]
    trusted = Names((identity(),), frozenset({"shop.z1.mesh.local"}), Local("z1"))
    now = service_now(service, members(dataplane("a")), trusted)
    empty = service_now(now, members(), trusted)
    assert empty.spec.state == "Unavailable"
    assert empty.spec.identities == now.spec.identities != ()


def test_callers_speak_tls_when_every_connected_proxy_has_its_certificate():
    service = wanted_services(PLACE, [dataplane("a")], [])[0]["backend"]
    trusted = Names((identity(),), frozenset({"shop.z1.mesh.local"}), Local("z1"))
    plain = members(dataplane("a"), dataplane("b"), connected=("a",))
    assert service_now(service, plain, trusted).status.tls.status == "NotReady"
    insight = plain.insights["a"]
    certified = evolve(insight, spec=evolve(insight.spec, mtls=Mtls(issued_backend="kri_mid_shop_z1__identity_")))
    issued = Members(plain.dataplanes, {**plain.insights, "a": certified})
    assert service_now(service, issued, trusted).status.tls.status == "Ready"
