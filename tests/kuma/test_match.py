"""Which policies a proxy has, which of them has the last word, and what they say together."""

from __future__ import annotations

from itertools import permutations

import pytest
from attrs import evolve
from frozendict import frozendict
from hypothesis import given
from hypothesis import strategies as st

from kuma.match import (
    Selection,
    ToConfs,
    inbound_rules,
    merge,
    precedence,
    proxy_conf,
    select,
    to_rules,
)
from kuma.model import (
    DISPLAY_NAME,
    EFFECT,
    NAMESPACE,
    ORIGIN,
    POLICY_ROLE,
    ZONE,
    Key,
    Kri,
    Resource,
    kri,
)
from kuma.precedence import aim
from kuma.schema import show
from tests.kuma.policies.parts import EAST, LISTENER, MESH, Around, dataplane, policy, service, to_backend, to_mesh


def mtp(name, labels=frozendict(), /, **target):
    conf = {"allow": [{"spiffeID": {"type": "Exact", "value": "spiffe://mesh-1/dp-1"}}]}
    said = {"targetRef": target} if target else {}
    return policy("MeshTrafficPermission", name, labels, rules=[{"default": conf}], **said)


def names(selection):
    return [one.name for one in selection.policies]


# Selection.


def test_a_dataplane_is_selected_by_all_labels_of_the_target():
    policies = [
        mtp("mtp-1", kind="Dataplane", labels={"app": "web", "version": "v1"}),
        mtp("mtp-2", kind="Mesh"),
        mtp("mtp-3", kind="Dataplane", labels={"app": "web"}),
        mtp("mtp-4", kind="Dataplane", labels={"version": "v1"}),
        mtp("mtp-5", kind="Dataplane", labels={"app": "backend"}),
        mtp("mtp-6", kind="Dataplane", labels={"app": "web", "version": "v2"}),
        mtp("mtp-7", kind="Dataplane", labels={"app": "web", "env": "dev"}),
    ]
    selected = select(policies, dataplane({"app": "web", "version": "v1"}))
    assert names(selected) == ["mtp-2", "mtp-4", "mtp-3", "mtp-1"]


def test_a_dataplane_is_selected_by_its_name_with_or_without_the_label():
    target = {"kind": "Dataplane", "labels": {DISPLAY_NAME: "dp-1"}}
    assert names(select([mtp("p", **target)], dataplane(name="dp-1"))) == ["p"]
    assert names(select([mtp("p", **target)], dataplane({DISPLAY_NAME: "dp-1"}, name="dp-1-hashed"))) == ["p"]
    assert names(select([mtp("p", **target)], dataplane(name="dp-2"))) == []


@pytest.mark.parametrize("labels", [None, {}])
def test_no_labels_select_every_dataplane(labels):
    target = {"kind": "Dataplane"} if labels is None else {"kind": "Dataplane", "labels": labels}
    assert names(select([mtp("p", **target)], dataplane())) == ["p"]


def zone_proxy():
    listeners = [
        {"type": "ZoneIngress", "address": "10.0.0.1", "port": 10001, "name": "zi-port"},
        {"type": "ZoneEgress", "port": 10002, "name": "ze-port"},
    ]
    return dataplane(inbound=[{"port": 8080}], listeners=listeners)


def test_everything_that_a_dataplane_listens_on_is_selected():
    ports = {("10.0.0.1", 8080), ("10.0.0.1", 10001), ("10.0.0.1", 10002)}
    assert set(select([mtp("p", kind="Mesh")], zone_proxy()).inbound) == ports
    assert set(select([mtp("p")], zone_proxy()).inbound) == ports
    assert set(select([mtp("p", kind="Dataplane")], zone_proxy()).inbound) == ports


@pytest.mark.parametrize(("section", "port"), [("ze-port", 10002), ("8080", 8080)])
def test_a_section_is_a_name_or_the_port_of_what_has_none(section, port):
    assert set(select([mtp("p", kind="Dataplane", sectionName=section)], zone_proxy()).inbound) == {("10.0.0.1", port)}


def test_an_inbound_s_own_address_counts():
    apart = dataplane(inbound=[{"port": 80, "address": "10.0.0.2"}])
    assert set(select([mtp("p")], apart).inbound) == {("10.0.0.2", 80)}


def test_what_listens_on_nothing_has_no_policies_but_a_delegated_gateway_has():
    nothing = dataplane(inbound=[])
    gateway = dataplane(inbound=[], gateway={"tags": {"kuma.io/service": "kong"}})
    assert names(select([mtp("p")], nothing)) == []
    assert names(select([mtp("p")], gateway)) == ["p"]
    assert select([mtp("p")], gateway).inbound == {}


def test_shadow_policies_are_seen_only_when_asked_for():
    shadow = mtp("p", {EFFECT: "shadow"})
    assert names(select([shadow], dataplane())) == []
    assert names(select([shadow], dataplane(), shadow=True)) == ["p"]


def test_an_unknown_target_is_a_warning_and_selects_nothing():
    selection = select([mtp("p", kind="MeshSubset")], dataplane())
    assert selection.policies == ()
    assert selection.warnings == (
        "unable to resolve TargetRef on policy: mesh:default name:p error:\"unsupported targetRef kind 'MeshSubset'\"",
    )


@pytest.mark.parametrize(
    ("of_policy", "of_dataplane", "selected"),
    [
        ({ORIGIN: "zone", ZONE: "east"}, {ORIGIN: "zone", ZONE: "east"}, True),
        ({ORIGIN: "zone", ZONE: "east"}, {ORIGIN: "zone", ZONE: "west"}, False),
        ({ORIGIN: "zone", ZONE: "east"}, {ORIGIN: "zone"}, True),
        ({ORIGIN: "zone", ZONE: "east"}, {ORIGIN: "global", ZONE: "west"}, True),
        ({ORIGIN: "zone", ZONE: "east"}, {}, True),
        ({ORIGIN: "global"}, {ORIGIN: "zone", ZONE: "west"}, True),
        ({ORIGIN: "zone", ZONE: "east", POLICY_ROLE: "producer"}, {ORIGIN: "zone", ZONE: "west"}, True),
        ({POLICY_ROLE: "consumer", NAMESPACE: "shop"}, {NAMESPACE: "shop"}, True),
        ({POLICY_ROLE: "consumer", NAMESPACE: "shop"}, {NAMESPACE: "bank"}, False),
        ({POLICY_ROLE: "workload-owner", NAMESPACE: "shop"}, {}, False),
        ({POLICY_ROLE: "workload-owner"}, {}, False),
        ({POLICY_ROLE: "system", NAMESPACE: "kuma-system"}, {NAMESPACE: "bank"}, True),
    ],
)
def test_zones_and_namespaces_keep_their_policies(of_policy, of_dataplane, selected):
    assert bool(select([mtp("p", of_policy)], dataplane(of_dataplane)).policies) is selected


# Order.


def test_aim_origin_role_and_name_count_in_this_order():
    ordered = [
        mtp("a", {ORIGIN: "global"}),
        mtp("bbb"),
        mtp("aaa"),
        mtp("a", {ORIGIN: "zone"}),
        mtp("z", {ORIGIN: "zone", POLICY_ROLE: "producer"}),
        mtp("a", {ORIGIN: "zone", POLICY_ROLE: "workload-owner"}),
        mtp("c", kind="Dataplane"),
        mtp("b", kind="Dataplane", labels={"app": "web", "version": "v1"}),
        mtp("z", {ORIGIN: "global"}, kind="Dataplane", sectionName="http"),
    ]
    assert precedence(reversed(ordered)) == ordered
    assert precedence(ordered) == ordered


labels = st.fixed_dictionaries(
    {},
    optional={
        ORIGIN: st.sampled_from(["global", "zone", "?"]),
        POLICY_ROLE: st.sampled_from(["system", "producer", "consumer", "workload-owner", "?"]),
        ZONE: st.sampled_from(["east", "west"]),
        NAMESPACE: st.sampled_from(["shop", "bank"]),
        DISPLAY_NAME: st.sampled_from(["a", "b", "ab"]),
        EFFECT: st.sampled_from(["shadow", ""]),
        "app": st.sampled_from(["web", "db"]),
    },
)
targets = st.fixed_dictionaries(
    {"kind": st.sampled_from(["Mesh", "Dataplane", "MeshSubset", ""])},
    optional={
        "labels": st.dictionaries(st.sampled_from(["app", DISPLAY_NAME]), st.sampled_from(["web", "a"])),
        "sectionName": st.sampled_from(["", "http", "8080", "9"]),
    },
)
policies = st.builds(lambda name, said, target: mtp(name, said, **target), st.sampled_from("xyz"), labels, targets)
dataplanes = st.builds(
    lambda said, inbound, gateway: dataplane(said, inbound=inbound, **gateway),
    labels,
    st.lists(st.sampled_from([{"port": 8080, "name": "http"}, {"port": 9}]), max_size=2, unique_by=str),
    st.sampled_from([{}, {"gateway": {"tags": {"kuma.io/service": "kong"}}}]),
)


@given(st.lists(policies, max_size=4, unique_by=lambda one: one.display_name))
def test_the_order_is_total(some):
    assert len({tuple(precedence(one)) for one in permutations(some)}) == 1


@given(st.lists(policies, max_size=5))
def test_what_is_in_order_stays_so(some):
    assert precedence(precedence(some)) == precedence(some)


@given(st.lists(policies, max_size=5), dataplanes, st.booleans())
def test_selecting_never_fails(some, proxy, shadow):
    selection = select(some, proxy, shadow)
    assert list(selection.policies) == [one for one in precedence(some) if one in selection.policies]
    assert all(set(found) <= set(selection.policies) for found in selection.inbound.values())
    assert hash(selection) == hash(select(list(some), proxy, shadow))
    assert selection == select(list(some), proxy, shadow)


# Inbound.


def timeouts(name, **said):
    return policy("MeshTimeout", name, **said)


def test_rules_come_together_only_where_they_hold_for_all():
    aaaaaa = timeouts("aaaaaa", rules=[{"default": {"idleTimeout": "10s", "http": {"requestTimeout": "12s"}}}])
    conf = {"idleTimeout": "100s", "connectionTimeout": "101s", "http": {"requestTimeout": "102s"}}
    bbbbbb = timeouts("bbbbbb", rules=[{"default": conf}])
    rules = inbound_rules(select([aaaaaa, bbbbbb], dataplane()), LISTENER)
    assert [rule.origin.policy.name for rule in rules.rules] == ["bbbbbb", "aaaaaa"]
    together = show(rules.catch_all(type(rules.rules[0].conf)))
    assert together == {"idleTimeout": "10s", "connectionTimeout": "1m41s", "http": {"requestTimeout": "12s"}}


def test_the_most_specific_match_comes_first():
    def spiffe(how, value="spiffe://a/b"):
        return {"spiffeID": {"type": how, "value": value}}

    name = {"sni": {"type": "Exact", "value": "a"}}
    matches = [name, spiffe("Prefix"), spiffe("Exact"), {**spiffe("Prefix"), **name}, {**spiffe("Exact"), **name}]
    conf = {"http": {"requestTimeout": "1s"}}
    one = timeouts("p", rules=[{"default": conf}, {"matches": matches, "default": conf}])
    rules = inbound_rules(select([one], dataplane()), LISTENER).rules
    order = [matches[4], matches[2], matches[3], matches[1], matches[0], None]
    assert [None if rule.match is None else show(rule.match) for rule in rules] == order
    assert [rule.origin.index for rule in rules] == [1, 1, 1, 1, 1, 0]


def test_a_listener_that_nobody_selected_has_no_rules():
    assert inbound_rules(Selection(), ("1.1.1.1", 1)).rules == ()


def test_origins_are_policies_and_places_in_them():
    one = timeouts("p", rules=[{"default": {"idleTimeout": "1s"}}])
    (rule,) = inbound_rules(select([one], dataplane()), LISTENER).rules
    again = inbound_rules(select([evolve(one, version="2")], dataplane()), LISTENER)
    assert str(rule.origin.kri("mt")) == "kri_mt_default___p_"
    assert again == inbound_rules(select([one], dataplane()), LISTENER)
    assert hash(again) == hash(inbound_rules(select([one], dataplane()), LISTENER))


# Outbound.


def backend(section=""):
    return kri("msvc", service("backend"), section)


def origins(rules, *kris):
    return [origin.index for origin in rules.origins(*kris)]


def test_what_is_said_of_the_mesh_holds_for_its_services():
    http = {"requestTimeout": "12s"}
    one = timeouts(
        "p",
        to=[
            to_mesh(idleTimeout="9s"),
            to_backend(connectionTimeout="11s", http=http),
            to_mesh(connectionTimeout="21s"),
        ],
    )
    rules = to_rules([one], EAST)
    assert show(rules.conf(kri("m", MESH))) == {"idleTimeout": "9s", "connectionTimeout": "21s"}
    assert show(rules.conf(backend("http"))) == {"idleTimeout": "9s", "connectionTimeout": "11s", "http": http}
    assert origins(rules, kri("m", MESH)) == [0, 2]
    assert origins(rules, backend()) == [0, 2, 1]
    assert rules.named() == (backend(),)


def test_a_section_adds_to_what_is_said_of_the_whole_service():
    whole = to_backend(idleTimeout="9s", connectionTimeout="111s")
    section = to_backend(connectionTimeout="11s")
    section["targetRef"]["sectionName"] = "http"
    rules = to_rules([timeouts("p", to=[whole, section])], EAST)
    assert show(rules.conf(backend("http"))) == {"idleTimeout": "9s", "connectionTimeout": "11s"}
    assert show(rules.conf(backend("admin"))) == {"idleTimeout": "9s", "connectionTimeout": "1m51s"}
    assert origins(rules, backend("http")) == [0, 1]


def test_a_section_that_nobody_has_is_no_target():
    item = to_backend(idleTimeout="9s")
    item["targetRef"]["sectionName"] = "grpc"
    assert not to_rules([timeouts("p", to=[item])], EAST)


@pytest.mark.parametrize(("labels", "found"), [(None, 0), ({}, 3), ({"app": "db"}, 1), ({"app": "db", "x": "y"}, 0)])
def test_targets_are_found_by_all_labels(labels, found):
    target = {"kind": "MeshService"} if labels is None else {"kind": "MeshService", "labels": labels}
    one = timeouts("p", to=[{"targetRef": target, "default": {"idleTimeout": "1s"}}])
    assert len(to_rules([one], EAST).named()) == found


def test_a_route_does_not_inherit_what_is_said_of_the_service():
    mhttpr = Resource(Key("MeshHTTPRoute", "default", "r"), None, frozendict({DISPLAY_NAME: "r"}))
    to_route = {"targetRef": {"kind": "MeshHTTPRoute", "labels": {DISPLAY_NAME: "r"}}, "default": {"idleTimeout": "1s"}}
    one = timeouts("p", to=[to_backend(connectionTimeout="2s"), to_route, to_mesh(connectionTimeout="3s")])
    rules = to_rules([one], Around((*EAST.resources, mhttpr)))
    route = kri("mhttpr", mhttpr, "rule_0")
    confs = rules.for_destination(
        backend("http"), [route, kri("mhttpr", mhttpr, "rule_1"), Kri("mhttpr", "", "", "", "x")]
    )
    assert show(rules.conf(route, backend("http"))) == {"idleTimeout": "1s", "connectionTimeout": "3s"}
    assert show(confs.conf(route, backend("http"))) == {"idleTimeout": "1s", "connectionTimeout": "3s"}
    assert show(confs.conf(backend("http"))) == {"connectionTimeout": "2s"}
    assert confs.named(str(route)) == confs.conf(route)
    assert confs.named("x") is None


def test_what_a_destination_sees_does_not_change_with_the_others():
    """The key of a part that is shared stays the same when something else is said of somebody else."""
    db = {"targetRef": {"kind": "MeshService", "labels": {DISPLAY_NAME: "db"}}, "default": {"idleTimeout": "5s"}}
    one, two = timeouts("p", to=[to_backend(idleTimeout="9s")]), timeouts("p", to=[db, to_backend(idleTimeout="9s")])
    before, after = (to_rules([each], EAST).for_destination(backend("http")) for each in (one, two))
    assert before == after
    assert hash(before) == hash(after)
    assert to_rules([one], EAST) != to_rules([two], EAST)
    assert to_rules([one], EAST).for_destination(kri("msvc", service("web"), "http")) == ToConfs()


def plainly(policies, around, destination):
    """What a destination sees, by trying every item on it. Policies are in order."""
    entries = [(one, item) for one in policies for item in one.spec.to or ()]
    keys = {id(item): (place(one), aim(item.target_ref), -rank(one, policies)) for one, item in entries}
    entries.sort(key=lambda entry: (keys[id(entry[1])][0], keys[id(entry[1])][1]))  # names are in order already
    return merge([item.default for _, item in entries if means(item.target_ref, around, destination)], None)


def place(one):
    target = one.spec.target_ref
    dataplane_kind = target is not None and target.kind == "Dataplane"
    origin = {"global": 1, "zone": 3}.get(one.labels.get(ORIGIN), 2)
    role = {"producer": 2, "consumer": 3, "workload-owner": 4}.get(one.labels.get(POLICY_ROLE), 1)
    return dataplane_kind, bool(dataplane_kind and target.section_name), origin, role


def rank(one, policies):
    return [id(each) for each in policies].index(id(one))


def means(ref, around, destination):
    if ref.kind == "Mesh":
        return True
    if ref.kind != "MeshService" or ref.labels is None or ref.section_name not in (None, "", destination.section):
        return False
    resource = next(one for one in around.resources if one.kind == "MeshService" and one.name == destination.name)
    return ref.labels.items() <= resource.labels.items()


items = st.fixed_dictionaries(
    {
        "targetRef": st.fixed_dictionaries(
            {"kind": st.sampled_from(["Mesh", "MeshService", "MeshMultiZoneService", "Unknown"])},
            optional={
                "labels": st.sampled_from([{}, {"app": "db"}, {DISPLAY_NAME: "backend"}, {DISPLAY_NAME: "no"}]),
                "sectionName": st.sampled_from(["", "http", "admin", "no"]),
            },
        ),
        "default": st.dictionaries(
            st.sampled_from(["idleTimeout", "connectionTimeout"]), st.sampled_from(["1s", "2s", "3s"])
        ),
    }
)
tops = st.sampled_from([{"kind": "Mesh"}, {"kind": "Dataplane"}, {"kind": "Dataplane", "sectionName": "http"}])
speakers = st.builds(
    lambda name, said, top, to: policy("MeshTimeout", name, said, targetRef=top, to=to),
    st.sampled_from("abc"),
    labels,
    tops,
    st.lists(items, max_size=3),
)


@given(st.lists(speakers, max_size=4))
def test_the_index_answers_as_trying_everything_would(some):
    ordered = precedence(some)
    rules = to_rules(ordered, EAST)
    for name in ("backend", "web", "db"):
        for section in ("http", "admin"):
            destination = kri("msvc", service(name), section)
            assert rules.conf(destination) == plainly(ordered, EAST, destination)


class Looked(frozendict):
    """Labels that count how often somebody looks at them."""

    times = 0

    def items(self):
        Looked.times += 1
        return super().items()


def test_rules_of_forty_thousand_targets_are_built_in_one_go():
    plain = (service(f"s{number}") for number in range(1000))
    services = tuple(evolve(one, labels=Looked(one.labels)) for one in plain)
    every = [
        timeouts(
            f"p{number}",
            to=[
                {
                    "targetRef": {"kind": "MeshService", "labels": {DISPLAY_NAME: f"s{(number * 40 + item) % 1000}"}},
                    "default": {"idleTimeout": "1s"},
                }
                for item in range(40)
            ],
        )
        for number in range(1000)
    ]
    around = Around((MESH, *services))
    rules = to_rules(select(every, dataplane()).policies, around)
    assert len(rules.named()) == 1000
    assert 1000 <= Looked.times <= 5000  # once for the index and once for each that is meant; not for each target


# The proxy as a whole.


def test_a_proxy_without_policies_has_no_conf():
    assert proxy_conf(Selection()) is None
