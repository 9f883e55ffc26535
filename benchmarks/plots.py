"""Results as pictures: how long each case took, in the terminal and as PNG.

python -m benchmarks.plots benchmarks/results/*.json
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.bar import Bar
from rich.console import Console
from rich.table import Table

Results = Mapping[str, Any]
WIDTH = 60
COLOURS = {"p50": "#4c78a8", "p90": "#72b7b2", "p99": "#f58518", "max": "#e45756"}


def in_terminal(results: Results) -> None:
    """A bar for each case, as long as its median and its longest."""
    table = Table(title=f"{results['title']}: seconds until the last proxy has it, median and longest", box=None)
    longest = max(case["seconds"]["max"] for case in results["cases"].values())
    for name, case in results["cases"].items():
        for share, colour in (("p50", "blue"), ("max", "red")):
            seconds = case["seconds"][share]
            bar = Bar(longest, 0, seconds, width=WIDTH, color=colour)
            table.add_row(name if share == "p50" else "", share, bar, f"{seconds:.3f}")
    Console(width=150).print(table)


def as_png(results: Results, file: Path) -> None:
    """Left how the seconds of each case spread, on a logarithmic scale; right the CPU seconds of the control plane."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - measuring needs no pictures

    names = list(results["cases"])
    figure = Figure(figsize=(13, 1.2 + 0.55 * len(names)), layout="constrained")
    seconds, cpu = figure.subplots(1, 2, sharey=True, width_ratios=(3, 2))
    for place, (share, colour) in enumerate(COLOURS.items()):
        heights = [row + 0.18 * (place - 1.5) for row in range(len(names))]
        values = [results["cases"][name]["seconds"][share] for name in names]
        seconds.barh(heights, values, 0.17, label=share, color=colour)
    cpu.barh(range(len(names)), [results["cases"][name].get("cpu", 0) for name in names], 0.6, color="#54a24b")
    for axes, label in ((seconds, "seconds until the last has it"), (cpu, "CPU seconds of the control plane")):
        axes.set_xscale("log")
        axes.set_xlabel(label)
        axes.grid(axis="x", alpha=0.3)
    seconds.set_yticks(range(len(names)), names)
    seconds.invert_yaxis()
    seconds.legend()
    machine = results["machine"]
    figure.suptitle(f"{results['title']}\n{machine['cores']} cores, {machine['processor']}, {machine['commit']}")
    figure.savefig(file, dpi=110)


def main() -> None:
    """Draw each file of results, beside it."""
    for name in sys.argv[1:]:
        results = json.loads(Path(name).read_text())
        in_terminal(results)
        as_png(results, Path(name).with_suffix(".png"))


if __name__ == "__main__":
    main()
