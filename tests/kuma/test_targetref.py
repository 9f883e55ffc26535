"""What policies have in common: their targets, matches and backends, and what is wrong with them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuma.policies import POLICIES
from kuma.schema import json_schema, parse
from kuma.targetref import (
    DESTINATIONS_AND_ROUTES,
    SERVICES,
    BackendRef,
    BackendResourceRef,
    Match,
    OutboundTargetRef,
    SniMatch,
    SpiffeIdMatch,
    TlsVersion,
    TopLevelTargetRef,
    backend,
    backend_resource,
    match,
    spiffe_id_problem,
    target,
    tls_ciphers,
    tls_version,
    top_target,
)

WEB = {"kuma.io/display-name": "web"}


def said(violations):
    return [(one.field, one.message) for one in violations]


@pytest.mark.parametrize(
    ("ref", "problems"),
    [
        ({}, [("kind", "must be defined")]),
        ({"kind": "MeshSubset"}, [("kind", "value 'MeshSubset' is not supported")]),
        ({"kind": "Mesh"}, []),
        (
            {"kind": "Mesh", "labels": WEB, "sectionName": "x"},
            [
                ("labels", "must not be set with kind Mesh"),
                ("sectionName", "must not be set with kind Mesh"),
            ],
        ),
        ({"kind": "MeshService"}, [("labels", "must be set when kind is MeshService")]),
        ({"kind": "MeshService", "labels": WEB, "sectionName": "http"}, []),
        (
            {"kind": "MeshExternalService", "labels": WEB, "sectionName": "http"},
            [("sectionName", "must not be set with kind MeshExternalService")],
        ),
        ({"kind": "MeshMultiZoneService", "labels": WEB, "sectionName": "http"}, []),
        (
            {"kind": "MeshHTTPRoute", "sectionName": "rule_0"},
            [
                ("sectionName", "must not be set with kind MeshHTTPRoute"),
                ("labels", "must be set when kind is MeshHTTPRoute"),
            ],
        ),
    ],
)
def test_destinations(ref, problems):
    assert said(target(parse(OutboundTargetRef, ref), DESTINATIONS_AND_ROUTES)) == problems


def test_sections_of_a_dataplane_belong_to_inbound_policies():
    ref = TopLevelTargetRef("Dataplane", section_name="http")
    assert said(top_target(ref)) == [("targetRef.sectionName", "can only be used with inbound policies")]
    assert said(top_target(ref, inbound=True)) == []
    assert said(top_target(None)) == []
    assert said(top_target(TopLevelTargetRef("MeshService"))) == [
        ("targetRef.kind", "value 'MeshService' is not supported")
    ]


def test_backends():
    assert parse(BackendRef, {"kind": "MeshService"}).weight == 1
    assert said(backend(parse(BackendRef, {"kind": "Mesh"}))) == [("kind", "value 'Mesh' is not supported")]
    several = {"kind": SERVICES[2], "labels": WEB}
    assert said(backend(parse(BackendRef, several))) == [("port", "must be defined with kind MeshMultiZoneService")]
    assert said(backend(parse(BackendRef, {**several, "port": 80}))) == []
    heavy = {"kind": "MeshService", "labels": WEB, "weight": 2**32}
    assert said(backend(parse(BackendRef, heavy))) == [("weight", "must be in inclusive range [0, 4294967295]")]
    telemetry = BackendResourceRef("MeshOpenTelemetryBackend")
    assert said(backend_resource(telemetry)) == [("", "backendRef must have exactly one defined: labels")]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("spiffe://td", None),
        ("spiffe://td/ns/x", None),
        ("spiffe://td/Ns/x_.-1", None),
        ("", "cannot be empty"),
        ("http://td", "scheme is missing or invalid"),
        ("spiffe://", "trust domain is missing"),
        (
            "spiffe://TD/x",
            "trust domain characters are limited to lowercase letters, numbers, dots, dashes, and underscores",
        ),
        ("spiffe://td/", "path cannot have a trailing slash"),
        ("spiffe://td//x", "path cannot contain empty segments"),
        ("spiffe://td/../x", "path cannot contain dot segments"),
        (
            "spiffe://td/ä",
            "path segment characters are limited to letters, numbers, dots, dashes, and underscores",
        ),
    ],
)
def test_spiffe_ids(text, problem):
    assert spiffe_id_problem(text) == problem


@given(st.text())
def test_any_text_is_a_spiffe_id_or_told_why_not(text):
    said(match(Match(SpiffeIdMatch("Exact", text), SniMatch("Exact", text))))


def test_tls():
    assert said(tls_version(TlsVersion("TLS11", "TLS10"))) == [("min", "min version must be lower than max")]
    assert said(tls_version(TlsVersion("TLSAuto", "TLS10"))) == []
    assert said(tls_version(TlsVersion("TLS12", "TLS12"))) == []
    assert [one.field for one in tls_ciphers(["ECDHE-RSA-AES256-GCM-SHA384", "RC4"])] == ["[1]"]


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.kind.name)
def test_every_field_of_a_policy_is_explained(policy):
    assert list(unexplained(json_schema(policy.kind.spec), policy.kind.name)) == []


def unexplained(schema, path):
    for name, field in schema.get("properties", {}).items():
        if not field.get("description"):
            yield f"{path}.{name}"
        yield from unexplained(field, f"{path}.{name}")
        yield from unexplained(field.get("items", {}), f"{path}.{name}[]")


def test_policies_edit_in_their_order():
    orders = [policy.order for policy in POLICIES]
    assert orders == sorted(set(orders))
