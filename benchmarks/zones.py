"""Between zones: what a change costs until another zone's proxies know, and what many zones cost a global one.

    python -m benchmarks.zones [--services 20] [--trials 200] [--zones 50] [--cases two,many]

Two real zones with a fleet in one of them; then zones that are only simulated, each with the two streams that a zone's
control plane keeps open, offering services of its own and taking everything that there is.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import grpc
from attrs import asdict, define, field

from benchmarks.cases import Bench, all_know, check, timeout, told_since
from benchmarks.planes import federation
from benchmarks.plots import as_png, in_terminal
from benchmarks.report import Report
from benchmarks.simulated import EDS, END, LATE, LDS, MESH, OPTIONS, Fleet, Meter, Sizes
from benchmarks.watched import Watched
from kuma.cli.demo.parts import ControlPlane
from kuma.cli.demo.processes import wait_for
from kuma.cli.demo.world import World
from kuma.kds.instance import CLIENT_ID, FEATURES, SYNC
from kuma.kinds import parse_document
from kuma.loop import install
from kuma.sync.offer import Offer
from kuma.sync.travel import FROM_GLOBAL, FROM_ZONES, HASH_SUFFIX, Audience, to_global
from kuma.xds.delta import Node, Receiver, Sender
from kuma.xds.wire import parse_request, parse_response, request_bytes, response_bytes

SERVICES = 20  # that each simulated zone offers


# Two zones.


def ingress(port: int) -> dict[str, Any]:
    """Where other zones find the way into a zone."""
    labels = {"kuma.io/origin": "zone"}
    return {
        **{"type": "MeshZoneAddress", "mesh": MESH, "name": "ingress", "labels": labels},
        "spec": {"address": "192.168.1.1", "port": port},
    }


def far(place: int) -> dict[str, Any]:
    """An instance, in the other zone, of a service that the fleet waits for."""
    inbound = [{"port": 80, "servicePort": 8080, "protocol": "http", "name": "http"}]
    return {
        **{"type": "Dataplane", "mesh": MESH, "name": LATE[place], "labels": {"kuma.io/workload": LATE[place]}},
        "networking": {"address": f"10.250.0.{place + 1}", "inbound": inbound},
    }


async def two_zones(world: World, options: argparse.Namespace, report: Report) -> None:
    """A fleet in the west hears of what changes in the east."""
    east, west = world.planes["east"], world.planes["west"]
    watched = Watched(tuple(world.planes.values()), world.postgres)
    bench = Bench(Fleet(Sizes(options.services, 5, 0), (west,)), watched)
    await asyncio.to_thread(world.identify)
    await asyncio.to_thread(east.api.put, ingress(10_001))
    await bench.fleet.prepare()
    await bench.fleet.bootstrap()
    await bench.cost(bench.fleet.connect, all_know(bench.fleet))
    await asyncio.sleep(5)
    added = [
        asdict(await bench.cost(partial(asyncio.to_thread, east.api.put, far(place)), all_know(bench.fleet, place + 1)))
        for place in range(len(LATE))
    ]
    report.costs("a service of another zone is added", added)
    moved = []
    for one in range(options.trials):
        done = told_since(bench.fleet.proxies, EDS, time.monotonic())
        moved.append(asdict(await bench.cost(partial(asyncio.to_thread, east.api.put, ingress(11_000 + one)), done)))
    report.costs("an endpoint of another zone changes", moved)
    policies = []
    for one in range(10):
        done = told_since(bench.fleet.proxies, LDS, time.monotonic())
        put = partial(asyncio.to_thread, world.global_.api.put, timeout("bench", 20 + one))
        policies.append(asdict(await bench.cost(put, done)))
    report.costs("a policy on the global control plane changes, and every listener with it", policies)
    check(bench.fleet, len(LATE), 5)
    bench.fleet.stop()


# Many zones.


@define(eq=False)
class Zone:
    """One simulated zone: what it holds by kind, and when it was last told something of a kind."""

    name: str
    meter: Meter
    offer: Offer
    holds: dict[str, dict[str, str]] = field(factory=lambda: {kind: {} for kind in FROM_GLOBAL})
    told: dict[str, float] = field(factory=lambda: dict.fromkeys(FROM_GLOBAL, 0.0))

    @classmethod
    def named(cls, name: str, meter: Meter) -> Zone:
        """A zone with services of its own."""
        offer = Offer(FROM_ZONES, lambda resource: to_global(resource, name, Audience()))
        for place in range(SERVICES):
            offer.put(parse_document(_service(name, place)))
        return cls(name, meter, offer)

    async def take(self, channel: grpc.aio.Channel) -> None:
        """Take what the global control plane has."""
        call, receiver = self._call(channel, "GlobalToZoneSync"), Receiver(FROM_GLOBAL, Node(self.name))
        for request in receiver.subscribe():
            await call.write(request_bytes(request))
        while (data := await call.read()) is not END:
            response = parse_response(data)
            update = receiver.receive(response)
            self.meter.received += len(data)
            self.meter.responses += 1
            self.meter.resources += len(response.resources)
            held = self.holds[update.type_url]
            held.update((packed.name, packed.version) for packed in response.resources)
            for name in response.removed:
                held.pop(name, None)
            self.told[update.type_url] = time.monotonic()
            await call.write(request_bytes(receiver.accept(update)))

    async def give(self, channel: grpc.aio.Channel) -> None:
        """Offer what this zone has."""
        call, sender = self._call(channel, "ZoneToGlobalSync"), Sender(self.offer.config())
        while (data := await call.read()) is not END:
            for response in sender.receive(parse_request(data)):
                await call.write(response_bytes(response, self.name))

    def _call(self, channel: grpc.aio.Channel, method: str) -> Any:
        metadata = grpc.aio.Metadata((CLIENT_ID, self.name), (FEATURES, HASH_SUFFIX))
        stub: Any = channel
        return stub.stream_stream(f"/{SYNC}/{method}")(metadata=metadata)


def _service(zone: str, place: int) -> dict[str, Any]:
    labels = {"kuma.io/origin": "zone", "kuma.io/zone": zone, "kuma.io/display-name": f"s{place}"}
    selector = {"dataplaneLabels": {"matchLabels": {"kuma.io/workload": f"s{place}"}}}
    spec = {"selector": selector, "ports": [{"port": 80, "appProtocol": "http"}], "state": "Available"}
    return {"type": "MeshService", "mesh": MESH, "name": f"s{place}", "labels": labels, "spec": spec}


@define(eq=False)
class Zones:
    """All simulated zones, as a fleet that a `Bench` can wait for."""

    planes: tuple[ControlPlane, ...]
    every: Sequence[Zone]
    meter: Meter
    running: list[asyncio.Task[None]] = field(factory=list)

    async def connect(self) -> None:
        """Each on a connection of its own."""
        plane = self.planes[0]
        credentials = grpc.ssl_channel_credentials(plane.ca_file.read_bytes())
        for zone in self.every:
            channel = grpc.aio.secure_channel(f"localhost:{plane.ports.kds}", credentials, options=OPTIONS)
            self.running += [asyncio.ensure_future(zone.take(channel)), asyncio.ensure_future(zone.give(channel))]

    def failures(self) -> list[str]:
        """Streams that have ended, and why."""
        return [str(task.exception() or "ended") for task in self.running if task.done()]

    def complete(self) -> bool:
        """Whether each zone has the services of all others."""
        wanted = SERVICES * (len(self.every) - 1)
        return all(len(zone.holds["MeshService"]) == wanted for zone in self.every)

    def told_since(self, moment: float) -> Callable[[], bool]:
        """Whether every zone was told of a policy after a moment."""
        return lambda: all(zone.told["MeshTimeout"] > moment for zone in self.every)


async def many_zones(world: World, options: argparse.Namespace, report: Report) -> None:
    """Simulated zones on one global control plane."""
    plane, meter = world.global_, Meter()
    await asyncio.to_thread(wait_for, "the default mesh", lambda: plane.api.get(f"/meshes/{MESH}/meshtimeouts"))
    zones = Zones((plane,), [Zone.named(f"zone-{one}", meter) for one in range(options.zones)], meter)
    watched = Watched((plane,), world.postgres)
    bench: Bench = Bench(zones, watched)  # type: ignore[arg-type]  # as much of a fleet as waiting needs
    before, lags = watched.rss(), [plane.metrics()]
    connected = asdict(await bench.cost(zones.connect, zones.complete))
    report.costs(f"{options.zones} zones connect, with {SERVICES} services each", [connected])
    report.lag("of the global control plane while they connect", [plane.metrics()], lags)
    report.number("memory for each zone", (watched.rss() - before) / options.zones, "MB")
    told = []
    for one in range(20):
        put = partial(asyncio.to_thread, plane.api.put, timeout("bench", 20 + one))
        told.append(asdict(await bench.cost(put, zones.told_since(time.monotonic()))))
    report.costs(f"a policy changes in all of {options.zones} zones", told)
    cpu = watched.cpu()
    await asyncio.sleep(options.idle)
    report.number("CPU of the global control plane while idle", 100 * (watched.cpu() - cpu) / options.idle, "%")


def main() -> None:
    """Measure both, and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--services", type=int, default=20, help="of the fleet, five instances each")
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--zones", type=int, default=50)
    parser.add_argument("--idle", type=float, default=30.0)
    parser.add_argument("--cases", default="two,many")
    parser.add_argument("--result", type=Path)
    options = parser.parse_args()
    loop = install()
    sizes = {"services": options.services, "instances": 5, "zones": options.zones}
    report = Report(f"Two zones, and {options.zones} zones on one global control plane", sizes)
    for case, zones, act in (("two", ("east", "west"), two_zones), ("many", (), many_zones)):
        if case in options.cases.split(","):
            with tempfile.TemporaryDirectory(prefix="k-") as folder, federation(Path(folder), zones) as world:
                loop.run_until_complete(act(world, options, report))
    report.show()
    if options.result:
        results = report.written(options.result)
        in_terminal(results)
        as_png(results, options.result.with_suffix(".png"))


if __name__ == "__main__":
    main()
