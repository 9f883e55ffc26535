"""Merging confs: later wins, what is not said overrides nothing, and it does not matter how they are bracketed."""

from __future__ import annotations

from typing import ClassVar

from attrs import frozen
from frozendict import frozendict
from hypothesis import given
from hypothesis import strategies as st

from kuma.merge import merge


@frozen
class Sub:
    ints: tuple[int, ...] | None = None
    append_ints: tuple[int, ...] | None = None


@frozen
class Conf:
    field: str | None = None
    strings: tuple[str, ...] | None = None
    append_strings: tuple[str, ...] | None = None
    sub: Sub | None = None
    by_name: frozendict[str, int] | None = None


@frozen
class Rule:
    matches: str
    default: Conf = Conf()


@frozen
class Keyed:
    merge_by: ClassVar = {"rules": "matches"}
    rules: tuple[Rule, ...] = ()


ints = st.none() | st.lists(st.integers(0, 3), max_size=2).map(tuple)
texts = st.none() | st.lists(st.sampled_from("ab"), max_size=2).map(tuple)
confs = st.builds(
    Conf,
    st.none() | st.sampled_from(["", "x", "y"]),
    texts,
    texts,
    st.none() | st.builds(Sub, ints, ints),
    st.none() | st.dictionaries(st.sampled_from("kl"), st.integers(0, 3)).map(frozendict),
)
keyed = st.lists(st.builds(Rule, st.sampled_from("LR"), confs), max_size=3).map(tuple).map(Keyed)


def test_lists_are_replaced_and_append_lists_joined():
    said = [Conf("p1", ("p1",), ("p1",)), Conf("p2", ("p2",), ("p2",)), Conf(None, ("p3",), ("p3",))]
    assert merge(said, Conf()) == Conf("p2", ("p3",), ("p1", "p2", "p3"))


def test_nothing_overrides_nothing_but_an_empty_list_is_something():
    assert merge([Conf(strings=("a",)), Conf()], Conf()).strings == ("a",)
    assert merge([Conf(strings=("a",)), Conf(strings=())], Conf()).strings == ()
    assert merge([], Conf("empty")) == Conf("empty")


def test_items_with_one_key_come_together_where_the_last_stands():
    left, right = Rule("L", Conf("t")), Rule("R", Conf("t"))
    both = Rule("L", Conf(strings=("f",)))
    merged = merge([Keyed((left, right)), Keyed((both,))], Keyed())
    assert merged.rules == (right, Rule("L", Conf("t", ("f",))))


@given(confs, confs, confs)
def test_brackets_do_not_matter(a, b, c):
    together = merge([a, b, c], Conf())
    assert merge([merge([a, b], Conf()), c], Conf()) == together
    assert merge([a, merge([b, c], Conf())], Conf()) == together


@given(keyed, keyed, keyed)
def test_brackets_do_not_matter_for_keyed_lists(a, b, c):
    together = merge([a, b, c], Keyed())
    assert merge([merge([a, b], Keyed()), c], Keyed()) == together
    assert merge([a, merge([b, c], Keyed())], Keyed()) == together


@given(confs)
def test_what_says_nothing_is_neutral(conf):
    assert merge([Conf(), conf], Conf()) == merge([conf, Conf()], Conf()) == conf


@given(confs, confs)
def test_what_is_said_last_stands(a, b):
    merged = merge([a, b], Conf())
    assert merged.field == (a.field if b.field is None else b.field)
    assert merged.strings == (a.strings if b.strings is None else b.strings)


@given(st.lists(confs, max_size=4))
def test_merged_confs_are_values(said):
    assert hash(merge(said, Conf())) == hash(merge(list(said), Conf()))
