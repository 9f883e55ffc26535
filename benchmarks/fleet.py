"""A fleet against the control plane of one zone: what connecting, and each kind of change, costs.

    python -m benchmarks.fleet [--services 200] [--instances 5] [--outbounds 0 (all)] [--cases connect,endpoint]

Each proxy is a client of its own: TLS connection, bootstrap request, token, node metadata, delta ADS with subscriptions
and ACKs as Envoy makes them. No Envoy is needed. What is received is checked: every proxy must hold what it calls, and
the same names and versions as those that look outward like it.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path

from attrs import asdict, frozen

from benchmarks import cases, protection
from benchmarks.cases import Bench, Cost
from benchmarks.planes import one_zone
from benchmarks.plots import as_png, in_terminal
from benchmarks.report import Report
from benchmarks.simulated import LATE, Fleet, Sizes
from kuma.loop import install

SETTLED = 5.0  # seconds in which what was begun is done, and in which a control plane is looked at for being quiet
BUSY = 0.25  # of a core: connecting has left something to do
MOST_LOOKS = 12
FLUSHED = 10.0  # seconds in which counters of what was acknowledged are written, again and again until all are
MOST_FLUSHES = 15
QUIET = 5.0  # transactions in a second: what is left when nothing happens


@frozen
class Run:
    """One run: what is measured, what is told of it, and how often and how long."""

    bench: Bench
    report: Report
    options: argparse.Namespace

    def costs(self, case: str, costs: list[Cost]) -> None:
        """What a case cost, with the memory that the control planes have now."""
        rss = self.bench.watched.rss()
        self.report.costs(case, [{**asdict(one), "rss": rss} for one in costs])


Case = Callable[[Run], Awaitable[None]]


async def connect(run: Run) -> None:
    """All connect at once."""
    bench, report = run.bench, run.report
    base = bench.watched.rss()
    await bench.fleet.prepare()
    run.costs("tokens and bootstraps for all", [await bench.cost(bench.fleet.bootstrap, lambda: True)])
    began, before = time.monotonic(), [plane.metrics() for plane in bench.fleet.planes]
    run.costs("all connect at once", [await bench.cost(bench.fleet.connect, cases.all_know(bench.fleet))])
    report.waits("each gets its first listeners", [one.served - began for one in bench.fleet.proxies])
    report.lag("while they connect", [plane.metrics() for plane in bench.fleet.planes], before)
    await quiet(bench)
    report.number("memory before", base, "MB")
    report.number("memory for each proxy", (bench.watched.rss() - base) / bench.fleet.sizes.proxies, "MB")
    cases.check(bench.fleet, 0, bench.fleet.sizes.instances)


async def quiet(bench: Bench) -> None:
    """Wait until nothing is left to do of what was begun."""
    for _ in range(MOST_LOOKS):
        before = bench.watched.cpu()
        await asyncio.sleep(SETTLED)
        if bench.watched.cpu() - before < BUSY * SETTLED:
            return


async def mesh_wide(run: Run) -> None:
    """A policy that changes all."""
    run.costs("a policy for all changes", [await cases.mesh_wide(run.bench, 20 + one) for one in range(10)])


async def workload(run: Run) -> None:
    """A policy for one workload, of which the others must hear nothing."""
    found = [await cases.one_workload(run.bench, 20 + one) for one in range(10)]
    run.costs("a policy for one workload changes", [cost for cost, _ in found])
    run.report.number("bytes that others got of it", sum(others for _, others in found), "B")


async def endpoint(run: Run) -> None:
    """Endpoints."""
    before = [plane.metrics() for plane in run.bench.fleet.planes]
    await cases.one_endpoint(run.bench, True)
    trials = range(run.options.trials)
    run.costs("one endpoint changes", [await cases.one_endpoint(run.bench, one % 2 == 1) for one in trials])
    run.report.lag("while endpoints change", [plane.metrics() for plane in run.bench.fleet.planes], before)


async def storm(run: Run) -> None:
    """Changes faster than they can be told."""
    cost, others = await protection.beside(run.bench, protection.storm(run.bench))
    run.costs(f"{protection.STORM} changes at once", [cost])
    run.report.waits("a policy for another workload meanwhile", others)


async def herd(run: Run) -> None:
    """Half of the fleet, at the door at once, while somebody who is there waits for a change."""
    half = run.bench.fleet.proxies[run.bench.fleet.sizes.proxies // 2 :]
    began = time.monotonic()
    cost, others = await protection.beside(run.bench, protection.herd(run.bench))
    run.costs("half of the proxies come back with nothing", [cost])
    run.report.waits("each of them gets its first listeners", [one.served - began for one in half])
    run.report.waits("a policy for a workload that has stayed", others)


async def slow(run: Run) -> None:
    """Some that do not read."""
    before = run.bench.watched.rss()
    cost, responses = await protection.slow_readers(run.bench, 100)
    run.costs("a policy for all changes while a tenth does not read", [cost])
    run.report.number("more memory while a tenth does not read", run.bench.watched.rss() - before, "MB")
    run.report.number("responses to who reads again, of ten changes", responses, "")


async def service(run: Run) -> None:
    """New services."""
    found = [await cases.one_service(run.bench, place) for place in range(len(LATE))]
    run.costs("one service is added", found)
    cases.check(run.bench.fleet, len(LATE), run.bench.fleet.sizes.instances)


async def idle(run: Run) -> None:
    """Nothing."""
    watched, seconds = run.bench.watched, run.options.idle
    for _ in range(MOST_FLUSHES):
        before = watched.transactions()
        await asyncio.sleep(FLUSHED)
        if watched.transactions() - before < QUIET * FLUSHED:
            break
    cpu, transactions = watched.cpu(), watched.transactions()
    await asyncio.sleep(seconds)
    run.report.number("CPU while nothing happens", 100 * (watched.cpu() - cpu) / seconds, "% of a core")
    questions = (watched.transactions() - transactions) / seconds
    run.report.number("database transactions while nothing happens", questions, "1/s")


async def churn(run: Run) -> None:
    """Endpoints that come and go all the time."""
    options = run.options
    before = [plane.metrics() for plane in run.bench.fleet.planes]
    seconds, cpu = await protection.churn(run.bench, options.churn, options.duration)
    run.report.waits(f"{options.churn:g} endpoints a second change", seconds)
    run.report.number(f"CPU while {options.churn:g} endpoints a second change", 100 * cpu, "% of a core")
    run.report.lag("while they do", [plane.metrics() for plane in run.bench.fleet.planes], before)


async def identity(run: Run) -> None:
    """Certificates for all, and others."""
    run.costs("every proxy gets an identity", [await cases.identities(run.bench, 24)])
    await asyncio.sleep(SETTLED)
    rotations = [await cases.identities(run.bench, 23 - one) for one in range(3)]
    run.costs("the identity of every proxy is rotated", rotations)


async def restart(run: Run) -> None:
    """All come back."""
    fleet = run.bench.fleet
    versions = {proxy.name: {url: dict(held) for url, held in proxy.holds.items()} for proxy in fleet.proxies}
    cost = await protection.restart(run.bench)
    run.costs("restart: all come back at once", [cost])
    changed = sum(held != versions[proxy.name][url] for proxy in fleet.proxies for url, held in proxy.holds.items())
    run.report.number("resources sent again after a restart", cost.resources, "")
    run.report.number("types of proxies in which something is different after it", changed, "")


CASES: Mapping[str, Case] = {
    "connect": connect,
    "mesh": mesh_wide,
    "workload": workload,
    "endpoint": endpoint,
    "storm": storm,
    "herd": herd,
    "slow": slow,
    "service": service,
    "churn": churn,
    "idle": idle,
    "restart": restart,
    "identity": identity,
}


async def measure(run: Run, wanted: list[str]) -> None:
    """The cases that are wanted, in order."""
    folder: Path | None = run.options.profile
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    for name in wanted:
        with run.bench.watched.profiled(folder and folder / f"{name}.raw"):
            await CASES[name](run)
        if run.options.result:
            run.report.written(run.options.result)  # what has been measured stays measured
    run.report.number("most memory", run.bench.watched.peak(), "MB")
    run.bench.fleet.stop()


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = partial(parser.add_argument, metavar="")
    add("--services", type=int, default=200)
    add("--instances", type=int, default=5, help="of each service")
    add("--outbounds", type=int, default=0, help="of each service; 0 is all")
    add("--planes", type=int, default=1, help="instances of the control plane, on one store")
    add("--store", choices=("memory", "postgres"), default="postgres")
    add("--cases", default=",".join(CASES), help="some of %(default)s")
    add("--trials", type=int, default=200, help="of one endpoint that changes")
    add("--idle", type=float, default=120.0, help="seconds in which nothing happens")
    add("--churn", type=float, default=5.0, help="endpoints that change in a second")
    add("--duration", type=float, default=30.0, help="seconds of churn")
    add("--profile", type=Path, help="folder for the control plane's folded stacks in each case")
    add("--result", type=Path, help="file for the results as JSON; a picture comes beside it")
    return parser.parse_args()


def main() -> None:
    """Start control planes, connect the fleet, measure, and tell."""
    options = parsed()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    sizes = Sizes(options.services, options.instances, options.outbounds)
    calls = f"{sizes.outbounds} services each" if sizes.outbounds else "all of them"
    title = f"{sizes.proxies} proxies of {sizes.services} services, calling {calls}"
    told = {**asdict(sizes), "proxies": sizes.proxies, "planes": options.planes, "store": options.store}
    report = Report(title, told)
    loop = install()
    with tempfile.TemporaryDirectory(prefix="k-") as folder:
        with one_zone(Path(folder), options.store, options.planes) as running:
            run = Run(Bench(Fleet(sizes, running.planes), running.watched), report, options)
            loop.run_until_complete(measure(run, options.cases.split(",")))
    report.show()
    if options.result:
        results = report.written(options.result)
        in_terminal(results)
        as_png(results, options.result.with_suffix(".png"))


if __name__ == "__main__":
    main()
