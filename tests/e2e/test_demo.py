"""The demo as a newcomer runs it: again, side by side, and ended by Ctrl-C."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kuma.cli.demo.processes import wait_for

DEMO = [sys.executable, "-m", "kuma.cli.demo"]


def start(folder: Path, *more: str) -> subprocess.Popen:
    folder.mkdir(exist_ok=True)
    output = (folder / "output").open("w")
    return subprocess.Popen([*DEMO, "--folder", str(folder), *more], stdout=output, stderr=subprocess.STDOUT)


def told(folder: Path) -> str:
    return (folder / "output").read_text()


def left_behind(folder: Path) -> list[str]:
    """Processes that were given this folder, and still run."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = file.read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if str(folder) in command:
            found.append(command)
    return found


@pytest.fixture
def folder(tmp_path_factory):
    return tmp_path_factory.getbasetemp().parent / f"d{time.monotonic_ns() % 10**6}"


def test_two_at_once_each_say_what_they_did(folder):
    folders = [folder, folder.with_name("x" + folder.name)]
    running = [start(one, "--check") for one in folders]
    for one, process in zip(folders, running, strict=True):
        assert process.wait(120) == 0, told(one)
        assert "✗" not in told(one)
        steps = re.findall(r"^✓ .* \d+\.\d\d s", told(one), re.MULTILINE)
        assert len(steps) == told(one).count("✓") >= 10
        assert "spiffe://default.east.mesh.local/workload/web" in told(one)
        assert "spiffe://default.west.mesh.local/workload/reports" in told(one)
        assert left_behind(one) == []


def test_it_stays_until_ctrl_c_leaves_nothing_running_and_runs_again_in_its_folder(folder):
    process = start(folder)
    wait_for("it stays, or ends", lambda: "curl" in told(folder) or process.poll() is not None, 90)
    assert process.poll() is None, told(folder)
    assert len(left_behind(folder)) > 10
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0, told(folder)
    assert left_behind(folder) == []
    assert "Traceback" not in told(folder)
    again = start(folder, "--check")
    assert again.wait(120) == 0, told(folder)
    assert "✗" not in told(folder)
    assert left_behind(folder) == []


def test_it_says_what_failed(folder, monkeypatch):
    monkeypatch.setenv("KUMA_METRICS_ZONE_IDLE_TIMEOUT", "soon")
    process = start(folder, "--check")
    assert process.wait(120) == 1
    assert "metrics.zone.idleTimeout" in told(folder).replace("\n", "")
    assert "Traceback" not in told(folder)
    assert left_behind(folder) == []
