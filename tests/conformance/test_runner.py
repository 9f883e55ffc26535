"""The runner itself: it counts, tells what fails, and skips nothing silently."""

from __future__ import annotations

import json
import subprocess
import sys

CASE = """run: hashed-name
fixed: {mesh: default, displayName: redis, zone: east, namespace: ''}
"""


def run(cases, *arguments):
    """The runner on a folder of cases."""
    command = [sys.executable, "-m", "tests.conformance", "--cases", str(cases), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def case(folder, name, expected, about=CASE):
    """One case on disk."""
    (folder / name).mkdir(parents=True)
    (folder / name / "case.yaml").write_text(about)
    (folder / name / "expected.txt").write_text(expected)


def test_a_run(tmp_path):
    names = tmp_path / "cases" / "kds-names"
    case(names, "wrong", "redis-something-else\n")
    case(names, "strange", "x", "run: unheard-of\n")
    case(tmp_path / "cases" / "new-suite", "one", "")
    result = run(tmp_path / "cases", "--json", str(tmp_path / "out.json"))
    assert result.returncode == 1
    assert "kds-names 0/2\n" in result.stdout
    assert "new-suite 0/1 (no adapter)" in result.stdout
    assert "-redis-something-else" in result.stdout
    told = json.loads((tmp_path / "out.json").read_text())
    assert told["kds-names"] == {"passed": 0, "total": 2, "failed": ["strange", "wrong"]}


def test_a_suite_that_is_not_there_is_reported(tmp_path):
    case(tmp_path / "kds-names", "one", "")
    result = run(tmp_path, "--suite", "none")
    assert result.returncode == 1
    assert "unknown suite none" in result.stderr
