"""Metrics that kuma-dp gathers."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

from attrs import frozen

from kuma.cli.dp.metrics.exposition import SAMPLE, As, Families, Reader, View, text
from kuma.cli.dp.metrics.otlp import Metric, Number, Scope, measured
from kuma.cli.dp.metrics.profiles import Choice, choice
from kuma.cli.dp.metrics.traffic import Traffic
from tests.conformance.case import Case, Outcome, by_run

LABEL = re.compile(r'(\w+)="([^"]*)"')


@frozen
class Chosen:
    """What a profile leaves, as Envoy has it."""

    traffic: Traffic

    def keeps(self, name: bytes) -> bool:
        return self.traffic.keeps(name)

    def labelled(self, labels: bytes) -> bytes | None:
        return None if self.traffic.hides(labels) else labels


def merge(case: Case) -> Outcome:
    """Clusters of one service become one."""
    return _told(case, Traffic(Choice("All")))


def profile(case: Case) -> Outcome:
    """Which of Envoy's metrics are published."""
    sidecar = case.yaml("input.meshmetric-spec.yaml")["default"].get("sidecar") or {}
    return _told(case, Chosen(Traffic(choice(sidecar.get("profiles")))))


def _told(case: Case, view: View) -> Outcome:
    return Outcome(_lines(case.text("expected.txt")), _lines(text(_read(case, view)).decode()))


def _read(case: Case, view: View) -> Families:
    reader = Reader(view)
    for line in case.text("input.txt").splitlines():
        reader.take(line.encode())
    return reader.families


def _lines(found: str) -> Counter[object]:
    """Neither the order of lines and labels counts, nor how numbers are written."""
    return Counter(_line(line) for line in found.splitlines() if line.strip())


def _line(line: str) -> object:
    sample = SAMPLE.fullmatch(line.encode())
    if sample is None:
        return line
    name, labels, value = (one.decode() for one in sample.groups(b""))
    told = (f"{key}={float(said) if key in ('le', 'quantile') else said}" for key, said in LABEL.findall(labels))
    return f"{name} {' '.join(sorted(told))} {float(value)}"


def otel(case: Case) -> Outcome:
    """What collectors are sent, by scope and name; when it was measured is said once for all, and of which version."""
    found = measured(_read(case, As()), case.fixed["extraAttributes"])
    actual = {_scope(scope): {one.name: _metric(one) for one in metrics} for scope, metrics in found.items()}
    return Outcome(
        {_their_scope(one["scope"]): _their_metrics(one["metrics"]) for one in json.loads(case.text("expected.json"))},
        actual,
    )


def _scope(scope: Scope) -> object:
    return scope.name, scope.schema_url, scope.attributes


def _metric(metric: Metric) -> object:
    growing = metric.kind == "sum"
    return growing, [(one.attributes, one.value) for one in metric.points if isinstance(one, Number)]


def _their_scope(scope: Any) -> object:
    return scope["Name"], scope["SchemaURL"], _attributes(scope["Attributes"] or ())


def _their_metrics(metrics: Any) -> dict[str, object]:
    points = {one["Name"]: (one["Data"].get("IsMonotonic", False), one["Data"]["DataPoints"]) for one in metrics}
    return {
        name: (growing, [(_attributes(one["Attributes"]), one["Value"]) for one in found])
        for name, (growing, found) in points.items()
    }


def _attributes(found: Any) -> tuple[tuple[str, str], ...]:
    return tuple((one["Key"], one["Value"]["Value"]) for one in found)


SUITES = {"metrics": by_run({"metrics-merge": merge, "metrics-profile": profile, "metrics-otel": otel})}
