"""A fleet against one zone control plane: what connecting, and each kind of change, costs.

    python -m benchmarks.fleet [--services 200] [--instances 5] [--outbounds 0 (all)] [--trials 20] [--json FILE]

Each proxy is a client of its own: TLS connection, bootstrap request, token, node metadata, delta ADS with subscriptions
and ACKs as Envoy makes them. No Envoy is needed. What is received is checked: at the end every proxy must hold the same
names and versions as those that look outward like it.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import platform
import random
import resource
import ssl
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any

import grpc
import psutil
import yaml
from attrs import define, field, frozen

from kuma.cli.demo.parts import ControlPlane
from kuma.cli.demo.processes import Processes, wait_for
from kuma.xds.delta import Node, Request
from kuma.xds.wire import parse_response, request_bytes

URL = "type.googleapis.com/"
CDS = URL + "envoy.config.cluster.v3.Cluster"
EDS = URL + "envoy.config.endpoint.v3.ClusterLoadAssignment"
LDS = URL + "envoy.config.listener.v3.Listener"
METHOD = "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources"
MESH = "default"
OPTIONS = (("grpc.use_local_subchannel_pool", 1), ("grpc.max_receive_message_length", -1))


@frozen
class Sizes:
    """How large the fleet is. `outbounds` 0 is all services."""

    services: int
    instances: int
    outbounds: int

    @property
    def proxies(self) -> int:
        return self.services * self.instances


def dataplane(sizes: Sizes, service: int, instance: int) -> dict[str, Any]:
    """The Dataplane of one instance; what it calls depends on its service, so instances look outward alike."""
    chosen = range(sizes.services)
    if sizes.outbounds:
        chosen = random.Random(service % 20).sample(chosen, sizes.outbounds)
    refs = [{"kind": "MeshService", "labels": {"kuma.io/display-name": f"s{one}"}, "port": 80} for one in chosen]
    outbound = [{"address": "127.0.0.1", "port": 10_000 + place, "backendRef": ref} for place, ref in enumerate(refs)]
    return {
        "type": "Dataplane",
        "mesh": MESH,
        "name": f"s{service}-{instance}",
        "labels": {"kuma.io/workload": f"s{service}"},
        "networking": {
            "address": f"10.{service // 250}.{service % 250}.{instance + 1}",
            "inbound": [{"port": 80, "servicePort": 8080, "protocol": "http", "name": "http"}],
            "outbound": outbound,
        },
    }


@define(eq=False)
class Meter:
    """What all proxies together have received."""

    bytes: int = 0
    responses: int = 0


@define(eq=False)
class Proxy:
    """One simulated proxy: what it holds by type, and when it was last told something of a type."""

    document: dict[str, Any]
    meter: Meter
    holds: dict[str, dict[str, str]] = field(factory=lambda: {CDS: {}, EDS: {}, LDS: {}})
    told: dict[str, float] = field(factory=lambda: {CDS: 0.0, EDS: 0.0, LDS: 0.0})
    _call: Any = None

    async def run(self, channel: grpc.aio.Channel, node: Node, token: str) -> None:
        """Speak until the stream ends."""
        self._call = channel.stream_stream(METHOD)(metadata=(("authorization", token),))
        await self._say(Request(CDS, initial_versions=self.holds[CDS], node=node))
        await self._say(Request(LDS, initial_versions=self.holds[LDS]))
        while True:
            data = await self._call.read()
            if data is grpc.aio.EOF:
                return
            await self._heard(data)

    async def _heard(self, data: bytes) -> None:
        response = parse_response(data)
        url = response.type_url
        self.meter.bytes += len(data)
        self.meter.responses += 1
        held = self.holds[url]
        new = [packed.name for packed in response.resources if packed.name not in held]
        held.update((packed.name, packed.version) for packed in response.resources)
        for name in response.removed:
            held.pop(name, None)
        self.told[url] = time.monotonic()
        await self._say(Request(url, nonce=response.nonce))
        if url == CDS and (named := tuple(name for name in new if name.startswith("kri_"))):
            await self._say(Request(EDS, subscribe=named))

    async def _say(self, request: Request) -> None:
        await self._call.write(request_bytes(request))


@define(eq=False)
class Fleet:
    """All proxies, and the control plane that they talk to."""

    sizes: Sizes
    plane: ControlPlane
    proxies: list[Proxy] = field(factory=list)
    meter: Meter = field(factory=Meter)
    _running: list[asyncio.Task[None]] = field(factory=list)
    _certificate: bytes = b""

    def bootstrap(self, document: dict[str, Any], token: str) -> dict[str, Any]:
        """What kuma-dp does before it starts Envoy; answers the node."""
        context = ssl.create_default_context(cafile=str(self.plane.ca_file))
        connection = HTTPSConnection("localhost", self.plane.ports.dp, context=context, timeout=30)
        body = {
            "mesh": MESH,
            "name": document["name"],
            "dataplaneToken": token,
            "dataplaneResource": json.dumps(document),
            "workdir": "/run/kuma",
            "readinessPort": 9902,
            "features": ["feature-reuse-port"],
        }
        connection.request("POST", "/bootstrap", json.dumps(body), {"accept": "application/json"})
        answer = json.loads(connection.getresponse().read())
        connection.close()
        node: dict[str, Any] = yaml.load(base64.b64decode(answer["bootstrap"]), Loader=yaml.CSafeLoader)["node"]
        return node

    async def prepare(self) -> list[tuple[Proxy, Node, str]]:
        """A token and a node for each proxy."""
        self._certificate = self.plane.ca_file.read_bytes()
        ready = []
        for service in range(self.sizes.services):
            for instance in range(self.sizes.instances):
                document = dataplane(self.sizes, service, instance)
                claims = {"mesh": MESH, "name": document["name"], "validFor": "24h"}
                token = (await asyncio.to_thread(self.plane.api.post, "/tokens/dataplane", claims)).body.decode()
                node = await asyncio.to_thread(self.bootstrap, document, token)
                proxy = Proxy(document, self.meter)
                self.proxies.append(proxy)
                ready.append((proxy, Node(node["id"], node["metadata"]), token))
        return ready

    def connect(self, ready: list[tuple[Proxy, Node, str]]) -> None:
        """Everybody at once, each on a connection of its own."""
        credentials = grpc.ssl_channel_credentials(self._certificate)
        address = f"localhost:{self.plane.ports.ads}"
        for proxy, node, token in ready:
            channel = grpc.aio.secure_channel(address, credentials, options=OPTIONS)
            self._running.append(asyncio.ensure_future(proxy.run(channel, node, token)))

    def failures(self) -> list[str]:
        """Streams that have ended, and why."""
        return [str(task.exception() or "ended") for task in self._running if task.done() and not task.cancelled()]

    def stop(self) -> None:
        for task in self._running:
            task.cancel()


@frozen
class Cost:
    """What one step cost: seconds until the last proxy had it, the control plane's CPU seconds, bytes, responses."""

    seconds: float
    cpu: float
    bytes: int
    responses: int


async def cost_of(fleet: Fleet, act: Callable[[], Awaitable[None]], done: Callable[[], bool], within: float) -> Cost:
    """Do something, and wait until every proxy has what it should."""
    process = psutil.Process(fleet.plane.process.popen.pid)  # type: ignore[union-attr]  # it was started
    before, bytes_before, responses_before = process.cpu_times(), fleet.meter.bytes, fleet.meter.responses
    began = time.monotonic()
    await act()
    while not done():
        if time.monotonic() - began > within or fleet.failures():
            log = fleet.plane.process.tail(5)  # type: ignore[union-attr]  # it was started
            raise SystemExit(f"not every proxy got it within {within} s: {fleet.failures()[:1]}\n{log}")
        await asyncio.sleep(0.002)
    seconds = time.monotonic() - began
    after = process.cpu_times()
    cpu = after.user + after.system - before.user - before.system
    return Cost(seconds, cpu, fleet.meter.bytes - bytes_before, fleet.meter.responses - responses_before)


def whole(fleet: Fleet) -> Callable[[], bool]:
    """Whether every proxy holds its clusters, its endpoints and its listeners."""
    wanted = fleet.sizes.outbounds or fleet.sizes.services

    def done() -> bool:
        return all(
            sum(name.startswith("kri_") for name in proxy.holds[LDS]) == wanted and len(proxy.holds[EDS]) == wanted
            for proxy in fleet.proxies
        )

    return done


def told_since(proxies: list[Proxy], url: str, moment: float) -> Callable[[], bool]:
    """Whether every one of these proxies was told something of a type after a moment."""
    return lambda: all(proxy.told[url] > moment for proxy in proxies)


async def mesh_wide(fleet: Fleet, seconds: int) -> Cost:
    """Every outbound listener of every proxy changes: another request timeout."""
    to = {"targetRef": {"kind": "Mesh"}, "default": {"http": {"requestTimeout": f"{seconds}s"}}}
    policy = {"type": "MeshTimeout", "mesh": MESH, "name": "bench", "spec": {"to": [to]}}
    began = time.monotonic()
    done = told_since(fleet.proxies, LDS, began)
    return await cost_of(fleet, lambda: asyncio.to_thread(fleet.plane.api.put, policy), done, 60)


async def one_endpoint(fleet: Fleet, ready: bool) -> Cost:
    """One endpoint of the first service comes or goes: an instance that an operator has written."""
    document = dataplane(Sizes(fleet.sizes.services, 1, 1), 0, 250)
    document["name"] = "extra"
    document["networking"]["inbound"][0]["state"] = "Ready" if ready else "NotReady"
    service = next(name for name in fleet.proxies[0].holds[EDS] if name.split("_")[5] == "s0")
    seen = [proxy for proxy in fleet.proxies if service in proxy.holds[EDS]]
    began = time.monotonic()
    done = told_since(seen, EDS, began)
    return await cost_of(fleet, lambda: asyncio.to_thread(fleet.plane.api.put, document), done, 30)


def check(fleet: Fleet) -> None:
    """Proxies of one service look outward alike, so they hold the same outbound resources in the same versions."""
    by_service: dict[str, Proxy] = {}
    for proxy in fleet.proxies:
        first = by_service.setdefault(proxy.document["labels"]["kuma.io/workload"], proxy)
        for url in (CDS, EDS, LDS):
            mine, theirs = ({n: v for n, v in one.holds[url].items() if n.startswith("kri_")} for one in (proxy, first))
            assert mine == theirs, f"{proxy.document['name']} differs from {first.document['name']} in {url}"


def percentiles(values: list[float]) -> str:
    """How the values spread."""
    ordered = sorted(values)
    at = {share: ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.5, 0.9, 0.99)}
    return f"p50 {at[0.5]:.3f}  p90 {at[0.9]:.3f}  p99 {at[0.99]:.3f}  max {ordered[-1]:.3f} s"


async def measure(fleet: Fleet, trials: int) -> dict[str, Any]:
    """All cases, printed as they come."""
    process = psutil.Process(fleet.plane.process.popen.pid)  # type: ignore[union-attr]  # it was started
    base = process.memory_info().rss
    prepared = await fleet.prepare()
    results: dict[str, Any] = {"proxies": fleet.sizes.proxies, "services": fleet.sizes.services}

    async def connect() -> None:
        fleet.connect(prepared)

    results["cold connect"] = _told("cold connect of all", await cost_of(fleet, connect, whole(fleet), 300))
    await asyncio.sleep(3)
    results["MB per proxy"] = (process.memory_info().rss - base) / 2**20 / fleet.sizes.proxies
    print(f"{'memory per connected proxy':<34} {results['MB per proxy']:.3f} MB over {base / 2**20:.0f} MB")
    costs = [await _rested(mesh_wide(fleet, 20 + trial)) for trial in range(5)]
    results["mesh-wide"] = _told("mesh-wide policy change", max(costs, key=lambda cost: cost.seconds))
    await one_endpoint(fleet, True)
    costs = [await _rested(one_endpoint(fleet, trial % 2 == 1)) for trial in range(trials)]
    results["endpoint"] = [cost.seconds for cost in costs]
    cpu = statistics.mean(cost.cpu for cost in costs)
    print(f"{'one endpoint changes':<34} {percentiles(results['endpoint'])}, {cpu:.3f} CPU s each")
    check(fleet)
    return results


async def _rested(measured: Awaitable[Cost]) -> Cost:
    """Changes that come close together are merged; each is measured on its own."""
    cost = await measured
    await asyncio.sleep(0.5)
    return cost


def _told(what: str, cost: Cost) -> dict[str, float]:
    spent = f"{cost.seconds:6.2f} s  {cost.cpu:6.2f} CPU s"
    print(f"{what:<34} {spent}  {cost.bytes / 2**20:8.1f} MB  {cost.responses} responses")
    return {"seconds": cost.seconds, "cpu": cost.cpu, "bytes": cost.bytes, "responses": cost.responses}


def main() -> None:
    """Start a control plane, connect the fleet, measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--services", type=int, default=200)
    parser.add_argument("--instances", type=int, default=5)
    parser.add_argument("--outbounds", type=int, default=0, help="of each service; 0 is all")
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    sizes = Sizes(options.services, options.instances, options.outbounds)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory(prefix="k-") as folder:
        processes = Processes(Path(folder))
        settings = {"KUMA_MODE": "zone", "KUMA_STORE_TYPE": "memory"}
        plane = ControlPlane("bench", Path(folder) / "cp", processes, settings)
        print(f"{platform.platform()}, {psutil.cpu_count()} cores shared with the load generator")
        print(f"{sizes.proxies} proxies, {sizes.services} services, {sizes.outbounds or 'all'} outbounds each")
        try:
            plane.start()
            plane.wait()
            wait_for("the default mesh", lambda: plane.api.get(f"/meshes/{MESH}/meshtimeouts"))
            results = asyncio.run(measure(Fleet(sizes, plane), options.trials))
        finally:
            processes.stop()
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
