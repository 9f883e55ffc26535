"""The bookkeeping of scenarios."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from tests.scenarios import Run, Scenario, catalogue, problems, table

SYNC = Scenario("M-sync-01", "sync", 1)
ROWS = {row.id: row for row in (SYNC, Scenario("M-sync-02", "sync", 1), Scenario("U-tproxy-01", "tproxy", 2))}


def report(row: str, when: str = "call", outcome: str = "passed", test: str = "test_it") -> pytest.TestReport:
    return pytest.TestReport(test, ("", 0, ""), {}, outcome, None, when, user_properties=[("scenario", row)])


def run(*reports: pytest.TestReport) -> Run:
    made = Run()
    for one in reports:
        made.add(one)
    return made


def test_a_row_is_proven_when_its_test_passed() -> None:
    assert run(report("M-sync-01", "setup"), report("M-sync-01"), report("M-sync-01", "teardown")).proven == {
        "M-sync-01"
    }


@pytest.mark.parametrize("when", ["setup", "call", "teardown"])
def test_a_row_is_not_proven_when_any_phase_of_any_of_its_tests_failed(when: str) -> None:
    said = run(report("M-sync-01"), report("M-sync-01", when, "failed", "test_other"))
    assert said.proven == set()
    assert list(problems(said, ROWS)) == ["M-sync-01 failed in test_other"]


def test_a_skipped_test_proves_nothing() -> None:
    assert not run(report("M-sync-01", "setup", "skipped"), report("M-sync-01", "teardown")).named


def test_rows_that_do_not_exist_are_errors() -> None:
    assert list(problems(run(report("M-sync-99")), ROWS)) == ["M-sync-99 is not in scenarios.csv; named by test_it"]


def test_a_saved_run_is_the_same_run(tmp_path: Path) -> None:
    made = run(report("M-sync-01"), report("M-sync-02", outcome="failed"))
    made.save(tmp_path / "state" / "scenarios.json")
    assert Run.load(tmp_path / "state" / "scenarios.json") == made


def test_the_table_counts_rows_of_each_area_and_stage() -> None:
    console = Console(width=80, record=True, file=StringIO())
    console.print(table(ROWS.values(), {"M-sync-01"}))
    text = console.export_text()
    assert "1 / 2" in text
    assert "0 / 1" in text
    assert "tproxy" not in text


def test_every_row_of_the_catalogue_has_its_area_in_its_id() -> None:
    rows = catalogue()
    assert len(rows) > 300
    assert all(row.id.split("-", 1)[1].startswith(row.area) for row in rows.values())
