"""What a MeshAccessLog may say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuma.policies.meshaccesslog.spec import attribute_name, is_address
from tests.kuma.policies.parts import said, to_mesh

FILE = {"type": "File", "file": {"path": "/tmp/log"}}


def logged(*backends):
    """What is wrong with telling these backends of all that arrives."""
    path = "spec.rules[0].default.backends[0]"
    found = said("MeshAccessLog", rules=[{"default": {"backends": list(backends)}}])
    return [(field.removeprefix(path).lstrip("."), message) for field, message in found]


def test_a_file_is_enough():
    assert logged(FILE) == []
    assert said("MeshAccessLog", to=[to_mesh(backends=[FILE])]) == []
    assert said("MeshAccessLog", to=[to_mesh(backends=[])]) == []


def test_it_speaks_of_one_direction():
    both = said("MeshAccessLog", to=[to_mesh(backends=[])], rules=[{"default": {"backends": []}}])
    assert both == [("spec", "'to' must be empty when 'rules' is defined")]
    assert said("MeshAccessLog") == [("spec", "at least one of 'to' or 'rules' has to be defined")]


def test_some_traffic_is_named_by_identity_or_server_name():
    rules = [{"matches": [{}, {"sni": {"type": "Exact", "value": "sni.a"}}], "default": {"backends": [FILE]}}]
    assert said("MeshAccessLog", rules=rules) == [
        ("spec.rules[0].matches[0]", "must specify at least one of 'spiffeID' or 'sni'")
    ]


@pytest.mark.parametrize("kind", ["Tcp", "File", "OpenTelemetry"])
def test_a_backend_says_where_it_is(kind):
    known = '"type" must be one of ["Tcp", "File", "OpenTelemetry"]'
    assert logged({"type": "Kafka"}) == logged({"file": {"path": "/tmp/log"}}) == [("type", known)]
    assert logged({"type": kind}) == [(kind[0].lower() + kind[1:], "must be defined")]


@pytest.mark.parametrize(
    ("form", "where", "wrong"),
    [
        ({"type": "Plain"}, "plain", "must be defined"),
        ({"type": "Plain", "plain": ""}, "plain", "must not be empty"),
        ({"type": "Json"}, "json", "must be defined"),
        ({"type": "Json", "json": []}, "json", "must not be empty"),
        ({}, "type", "must be defined"),
        ({"type": "Xml", "plain": "a"}, "type", '"type" must be one of ["Plain", "Json"]'),
        ({"type": "Json", "json": [{"value": "a"}]}, "json[0].key", "key cannot be empty"),
        ({"type": "Json", "json": [{"key": "a", "value": 'x"y'}]}, "json[0]", "is not a valid JSON object"),
    ],
)
def test_a_format_says_something(form, where, wrong):
    assert logged({"type": "Tcp", "tcp": {"address": "logs:514", "format": form}}) == [(f"tcp.format.{where}", wrong)]


@pytest.mark.parametrize(
    "address", ["logs:514", "127.0.0.1:80", "[::1]:80", "logs.shop", "http://logs", "tcp://logs:1", "a.b/c"]
)
def test_addresses(address):
    assert is_address(address)


@pytest.mark.parametrize("address", ["", "a", "not_valid_url", "logs", "logs:", "lo gs:1", ".logs:80", "logs:514x"])
def test_what_is_no_address(address):
    assert not is_address(address)


@given(st.text(max_size=80))
def test_any_text_is_an_address_or_not(text):
    assert is_address(text) in (True, False)


def test_a_collector_is_named_by_labels():
    found = logged({"type": "OpenTelemetry", "openTelemetry": {"backendRef": {"kind": "MeshOpenTelemetryBackend"}}})
    assert found == [("openTelemetry.backendRef", "backendRef must have exactly one defined: labels")]
    assert logged({"type": "OpenTelemetry", "openTelemetry": {}}) == [("openTelemetry.backendRef", "must be defined")]


@pytest.mark.parametrize("name", ["mesh", "process.command_args", "a1.b2"])
def test_names_of_attributes(name):
    assert list(attribute_name(name)) == []


@pytest.mark.parametrize("name", ["", "A", "a..b", "a-b", "a_", "otel.a", "%KUMA_ZONE%", "a b"])
def test_what_is_no_attribute_name(name):
    assert len(list(attribute_name(name))) == 1
