"""MeshTrafficPermission: who is let through, judged by reading Envoy's matcher and, independently, the policies."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from kuma.envoy import api
from kuma.envoy.draft import ZoneListener
from kuma.policies.meshtrafficpermission import POLICY
from tests.kuma.policies.parts import IDENTITY, at_listener, filters, http, inbound, policy, said, shown

WEB = "spiffe://east.mesh/ns/shop/sa/web"


def exact(value):
    return {"spiffeID": {"type": "Exact", "value": value}}


def prefix(value):
    return {"spiffeID": {"type": "Prefix", "value": value}}


def sni(value):
    return {"sni": {"type": "Exact", "value": value}}


def permission(name="p", **lists):
    return policy("MeshTrafficPermission", name, rules=[{"default": lists}])


def rbac(protocol, *policies):
    """The RBAC filter of an inbound with these policies."""
    part = inbound(protocol, IDENTITY, secured=True)
    POLICY.inbound(part, at_listener(*policies))
    return filters(part.listener)[0] if protocol == "tcp" else http(part.listener)["httpFilters"][0]["typedConfig"]


DENY_ALL = {
    "action": {
        "name": "envoy.filters.rbac.action",
        "typedConfig": {
            "@type": "type.googleapis.com/envoy.config.rbac.v3.Action",
            "name": "default",
            "action": "DENY",
        },
    }
}


def test_nobody_is_let_through_without_a_policy():
    assert rbac("http")["matcher"] == {"onNoMatch": DENY_ALL}
    assert "shadowMatcher" not in rbac("http")


def test_the_filter_stands_before_all_others():
    part = inbound("http", IDENTITY, secured=True)
    POLICY.inbound(part, at_listener(permission(allow=[exact(WEB)])))
    assert [one["name"] for one in http(part.listener)["httpFilters"]] == [
        "envoy.filters.http.rbac",
        "envoy.filters.http.router",
    ]
    assert rbac("tcp")["statPrefix"] == "self_inbound_dp_http."


def test_where_clients_are_unknown_there_is_nothing_to_decide_by():
    for part in (inbound("http", None), inbound("http", IDENTITY, secured=False)):
        before = shown(part.listener)
        POLICY.inbound(part, at_listener(permission(allow=[sni("a")])))
        assert shown(part.listener) == before


def test_an_egress_decides_and_an_ingress_passes_on():
    for egress in (True, False):
        secured = inbound("tcp", IDENTITY, secured=True)
        part = ZoneListener("ze", "10.0.0.1", 8080, egress, IDENTITY, secured.listener)
        POLICY.zone_listener(part, at_listener(permission(allow=[exact(WEB)])))
        assert (filters(part.listener)[0]["@type"].endswith("RBAC")) is egress


def test_denying_stands_before_allowing_whichever_policy_says_it():
    weak = permission("zzz", deny=[exact(WEB)])
    strong = permission("aaa", allow=[prefix("spiffe://east.mesh/ns")])
    first, second = rbac("http", weak, strong)["matcher"]["matcherList"]["matchers"]
    assert first["onMatch"]["action"]["typedConfig"]["action"] == "DENY"
    assert first["onMatch"]["action"]["typedConfig"]["name"] == "kri_mtp_default___zzz_"
    assert second["onMatch"]["action"]["typedConfig"]["name"] == "kri_mtp_default___aaa_"
    assert "action" not in second["onMatch"]["action"]["typedConfig"]  # ALLOW is the zero value
    assert first["predicate"]["singlePredicate"]["valueMatch"] == {"exact": WEB}


def test_server_names_are_looked_for():
    part = inbound("tcp", IDENTITY, secured=True)
    POLICY.inbound(part, at_listener(permission(allow=[{**exact(WEB), **sni("db.example")}])))
    assert [one["name"] for one in shown(part.listener)["listenerFilters"]] == ["envoy.filters.listener.tls_inspector"]
    (matcher,) = filters(part.listener)[0]["matcher"]["matcherList"]["matchers"]
    names = [one["singlePredicate"]["input"]["name"] for one in matcher["predicate"]["andMatcher"]["predicate"]]
    assert names == ["envoy.matching.inputs.uri_san", "envoy.matching.inputs.server_name"]


def test_what_would_be_denied_is_allowed_and_told():
    config = rbac("http", permission(allowWithShadowDeny=[exact(WEB)]))
    (allowed,) = config["matcher"]["matcherList"]["matchers"]
    (told,) = config["shadowMatcher"]["matcherList"]["matchers"]
    assert "action" not in allowed["onMatch"]["action"]["typedConfig"]
    assert told["onMatch"]["action"]["typedConfig"]["action"] == "DENY"
    assert config["shadowMatcher"]["onNoMatch"] == DENY_ALL


def test_a_match_that_says_nothing_matches_nobody():
    assert rbac("http", permission(allow=[{}]))["matcher"] == {"onNoMatch": DENY_ALL}


def test_a_policy_says_something():
    assert said("MeshTrafficPermission") == [("spec", "policy must define rules")]
    assert said("MeshTrafficPermission", rules=[{"default": {}}]) == [
        ("spec.rules[0]", "at least one of 'allow', 'allowWithShadowDeny', 'deny' has to be defined")
    ]


def test_identities_are_checked():
    assert said("MeshTrafficPermission", rules=[{"default": {"allow": [exact(WEB), exact("web")]}}]) == [
        ("spec.rules[0].allow[1].spiffeID", "must be a valid Spiffe ID: scheme is missing or invalid")
    ]


# The oracle: Envoy's reading of the matcher against a plain reading of the policies.


@frozen
class Caller:
    """Who calls, and by which name."""

    uri: str
    server_name: str


def envoy_allows(config: dict, caller: Caller) -> bool:
    """What Envoy's RBAC filter does: the first matcher that holds decides, else what is done on no match."""
    matcher = config["matcher"]
    for one in matcher.get("matcherList", {}).get("matchers", ()):
        if holds(one["predicate"], caller):
            return allows(one["onMatch"])
    return allows(matcher["onNoMatch"])


def allows(on_match: dict) -> bool:
    return on_match["action"]["typedConfig"].get("action", "ALLOW") == "ALLOW"


def holds(predicate: dict, caller: Caller) -> bool:
    ((how, inner),) = predicate.items()
    if how == "orMatcher":
        assert len(inner["predicate"]) >= 2  # Envoy refuses fewer
        return any(holds(one, caller) for one in inner["predicate"])
    if how == "andMatcher":
        assert len(inner["predicate"]) >= 2
        return all(holds(one, caller) for one in inner["predicate"])
    inputs = {"UriSanInput": caller.uri, "ServerNameInput": caller.server_name}
    value = inputs[inner["input"]["typedConfig"]["@type"].rsplit(".", 1)[1]]
    ((comparison, wanted),) = inner["valueMatch"].items()
    return value == wanted if comparison == "exact" else value.startswith(wanted)


def policies_allow(documents: Sequence[dict], caller: Caller) -> bool:
    """What the policies say: somebody allows it, and nobody denies it."""
    lists = [rule for document in documents for rule in document]
    denied = any(meant(one, caller) for rule in lists for one in rule.get("deny", ()))
    allowed = any(
        meant(one, caller) for rule in lists for name in ("allow", "allowWithShadowDeny") for one in rule.get(name, ())
    )
    return allowed and not denied


def meant(match: dict, caller: Caller) -> bool:
    spiffe, server_name = match.get("spiffeID"), match.get("sni")
    if spiffe is None and server_name is None:
        return False
    if server_name is not None and server_name["value"] != caller.server_name:
        return False
    if spiffe is None:
        return True
    same = caller.uri == spiffe["value"]
    return same if spiffe["type"] == "Exact" else caller.uri.startswith(spiffe["value"])


IDENTITIES = ["spiffe://td", "spiffe://td/a", "spiffe://td/ab", "spiffe://td/a/b", "spiffe://other/a"]
SERVER_NAMES = ["a", "b.c", ""]
spiffe_ids = st.fixed_dictionaries(
    {
        "spiffeID": st.fixed_dictionaries(
            {"type": st.sampled_from(["Exact", "Prefix"]), "value": st.sampled_from(IDENTITIES)}
        )
    }
)
server_names = st.fixed_dictionaries({"sni": st.sampled_from([sni(name)["sni"] for name in SERVER_NAMES[:2]])})
matches = st.one_of(
    spiffe_ids, server_names, st.builds(lambda one, other: {**one, **other}, spiffe_ids, server_names), st.just({})
)
rules = st.dictionaries(
    st.sampled_from(["allow", "deny", "allowWithShadowDeny"]), st.lists(matches, max_size=3), max_size=3
)


@given(st.lists(st.lists(rules, max_size=3), max_size=4), st.sampled_from(["tcp", "http"]))
def test_envoy_lets_through_whom_the_policies_allow(documents, protocol):
    policies = [
        policy("MeshTrafficPermission", f"p{index}", rules=[{"default": rule} for rule in document])
        for index, document in enumerate(documents)
    ]
    config = rbac(protocol, *policies)
    for caller in (Caller(uri, name) for uri in IDENTITIES for name in SERVER_NAMES):
        assert envoy_allows(config, caller) == policies_allow(documents, caller)


def test_the_matcher_is_a_message_that_envoy_has():
    config = rbac("http", permission(allow=[exact(WEB), sni("a")]))
    assert api.parsed("HttpRbac", {name: value for name, value in config.items() if name != "@type"})
