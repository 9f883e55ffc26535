"""Metrics that kuma-dp gathers."""

from __future__ import annotations

import re
from collections import Counter

from attrs import frozen

from kuma.cli.dp.metrics.exposition import SAMPLE, Reader, View, text
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
    reader = Reader(view)
    for line in case.text("input.txt").splitlines():
        reader.take(line.encode())
    return Outcome(_lines(case.text("expected.txt")), _lines(text(reader.families).decode()))


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


SUITES = {"metrics": by_run({"metrics-merge": merge, "metrics-profile": profile})}
