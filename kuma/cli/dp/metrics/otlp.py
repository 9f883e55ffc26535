"""Metrics as OpenTelemetry has them (OTLP 1.x, `opentelemetry/proto/metrics/v1/metrics.proto`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from math import inf, isfinite, isnan

from attrs import field, frozen

from kuma.cli.dp.metrics.exposition import Families, Family
from kuma.cli.dp.metrics.protobuf import double, fixed64, integer, message, packed, text
from kuma.version import VERSION

LABEL = re.compile(rb'([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"')
ESCAPED = re.compile(r"\\(.)")
MEANT = {"n": "\n"}

SCOPE = "otel_scope_"  # how scopes are told in Prometheus' words
CUMULATIVE = 2
AT_ONCE = 2000  # points of a metric in a message
MOST = 1024 * 1024  # bytes of a message, about; collectors take 4 MiB

Attributes = tuple[tuple[str, str], ...]


@frozen
class Scope:
    """Who measured."""

    name: str = "kuma"
    version: str = VERSION
    schema_url: str = ""
    attributes: Attributes = ()


@frozen
class Number:
    """A number that was measured."""

    attributes: Attributes
    value: float


@frozen
class Distribution:
    """How many values were measured up to each bound and beyond the last one, and their sum."""

    attributes: Attributes
    bounds: tuple[float, ...]
    counts: tuple[int, ...]
    sum: float

    @property
    def count(self) -> int:
        """How many there were."""
        return sum(self.counts)


@frozen
class Metric:
    """Values of one name: those that only grow (`sum`), those that don't (`gauge`), or distributions (`histogram`)."""

    name: str
    kind: str
    points: tuple[Number | Distribution, ...]
    description: str = ""


@frozen
class Sample:
    """One of Prometheus' values."""

    name: str
    labels: Mapping[str, str]
    value: float

    def attributes(self, *without: str) -> Attributes:
        """The labels, in order."""
        return tuple(sorted(label for label in self.labels.items() if label[0] not in without))


def measured(families: Families, more: Mapping[str, str]) -> dict[Scope, list[Metric]]:
    """The metrics of each scope; values get more attributes, where they have none of these names."""
    found: dict[Scope, list[Metric]] = {}
    for family in families.values():
        for scope, samples in _by_scope(family, more).items():
            found.setdefault(scope, []).extend(KINDS.get(family.type, _gauge)(family, samples))
    return found


def _by_scope(family: Family, more: Mapping[str, str]) -> dict[Scope, list[Sample]]:
    found: dict[Scope, list[Sample]] = {}
    for series, value in family.values.items():
        name, _, labels = series.partition(b"{")
        said = {key.decode(): _plain(one) for key, one in LABEL.findall(labels)}
        scope = _scope({key.removeprefix(SCOPE): one for key, one in said.items() if key.startswith(SCOPE)})
        own = {key: one for key, one in said.items() if not key.startswith(SCOPE)}
        found.setdefault(scope, []).append(Sample(name.decode(), {**more, **own}, float(value.split()[0])))
    return found


def _plain(value: bytes) -> str:
    return ESCAPED.sub(lambda found: MEANT.get(found[1], found[1]), value.decode(errors="replace"))


def _scope(said: dict[str, str]) -> Scope:
    if not said:
        return OWN
    version, schema = said.pop("version", ""), said.pop("schema_url", "")
    return Scope(said.pop("name", ""), version, schema, tuple(sorted(said.items())))


OWN = Scope()


def _gauge(family: Family, samples: list[Sample]) -> Iterator[Metric]:
    yield _numbers(family, "gauge", samples)


def _counter(family: Family, samples: list[Sample]) -> Iterator[Metric]:
    yield _numbers(family, "sum", samples)


def _numbers(family: Family, kind: str, samples: Iterable[Sample], ending: str = "") -> Metric:
    points = tuple(Number(one.attributes(), one.value) for one in samples)
    return Metric(family.name.decode() + ending, kind, points, family.help.decode(errors="replace"))


def _summary(family: Family, samples: list[Sample]) -> Iterator[Metric]:
    """Quantiles, and how many values there were and their sum: zero where nobody says."""
    name = family.name.decode()
    yield _numbers(family, "gauge", (one for one in samples if one.name == name))
    whole = dict.fromkeys(one.attributes("quantile") for one in samples)
    for ending in ("_count", "_sum"):
        said = {one.attributes(): one.value for one in samples if one.name == name + ending}
        points = tuple(Number(attributes, said.get(attributes, 0.0)) for attributes in whole)
        yield Metric(name + ending, "sum", points, family.help.decode(errors="replace"))


def _histogram(family: Family, samples: list[Sample]) -> Iterator[Metric]:
    name = family.name.decode()
    upto: dict[Attributes, dict[float, float]] = {}
    sums: dict[Attributes, float] = {}
    for one in samples:
        if one.name == f"{name}_bucket":
            upto.setdefault(one.attributes("le"), {})[_bound(one.labels.get("le", ""))] = one.value
        elif one.name == f"{name}_sum":
            sums[one.attributes()] = one.value
    points = tuple(_distribution(attributes, found, sums.get(attributes, 0.0)) for attributes, found in upto.items())
    yield Metric(name, "histogram", points, family.help.decode(errors="replace"))


def _distribution(attributes: Attributes, upto: Mapping[float, float], total: float) -> Distribution:
    """What Prometheus counts up to each bound, counted between them."""
    bounds = sorted({*upto, inf})
    below = [0.0, *(upto.get(bound, max(upto.values())) for bound in bounds)]
    counts = tuple(_whole(after - before) for before, after in pairwise(below))
    return Distribution(attributes, tuple(bounds[:-1]), counts, total)


def _bound(said: str) -> float:
    """Beyond all others where it is none."""
    try:
        bound = float(said)
    except ValueError:
        return inf
    return inf if isnan(bound) else bound


def _whole(number: float) -> int:
    return max(0, round(number)) if isfinite(number) else 0


KINDS: Mapping[bytes, Callable[[Family, list[Sample]], Iterator[Metric]]] = {
    b"counter": _counter,
    b"histogram": _histogram,
    b"summary": _summary,
}


# As messages; the numbers are those of the fields.


@frozen
class Export:
    """What is sent: of whom, and when it was measured, in nanoseconds since 1970."""

    resource: Mapping[str, str]
    moment: int
    found: Mapping[Scope, Iterable[Metric]] = field(factory=dict)

    def requests(self) -> Iterator[bytes]:
        """One ExportMetricsServiceRequest after the other, none of which is too long."""
        for scope, metrics in self.found.items():
            gathered, size = list[bytes](), 0
            for part, begins in (one for metric in metrics for one in self._parts(metric)):
                if gathered and (not begins or size + len(part) > MOST):
                    yield self._request(scope, gathered)
                    gathered, size = [], 0
                gathered.append(part)
                size += len(part)
            yield self._request(scope, gathered)

    def _request(self, scope: Scope, metrics: Iterable[bytes]) -> bytes:
        told = (text(1, scope.name), text(2, scope.version), _attributes(3, scope.attributes))
        of = message(1, _attributes(1, self.resource.items()))
        return message(1, of, message(2, message(1, *told), *metrics, text(3, scope.schema_url)))

    def _parts(self, metric: Metric) -> Iterator[tuple[bytes, bool]]:
        """A metric, in pieces where it is long, and whether each is the first: there are no two of one in a message."""
        told = (text(1, metric.name), text(2, metric.description))
        for begin in range(0, len(metric.points), AT_ONCE):
            points = (_point(one, self.moment) for one in metric.points[begin : begin + AT_ONCE])
            yield message(2, *told, DATA[metric.kind](points)), begin == 0


def _attributes(number: int, found: Iterable[tuple[str, str]]) -> bytes:
    return b"".join(message(number, text(1, key), message(2, message(1, value.encode()))) for key, value in found)


def _point(point: Number | Distribution, moment: int) -> bytes:
    if isinstance(point, Number):
        return message(1, fixed64(3, moment), double(4, point.value), _attributes(7, point.attributes))
    of = (fixed64(3, moment), fixed64(4, point.count), double(5, point.sum))
    between = (packed(6, "Q", point.counts), packed(7, "d", point.bounds))
    return message(1, *of, *between, _attributes(9, point.attributes))


DATA: Mapping[str, Callable[[Iterable[bytes]], bytes]] = {
    "gauge": lambda points: message(5, *points),
    "sum": lambda points: message(7, *points, integer(2, CUMULATIVE), integer(3, True)),
    "histogram": lambda points: message(9, *points, integer(2, CUMULATIVE)),
}
