"""What was measured: told while it comes, as a table in the end, and kept as JSON."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil
from attrs import field, frozen
from rich.console import Console
from rich.table import Table

from kuma.version import VERSION

LAG = "event_loop_lag_seconds"
BUCKET = re.compile(rf'{LAG}_bucket{{le="([^"]+)"}}')
SHARES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}
COLUMNS = ("p50", "p90", "p99", "max", "trials", "CPU s", "MB sent", "resources")
MB = 2**20


def spread(values: Sequence[float]) -> dict[str, float]:
    """How values spread."""
    ordered = sorted(values)
    return {name: ordered[min(len(ordered) - 1, int(len(ordered) * share))] for name, share in SHARES.items()}


def machine() -> dict[str, Any]:
    """Where, with what, and how busy it was before."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return {
        "platform": platform.platform(),
        "processor": _processor(),
        "cores": psutil.cpu_count(),
        "python": platform.python_version(),
        "version": VERSION,
        "commit": commit.stdout.strip(),
        "load average before": round(os.getloadavg()[0], 2),
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


@frozen
class Report:
    """All results of one run."""

    title: str
    sizes: Mapping[str, Any]
    cases: dict[str, Any] = field(factory=dict)
    numbers: dict[str, Any] = field(factory=dict)
    machine: dict[str, Any] = field(factory=machine)

    def costs(self, case: str, costs: Sequence[Mapping[str, float]]) -> None:
        """What one case cost, in one or several trials: how the seconds spread, and the rest on average."""
        seconds = [one["seconds"] for one in costs]
        each = {what: sum(one[what] for one in costs) / len(costs) for what in costs[0] if what != "seconds"}
        self.cases[case] = {"seconds": spread(seconds), "every": seconds, "trials": len(costs), **each}
        told = ", ".join(f"{name} {value:.3f}" for name, value in spread(seconds).items())
        print(f"{case}: {told} s; {each['cpu']:.2f} CPU s, {each['bytes'] / MB:.1f} MB", flush=True)

    def waits(self, case: str, seconds: Sequence[float]) -> None:
        """How long each of some waited, where what it cost is that of another case."""
        self.cases[case] = {"seconds": spread(seconds), "every": list(seconds), "trials": len(seconds)}
        told = ", ".join(f"{name} {value:.3f}" for name, value in spread(seconds).items())
        print(f"{case}: {told} s", flush=True)

    def number(self, case: str, value: float, unit: str) -> None:
        """One number."""
        self.numbers[case] = {"value": value, "unit": unit}
        print(f"{case}: {value:.3f} {unit}", flush=True)

    def lag(
        self, case: str, metrics: Sequence[Mapping[str, float]], before: Sequence[Mapping[str, float]] = ()
    ) -> None:
        """The loops' lag, out of the control planes' metrics: the longest, and below what nearly all of it stayed."""
        earlier = before or [{}] * len(metrics)
        self.number(f"longest lag of the loop, {case}", 1000 * max(one.get(f"{LAG}_max", 0) for one in metrics), "ms")
        p99 = max(map(lag_p99, metrics, earlier))
        self.number(f"p99 of the loop's lag, {case}", 1000 * p99, "ms or less")

    def written(self, file: Path) -> dict[str, Any]:
        """Keep everything; answers it."""
        file.parent.mkdir(parents=True, exist_ok=True)
        everything = {one: getattr(self, one) for one in ("title", "machine", "sizes", "cases", "numbers")}
        file.write_text(json.dumps(everything, indent=1) + "\n")
        return everything

    def show(self) -> None:
        """Everything as tables."""
        console = Console(width=150)
        table = Table(title=self.title, title_justify="left")
        table.add_column("case")
        for name in COLUMNS:
            table.add_column(name, justify="right")
        for case, cost in self.cases.items():
            table.add_row(case, *_row(cost))
        console.print(table)
        numbers = Table()
        for name in ("what", "value", "unit"):
            numbers.add_column(name, justify="right" if name == "value" else "left")
        for name, number in self.numbers.items():
            numbers.add_row(name, f"{number['value']:.3g}", number["unit"])
        console.print(numbers)


def _row(cost: Mapping[str, Any]) -> tuple[str, ...]:
    seconds = (f"{cost['seconds'][name]:.3f}" for name in SHARES)
    if "cpu" not in cost:
        return (*seconds, str(cost["trials"]), "", "", "")
    sent = f"{cost['bytes'] / MB:.1f}", f"{cost['resources']:.0f}"
    return (*seconds, str(cost["trials"]), f"{cost['cpu']:.2f}", *sent)


def lag_p99(metrics: Mapping[str, float], before: Mapping[str, float]) -> float:
    """The smallest bound of the histogram that 99 of 100 lags are within since it was looked at before."""
    new = {name: value - before.get(name, 0.0) for name, value in metrics.items()}
    within = {float(found[1]): value for name, value in new.items() if (found := BUCKET.fullmatch(name))}
    return min((bound for bound, value in within.items() if value >= 0.99 * new.get(f"{LAG}_count", 0.0)), default=0.0)
