"""How the cost of a change grows with what did not change: services, proxies that it does not concern, policies.

    python -m benchmarks.growth [--result FILE]

One endpoint of a service that twenty proxies call changes, while everything else doubles three times. The exponent is
that of the fitted power: 0 is a cost that does not grow, 1 one that doubles too.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
from collections.abc import Sequence
from math import log
from pathlib import Path
from typing import Any

from attrs import frozen
from rich.console import Console
from rich.table import Table

from benchmarks.cases import Bench, all_know, one_endpoint
from benchmarks.planes import one_zone
from benchmarks.report import machine
from benchmarks.simulated import MESH, Fleet, Sizes
from kuma.loop import install

CALLED = 5  # services that each proxy calls
CALLING = Sizes(4, 5, 0)  # twenty proxies that call all of their four services
TRIALS = 30
DOUBLED = (1, 2, 4, 8)


@frozen
class Growth:
    """What grows: proxies that do not call the service, services that nobody calls, policies for nobody."""

    proxies: int = 40
    services: int = 50
    policies: int = 20

    def times(self, what: str, factor: int) -> Growth:
        """The same with more of one thing."""
        grown = {name: getattr(self, name) * (factor if name == what else 1) for name in NAMES}
        return Growth(**grown)


NAMES = ("proxies", "services", "policies")


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """The power of the size that fits the costs best."""
    return statistics.linear_regression([log(one) for one in sizes], [log(one) for one in costs]).slope


def elsewhere(number: int) -> dict[str, Any]:
    """A policy for a workload that nobody runs."""
    target = {"kind": "Dataplane", "labels": {"kuma.io/workload": f"nobody{number}"}}
    to = [{"targetRef": {"kind": "Mesh"}, "default": {"http": {"requestTimeout": "3s"}}}]
    spec = {"targetRef": target, "to": to}
    return {"type": "MeshTimeout", "mesh": MESH, "name": f"elsewhere{number}", "spec": spec}


def uncalled(number: int) -> dict[str, Any]:
    """An instance of a service that nobody calls."""
    return {
        **{"type": "Dataplane", "mesh": MESH, "name": f"u{number}", "labels": {"kuma.io/workload": f"u{number}"}},
        "networking": {"address": f"10.200.{number // 250}.{number % 250 + 1}", "inbound": [{"port": 80}]},
    }


async def cost(growth: Growth) -> float:
    """CPU seconds that one endpoint costs."""
    with tempfile.TemporaryDirectory(prefix="k-") as folder, one_zone(Path(folder), "memory") as running:
        bench = Bench(Fleet(CALLING, running.planes), running.watched)
        others = Bench(Fleet(Sizes(20, growth.proxies // 20, CALLED, first=1000), running.planes), running.watched)
        await bench.put(*(uncalled(number) for number in range(growth.services)))
        await bench.put(*(elsewhere(number) for number in range(growth.policies)))
        for one in (bench, others):
            await one.fleet.prepare()
            await one.fleet.bootstrap()
            await one.cost(one.fleet.connect, all_know(one.fleet))
        await asyncio.sleep(5)
        await one_endpoint(bench, True)
        costs = [(await one_endpoint(bench, one % 2 == 1)).cpu for one in range(TRIALS)]
        bench.fleet.stop()
        others.fleet.stop()
    return statistics.mean(costs)


def main() -> None:
    """Measure, fit and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--result", type=Path)
    options = parser.parse_args()
    loop = install()
    table = Table("CPU ms of one endpoint", *(f"x {factor}" for factor in DOUBLED), "exponent")
    found: dict[str, Any] = {}
    for name in NAMES:
        costs = [loop.run_until_complete(cost(Growth().times(name, factor))) for factor in DOUBLED]
        fitted = exponent(DOUBLED, costs)
        found[name] = {"first": getattr(Growth(), name), "cpu": costs, "exponent": fitted}
        table.add_row(f"{name} ({getattr(Growth(), name)})", *(f"{1000 * one:.1f}" for one in costs), f"{fitted:.2f}")
    Console().print(table)
    if options.result:
        options.result.parent.mkdir(parents=True, exist_ok=True)
        options.result.write_text(json.dumps({"machine": machine(), "growth": found}, indent=1) + "\n")


if __name__ == "__main__":
    main()
