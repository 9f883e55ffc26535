"""MeshProxyPatch: which resources a modification means, and what it makes of them."""

from __future__ import annotations

import json

import pytest

from kuma.envoy import api, names
from kuma.policies.meshproxypatch import Conf, PatchFailed, Place, added, merge, modified
from kuma.schema import parse
from tests.kuma.policies.parts import at_listener, inbound, policy, said, shown

LUA = {
    "name": "lua",
    "typedConfig": {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
        "defaultSourceCode": {"inlineString": "-- nothing"},
    },
}
WHERE = Place("self_inbound_dp_http", "inbound")


def modifications(*documents):
    return parse(Conf, {"appendModifications": list(documents)}).append_modifications


def listener(protocol="http"):
    return inbound(protocol).listener


def after(*documents, resource=None, place=WHERE):
    left = modified(modifications(*documents), place, listener() if resource is None else resource)
    return None if left is None else shown(left)


def http_filters(document):
    return [one["name"] for one in document["filterChains"][0]["filters"][0]["typedConfig"]["httpFilters"]]


@pytest.mark.parametrize(
    ("operation", "match", "expected"),
    [
        ("AddFirst", None, ["lua", names.ROUTER]),
        ("AddLast", None, [names.ROUTER, "lua"]),
        ("AddBefore", {"name": names.ROUTER}, ["lua", names.ROUTER]),
        ("AddAfter", {"name": names.ROUTER}, [names.ROUTER, "lua"]),
        ("AddAfter", {"name": "nobody"}, [names.ROUTER]),
        ("AddFirst", {"origin": "outbound"}, [names.ROUTER]),
        ("AddFirst", {"listenerName": "another"}, [names.ROUTER]),
        ("AddFirst", {"listenerName": WHERE.name, "origin": "inbound"}, ["lua", names.ROUTER]),
    ],
)
def test_http_filters_are_added_where_they_are_wanted(operation, match, expected):
    change = {"operation": operation, "value": json.dumps(LUA)} | ({"match": match} if match else {})
    assert http_filters(after({"httpFilter": change})) == expected


@pytest.mark.parametrize(("tags", "meant"), [({"app": "web"}, True), ({"app": "*"}, True), ({"app": "db"}, False)])
def test_listeners_are_known_by_their_tags(tags, meant):
    tagged = listener()
    tagged.metadata.filter_metadata[names.TAGS].update({"app": "web"})
    gone = after({"listener": {"operation": "Remove", "match": {"tags": tags}}}, resource=tagged)
    assert (gone is None) is meant


def test_a_tag_that_is_not_there_matches_nothing():
    assert after({"listener": {"operation": "Remove", "match": {"tags": {"app": "*"}}}}) is not None


@pytest.mark.parametrize("way", ["inbound", "outbound"])
@pytest.mark.parametrize("version", [4, 6])
def test_passthrough_listeners_answer_to_both_their_names(way, version):
    place = Place(f"self_transparentproxy_passthrough_{way}_ipv{version}", "transparent")
    change = {"operation": "Remove", "match": {"name": f"{way}:passthrough:ipv{version}"}}
    assert after({"listener": change}, place=place) is None


def test_a_duration_replaces_the_one_before():
    cluster = api.Cluster(name="a", connect_timeout={"seconds": 5, "nanos": 500}, alt_stat_name="x")
    merge(cluster, api.Cluster(connect_timeout={"seconds": 2}))
    assert shown(cluster) == {"name": "a", "altStatName": "x", "connectTimeout": "2s"}


def test_lists_grow_and_objects_merge():
    cluster = api.Cluster(name="a", circuit_breakers={"thresholds": [{"priority": "HIGH"}]})
    merge(cluster, api.Cluster(circuit_breakers={"thresholds": [{"track_remaining": True}]}))
    assert shown(cluster)["circuitBreakers"] == {"thresholds": [{"priority": "HIGH"}, {"trackRemaining": True}]}


def test_a_filter_of_another_type_is_not_merged():
    change = {
        "operation": "Patch",
        "match": {"name": names.ROUTER},
        "value": json.dumps(LUA | {"name": names.ROUTER}),
    }
    with pytest.raises(PatchFailed, match=r"is a .*Router, and no .*Lua"):
        after({"httpFilter": change})


def test_a_json_patch_that_leads_nowhere_fails():
    step = {"op": "replace", "path": "/nothing/here", "value": 1}
    with pytest.raises(PatchFailed, match="a JSON patch of Listener self_inbound_dp_http: /nothing/here"):
        after({"listener": {"operation": "Patch", "jsonPatches": [step]}})


def test_what_a_json_patch_makes_must_be_envoys():
    step = {"op": "add", "path": "/nothingOfEnvoys", "value": 1}
    with pytest.raises(PatchFailed, match="nothingOfEnvoys"):
        after({"listener": {"operation": "Patch", "jsonPatches": [step]}})


def test_what_is_added_is_changed_by_what_comes_later_and_not_by_what_came_before():
    removal = {"cluster": {"operation": "Remove", "match": {"name": "a"}}}
    addition = {"cluster": {"operation": "Add", "value": "{name: a, connectTimeout: 1s}"}}
    patch = {"cluster": {"operation": "Patch", "value": "{connectTimeout: 3s}"}}
    ((name, made),) = added(modifications(removal, addition, patch), "Cluster")
    assert (name, shown(made)) == ("a", {"name": "a", "connectTimeout": "3s"})
    assert not list(added(modifications(addition, removal), "Cluster"))


def test_one_that_is_added_takes_the_place_of_its_namesake():
    addition = {"cluster": {"operation": "Add", "value": "{name: a, connectTimeout: 1s}"}}
    assert modified(modifications(addition), Place("a", "inbound"), api.Cluster(name="a")) is None
    assert modified(modifications(addition), Place("b", "inbound"), api.Cluster(name="b")) is not None


def test_modifications_of_several_policies_are_all_applied():
    def one(name, value):
        change = {"httpFilter": {"operation": "AddFirst", "value": json.dumps(LUA | {"name": value})}}
        return policy("MeshProxyPatch", name, default={"appendModifications": [change]})

    confs = [one("a", "first").spec.default, one("b", "second").spec.default]
    both = tuple(change for conf in confs for change in conf.append_modifications)
    assert http_filters(shown(modified(both, WHERE, listener()))) == ["second", "first", names.ROUTER]
    assert not at_listener(one("a", "first")).rules  # it has no rules: what it says holds for the proxy as a whole


def problems(kind, **change):
    found = said("MeshProxyPatch", default={"appendModifications": [{kind: change}]})
    return [(field.removeprefix(f"spec.default.appendModifications[0].{kind}"), why) for field, why in found]


@pytest.mark.parametrize(
    ("kind", "change", "field"),
    [
        ("cluster", {"operation": "Add", "value": "name: a\nconnectTimeout: soon"}, ".value"),
        ("cluster", {"operation": "Add", "value": "connectTimeout: 1s"}, ".value"),
        ("cluster", {"operation": "Add", "value": "[]"}, ".value"),
        ("cluster", {"operation": "Add", "value": "nobody: knows"}, ".value"),
        ("virtualHost", {"operation": "Add", "value": "name: a", "match": {}}, ".value"),
        (
            "virtualHost",
            {"operation": "Add", "value": "{name: a, domains: [a]}", "match": {"name": "a"}},
            ".match.name",
        ),
        ("httpFilter", {"operation": "Add"}, ".operation"),
        ("httpFilter", {"operation": "AddBefore", "value": "name: a"}, ".match.name"),
        ("networkFilter", {"operation": "Patch", "value": "name: a"}, ".match.name"),
        ("listener", {"operation": "Remove", "value": "name: a"}, ".value"),
        ("listener", {"operation": "Patch", "jsonPatches": []}, ""),
        ("listener", {"operation": "Patch", "jsonPatches": [{"op": "swap", "path": "/a"}]}, ".jsonPatches[0].op"),
        ("listener", {"operation": "Patch", "jsonPatches": [{"op": "move", "path": "/a"}]}, ".jsonPatches[0].from"),
        ("listener", {"operation": "Patch", "jsonPatches": [{"op": "add", "path": "/a"}]}, ".jsonPatches[0].value"),
        ("listener", {"operation": "Patch", "jsonPatches": [{"op": "remove"}]}, ".jsonPatches[0].path"),
        ("listener", {"operation": "Patch", "jsonPatches": [{"op": "remove", "path": "/"}]}, ".jsonPatches[0].path"),
    ],
)
def test_mistakes_are_named(kind, change, field):
    found = problems(kind, **change)
    assert [where for where, _ in found] == [field]
    assert found[0][1]


def test_unknown_extensions_are_named():
    packed = {"@type": "type.googleapis.com/envoy.extensions.Nothing"}
    ((_, why),) = problems("httpFilter", operation="AddFirst", value=json.dumps({"name": "a", "typedConfig": packed}))
    assert "envoy.extensions.Nothing" in why
