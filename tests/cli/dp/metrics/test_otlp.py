"""Metrics as OpenTelemetry has them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuma.cli.dp.metrics.exposition import As, Reader
from kuma.cli.dp.metrics.otlp import MOST, OWN, Distribution, Export, Metric, Number, Scope, measured
from kuma.cli.dp.metrics.protobuf import varint
from tests import otlp

COUNTED = b"""
# HELP rq How many
# TYPE rq counter
rq{to="a\\"b\\n",mesh="own"} 3 1700000000000
# TYPE live gauge
live 1
odd 2.5
"""
TOOK = b"""
# TYPE took histogram
took_bucket{to="a",le="0.5"} 1
took_bucket{to="a",le="10"} 4
took_bucket{to="a",le="+Inf"} 6
took_sum{to="a"} 42.5
took_count{to="a"} 6
"""


def of(body, **more):
    reader = Reader(As())
    for line in body.split(b"\n"):
        reader.take(line)
    return measured(reader.families, more)


def test_counters_grow_and_all_else_that_is_one_number_does_not():
    assert of(COUNTED, mesh="shop", zone="east") == {
        OWN: [
            Metric("rq", "sum", (Number((("mesh", "own"), ("to", 'a"b\n'), ("zone", "east")), 3.0),), "How many"),
            Metric("live", "gauge", (Number((("mesh", "shop"), ("zone", "east")), 1.0),)),
            Metric("odd", "gauge", (Number((("mesh", "shop"), ("zone", "east")), 2.5),)),
        ]
    }


def test_what_lies_between_bounds_is_counted():
    distribution = Distribution((("to", "a"),), (0.5, 10.0), (1, 3, 2), 42.5)
    assert of(TOOK) == {OWN: [Metric("took", "histogram", (distribution,))]}


def test_bounds_that_are_none_harm_nobody():
    found = of(b'# TYPE a histogram\na_bucket{le="x"} NaN\na_bucket 3\na_bucket{le="1"} 2\na_bucket{le="nan"} Inf')
    (point,) = found[OWN][0].points
    assert point.bounds == (1.0,)


def test_quantiles_are_numbers_beside_their_count_and_sum():
    found = of(b'# TYPE s summary\ns{a="b",quantile="0.5"} 1\ns{a="b",quantile="0.9"} 2\ns_sum{a="b"} 7')
    quantiles, count, total = found[OWN]
    assert [one.attributes for one in quantiles.points] == [(("a", "b"), ("quantile", q)) for q in ("0.5", "0.9")]
    assert (count.name, count.kind, count.points) == ("s_count", "sum", (Number((("a", "b"),), 0.0),))
    assert (total.name, total.kind, total.points) == ("s_sum", "sum", (Number((("a", "b"),), 7.0),))


def test_who_measured_is_told_apart():
    found = of(b'a{otel_scope_name="x",otel_scope_version="1",otel_scope_extra="y",b="c"} 1\na 2')
    assert set(found) == {OWN, Scope("x", "1", "", (("extra", "y"),))}
    assert [one.points for metrics in found.values() for one in metrics] == [
        (Number((("b", "c"),), 1.0),),
        (Number((), 2.0),),
    ]


def test_what_is_sent_can_be_read():
    export = Export({"service.name": "web"}, 7, of(COUNTED + TOOK, zone="east"))
    (body,) = export.requests()
    (resource,) = otlp.read(body).resource_metrics
    assert otlp.attributes(resource.resource) == {"service.name": "web"}
    (scope,) = resource.scope_metrics
    assert scope.scope.name == "kuma"
    found = otlp.metrics(body)
    (point,) = found["rq"].sum.data_points
    assert (found["rq"].sum.aggregation_temporality, found["rq"].sum.is_monotonic) == (2, True)
    assert (found["rq"].description, point.as_double, point.time_unix_nano) == ("How many", 3.0, 7)
    assert otlp.attributes(point) == {"to": 'a"b\n', "mesh": "own", "zone": "east"}
    assert found["odd"].gauge.data_points[0].as_double == 2.5
    (took,) = found["took"].histogram.data_points
    assert (took.count, took.sum, list(took.bucket_counts), list(took.explicit_bounds)) == (
        6,
        42.5,
        [1, 3, 2],
        [0.5, 10],
    )


def test_messages_are_not_too_long():
    points = tuple(Number((("key", f"{number:0100}"),), number) for number in range(30_000))
    bodies = list(Export({}, 0, {OWN: (Metric("many", "sum", points), Metric("one", "gauge", points[:1]))}).requests())
    assert len(bodies) > 2
    assert max(map(len, bodies)) < MOST + 1000
    numbers = [one.as_double for body in bodies for one in otlp.metrics(body)["many"].sum.data_points]
    assert numbers == list(range(30_000))
    assert "one" in otlp.metrics(bodies[-1])


@given(st.floats(), st.text(st.characters(exclude_categories=["Cs"])))
def test_every_number_and_text_arrives(value, said):
    (body,) = Export({}, 0, {OWN: (Metric("m", "gauge", (Number((("key", said),), value),)),)}).requests()
    (point,) = otlp.metrics(body)["m"].gauge.data_points
    assert point.as_double == value or (math.isnan(value) and math.isnan(point.as_double))
    assert otlp.attributes(point) == {"key": said}


@pytest.mark.parametrize(("number", "wire"), [(0, b"\0"), (127, b"\x7f"), (128, b"\x80\x01"), (300, b"\xac\x02")])
def test_varints(number, wire):
    assert varint(number) == wire
