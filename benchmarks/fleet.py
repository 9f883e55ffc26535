"""A fleet against one zone control plane: what connecting, and each kind of change, costs.

    python -m benchmarks.fleet [--services 200] [--instances 5] [--outbounds 0 (all)] [--store memory] [--trials 20]

Each proxy is a client of its own: TLS connection, bootstrap request, token, node metadata, delta ADS with subscriptions
and ACKs as Envoy makes them. No Envoy is needed. What is received is checked: at the end every proxy must hold the same
names and versions as those that look outward like it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from attrs import asdict, frozen

from benchmarks.report import Report
from benchmarks.simulated import CDS, EDS, LDS, MESH, Fleet, Proxy, Sizes, dataplane
from kuma.cli.demo.parts import ControlPlane
from kuma.cli.demo.processes import Processes, wait_for
from kuma.cli.demo.world import World
from kuma.loop import install

REST = 0.5  # seconds between changes: those that come close together are merged, and each is measured on its own
FLUSHED = 12.0  # seconds after which the counters of what was acknowledged have been written
IDLE = 20.0  # seconds
PATIENCE = 120.0  # seconds for the last proxy to be told


@frozen
class Cost:
    """What one step cost: seconds until the last proxy had it, the control plane's CPU seconds, and what was sent."""

    seconds: float
    cpu: float
    bytes: int
    responses: int
    resources: int


def process_of(fleet: Fleet) -> psutil.Process:
    """The control plane's process, as the system sees it."""
    return psutil.Process(fleet.plane.process.popen.pid)  # type: ignore[union-attr]  # it was started


def cpu_of(process: psutil.Process) -> float:
    """The CPU seconds that it has used."""
    times = process.cpu_times()
    return float(times.user + times.system)


async def cost_of(fleet: Fleet, act: Callable[[], Awaitable[None]], done: Callable[[], bool]) -> Cost:
    """Do something, and wait until every proxy has what it should."""
    process, meter = process_of(fleet), fleet.meter
    before = cpu_of(process), meter.bytes, meter.responses, meter.resources
    began = time.monotonic()
    await act()
    while not done():
        if time.monotonic() - began > PATIENCE or fleet.failures():
            log = fleet.plane.process.tail(5)  # type: ignore[union-attr]  # it was started
            raise SystemExit(f"not every proxy got it within {PATIENCE:g} s: {fleet.failures()[:1]}\n{log}")
        await asyncio.sleep(0.002)
    seconds = time.monotonic() - began
    await asyncio.sleep(REST)  # what is still done for it after the last proxy knows belongs to its cost too
    cpu, sent, responses, resources = before
    return Cost(
        seconds,
        cpu_of(process) - cpu,
        meter.bytes - sent,
        meter.responses - responses,
        meter.resources - resources,
    )


def whole(fleet: Fleet) -> Callable[[], bool]:
    """Whether every proxy holds its clusters, its endpoints and its listeners."""
    wanted = fleet.sizes.outbounds or fleet.sizes.services
    missing = list(fleet.proxies)

    def done() -> bool:
        while missing and _complete(missing[-1], wanted):
            missing.pop()
        return not missing

    return done


def _complete(proxy: Proxy, wanted: int) -> bool:
    return len(proxy.holds[EDS]) == wanted == sum(name.startswith("kri_") for name in proxy.holds[LDS])


def told_since(proxies: list[Proxy], url: str, moment: float) -> Callable[[], bool]:
    """Whether every one of these proxies was told something of a type after a moment."""
    return lambda: all(proxy.told[url] > moment for proxy in proxies)


def timeout(name: str, seconds: int, workload: str = "") -> dict[str, Any]:
    """A policy that changes every outbound listener of all proxies, or of one workload's."""
    to = {"targetRef": {"kind": "Mesh"}, "default": {"http": {"requestTimeout": f"{seconds}s"}}}
    whom = {"targetRef": {"kind": "Dataplane", "labels": {"kuma.io/workload": workload}}} if workload else {}
    return {"type": "MeshTimeout", "mesh": MESH, "name": name, "spec": {**whom, "to": [to]}}


async def mesh_wide(fleet: Fleet, seconds: int) -> Cost:
    """Every outbound listener of every proxy changes: another request timeout."""
    done = told_since(fleet.proxies, LDS, time.monotonic())
    return await cost_of(fleet, lambda: asyncio.to_thread(fleet.plane.api.put, timeout("bench", seconds)), done)


async def one_workload(fleet: Fleet, seconds: int) -> tuple[Cost, int]:
    """The listeners of one workload's proxies change; and how many bytes the others got meanwhile."""
    concerned = [proxy for proxy in fleet.proxies if proxy.document["labels"]["kuma.io/workload"] == "s1"]
    others = [proxy for proxy in fleet.proxies if proxy not in concerned]
    before = sum(proxy.received for proxy in others)
    done = told_since(concerned, LDS, time.monotonic())
    policy = timeout("one", seconds, "s1")
    cost = await cost_of(fleet, lambda: asyncio.to_thread(fleet.plane.api.put, policy), done)
    return cost, sum(proxy.received for proxy in others) - before


async def one_endpoint(fleet: Fleet, ready: bool) -> Cost:
    """One endpoint of the first service comes or goes: an instance that an operator has written."""
    document = dataplane(Sizes(fleet.sizes.services, 1, 1), 0, 250)
    document["name"] = "extra"
    document["networking"]["inbound"][0]["state"] = "Ready" if ready else "NotReady"
    names = {name for proxy in fleet.proxies for name in proxy.holds[EDS]}
    service = next(name for name in names if name.split("_")[5] == "s0")
    seen = [proxy for proxy in fleet.proxies if service in proxy.holds[EDS]]
    done = told_since(seen, EDS, time.monotonic())
    return await cost_of(fleet, lambda: asyncio.to_thread(fleet.plane.api.put, document), done)


async def restart(fleet: Fleet) -> Cost:
    """The control plane is killed and started again, and all proxies come back at once with what they hold."""
    for proxy in fleet.proxies:
        proxy.stays = True
    fleet.plane.kill()
    fleet.plane.start()
    began = time.monotonic()
    return await cost_of(fleet, _nothing, told_since(fleet.proxies, LDS, began))


async def _nothing() -> None:
    return


def check(fleet: Fleet) -> None:
    """Proxies of one service look outward alike, so they hold the same outbound resources in the same versions."""
    by_service: dict[str, Proxy] = {}
    for proxy in fleet.proxies:
        first = by_service.setdefault(proxy.document["labels"]["kuma.io/workload"], proxy)
        for url in (CDS, EDS, LDS):
            mine, theirs = ({n: v for n, v in one.holds[url].items() if n.startswith("kri_")} for one in (proxy, first))
            assert mine == theirs, f"{proxy.document['name']} differs from {first.document['name']} in {url}"


async def measure(fleet: Fleet, trials: int, restarted: bool) -> dict[str, Any]:
    """All cases, told as they come."""
    report = Report()
    base = process_of(fleet).memory_info().rss
    prepared = await fleet.prepare()

    async def connect() -> None:
        fleet.connect(prepared)

    report.costs("all connect at once", [asdict(await cost_of(fleet, connect, whole(fleet)))])
    report.lag("longest lag of the loop while they connect", fleet.plane.metrics())
    await asyncio.sleep(3)
    memory = process_of(fleet).memory_info().rss
    report.number("memory for each proxy", (memory - base) / 2**20 / fleet.sizes.proxies, "MB")
    report.costs("a policy for all changes", [asdict(await mesh_wide(fleet, 20 + one)) for one in range(5)])
    changed = [await one_workload(fleet, 20 + one) for one in range(5)]
    report.costs("a policy for one workload changes", [asdict(cost) for cost, _ in changed])
    report.number("bytes that others got of it", sum(others for _, others in changed), "")
    await one_endpoint(fleet, True)
    report.costs("one endpoint changes", [asdict(await one_endpoint(fleet, one % 2 == 1)) for one in range(trials)])
    report.lag("longest lag of the loop since they are connected", fleet.plane.metrics())
    await asyncio.sleep(FLUSHED)
    before = cpu_of(process_of(fleet))
    await asyncio.sleep(IDLE)
    report.number("CPU while nothing happens", 100 * (cpu_of(process_of(fleet)) - before) / IDLE, "% of a core")
    check(fleet)
    if restarted:
        report.costs("restart: all come back at once", [asdict(await restart(fleet))])
        check(fleet)
    return report.results


@contextmanager
def control_plane(folder: Path, store: str) -> Iterator[ControlPlane]:
    """A zone control plane on its own."""
    plane, stop = _with_postgres(folder) if store == "postgres" else _with_memory(folder)
    try:
        plane.start()
        plane.wait()
        wait_for("the default mesh", lambda: plane.api.get(f"/meshes/{MESH}/meshtimeouts"))
        yield plane
    finally:
        stop()


def _with_memory(folder: Path) -> tuple[ControlPlane, Callable[[], None]]:
    processes = Processes(folder)
    settings = {"KUMA_MODE": "zone", "KUMA_STORE_TYPE": "memory"}
    return ControlPlane("bench", folder / "cp", processes, settings), processes.stop


def _with_postgres(folder: Path) -> tuple[ControlPlane, Callable[[], None]]:
    world = World(folder, zones=("bench",), federated=False)
    world.start_postgres()
    world.migrate()
    return world.planes["bench"], world.stop


def main() -> None:
    """Start a control plane, connect the fleet, measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--services", type=int, default=200)
    parser.add_argument("--instances", type=int, default=5)
    parser.add_argument("--outbounds", type=int, default=0, help="of each service; 0 is all")
    parser.add_argument("--store", choices=("memory", "postgres"), default="memory")
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    sizes = Sizes(options.services, options.instances, options.outbounds)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    loop = install()
    with tempfile.TemporaryDirectory(prefix="k-") as folder, control_plane(Path(folder), options.store) as plane:
        load = os.getloadavg()[0]
        print(f"{sizes.proxies} proxies, {sizes.services} services, {sizes.outbounds or 'all'} outbounds each")
        results = loop.run_until_complete(
            measure(Fleet(sizes, plane), options.trials, restarted=options.store == "postgres")
        )
    if options.json:
        Report.written(options.json, {**asdict(sizes), "store": options.store, "load before": load, **results})


if __name__ == "__main__":
    main()
