"""What travels, under which name and labels, and the plan of what becomes of it."""

from __future__ import annotations

import base64

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from certs.tokens import new_signing_key, public_key
from kuma.kinds import KINDS
from kuma.model import Key, Labels, Resource, hashed_name
from kuma.protos.kds_pb2 import KumaResource
from kuma.sync.offer import Offer
from kuma.sync.packing import URL, Undecodable, key_of, pack, unpack, wire_name
from kuma.sync.plan import (
    Arrived,
    Collide,
    Create,
    Delete,
    GlobalSide,
    Incoming,
    Replace,
    ZoneSide,
    arrived,
    gathered,
    plan,
    refusal,
)
from kuma.sync.travel import FROM_GLOBAL, FROM_ZONES, Audience, home, to_global, to_zones
from kuma.xds.config import Packed
from kuma.xds.delta import Update
from tests.zones import resource

ALL = Audience()
OLD = Audience(frozenset())
TIMEOUT = {"to": [{"targetRef": {"kind": "Mesh"}, "default": {"connectionTimeout": "2s"}}]}
PRODUCER = {
    "to": [
        {
            "targetRef": {"kind": "MeshService", "labels": {"kuma.io/display-name": "backend"}},
            "default": {"connectionTimeout": "2s"},
        }
    ]
}


def timeout(name="t", spec=TIMEOUT, **labels):
    return resource("MeshTimeout", name, "default", labels, spec=spec)


def service(name="backend", **labels):
    return resource("MeshService", name, "default", labels, spec={"ports": [{"port": 80}]})


def secret(name, data=b"x", kind="GlobalSecret", mesh=""):
    return resource(kind, name, mesh, data=base64.b64encode(data).decode())


def of_zone(zone, **labels):
    return {"kuma.io/origin": "zone", "kuma.io/zone": zone} | labels


def test_the_directions_of_kinds():
    assert {"Mesh", "Secret", "GlobalSecret", "Config", "MeshTimeout", "MeshService", "MeshTrust"} <= set(FROM_GLOBAL)
    assert {"Dataplane", "DataplaneInsight", "MeshService", "MeshTimeout", "Workload"} <= set(FROM_ZONES)
    assert not {"Dataplane", "DataplaneInsight", "Zone", "ZoneInsight", "MeshInsight", "Workload"} & set(FROM_GLOBAL)
    assert not {"Mesh", "Secret", "GlobalSecret", "Config", "Zone", "ZoneInsight", "MeshInsight"} & set(FROM_ZONES)


def test_what_goes_down_says_that_it_is_global_and_shows_its_first_name():
    copy = to_zones(timeout(team="x"), ALL)
    assert copy.name == hashed_name("default", "t")
    assert dict(copy.labels) == {"team": "x", "kuma.io/origin": "global", "kuma.io/display-name": "t"}


def test_a_zone_that_knows_no_hashed_names_gets_plain_ones():
    assert to_zones(timeout(), OLD).name == "t"


@pytest.mark.parametrize(("selector", "goes"), [("meshService", True), ("meshMultiZoneService", False)])
def test_a_zone_that_knows_no_names_for_several_zones_gets_none(selector, goes):
    spec = {"selector": {selector: {}}, "template": "{{ .Name }}.mesh"}
    generator = resource("HostnameGenerator", "g", spec=spec)
    assert (to_zones(generator, OLD) is not None) is goes
    assert to_zones(generator, ALL).labels["kuma.io/origin"] == "global"


def test_a_zones_own_hostname_generators_are_shown_on_global_and_go_no_further():
    spec = {"selector": {"meshService": {}}, "template": "{{ .Name }}.mesh"}
    shown = to_global(resource("HostnameGenerator", "g", spec=spec), "west", ALL)
    assert home(shown) == "west"
    assert to_zones(shown, ALL) is None


@pytest.mark.parametrize("kind", ["Mesh", "Secret", "GlobalSecret"])
def test_meshes_and_secrets_keep_their_names(kind):
    one = resource(kind, "a", "default" if kind == "Secret" else "")
    assert dict(to_zones(one, ALL).labels) == {"kuma.io/origin": "global"}
    assert to_zones(one, ALL).name == "a"


@pytest.mark.parametrize(
    "name",
    [
        "envoy-admin-ca",
        "admin-user-token",
        "inter-cp-ca",
        "user-token-revocations",
        "user-token-signing-key",
        "user-token-signing-key-1",
    ],
)
def test_the_global_control_planes_own_secrets_stay(name):
    assert to_zones(secret(name), ALL) is None


def test_zones_get_the_public_half_of_the_zone_token_key():
    private = new_signing_key()
    copy = to_zones(secret("zone-token-signing-key-1", private), ALL)
    assert copy.name == "zone-token-signing-public-key-1"
    assert copy.labels["kuma.io/display-name"] == "zone-token-signing-key-1"
    assert b"PRIVATE" not in copy.spec.data
    assert public_key(copy.spec.data) == public_key(private)


def test_a_zone_token_key_that_can_not_be_read_stays():
    assert to_zones(secret("zone-token-signing-key-1", b"nonsense"), ALL) is None


def test_of_configs_only_the_cluster_id_travels():
    assert to_zones(resource("Config", "kuma-cluster-id", config="x"), ALL).name == "kuma-cluster-id"
    assert to_zones(resource("Config", "other", config="x"), ALL) is None


def test_what_says_so_is_not_synced():
    said = {"kuma.io/kds-sync": "disabled"}
    assert to_zones(timeout(**said), ALL) is None
    assert to_global(timeout(**said), "west", ALL) is None


def test_a_services_name_is_the_same_in_every_zone():
    above = to_global(service(), "west", ALL)
    beside = to_zones(above, ALL)
    assert above.key == beside.key
    assert above.name == hashed_name("default", "backend", "west")
    assert (home(above), beside.zone, beside.origin) == ("west", "west", "global")


def test_what_came_from_global_does_not_go_back():
    assert to_global(to_zones(timeout(), ALL), "west", ALL) is None


def test_an_identity_of_a_zone_reaches_only_global():
    spec = {"trustDomain": "a", "caBundles": []}
    trust = resource("MeshTrust", "t", "default", spec=spec)
    above = to_global(trust, "west", ALL)
    assert above is not None
    assert to_zones(above, ALL) is None


def test_of_a_zones_policies_only_producers_concern_others():
    labels = of_zone("west", **{"k8s.kuma.io/namespace": "shop", "kuma.io/policy-role": "producer"})
    assert to_zones(timeout(spec=PRODUCER, **labels), ALL) is not None
    assert to_zones(timeout(spec=PRODUCER, **labels), OLD) is None
    assert to_zones(timeout(spec=PRODUCER, **labels | {"kuma.io/policy-role": "consumer"}), ALL) is None
    assert to_zones(timeout(spec=TIMEOUT, **labels), ALL) is None  # its label lies
    assert to_zones(timeout(spec=PRODUCER, **of_zone("west", **{"kuma.io/policy-role": "producer"})), ALL) is None


def test_labels_with_skipped_prefixes_do_not_travel():
    audience = Audience(skip_prefixes=("argocd.", "fluxcd."))
    labels = {"argocd.argoproj.io/instance": "a", "team": "x"}
    for copy in (to_zones(timeout(**labels), audience), to_global(timeout(**labels), "west", audience)):
        assert "argocd.argoproj.io/instance" not in copy.labels
        assert copy.labels["team"] == "x"


def test_counters_that_only_say_that_a_proxy_is_there_do_not_travel():
    subscription = {"id": "1", "generation": 7, "controlPlaneInstanceId": "cp"}
    insight = resource("DataplaneInsight", "dp", "default", subscriptions=[subscription])
    assert to_global(insight, "west", ALL).spec.subscriptions[0].generation == 0


def test_a_status_stays_on_the_way_down_and_travels_on_the_way_up():
    one = evolve(service(**of_zone("west")), status=KINDS["MeshService"].status())
    assert to_zones(one, ALL).status is None
    assert to_global(one, "west", ALL).status is not None


RESOURCES = [
    resource("Mesh", "default", labels={"a": "b"}),
    secret("s", b"\x00\xff", "Secret", "default"),
    timeout(),
    service(),
    resource("Dataplane", "dp", "default", networking={"address": "127.0.0.1", "inbound": [{"port": 80}]}),
]


@pytest.mark.parametrize("one", RESOURCES, ids=lambda one: one.kind)
def test_a_resource_survives_the_wire(one):
    read, problems = unpack(KINDS[one.kind], pack(one))
    assert (read.key, read.spec, read.labels, problems) == (one.key, one.spec, one.labels, ())
    assert pack(evolve(read, status=None)).version == pack(one).version


def test_the_wire_shape_of_both_families():
    mesh, policy = (KumaResource.FromString(pack(one).body) for one in (RESOURCES[0], RESOURCES[2]))
    assert mesh.spec.type_url == "type.googleapis.com/kuma.mesh.v1alpha1.Mesh"
    assert (policy.spec.type_url, policy.HasField("status")) == ("", False)
    assert policy.spec.value == (b'{"to":[{"default":{"connectionTimeout":"2s"},"targetRef":{"kind":"Mesh"}}]}')
    assert KumaResource.FromString(pack(service()).body).status.value == b"{}"
    assert pack(RESOURCES[0]).name == "default."
    assert pack(RESOURCES[2]).name == "t.default"
    assert len(pack(RESOURCES[0]).version) == 64


labels = st.dictionaries(st.text(max_size=5), st.text(max_size=5)).map(Labels)


@given(st.text(min_size=1).filter(lambda name: "." not in name[-1:]), st.sampled_from(("", "default")), labels)
def test_names_and_labels_survive_the_wire(name, mesh, said):
    key = Key("Secret", mesh, name)
    assert key_of("Secret", wire_name(key)) == key
    read, _ = unpack(KINDS["Secret"], pack(Resource(key, KINDS["Secret"].spec(b"x"), said)))
    assert (read.key, read.labels) == (key, said)


def test_what_is_no_resource_is_told_from_what_is_a_wrong_one():
    with pytest.raises(Undecodable):
        unpack(KINDS["Mesh"], Packed("a.", "1", b"\xff", URL))
    with pytest.raises(Undecodable):
        unpack(KINDS["Mesh"], Packed("a.", "1", b"", URL))
    message = KumaResource(meta=KumaResource.Meta(name="t", mesh="default"))
    for value in (b"", b"[]", b"{", b'{"to": 1}'):
        message.spec.value = value
        read, problems = unpack(KINDS["MeshTimeout"], Packed("t.default", "1", message.SerializeToString(), URL))
        assert read.key == Key("MeshTimeout", "default", "t")
        assert problems
    message.spec.value = b"null"
    assert unpack(KINDS["MeshTimeout"], Packed("t.default", "1", message.SerializeToString(), URL))[1] == ()


def incoming(*resources, removed=(), complete=False, problems=None):
    kind = resources[0].kind if resources else "MeshTimeout"
    return Incoming(KINDS[kind], tuple(resources), frozenset(removed), problems or {}, complete)


FROM_ABOVE = {"kuma.io/origin": "global"}
ZONE = ZoneSide()


def test_new_changed_and_vanished_resources():
    new, same, changed = (timeout(name, **FROM_ABOVE) for name in "abc")
    gone, local = timeout("d", **FROM_ABOVE), timeout("e")
    stored = evolve(changed, labels=changed.labels | {"x": "y"}, version="7")
    steps = plan(incoming(new, same, changed, complete=True), (same, stored, gone, local), ZONE)
    assert steps == (Create(new), Delete(gone.key), Replace(evolve(stored, labels=changed.labels)))


def test_a_change_deletes_only_what_it_names():
    kept, gone, local = timeout("a", **FROM_ABOVE), timeout("b", **FROM_ABOVE), timeout("c")
    names = (gone.key, local.key, Key("MeshTimeout", "default", "never"))
    assert plan(incoming(removed=names), (kept, gone, local), ZONE) == (Delete(gone.key),)


def test_a_local_resource_of_the_same_name_stays_and_is_reported():
    mine, theirs = secret("x", b"mine"), evolve(secret("x", b"theirs"), labels=Labels(FROM_ABOVE))
    steps = plan(incoming(theirs, complete=True), (mine,), ZONE)
    assert steps == (Collide(mine.key),)
    text = 'user error\nresource already exists: type="GlobalSecret" name="x" mesh=""'
    assert refusal(incoming(theirs), steps) == text


def test_local_meshes_are_taken_over_when_a_zone_joins():
    mine, theirs = resource("Mesh", "a"), resource("Mesh", "b", labels=FROM_ABOVE)
    assert plan(incoming(theirs, complete=True), (mine,), ZONE) == (Create(theirs), Delete(mine.key))


def test_what_is_not_understood_is_neither_written_nor_deleted():
    kept = timeout("a", **FROM_ABOVE)
    news = incoming(complete=True, problems={kept.key: "no"})
    assert plan(news, (kept,), ZONE) == ()
    assert refusal(news, ()) == "no"


def test_a_zone_keeps_its_own_status():
    stored = evolve(service(**FROM_ABOVE), status=KINDS["MeshService"].status())
    changed = evolve(service(**FROM_ABOVE), labels=Labels(FROM_ABOVE | {"x": "y"}), status=None)
    (step,) = plan(incoming(changed), (stored,), ZONE)
    assert step.resource.status == stored.status


def test_global_follows_the_zones_status():
    status = KINDS["MeshService"].status
    side, stored = GlobalSide("west"), evolve(service(**of_zone("west")), status=status())
    reported = evolve(stored, status=None)
    assert plan(incoming(reported), (stored,), side) == (Replace(reported),)


def test_global_keeps_zones_apart():
    side, others = GlobalSide("west"), service("b", **of_zone("east"))
    mine = service("a", **of_zone("west"))
    assert plan(incoming(complete=True), (others,), side) == ()
    assert plan(incoming(mine, complete=True), (others,), side) == (Create(mine, Key("Zone", "", "west")),)
    claimed = side.received(service("b", **of_zone("east")))
    assert plan(incoming(claimed), (others,), side) == (Collide(others.key),)


def test_a_zone_can_not_speak_for_another():
    side = GlobalSide("west")
    gateway = {"address": "127.0.0.1", "gateway": {"tags": {"kuma.io/zone": "east", "kuma.io/service": "gw"}}}
    one = resource("Dataplane", "gw", "default", of_zone("east"), networking=gateway)
    read = arrived(KINDS["Dataplane"], pack(one), side)
    assert read.rewritten
    assert (read.resource.zone, read.resource.origin) == ("west", "zone")
    assert read.resource.spec.networking.gateway.tags == {"kuma.io/zone": "west", "kuma.io/service": "gw"}
    assert not arrived(KINDS["Dataplane"], pack(read.resource), side).rewritten


def test_a_zone_without_hashed_names_gets_its_own_prefix():
    side = GlobalSide("west", prefixed=True)
    read = arrived(KINDS["MeshService"], pack(service()), side)
    assert read.key.name == "west.backend"
    update = Update("MeshService", "1", (), ("backend.default",), complete=False)
    assert gathered(update, (), side).removed == {Key("MeshService", "default", "west.backend")}


def test_what_is_wrong_is_told_by_its_field():
    wrong = evolve(timeout(**FROM_ABOVE), spec=evolve(timeout().spec, to=None))
    read = arrived(KINDS["MeshTimeout"], pack(wrong), ZONE)
    assert read.resource is None
    assert "spec" in read.problem
    assert gathered(Update("MeshTimeout", "1", (), (), False), (read,), ZONE).problems == {wrong.key: read.problem}
    assert isinstance(read, Arrived)


@given(st.data())
def test_following_a_plan_makes_the_store_hold_what_the_peer_has(data):
    def some(origin):
        names = data.draw(st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("123")))
        return {name: timeout(name, v=version, **origin) for name, version in names.items()}

    local = some({})
    stored = {name: one for name, one in some(FROM_ABOVE).items() if name not in local}
    theirs = some(FROM_ABOVE)
    here = {one.key: one for one in (*local.values(), *stored.values())}
    for step in plan(incoming(*theirs.values(), complete=True), tuple(here.values()), ZONE):
        match step:
            case Create(one) | Replace(one):
                here[one.key] = one
            case Delete(key):
                del here[key]
    wanted = {one.key: one for one in theirs.values()} | {one.key: one for one in local.values()}
    assert {key: one.labels for key, one in here.items()} == {key: one.labels for key, one in wanted.items()}
    assert plan(incoming(*theirs.values(), complete=True), tuple(here.values()), ZONE) == tuple(
        Collide(one.key) for name, one in theirs.items() if name in local
    )


def test_an_offer_hides_zones_and_shares_the_rest():
    offer = Offer(FROM_GLOBAL, lambda one: to_zones(one, ALL))
    for zone in ("east", "north", "west"):
        offer.put(to_global(service(), zone, ALL))
    offer.put(timeout())
    east, west = offer.config(("east",)), offer.config(("west",))
    assert len(east.resources("MeshService")) == len(west.resources("MeshService")) == 2
    assert east.by_type["MeshTimeout"][0] is west.by_type["MeshTimeout"][0]
    assert set(east.by_type["MeshService"]) & set(west.by_type["MeshService"])


def test_an_offer_renews_only_what_changed():
    offer = Offer(FROM_GLOBAL, lambda one: to_zones(one, ALL))
    offer.put(timeout())
    offer.put(resource("Mesh", "default"))
    before = offer.config()
    offer.put(timeout(team="x"))
    offer.put(evolve(resource("Mesh", "default"), version="2"))
    after = offer.config()
    assert after.by_type["Mesh"] == before.by_type["Mesh"]
    assert after.by_type["MeshTimeout"] != before.by_type["MeshTimeout"]
    offer.drop(timeout().key)
    assert offer.config().resources("MeshTimeout") == {}


def test_an_offer_withdraws_what_stops_travelling():
    offer = Offer(FROM_GLOBAL, lambda one: to_zones(one, ALL))
    offer.put(timeout())
    offer.put(timeout(**{"kuma.io/kds-sync": "disabled"}))
    assert offer.config().resources("MeshTimeout") == {}
