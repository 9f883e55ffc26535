"""Policies of every kind, at random: whom they are for, and what they say of what."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.zone_cp.anything import confs
from tests.zone_cp.anything.parts import (
    APPS,
    SECTIONS,
    Documents,
    destinations,
    having,
    matches,
    meshes,
    multizones,
    outsides,
    routes,
    services,
    several,
    some,
)

DATAPLANES = {"labels": st.sampled_from([{}, *({"app": app} for app in APPS)])}
for_dataplanes = having(DATAPLANES, kind=st.just("Dataplane"))
for_sections = having(
    {**DATAPLANES, "sectionName": st.sampled_from([*SECTIONS, "ingress", "egress"])}, kind=st.just("Dataplane")
)
anybody = meshes | for_dataplanes


def _outward(conf: Documents, targets: Documents = meshes | destinations) -> Documents:
    items = several(having(targetRef=targets, default=conf), least=1, most=3)
    return having({"targetRef": anybody}, to=items)


def _inward(conf: Documents, selected: Documents = meshes | for_sections) -> Documents:
    return having({"targetRef": selected}, rules=several(having(default=conf), least=1))


def _matching(conf: Documents, least: Documents, selected: Documents = meshes | for_sections) -> Documents:
    """Rules for some clients, which may say less, and rules for all."""
    matched = having(matches=several(matches, least=1), default=least)
    return having({"targetRef": selected}, rules=several(matched | having(default=conf), least=1, most=3))


def _single(conf: Documents) -> Documents:
    return having({"targetRef": anybody}, default=conf)


def _routed(rules: st.SearchStrategy[Any]) -> Documents:
    items = several(having(targetRef=destinations, rules=rules), least=1, most=2)
    return having({"targetRef": anybody}, to=items)


_permissions = some(**dict.fromkeys(("allow", "deny", "allowWithShadowDeny"), several(matches, least=1)))
_balanced = st.one_of(
    _outward(confs.balancing(across=False), services),
    _outward(confs.balancing(across=True), meshes | outsides | multizones),
    _outward(confs.hashing, routes),
)
_everywhere = meshes | destinations | routes

SPECS: dict[str, Documents] = {
    "MeshHTTPRoute": _routed(confs.http_rules),
    "MeshTCPRoute": _routed(confs.tcp_rules),
    "MeshTLS": _inward(confs.tls),
    "MeshLoadBalancingStrategy": _balanced,
    "MeshAccessLog": _outward(confs.logging, _everywhere) | _matching(confs.logging, confs.logging),
    "MeshTrace": _single(confs.tracing),
    "MeshFaultInjection": _matching(confs.faults, confs.faults),
    "MeshRateLimit": _matching(confs.limits, confs.request_limits, for_sections),
    "MeshTimeout": _outward(confs.timeouts, _everywhere) | _matching(confs.timeouts, confs.request_timeouts),
    "MeshTrafficPermission": _inward(_permissions),
    "MeshHealthCheck": _outward(confs.health),
    "MeshCircuitBreaker": _outward(confs.breakers) | _inward(confs.breakers),
    "MeshPassthrough": _single(confs.passing),
    "MeshRetry": _outward(confs.retries, _everywhere),
}
NAMES = {"MeshHTTPRoute": ("route-a", "route-b")}  # which other policies name


def _policy(kind: str) -> Documents:
    names = st.sampled_from(NAMES.get(kind, ("a", "b", "c")))
    labels = st.sampled_from([{}, {}, {"kuma.io/effect": "shadow"}, {"kuma.io/origin": "global"}])
    return having(type=st.just(kind), mesh=st.just("shop"), name=names, labels=labels, spec=SPECS[kind])


policies = st.lists(
    st.sampled_from(sorted(SPECS)).flatmap(_policy),
    min_size=5,
    max_size=10,
    unique_by=lambda one: (one["type"], one["name"]),
)
