"""Texts become documents, or an error that says where; no text can hurt."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kuma.documents import Malformed, dump_json, dump_yaml, load, load_json


def test_yaml_of_many_documents():
    assert load("a: 1\n---\n# nothing here\n---\nb: [1.5, ~, true, x]\n") == ({"a": 1}, {"b": [1.5, None, True, "x"]})


def test_json_and_nothing():
    assert load('{"a": [1, {"b": null}]}') == ({"a": [1, {"b": None}]},)
    assert load(b"\xef\xbb\xbf{}") == ({},)
    assert load("") == load("# only a comment\n") == ()


def test_json_documents_may_stand_in_yaml():
    assert load('{"a": 1}\n---\n{"b": 2}\n') == ({"a": 1}, {"b": 2})


@pytest.mark.parametrize("text", ["no", "yes", "on", "12:30", "2020-01-01", "0b1", "1_000", ".inf", ".nan", "="])
def test_what_looks_like_text_is_text(text: str):
    assert load(f"a: {text}") == ({"a": text},)


@pytest.mark.parametrize(("text", "number"), [("017", 17), ("0o17", 15), ("0x1F", 31), ("-5", -5), ("1e3", 1000.0)])
def test_numbers(text: str, number: float):
    assert load(f"a: {text}") == ({"a": number},)


def test_keys_are_text():
    assert load("{8080: a, null: b, true: c}") == ({"8080": "a", "null": "b", "true": "c"},)


def test_aliases_and_merges_stand_for_what_they_say():
    assert load("a: &a {x: 1}\nb: *a\nc: {<<: *a, y: 2}\n") == ({"a": {"x": 1}, "b": {"x": 1}, "c": {"x": 1, "y": 2}},)


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
MERGE_BOMB = "a0: &a0 {k: v}\n" + "".join(
    f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 12)
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: 1\na: 2", 'line 2: key "a" stands here twice'),
        ("a: !!python/object/apply:os.system [ls]", "line 1: tag 'tag:yaml.org,2002:python/object/apply:os.system'"),
        ("a: !Ref x", "line 1: tag '!Ref' is not understood"),
        ("a: b: c", "line 1: mapping values are not allowed in this context"),
        ("a: 'x", "line 1: found unexpected end of stream"),
        ("- *nope", "line 1: alias 'nope' stands for nothing"),
        ("a: &x [*x]", "line 1: alias 'x' stands for nothing, or for what it is part of"),
        ("? [a]\n: b", "line 1: a key must be a plain value"),
        ("\n\na: " + "9" * 5000, "line 3: a number is too long"),
        ("a: 1e999", "line 1: a number is too large"),
        ("x\0", "control characters are not allowed"),
        ("a: [" * 5000, "nested deeper than 100 levels"),
        ("- " * 5000, "nested deeper than 100 levels"),
        (BOMB, "more than 1000000 values once aliases are replaced"),
        (MERGE_BOMB, "more than 1000000 values once aliases are replaced"),
        ("x" * (16 * 1024 * 1024 + 1), "longer than"),
        (b"a: 1\nb: \xff", "line 2: not UTF-8"),
        ("a: \ud800", "surrogates"),
    ],
    ids=range(18),
)
def test_what_is_refused_is_refused_at_once(text: str, reason: str):
    with pytest.raises(Malformed) as caught:
        load(text)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": 1,\n "b" 2}', "line 2: "),
        ('{"a": NaN}', "NaN is not a JSON value"),
        ('{"a": ' + "9" * 5000 + "}", "a number is too long"),
        ('{"a":' * 100_000, "nested too deeply"),
        ("[" * 100_000, "nested too deeply"),
        ("", "line 1: "),
    ],
    ids=range(6),
)
def test_json_that_is_refused(text: str, reason: str):
    with pytest.raises(Malformed) as caught:
        load_json(text)
    assert reason in str(caught.value)


TRICKY = ["yes", "~", "0o7", "1e3", "<<", "=", "2020-01-01", " x", "a\n b", "- a", "#", "\x85", "\u2028"]
TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0")) | st.sampled_from(TRICKY)
NUMBERS = st.integers(-(2**80), 2**80) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(JSON.filter(lambda value: value is not None))
def test_what_is_shown_reads_the_same(document: Any):
    assert load(dump_yaml(document, document)) == (document, document)
    assert load_json(dump_json(document)) == document


@settings(max_examples=300)
@given(st.text() | st.binary() | st.text(alphabet="a:-[]{}&*<!?|>'\"#%@,\n \t1~"))
def test_any_text_is_read_or_malformed(text: str | bytes):
    try:
        assert isinstance(load(text), tuple)
    except Malformed:
        return
