"""What the API tells of proxies: what policies say of them, whom a policy selects, what a proxy listens on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuma.rest.api import About
from kuma.rest.difference import patch
from tests.kuma.rest.served import served

ZONE = {"kuma.io/zone": "east", "kuma.io/origin": "zone"}
DATAPLANE = {
    "type": "Dataplane", "mesh": "default", "name": "web-1", "labels": {**ZONE, "app": "web"},
    "networking": {"address": "10.0.0.1", "inbound": [{"port": 80, "name": "http", "protocol": "http"}]},
}  # fmt: skip
SERVICE = {
    "type": "MeshService", "mesh": "default", "name": "web", "labels": {**ZONE, "kuma.io/display-name": "web"},
    "spec": {
        "selector": {"dataplaneLabels": {"matchLabels": {"app": "web"}}},
        "ports": [{"port": 80, "name": "http", "appProtocol": "http"}],
    },
}  # fmt: skip
TIMEOUT = {
    "type": "MeshTimeout", "mesh": "default", "name": "slow",
    "spec": {
        "targetRef": {"kind": "Dataplane", "labels": {"app": "web"}},
        "to": [{"targetRef": {"kind": "Mesh"}, "default": {"idleTimeout": "20s"}}],
    },
}  # fmt: skip
INBOUND = {
    "type": "MeshTimeout", "mesh": "default", "name": "in",
    "spec": {"rules": [{"default": {"idleTimeout": "7s"}}]},
}  # fmt: skip
PROXY = "/meshes/default/dataplanes/web-1"
WEB = "kri_msvc_default_east__web_http"


async def told(path):
    """What a server with these resources answers."""
    async with served(about=About(mode="zone", zone="east")) as server:
        await server.mesh()
        for one in (DATAPLANE, SERVICE, TIMEOUT, INBOUND):
            await server.store_document(one)
        return await server.get(path)


async def test_everything_that_policies_say():
    body = (await told(f"{PROXY}/_rules")).json
    (rule,) = body["rules"]
    assert body["resource"]["name"] == "web-1"
    assert rule["type"] == "MeshTimeout"
    assert [one["inbound"] for one in rule["inboundRules"]] == [{"name": "http", "port": 80, "tags": None}]
    assert [one["resourceMeta"]["type"] for one in rule["toResourceRules"]] == ["Mesh"]


@pytest.mark.parametrize(
    ("path", "idle"),
    [
        (f"_outbounds/{WEB}/_policies", [{"idleTimeout": "20s"}]),
        (f"_outbounds/{WEB}/_routes/kri_mhttpr_default___way_/_policies", [{"idleTimeout": "20s"}]),
    ],
)
async def test_what_policies_say_of_a_destination(path, idle):
    assert [one["conf"] for one in (await told(f"{PROXY}/{path}")).json["policies"]] == [idle]


async def test_what_policies_say_of_a_listener():
    (policy,) = (await told(f"{PROXY}/_inbounds/kri_dp_default_east__web-1_http/_policies")).json["policies"]
    assert policy["rules"] == [{"kri": "kri_mt_default___in_", "conf": {"idleTimeout": "7s"}}]


async def test_who_asks_for_what_is_not_there_is_told_so():
    assert (await told(f"{PROXY}/_inbounds/kri_dp_default_east__web-1_none/_policies")).status == 404
    assert (await told(f"{PROXY}/_inbounds/nonsense/_policies")).status == 400
    assert (await told("/meshes/default/dataplanes/none/_layout")).json["title"] == "Failed to retrieve Dataplane"
    assert (await told("/meshes/none/dataplanes/web-1/_rules")).json["title"] == "Failed to retrieve Mesh"


async def test_whom_a_policy_selects_and_who_is_behind_a_service():
    for path in ("meshtimeouts/slow/_resources/dataplanes", "meshservices/web/_dataplanes"):
        assert [one["name"] for one in (await told(f"/meshes/default/{path}")).json["items"]] == ["web-1"]


async def test_what_a_policy_is_good_for():
    one = (await told("/meshes/default/meshtimeouts/slow/_effect")).json
    assert one["state"] == "in effect"
    assert one["dataplanes"] == {"selected": 1, "effective": 1}
    assert one["overriddenBy"] == []
    every = (await told("/meshes/default/_effects")).json
    assert [(one["resource"]["name"], one["state"]) for one in every["items"]] == [
        ("in", "in effect"),
        ("slow", "in effect"),
    ]
    assert (await told("/meshes/default/meshtimeouts/none/_effect")).status == 404
    assert (await told("/meshes/none/_effects")).status == 404


async def test_what_a_proxy_listens_on_and_reaches_for():
    body = (await told(f"{PROXY}/_layout")).json
    assert [one["proxyResourceName"] for one in body["inbounds"]] == ["self_inbound_dp_http"]
    assert [one["kri"] for one in body["outbounds"]] == [WEB]


IN_LISTS = {
    "put in front": (["b"], ["a", "b"], [("add", "/0", "a")]),
    "put in between": (["a", "d"], ["a", "b", "c", "d"], [("add", "/1", "c"), ("add", "/1", "b")]),
    "put at the end": ([], ["a", "b"], [("add", "/0", "b"), ("add", "/0", "a")]),
    "taken away": (["a", "b", "c"], ["c"], [("remove", "/1", "b"), ("remove", "/0", "a")]),
    "changed after another": (["b", 1], ["a", "b", 2], [("add", "/0", "a"), ("remove", "/2", 1), ("add", "/2", 2)]),
    "changed within": ([{"x": 1, "y": 1}], [{"x": 2, "y": 1}], [("remove", "/0/x", 1), ("add", "/0/x", 2)]),
}  # fmt: skip


@pytest.mark.parametrize("case", IN_LISTS)
def test_what_stays_in_a_list_is_left_alone(case):
    before, after, steps = IN_LISTS[case]
    told = [(one["op"], one["path"], one["value"]) for one in patch(before, after)]
    assert [one for one in told if one[0] != "test"] == steps
    assert [one[1:] for one in told if one[0] == "test"] == [one[1:] for one in steps if one[0] == "remove"]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES, VALUES)
def test_a_patch_leads_from_the_one_to_the_other(before, after):
    holder = {"at": before}
    for operation in patch(holder, {"at": after}):
        *way, last = (part.replace("~1", "/").replace("~0", "~") for part in operation["path"].split("/")[1:])
        place = holder
        for part in way:
            place = place[int(part)] if isinstance(place, list) else place[part]
        applied(operation, place, last)
    assert holder == {"at": after}


def applied(operation, place, last):
    """One operation carried out."""
    at = (len(place) if last == "-" else int(last)) if isinstance(place, list) else last
    if operation["op"] == "test":
        assert place[at] == operation["value"]
    elif operation["op"] == "remove":
        del place[at]
    elif isinstance(place, list):
        place.insert(at, operation["value"])
    else:
        place[at] = operation["value"]
