"""The table of kinds, and documents of any kind to resources and back."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given

from kuma.kinds import (
    BY_PATH,
    BY_SHORT,
    KINDS,
    kri_of,
    parse_document,
    show_document,
    spec_json,
    spec_of,
    status_json,
    status_of,
    unknown_fields,
    validate,
    warnings,
)
from kuma.model import NAMESPACE, ZONE, Key, Kri, Labels, Resource, hashed_name
from kuma.resources.sni import sni, sni_problems
from kuma.schema import Invalid, json_schema
from tests.kuma.strategies import any_resource


def wrong(document: object) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as caught:
        parse_document(document)
    return [(violation.field, violation.message) for violation in caught.value.violations]


@given(any_resource())
def test_what_is_shown_parses_to_the_same_resource(resource: Resource):
    document = show_document(resource)
    assert parse_document(document).spec == resource.spec
    again = parse_document(document, strict=True)
    assert (again.key, again.labels) == (resource.key, resource.labels)
    assert show_document(again) == document


@given(any_resource())
def test_specs_and_statuses_survive_a_store(resource: Resource):
    kind = KINDS[resource.kind]
    assert spec_of(kind, spec_json(resource)) == resource.spec
    if resource.status is not None:
        assert status_of(kind, status_json(resource)) == resource.status


@given(any_resource())
def test_any_resource_can_be_judged(resource: Resource):
    for violation in (*validate(resource), *warnings(resource)):
        assert str(violation)


def test_paths_and_short_names_are_unique():
    paths = [path for kind in KINDS.values() for path in (kind.path, *kind.aliases) if path]
    shorts = [kind.short for kind in KINDS.values() if kind.short]
    assert len(paths) == len(BY_PATH)
    assert len(shorts) == len(BY_SHORT)
    assert BY_PATH["global-secrets"] is BY_PATH["globalsecrets"]


def test_every_kind_is_described():
    for kind in KINDS.values():
        schema = json_schema(kind.spec)
        assert schema["type"] == "object"
        assert schema["description"]


def test_fields_stand_in_their_order():
    document = {
        "labels": {"kuma.io/zone": "east", "b": "c", "a": "d"},
        "spec": {"ports": [{"port": 443, "name": "tls"}, {"port": 80}]},
        "name": "backend",
        "type": "MeshService",
    }
    shown = show_document(parse_document(document))
    assert list(shown) == [
        "type", "mesh", "name", "creationTime", "modificationTime", "labels", "kri", "snis", "spec", "status"
    ]  # fmt: skip
    assert list(shown["labels"]) == ["a", "b", "kuma.io/zone"]
    assert shown["mesh"] == "default"
    assert shown["kri"] == "kri_msvc_default_east__backend_"
    assert shown["snis"] == [
        {"port": 80, "sni": "sni.msvc.default.east.backend.80"},
        {"port": 443, "sni": "sni.msvc.default.east.backend.tls"},
    ]
    assert shown["status"] == {"tls": {}, "dataplaneProxies": {}}


def test_inline_specs_stand_beside_the_name():
    document = {"type": "Secret", "mesh": "default", "name": "s1", "data": "dGVzdAo="}
    secret = parse_document(document)
    assert secret.spec.data == b"test\n"
    assert "test" not in repr(secret)
    shown = show_document(secret)
    assert shown["data"] == "dGVzdAo="
    assert "kri" not in shown
    assert "mesh" not in show_document(parse_document({"type": "Mesh", "name": "m1"}))


def test_what_the_server_noted_is_read_back():
    document = {"type": "Mesh", "name": "m", "creationTime": "2024-05-01T12:00:00Z", "modificationTime": "never"}
    assert show_document(parse_document(document))["creationTime"] == "2024-05-01T12:00:00Z"
    assert show_document(parse_document(document))["modificationTime"] == "0001-01-01T00:00:00Z"


def test_documents_that_are_no_resources():
    assert wrong([]) == [("", "must be an object with a type, a name and more")]
    assert wrong({}) == [("type", "cannot be empty")]
    assert wrong({"type": "Nope"}) == [("type", 'unknown type "Nope"')]
    assert wrong({"type": ["Mesh"]}) == [("type", "unknown type \"['Mesh']\"")]
    assert wrong({"type": "MeshService", "mesh": 5, "labels": {"a": 1}}) == [
        ("", ".name in body is required"),
        ('labels["a"]', "in body must be of type string"),
        ("mesh", "in body must be of type string"),
        ("", ".spec in body is required"),
    ]
    assert wrong({"type": "MeshService", "name": "a", "spec": {"ports": [{"port": "80"}], "state": "x"}}) == [
        ("spec.ports[0].port", 'in body must be of type integer: "string"'),
        ("spec.state", "in body should be one of [Available Unavailable]"),
    ]


@pytest.mark.parametrize(
    ("resource", "text"),
    [
        (Resource(Key("Mesh", "", "m1"), None), "kri_m____m1_"),
        (Resource(Key("Dataplane", "default", "dp-1"), None), "kri_dp_default___dp-1_"),
        (
            Resource(
                Key("MeshService", "default", "x-hash"),
                None,
                Labels({ZONE: "east", NAMESPACE: "demo", "kuma.io/display-name": "backend"}),
            ),
            "kri_msvc_default_east_demo_backend_",
        ),
    ],
)
def test_kris(resource: Resource, text: str):
    assert str(kri_of(resource)) == text
    assert Kri.parse(text) == kri_of(resource)
    assert Kri.parse(text + "http") == kri_of(resource, "http")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("kri_dp_default", 'invalid identifier string: "kri_dp_default"'),
        ("abc_dp_default___dp-1_", "identifier must start with 'kri': abc_dp_default___dp-1_"),
    ],
)
def test_what_is_no_kri(text: str, reason: str):
    with pytest.raises(ValueError, match="identifier") as caught:
        Kri.parse(text)
    assert str(caught.value) == reason


def test_hashed_names():
    assert hashed_name("", "foo") == "foo-zxw6c95d42zfz9cc"
    assert hashed_name("", "foo", "zone-1", "custom-ns") == "foo-696vzv497z4cv4f4"
    long = hashed_name("m", "x" * 300)
    assert len(long) == 253
    assert long.startswith("x" * 236 + "-")


def test_server_names_of_destinations():
    service = Resource(Key("MeshService", "default", "backend"), None, Labels({ZONE: "east", NAMESPACE: "demo"}))
    assert sni("msvc", service, "http") == "sni.msvc.default.east.demo.backend.http"
    assert list(sni_problems("msvc", service, "http")) == []
    dotted = Resource(Key("MeshService", "a.b", "c"), None, Labels({NAMESPACE: "dropped.without.zone"}))
    assert sni("msvc", dotted, "80") == "sni.msvc.a.b.c.80"
    assert list(sni_problems("msvc", dotted, "80")) == [
        'mesh "a.b" does not conform to RFC 1123: must not contain dots'
    ]
    assert list(sni_problems("msvc", dotted, "")) == ["mesh, name and sectionName must be non-empty"]


def test_a_service_without_selector_is_questionable():
    service = parse_document({"type": "MeshService", "name": "a", "spec": {"ports": [{"port": 80, "name": "A"}]}})
    about_selector, about_port = warnings(service)
    assert about_selector.startswith("MeshService resource 'a' has no selector, so it matches no data plane proxies.")
    assert about_port.startswith('Invalid MeshService SNI (port "A"): a lowercase RFC 1123 label')


def test_the_table_comes_without_envoys_vocabulary():
    heavy = "('betterproto', 'envoy_data_plane')"
    code = f"import sys, kuma.kinds; print([name for name in sys.modules if name.startswith({heavy})])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_fields_without_a_meaning_are_named():
    document = {"type": "MeshService", "name": "a", "spec": {"port": [], "ports": 1}, "specs": {}, "kri": "x"}
    assert [str(one) for one in unknown_fields(document)] == ["specs: unknown field", "spec.port: unknown field"]
    mesh = {"type": "Mesh", "name": "a", "mtsl": {}, "mtls": {}}  # the second had a meaning once
    assert [str(one) for one in unknown_fields(mesh)] == ["mtsl: unknown field"]
