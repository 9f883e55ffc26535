"""What was measured, as a table while it comes, and as JSON in the end."""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil
from attrs import Factory, frozen

from kuma.version import VERSION

LAG = "event_loop_lag_seconds"
BUCKET = re.compile(rf'{LAG}_bucket{{le="([^"]+)"}}')
SHARES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}
WIDTH = 50


def spread(values: Sequence[float]) -> dict[str, float]:
    """How values spread."""
    ordered = sorted(values)
    return {name: ordered[min(len(ordered) - 1, int(len(ordered) * share))] for name, share in SHARES.items()}


@frozen
class Report:
    """All results, printed as they come."""

    results: dict[str, Any] = Factory(dict)

    def costs(self, case: str, costs: Sequence[Mapping[str, float]]) -> None:
        """What one case cost, in one or several trials."""
        seconds = spread([one["seconds"] for one in costs])
        each = {what: sum(one[what] for one in costs) / len(costs) for what in costs[0] if what != "seconds"}
        self.results[case] = {"seconds": seconds, **each, "trials": len(costs)}
        told = f"{seconds['max']:.3f} s" if len(costs) == 1 else ", ".join(f"{k} {v:.3f}" for k, v in seconds.items())
        sent = f"{each['bytes'] / 2**20:.1f} MB, {each['resources']:.0f} resources"
        print(f"{case:<{WIDTH}} {told}; {each['cpu']:.2f} CPU s, {sent}", flush=True)

    def number(self, case: str, value: float, unit: str) -> None:
        """One number."""
        self.results[case] = {"value": value, "unit": unit}
        print(f"{case:<{WIDTH}} {value:.3f} {unit}", flush=True)

    def lag(self, case: str, metrics: Mapping[str, float]) -> None:
        """The loop's lag, out of the control plane's metrics: its longest, and the share that was over 20 ms."""
        within = {found[1]: value for name, value in metrics.items() if (found := BUCKET.fullmatch(name))}
        longest = metrics.get(f"{LAG}_max", 0.0)
        over = 1 - within.get("0.02", 0.0) / max(1.0, metrics.get(f"{LAG}_count", 1.0))
        self.results[case] = {"max": longest, "share over 20 ms": over, "buckets": within}
        print(f"{case:<{WIDTH}} {1000 * longest:.0f} ms; {100 * over:.2f} % over 20 ms", flush=True)

    @staticmethod
    def written(path: Path, results: Mapping[str, Any]) -> None:
        """Keep the results, with the machine they come from."""
        machine = {"platform": platform.platform(), "cores": psutil.cpu_count(), "python": platform.python_version()}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"machine": machine, "version": VERSION, **results}, indent=1) + "\n")
