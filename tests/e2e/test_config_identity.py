"""What MeshTLS and MeshTrafficPermission would change: who speaks TLS and how, and who may call whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kuma.envoy.names import LDS
from tests.e2e.shadows import (
    CLIENT,
    EVERYBODY_OF_MESH,
    HTTP_INBOUND,
    OTHER,
    SERVER,
    TCP_INBOUND,
    TO_OTHER,
    TO_SERVER,
    Look,
    Shade,
    policy,
    shades,
)
from tests.e2e.traffic import EVERYBODY, workload

INBOUNDS = {SERVER: HTTP_INBOUND, OTHER: HTTP_INBOUND, CLIENT: TCP_INBOUND}
RBAC = {HTTP_INBOUND: "envoy.filters.http.rbac", TCP_INBOUND: "envoy.filters.network.rbac"}
INSPECTOR = "envoy.filters.listener.tls_inspector"


@pytest.fixture(scope="module")
def shade() -> Iterator[Shade]:
    with shades() as made:
        yield made


def chains(listener: dict[str, Any]) -> list[tuple[Any, bool, bool]]:
    """What each filter chain matches, whether it speaks TLS, and whether it asks who may call."""
    return [
        (one.get("filterChainMatch"), "transportSocket" in one, ".rbac" in str(one["filters"]))
        for one in listener["filterChains"]
    ]


@pytest.mark.scenario("U-config-15")
@pytest.mark.parametrize("target", [{}, {"target_ref": EVERYBODY}], ids=["no target", "mesh"])
def test_permissive(shade, target):
    with shade.shadow(policy("MeshTLS", rules=[{"default": {"mode": "Permissive"}}], **target)):
        for name, inbound in INBOUNDS.items():
            look = shade.seen(name)
            assert look.changed == {f"listener {inbound}"}
            listener = look.listener(inbound)
            assert chains(listener) == [
                ({"transportProtocol": "raw_buffer"}, False, False),
                ({"transportProtocol": "tls"}, False, False),
                ({"transportProtocol": "tls", "applicationProtocols": ["kuma"]}, True, True),
            ]
            assert [one["name"] for one in listener["listenerFilters"]] == [INSPECTOR]
            (now,) = shade.config(name, shadow=False)["xds"][LDS][inbound]["filterChains"]
            assert {**now, "filterChainMatch": chains(listener)[2][0]} == listener["filterChains"][2]


PARAMETERS = {
    "tlsMinimumProtocolVersion": "TLSv1_3",
    "tlsMaximumProtocolVersion": "TLSv1_3",
    "cipherSuites": ["ECDHE-ECDSA-AES256-GCM-SHA384"],
}
SECURE = {"tlsVersion": {"min": "TLS13", "max": "TLS13"}, "tlsCiphers": PARAMETERS["cipherSuites"]}
OF_CONTEXT = "transportSocket/typedConfig/commonTlsContext/tlsParams"


@pytest.mark.scenario("U-config-16")
def test_versions_and_ciphers(shade):
    with shade.shadow(policy("MeshTLS", rules=[{"default": SECURE}])):
        for name in (SERVER, OTHER):
            inbound = f"listener {HTTP_INBOUND}/filterChains/0/{OF_CONTEXT}"
            assert shade.seen(name).difference == {inbound: (None, PARAMETERS)}
        assert shade.seen(CLIENT).difference == {
            f"listener {TCP_INBOUND}/filterChains/0/{OF_CONTEXT}": (None, PARAMETERS),
            f"cluster {TO_SERVER}/{OF_CONTEXT}": (None, PARAMETERS),
            f"cluster {TO_OTHER}/{OF_CONTEXT}": (None, PARAMETERS),
        }


def exact(name: str) -> dict[str, Any]:
    return {"spiffeID": {"type": "Exact", "value": f"{EVERYBODY_OF_MESH}/{name}"}}


def prefix(name: str) -> dict[str, Any]:
    return {"spiffeID": {"type": "Prefix", "value": f"{EVERYBODY_OF_MESH}/{name}"}}


def rbac(look: Look, inbound: str) -> dict[str, Any]:
    """What the first filter of an inbound asks: that of requests, or of connections."""
    chain = look.listener(inbound)["filterChains"][0]
    found = chain["filters"][0]
    if inbound == HTTP_INBOUND:
        found = found["typedConfig"]["httpFilters"][0]
    assert found["name"] == RBAC[inbound]
    return dict(found["typedConfig"])


Asked = tuple[str, str, list[list[str]]]
"""What is done by whose word, and with whom: alternatives, of which each is one or more values."""


def asked(matcher: dict[str, Any]) -> list[Asked]:
    """What a matcher does, in order."""
    found = []
    for one in matcher["matcherList"]["matchers"]:
        action = one["onMatch"]["action"]["typedConfig"]
        alternatives = one["predicate"].get("orMatcher", {"predicate": [one["predicate"]]})["predicate"]
        found.append((action.get("action", "ALLOW"), action["name"], [_values(each) for each in alternatives]))
    return found


def _values(predicate: dict[str, Any]) -> list[str]:
    parts = predicate.get("andMatcher", {"predicate": [predicate]})["predicate"]
    return [_value(one["singlePredicate"]) for one in parts]


def _value(single: dict[str, Any]) -> str:
    """What is asked for, e.g. `uri_san prefix SPIFFE-ID` without what all begin with."""
    ((how, value),) = single["valueMatch"].items()
    name = single["input"]["name"].removeprefix("envoy.matching.inputs.")
    return f"{name} {how} {value.removeprefix(EVERYBODY_OF_MESH)}"


EVERYBODY_MAY = ("ALLOW", "kri_mtp_default_lone__everybody_", [["uri_san prefix "]])
TESTED, SCOPED = "kri_mtp_default_lone__tested_", "kri_mtp_default_lone__scoped_"
NOBODY_ELSE = {"name": "default", "action": "DENY"}


def otherwise(matcher: dict[str, Any]) -> dict[str, Any]:
    """What is done with everybody else."""
    action = dict(matcher["onNoMatch"]["action"]["typedConfig"])
    return {name: value for name, value in action.items() if name != "@type"}


ALL_LISTS = {
    "deny": [exact("eve"), prefix("evil")],
    "allow": [exact("ann")],
    "allowWithShadowDeny": [exact("bob")],
}
DENIED = [["uri_san exact /eve"], ["uri_san prefix /evil"]]
ALLOWED = [["uri_san exact /ann"], ["uri_san exact /bob"]]


@pytest.mark.scenario("U-config-22")
def test_who_may_call(shade):
    with shade.shadow(policy("MeshTrafficPermission", rules=[{"default": ALL_LISTS}])):
        for name, inbound in INBOUNDS.items():
            look = shade.seen(name)
            assert look.changed == {f"listener {inbound}"}
            found = rbac(look, inbound)
            assert asked(found["matcher"]) == [
                ("DENY", TESTED, DENIED),
                ("ALLOW", TESTED, ALLOWED),
                EVERYBODY_MAY,
            ]
            assert asked(found["shadowMatcher"]) == [("DENY", TESTED, [["uri_san exact /bob"]])]
            assert otherwise(found["matcher"]) == otherwise(found["shadowMatcher"]) == NOBODY_ELSE


WIDE = policy("MeshTrafficPermission", rules=[{"default": {"deny": [exact("eve")]}}])
UNIONS = {
    "denied, and allowed with a shadow": (
        {"deny": [exact("mal")], "allowWithShadowDeny": [exact("bob")]},
        [["uri_san exact /mal"]],
        [["uri_san exact /bob"]],
    ),
    "denied of those who are allowed": (
        {"deny": [prefix("client/of-others")], "allow": [prefix("client")]},
        [["uri_san prefix /client/of-others"]],
        [["uri_san prefix /client"]],
    ),
}


@pytest.mark.scenario("U-config-23")
@pytest.mark.parametrize("case", UNIONS)
def test_all_that_is_said_of_a_proxy_counts_and_denials_first(shade, case):
    default, denied, allowed = UNIONS[case]
    scoped = policy("MeshTrafficPermission", "scoped", target_ref=workload(SERVER), rules=[{"default": default}])
    with shade.shadow(WIDE, scoped):
        found = rbac(shade.seen(SERVER, "eve", SCOPED), HTTP_INBOUND)
        told = asked(found["matcher"])
        assert sorted(told[:2]) == [("DENY", SCOPED, denied), ("DENY", TESTED, [["uri_san exact /eve"]])]
        assert sorted(told[2:]) == [EVERYBODY_MAY, ("ALLOW", SCOPED, allowed)]
        assert ("shadowMatcher" in found) is ("allowWithShadowDeny" in default)
        for name in (OTHER, CLIENT):
            told = asked(rbac(shade.seen(name), INBOUNDS[name])["matcher"])
            assert told == [("DENY", TESTED, [["uri_san exact /eve"]]), EVERYBODY_MAY]


@pytest.mark.scenario("U-config-24")
def test_who_may_call_by_the_name_that_is_called(shade):
    alone, both = ({"sni": {"type": "Exact", "value": name}} for name in ("one.example", "two.example"))
    default = {"allow": [alone, {**both, **exact("ann")}]}
    with shade.shadow(policy("MeshTrafficPermission", rules=[{"default": default}])):
        for name, inbound in INBOUNDS.items():
            look = shade.seen(name)
            told = asked(rbac(look, inbound)["matcher"])
            names = [
                ["server_name exact one.example"],
                ["uri_san exact /ann", "server_name exact two.example"],
            ]
            assert sorted(told) == [EVERYBODY_MAY, ("ALLOW", TESTED, names)]
            assert [one["name"] for one in look.listener(inbound)["listenerFilters"]] == [INSPECTOR]
