"""Keeps which scenarios the last test run proved; `python -m tests.scenarios` tells it by area and stage.

A scenario is a row of `docs/scenarios.csv`: something that must be observable of a running mesh. Stage 1 needs no root
and no Kubernetes, stage 2 transparent proxying, stage 3 Kubernetes. Tests name the rows they prove:
`@pytest.mark.scenario("M-sync-01")`. A row is proven when all tests that name it passed.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field, frozen
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
CATALOGUE = ROOT / "docs" / "scenarios.csv"
LAST_RUN = ROOT / ".state" / "scenarios.json"
PROPERTY = "scenario"


@frozen
class Scenario:
    """One row of the catalogue."""

    id: str
    area: str
    stage: int

    @property
    def group(self) -> str:
        """The suite and the area, e.g. `M sync`: areas of different suites share words."""
        return f"{self.id[0]} {self.area}"


@define
class Run:
    """What the tests of one run said: for each scenario the tests that passed and those that failed."""

    passed: dict[str, set[str]] = field(factory=dict)
    failed: dict[str, set[str]] = field(factory=dict)
    when: str = ""

    def add(self, report: pytest.TestReport) -> None:
        """Take in one phase of one test. A test that was skipped has proven nothing."""
        if report.failed:
            self._say(self.failed, report)
        elif report.when == "call" and report.passed:
            self._say(self.passed, report)

    @staticmethod
    def _say(to: dict[str, set[str]], report: pytest.TestReport) -> None:
        for name, value in report.user_properties:
            if name == PROPERTY:
                to.setdefault(str(value), set()).add(report.nodeid)

    @property
    def proven(self) -> set[str]:
        return self.passed.keys() - self.failed.keys()

    @property
    def named(self) -> set[str]:
        return self.passed.keys() | self.failed.keys()

    def save(self, path: Path) -> None:
        """Write it as a whole, so that a reader never sees half of it."""
        said = {"when": self.when, "passed": _lists(self.passed), "failed": _lists(self.failed)}
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.write_text(json.dumps(said, indent=1))
        new.replace(path)

    @classmethod
    def load(cls, path: Path) -> Run:
        said = json.loads(path.read_text())
        return cls(_sets(said["passed"]), _sets(said["failed"]), said["when"])


def _lists(tests: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    return {row: sorted(names) for row, names in sorted(tests.items())}


def _sets(tests: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    return {row: set(names) for row, names in tests.items()}


class Recorder:
    """Gathers the reports of a run; with xdist, those of all workers, in the process that hands out the tests."""

    def __init__(self) -> None:
        self._run = Run()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._run.add(report)

    def pytest_sessionfinish(self) -> None:
        """A run without scenarios says nothing about them and leaves the last one's word."""
        if self._run.named:
            self._run.when = datetime.now(UTC).isoformat(timespec="seconds")
            self._run.save(LAST_RUN)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(), "scenarios-recorder")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Properties travel with the reports, also from a worker; markers do not."""
    for mark in item.iter_markers("scenario"):
        item.user_properties.extend((PROPERTY, row) for row in mark.args)


def catalogue(path: Path = CATALOGUE) -> dict[str, Scenario]:
    """All rows, by id."""
    with path.open(newline="") as file:
        return {row["id"]: Scenario(row["id"], row["area"], int(row["stage"])) for row in csv.DictReader(file)}


def table(rows: Iterable[Scenario], proven: set[str]) -> Table:
    """How many rows of each area and stage are proven, of how many; areas with nothing proven are left out."""
    rows = list(rows)
    every = Counter((row.group, row.stage) for row in rows)
    shown = Counter((row.group, row.stage) for row in rows if row.id in proven)
    made = Table(title="scenarios proven by the last test run", show_footer=True)
    made.add_column("area", f"all {len({row.group for row in rows})} areas")
    stages = sorted({row.stage for row in rows})
    for stage in stages:
        made.add_column(f"stage {stage}", _of(_sum(shown, stage), _sum(every, stage)), justify="right")
    for group in dict.fromkeys(row.group for row in rows if row.id in proven):
        made.add_row(group, *(_of(shown[group, stage], every[group, stage]) for stage in stages))
    return made


def _sum(counts: Counter[tuple[str, int]], stage: int) -> int:
    return sum(number for (_, of), number in counts.items() if of == stage)


def _of(part: int, whole: int) -> str:
    return f"{part} / {whole}" if whole else ""


def problems(run: Run, rows: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a run: rows that the catalogue does not have, and rows whose tests failed."""
    for row in sorted(run.named - rows.keys()):
        tests = run.passed.get(row, set()) | run.failed.get(row, set())
        yield f"{row} is not in {CATALOGUE.name}; named by {', '.join(sorted(tests))}"
    for row, tests in sorted(run.failed.items()):
        yield f"{row} failed in {', '.join(sorted(tests))}"


def main() -> None:
    """Print the last run's table, then what is wrong with it; the exit code is 1 when something is."""
    console = Console(highlight=False, soft_wrap=True)
    if not LAST_RUN.exists():
        sys.exit("no test run has been recorded yet: make test")
    run, rows = Run.load(LAST_RUN), catalogue()
    console.print(table(rows.values(), run.proven))
    console.print(
        f"run of {run.when}; the rows: {CATALOGUE.relative_to(ROOT)}, the tests: {LAST_RUN.relative_to(ROOT)}"
    )
    wrong = list(problems(run, rows))
    for problem in wrong:
        console.print(f"[red]✗[/] {problem}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
