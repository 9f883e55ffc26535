"""MeshHTTPRoute: merged, sorted, resolved, and said in Envoy's words."""

from __future__ import annotations

import json

import pytest

from kuma.envoy import api
from tests.kuma.policies.parts import said
from tests.zone_cp.worlds import documents, proxy, shop
from zone_cp.generate import CDS, EDS, LDS, Workshop, generate

BACKEND = "kri_msvc_shop_z1__backend_http"
DEFAULT = "9Zuf5Tg79OuZcQITwBbQykxAk2u4fRKrwYn3//AL4Yo="


def route(name: str, *rules: str) -> str:
    return json.dumps({
        "type": "MeshHTTPRoute",
        "mesh": "shop",
        "name": name,
        "spec": {"to": [{"targetRef": TARGET, "rules": [json.loads(one) for one in rules]}]},
    })  # fmt: skip


TARGET = {"kind": "MeshService", "labels": {"kuma.io/display-name": "backend"}}
HERE = json.dumps({**TARGET, "port": 80})
NOWHERE = '{"kind": "MeshService", "labels": {"kuma.io/display-name": "nobody"}, "port": 80}'


def rule(path: str, filters: str = "[]", refs: str = "[]", more: str = "") -> str:
    match = f'{{"path": {{"type": "PathPrefix", "value": "{path}"}}{more}}}'
    return f'{{"matches": [{match}], "default": {{"filters": {filters}, "backendRefs": {refs}}}}}'


def config(*policies: str):
    mesh = shop(*policies)
    return generate(mesh, proxy(mesh, "frontend-01"), Workshop())


def routes(*policies: str) -> list[dict]:
    listener = documents(config(*policies), "Listener", LDS)[BACKEND]
    manager = listener["filterChains"][0]["filters"][-1]["typedConfig"]
    (host,) = manager["routeConfig"]["virtualHosts"]
    return host["routes"]


def matches(*policies: str) -> list[dict]:
    return [one["match"] for one in routes(*policies)]


def test_a_prefix_means_whole_segments_and_the_rest_goes_on():
    made = routes(route("r", rule("/a")))
    assert [one["match"] for one in made] == [{"path": "/a"}, {"prefix": "/a/"}, {"prefix": "/"}]
    assert [one["name"] for one in made] == ["kri_mhttpr_shop___r_rule_0"] * 2 + [DEFAULT]


def test_a_rule_for_everything_leaves_no_default():
    (only,) = routes(route("r", rule("/")))
    assert only["name"] == "kri_mhttpr_shop___r_rule_0"
    assert only["route"]["cluster"] == BACKEND


def test_a_rule_that_matches_nothing_in_particular_takes_everything():
    (only,) = routes(route("r", '{"default": {"filters": []}}'))
    assert only["match"] == {"prefix": "/"}
    assert only["name"] == "kri_mhttpr_shop___r_rule_0"


def test_the_special_comes_before_the_general():
    made = matches(route("r", rule("/a"), rule("/a/b"), rule("/a", more=', "method": "GET"')))
    assert made == [
        {"path": "/a/b"},
        {"prefix": "/a/b/"},
        {"path": "/a", "headers": [{"name": ":method", "stringMatch": {"exact": "GET"}}]},
        {"prefix": "/a/", "headers": [{"name": ":method", "stringMatch": {"exact": "GET"}}]},
        {"path": "/a"},
        {"prefix": "/a/"},
        {"prefix": "/"},
    ]


def test_headers_and_query_are_matched():
    more = (
        ', "headers": [{"name": "x", "value": "1"}, {"name": "y", "type": "Absent"}, {"name": "x", "value": "2"}],'
        ' "queryParams": [{"type": "RegularExpression", "name": "q", "value": ".+"}]'
    )
    (made, _) = matches(route("r", rule("/", more=more)))
    assert made == {
        "prefix": "/",
        "headers": [{"name": "x", "stringMatch": {"exact": "1"}}, {"name": "y", "presentMatch": False}],
        "queryParameters": [{"name": "q", "stringMatch": {"safeRegex": {"regex": ".+"}}}],
    }


def test_an_empty_pattern_means_an_empty_value():
    more = (
        ', "headers": [{"type": "RegularExpression", "name": "x-a"}],'
        ' "queryParams": [{"type": "RegularExpression", "name": "q", "value": ""}]'
    )
    (made, _) = matches(route("r", rule("/", more=more)))
    assert made["headers"] == [{"name": "x-a", "stringMatch": {"exact": ""}}]
    assert made["queryParameters"] == [{"name": "q", "stringMatch": {"exact": ""}}]


def test_shares_are_weighted_and_their_clusters_and_endpoints_are_there():
    refs = f"[{json.dumps({**TARGET, 'port': 80, 'weight': 3})}, {json.dumps({**TARGET, 'sectionName': 'http'})}]"
    (made,) = routes(route("r", rule("/", refs=refs)))
    numbered = "kri_msvc_shop_z1__backend_80"
    assert made["route"]["weightedClusters"] == {
        "clusters": [{"name": numbered, "weight": 3}, {"name": BACKEND, "weight": 1}]
    }
    clusters = documents(config(route("r", rule("/", refs=refs))), "Cluster", CDS)
    assert clusters[numbered]["transportSocket"]["typedConfig"]["sni"] == "sni.msvc.shop.z1.backend.http"
    assignments = documents(config(route("r", rule("/", refs=refs))), "ClusterLoadAssignment", EDS)
    assert assignments[numbered]["endpoints"] == assignments[BACKEND]["endpoints"]


def test_what_does_not_exist_answers_with_an_error():
    (made,) = routes(route("r", rule("/", refs=f"[{NOWHERE}]")))
    assert made["directResponse"] == {"status": 500, "body": {"inlineString": ""}}


def test_the_share_of_what_does_not_exist_answers_with_an_error():
    refs = f"[{NOWHERE}, {json.dumps({**TARGET, 'port': 80, 'weight': 7})}]"
    lost, made = routes(route("r", rule("/", refs=refs)))
    assert lost["match"]["runtimeFraction"] == {"defaultValue": {"numerator": 125_000, "denominator": "MILLION"}} or (
        lost["match"]["runtimeFraction"] == {"defaultValue": {"numerator": 1250, "denominator": "TEN_THOUSAND"}}
    )
    assert lost["directResponse"]["status"] == 500
    assert made["route"]["cluster"] == "kri_msvc_shop_z1__backend_80"


def test_headers_change_on_the_way_there_and_back():
    filters = """[
      {"type": "RequestHeaderModifier", "requestHeaderModifier":
        {"set": [{"name": "a", "value": "1"}], "add": [{"name": "b", "value": "2"}], "remove": ["c"]}},
      {"type": "ResponseHeaderModifier", "responseHeaderModifier": {"remove": ["d"]}}]"""
    (made,) = routes(route("r", rule("/", filters)))
    assert made["requestHeadersToAdd"] == [
        {"header": {"key": "a", "value": "1"}, "appendAction": "OVERWRITE_IF_EXISTS_OR_ADD"},
        {"header": {"key": "b", "value": "2"}},
    ]
    assert made["requestHeadersToRemove"] == ["c"]
    assert made["responseHeadersToRemove"] == ["d"]


def test_a_redirect_replaces_the_prefix_or_the_path():
    redirect = '{"statusCode": 301, "path": {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/new"}}'
    exact, below, _ = routes(
        route("r", rule("/old", f'[{{"type": "RequestRedirect", "requestRedirect": {redirect}}}]'))
    )
    assert exact["redirect"] == {"regexRewrite": {"pattern": {"regex": ".*"}, "substitution": "/new"}}
    assert below["redirect"] == {"prefixRewrite": "/new/"}


def test_a_rewrite_changes_host_and_path():
    rewrite = '{"hostname": "other", "path": {"type": "ReplaceFullPath", "replaceFullPath": "/new"}}'
    (made,) = routes(route("r", rule("/", f'[{{"type": "URLRewrite", "urlRewrite": {rewrite}}}]')))
    assert made["route"]["hostRewriteLiteral"] == "other"
    assert made["route"]["regexRewrite"] == {"pattern": {"regex": ".*"}, "substitution": "/new"}


@pytest.mark.parametrize(
    ("percentage", "fraction"),
    [("50", {"numerator": 50}), ('"62.9"', {"numerator": 6290, "denominator": "TEN_THOUSAND"})],
)
def test_a_mirror_copies_a_share(percentage, fraction):
    mirror = f'{{"percentage": {percentage}, "backendRef": {HERE}}}'
    (made,) = routes(route("r", rule("/", f'[{{"type": "RequestMirror", "requestMirror": {mirror}}}]')))
    assert made["route"]["requestMirrorPolicies"] == [
        {"cluster": "kri_msvc_shop_z1__backend_80", "runtimeFraction": {"defaultValue": fraction}}
    ]


def test_a_mirror_to_nowhere_and_a_rewrite_after_a_redirect_are_left_out():
    filters = f"""[
      {{"type": "RequestRedirect", "requestRedirect": {{"hostname": "other"}}}},
      {{"type": "URLRewrite", "urlRewrite": {{"hostname": "third"}}}},
      {{"type": "RequestMirror", "requestMirror": {{"backendRef": {NOWHERE}}}}}]"""
    (made,) = routes(route("r", rule("/", filters)))
    assert made["redirect"] == {"hostRedirect": "other", "responseCode": "FOUND"}


def test_routes_of_several_policies_merge_by_their_matches():
    """The alphabetically first has the last word; what it does not say of equal matches stays."""
    rewrite = '[{"type": "URLRewrite", "urlRewrite": {"hostname": "first"}}]'
    first = route(
        "a", '{"matches": [{"path": {"type": "Exact", "value": "/x"}}], "default": {"filters": ' + rewrite + "}}"
    )
    second = route("b", '{"matches": [{"path": {"type": "Exact", "value": "/x"}}], "default": {"backendRefs": ['
                   + json.dumps({**TARGET, "port": 80, "weight": 2}) + "]}}")  # fmt: skip
    (merged, _) = routes(first, second)
    assert merged["name"] == "kri_mhttpr_shop___a_rule_0"
    assert merged["route"]["hostRewriteLiteral"] == "first"
    assert merged["route"]["cluster"] == "kri_msvc_shop_z1__backend_80"


def test_validation_names_the_field():
    match = {
        "path": {"type": "PathPrefix", "value": "/a/"},
        "headers": [{"name": "x", "type": "Present", "value": "1"}],
    }
    rewrite = {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/b"}
    rules = [
        {"matches": [match], "default": {"filters": [{"type": "RequestMirror"}]}},
        {
            "matches": [{"path": {"type": "Exact", "value": "a"}}],
            "default": {"filters": [{"type": "URLRewrite", "urlRewrite": {"path": rewrite}}]},
        },
    ]
    assert said("MeshHTTPRoute", to=[{"targetRef": {"kind": "Mesh"}, "rules": rules}]) == [
        ("spec.to[0].targetRef.kind", "value 'Mesh' is not supported"),
        (
            "spec.to[0].rules[0].matches[0].path.value",
            "does not need a trailing slash because only a `/`-separated prefix or an entire path is matched",
        ),
        ("spec.to[0].rules[0].matches[0].headers[0].value", "must not be defined"),
        ("spec.to[0].rules[0].default.filters[0].requestMirror", "must be defined"),
        ("spec.to[0].rules[1].matches[0].path.value", "must be an absolute path"),
        (
            "spec.to[0].rules[1].default.filters[0].urlRewrite.path.replacePrefixMatch",
            "can only appear if all matches match a path prefix",
        ),
    ]


def test_a_header_may_be_changed_once():
    modifier = {"set": [{"name": "a", "value": "1"}], "remove": ["a"]}
    filters = [{"type": "RequestHeaderModifier", "requestHeaderModifier": modifier}]
    rules = [{"matches": [{}], "default": {"filters": filters}}]
    assert said("MeshHTTPRoute", to=[{"targetRef": TARGET, "rules": rules}]) == [
        ("spec.to[0].rules[0].default.filters[0].requestHeaderModifier.remove[0].name", "duplicate header name")
    ]


def test_routes_are_messages_of_envoy():
    packed = config(route("r", rule("/a"))).resources(LDS)[BACKEND]
    assert api.Listener.FromString(packed.body).name == BACKEND
