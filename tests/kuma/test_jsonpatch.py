"""JSON patches: what RFC 6902 says, and where this one forgives more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuma.jsonpatch import Operation, PatchError, patched
from kuma.rest.difference import patch

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("document", "operation", "after"),
    [
        ({"a": 1}, Operation("add", "/b", 2), {"a": 1, "b": 2}),
        ({"a": [1, 3]}, Operation("add", "/a/1", 2), {"a": [1, 2, 3]}),
        ({"a": [1]}, Operation("add", "/a/-", 2), {"a": [1, 2]}),
        ({"a": 1}, Operation("remove", "/a"), {}),
        ({"a": 1}, Operation("replace", "/a", {"b": None}), {"a": {"b": None}}),
        ({"a": 1}, Operation("replace", "", [1]), [1]),
        ({"a": {"b": 1}}, Operation("move", "/c", origin="/a/b"), {"a": {}, "c": 1}),
        ({"a": {"b": 1}}, Operation("copy", "/c", origin="/a"), {"a": {"b": 1}, "c": {"b": 1}}),
        ({"a/b": {"~": 1}}, Operation("replace", "/a~1b/~0", 2), {"a/b": {"~": 2}}),
        ({"": 1}, Operation("remove", "/"), {}),
    ],
)
def test_what_the_rfc_says(document, operation, after):
    assert patched(document, [operation]) == after


@pytest.mark.parametrize(
    ("document", "operation", "after"),
    [
        ({"a": [1, 2]}, Operation("remove", "/a/-1"), {"a": [1]}),
        ({"a": [1, 2]}, Operation("replace", "/a/-2", 0), {"a": [0, 2]}),
        ({}, Operation("remove", "/a/b/c"), {}),
        ({"a": [1]}, Operation("remove", "/a/5"), {"a": [1]}),
        ({}, Operation("add", "/a/b", 1), {"a": {"b": 1}}),
        ({}, Operation("add", "/a/-", 1), {"a": [1]}),
        ({}, Operation("add", "/a/0/b", 1), {"a": [{"b": 1}]}),
        ({"a": [1]}, Operation("add", "/a/-/b", 2), {"a": [1, {"b": 2}]}),
        ({"-": {}}, Operation("add", "/-/b", 2), {"-": {"b": 2}}),
        ({"a": {}}, Operation("add", "/a/0", 1), {"a": {"0": 1}}),
    ],
)
def test_where_it_forgives(document, operation, after):
    assert patched(document, [operation]) == after


@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        (Operation("replace", "/x", 1), "/x: leads to nothing"),
        (Operation("add", "/list/7", 1), "/list/7: 7 is beyond the list"),
        (Operation("add", "/new/1", 1), "/new/1: 1 is beyond the list"),
        (Operation("replace", "/list/-", 1), "/list/-: '-' is no index"),
        (Operation("add", "/list/x", 1), "/list/x: 'x' is no index"),
        (Operation("add", "/text/x", 1), "/text/x: leads into a value"),
        (Operation("add", "text", 1), "text: a path begins with /"),
        (Operation("test", "/text", "no"), "/text: is not what was tested for"),
    ],
)
def test_what_cannot_be_done_is_said(operation, reason):
    with pytest.raises(PatchError) as caught:
        patched({"list": [], "text": "yes"}, [operation])
    assert str(caught.value) == reason


@given(VALUES, VALUES)
def test_a_difference_applied_gives_the_other(before, after):
    steps = [Operation(one["op"], one["path"], one.get("value")) for one in patch(before, after)]
    assert patched(before, steps) == after
