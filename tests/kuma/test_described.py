"""The words of documents that somebody writes now."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuma.described import parse_written
from kuma.kinds import parse_document
from kuma.schema import Invalid

JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["targetRef", "kind", "to"]), inner),
    max_leaves=8,
)


def permission(**spec):
    return {"type": "MeshTrafficPermission", "mesh": "default", "name": "web", "spec": spec}


def allowing(**spiffe_id):
    return [{"default": {"allow": [{"spiffeID": {"value": "spiffe://a/b", **spiffe_id}}]}}]


def test_listed_words_are_taken():
    written = permission(targetRef={"kind": "Dataplane"}, rules=allowing(type="Exact"))
    assert parse_written(written) == parse_document(written)


def test_all_that_is_wrong_is_told_in_order():
    with pytest.raises(Invalid) as refused:
        parse_written(permission(targetRef={"kind": "MeshService", "sectionName": 2}, rules=allowing(type="foo")))
    assert [(one.field, one.message) for one in refused.value.violations] == [
        ("spec.rules[0].default.allow[0].spiffeID.type", "in body should be one of [Exact Prefix]"),
        ("spec.targetRef.kind", "in body should be one of [Mesh Dataplane]"),
        ("spec.targetRef.sectionName", 'in body must be of type string: "number"'),
    ]


@given(JSONS)
def test_nothing_else_breaks_it(spec):
    for document in (spec, permission(targetRef=spec), {**permission(), "spec": spec}, {"type": spec}):
        try:
            parse_written(document)
        except Invalid:
            continue


def test_what_was_removed_does_no_harm_and_what_is_misspelt_is_named():
    networking = {"address": "127.0.0.1", "inbound": [{"port": 80, "tags": {"kuma.io/service": "web"}}]}
    document = {"type": "Dataplane", "mesh": "default", "name": "web", "networking": networking}
    assert parse_written(document).spec.networking.inbound[0].port == 80
    networking["inbound"][0]["servicePrt"] = 8080
    with pytest.raises(Invalid) as refused:
        parse_written(document)
    assert [violation.field for violation in refused.value.violations] == ["networking.inbound[0].servicePrt"]
