"""Metrics as text: read line by line, labelled, put together and written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from kuma.cli.dp.metrics.exposition import As, Reader, Unreadable, also, text, together
from kuma.cli.dp.metrics.openmetrics import plain

HISTOGRAM = b"""
# HELP took How long it took, with a \\\\ in it
# TYPE took histogram
took_bucket{le="1"} 1
took_bucket{le="+Inf"} 3
took_sum 4.5
took_count 3
# a comment
lonely 1 1700000000000
"""


def read(body, view=None):
    reader = Reader(view or As())
    for line in body.split(b"\n"):
        reader.take(line)
    return reader.families


def samples(body):
    return {
        (one.name, frozenset(one.labels.items())): one.value
        for family in text_string_to_metric_families(body.decode())
        for one in family.samples
    }


def test_what_is_read_is_written():
    assert text(read(HISTOGRAM)) == HISTOGRAM.replace(b"# a comment\n", b"").lstrip()
    assert list(read(HISTOGRAM)) == [b"took", b"lonely"]


def test_labels_are_added_where_a_source_has_not_its_own():
    view = also({"mesh": "shop", "kuma.workload": 'a"b\\c\nd'}.items())
    assert text(read(b'a{mesh="mine",x=",mesh=\\"no\\""} 1', view)) == (
        b'a{kuma_workload="a\\"b\\\\c\\nd",mesh="mine",x=",mesh=\\"no\\""} 1\n'
    )
    assert text(read(b"a 1\nb{} 2", also([("mesh", "shop")]))) == b'a{mesh="shop"} 1\nb{mesh="shop"} 2\n'
    assert text(read(b'a{submesh="x"} 1', also([("mesh", "shop")]))) == b'a{mesh="shop",submesh="x"} 1\n'


def test_a_series_that_several_have_is_the_first_one_s():
    first, second = read(b"# TYPE up gauge\nup 1"), read(b'# HELP up x\nup 0\nup{of="second"} 1\nmore 2')
    found = together((first, second))
    assert text(found) == b'# TYPE up gauge\nup 1\nup{of="second"} 1\nmore 2\n'
    assert text(first) == b"# TYPE up gauge\nup 1\n"


@pytest.mark.parametrize(
    "line",
    [
        b"<html>",
        b"a",
        b"a{x=1} 1",
        b'a{x="1} 1',
        b"a 1 2 3",
        b"a one",
        b"a 0x1",
        b"1a 1",
        b'a{x="1"y="2"} 1',
        b"a{,} 1",
    ],
)
def test_what_is_no_metric_is_refused(line):
    with pytest.raises(Unreadable):
        read(line)


@pytest.mark.parametrize(
    "line", [b"a 1", b"a\t1", b"a{} 1", b'a{x="1",} 1', b' a { x = "1" } -1.5e+3 ', b"a NaN", b"a +Inf\r"]
)
def test_what_is_odd_is_understood(line):
    assert len(read(line)[b"a"].values) == 1


def test_types_that_are_unknown_are_none():
    assert text(read(b"# TYPE a stateset\na 1")) == b"# TYPE a untyped\na 1\n"
    assert text(read(b"# TYPE a counter")) == b""


names = st.from_regex(r"\A[a-z][a-z0-9_]{0,8}\Z")
labelling = st.dictionaries(names, st.text(max_size=8), max_size=3)
values = st.floats(allow_nan=False)
series = st.dictionaries(
    st.tuples(names, labelling.map(lambda found: tuple(sorted(found.items())))), values, min_size=1, max_size=8
)


@given(series)
def test_every_value_survives_with_its_labels(found):
    lines = [
        also(labels).labelled(b"").join((name.encode() + b"{", b"} %r" % value))
        for (name, labels), value in found.items()
    ]
    expected = {(name, frozenset(labels)): value for (name, labels), value in found.items()}
    assert samples(text(read(b"\n".join(lines)))) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b'a_total{x="}"} 5 # {trace_id="# {}"} 0.5 1.7', b'a_total{x="}"} 5'),
        (b"a_total 5 # {} 1", b"a_total 5"),
        (b'a{x=" # {"} 1 1700000000.5', b'a{x=" # {"} 1 1700000000500'),
        (b"a 1", b"a 1"),
        (b"# EOF", b"# EOF"),
    ],
)
def test_open_metrics_are_told_plainly(line, expected):
    assert plain(line) == expected
