"""Names, labels and addresses: what they may look like, and what is said of those that don't."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuma.names import (
    DNS1035_LABEL,
    LABEL_VALUE,
    MESH_CHARACTERS,
    QUALIFIED_NAME,
    RFC1123,
    allowed_values,
    dns1035,
    dns1123_label,
    dns1123_subdomain,
    is_domain,
    is_ip,
    is_ipv6,
    label_value,
    label_violations,
    meta_violations,
    overlap,
    qualified_name,
)


@pytest.mark.parametrize(
    ("name", "mesh", "found"),
    [
        ("a", "default", []),
        ("a.b-c", "a_b.c", []),
        ("", "", [("name", "cannot be empty"), ("mesh", "cannot be empty")]),
        ("A", "B", [("name", RFC1123), ("mesh", MESH_CHARACTERS)]),
        ("two..dots", "m", [("name", RFC1123)]),
        ("a\n", "m\n", [("name", RFC1123), ("mesh", MESH_CHARACTERS)]),
        ("a" * 254, "m" * 254, [(field, "value length must less or equal 253") for field in ("name", "mesh")]),
    ],
)
def test_names_and_meshes(name: str, mesh: str, found: list[tuple[str, str]]):
    assert [(one.field, one.message) for one in meta_violations(name, mesh, mesh_scoped=True)] == found
    without_mesh = [one for one in found if one[0] == "name"]
    assert [(one.field, one.message) for one in meta_violations(name, "", mesh_scoped=False)] == without_mesh


def test_labels_of_dns():
    assert dns1035("my-name") == dns1123_label("1-name") == dns1123_subdomain("1.a") == ()
    assert dns1035("1-name") == (DNS1035_LABEL,)
    assert dns1035("A" * 64) == ("must be no more than 63 characters", DNS1035_LABEL)
    assert dns1123_label("a.b") == ("must not contain dots",)
    assert dns1123_subdomain("a" * 254) == ("must be no more than 253 characters",)


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("app", ()),
        ("kuma.io/zone", ()),
        ("", ("name part must be non-empty", QUALIFIED_NAME)),
        ("kuma.io/Not Valid!", (QUALIFIED_NAME,)),
        ("/a", ("prefix part must be non-empty",)),
        ("a" * 64, ("name part must be no more than 63 characters",)),
    ],
)
def test_keys_of_labels(key: str, found: tuple[str, ...]):
    assert qualified_name(key) == found


def test_keys_of_labels_have_one_prefix():
    assert qualified_name("a/b/c")[0].startswith("a valid label key must consist of")
    assert qualified_name("A_/b")[0].startswith("prefix part a lowercase RFC 1123 subdomain")


def test_allowed_values():
    assert allowed_values(["a", "b"]) == "Allowed values: a, b"
    assert allowed_values([]) == "Allowed values: (none)"


def test_labels():
    assert label_value("") == label_value("a_B.c-1") == ()
    assert [(one.field, one.message) for one in label_violations({"a": "b", "x!": "ok", "y": "-"})] == [
        ('labels["x!"]', QUALIFIED_NAME),
        ('labels["y"]', LABEL_VALUE),
    ]


@pytest.mark.parametrize("text", ["a.example.com", "under_score.x", "trailing.", "a" * 63])
def test_domains(text: str):
    assert is_domain(text)


@pytest.mark.parametrize("text", ["", ".", "10.0.0.1", "::1", "a..b", "-a", "a/b", "a b", "a" * 64, "a\n", "é"])
def test_what_is_no_domain(text: str):
    assert not is_domain(text)


@given(st.ip_addresses().map(str))
def test_addresses(text: str):
    assert is_ip(text)
    assert not is_domain(text)


def test_addresses_of_ipv6():
    assert is_ipv6("fd00::1")
    assert not any(map(is_ipv6, ("10.0.0.1", "a.example.com", "")))


@pytest.mark.parametrize(
    ("address", "other", "found"),
    [("10.0.0.1", "10.0.0.1", True), ("0.0.0.0", "10.0.0.1", True), ("::1", "::", True),
     ("::1", "0:0:0:0:0:0:0:1", True), ("10.0.0.1", "10.0.0.2", False), ("", "", False), ("", "0.0.0.0", False),
     ("a.b", "a.b", True)],
)  # fmt: skip
def test_addresses_that_overlap(address: str, other: str, found: bool):
    assert overlap(address, other) is overlap(other, address) is found


@pytest.mark.parametrize("text", ["", "10.0.0", "010.0.0.1", "fe80::1%eth0", "10.0.0.1/8", "1"])
def test_what_is_no_address(text: str):
    assert not is_ip(text)
