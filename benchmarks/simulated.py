"""Simulated proxies: each a client of its own, as Envoy and kuma-dp are, without either."""

from __future__ import annotations

import asyncio
import base64
import json
import random
import ssl
import time
from collections.abc import Sequence
from http.client import HTTPSConnection
from typing import Any

import grpc
import yaml
from attrs import define, field, frozen

from kuma.cli.demo.parts import ControlPlane
from kuma.xds.delta import Node, Request
from kuma.xds.wire import parse_response, request_bytes

URL = "type.googleapis.com/"
CDS = URL + "envoy.config.cluster.v3.Cluster"
EDS = URL + "envoy.config.endpoint.v3.ClusterLoadAssignment"
LDS = URL + "envoy.config.listener.v3.Listener"
METHOD = "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources"
MESH = "default"
END: Any = grpc.aio.EOF  # type: ignore[attr-defined]  # unknown to grpc-stubs
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
    chosen: Sequence[int] = range(sizes.services)
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
    resources: int = 0


@define(eq=False)
class Proxy:
    """One simulated proxy: what it holds by type, and when it was last told something of a type."""

    document: dict[str, Any]
    meter: Meter
    holds: dict[str, dict[str, str]] = field(factory=lambda: {CDS: {}, EDS: {}, LDS: {}})
    told: dict[str, float] = field(factory=lambda: {CDS: 0.0, EDS: 0.0, LDS: 0.0})
    received: int = 0
    stays: bool = False
    _call: Any = None

    async def run(self, channel: grpc.aio.Channel, node: Node, token: str) -> None:
        """Speak until the stream ends; who `stays` comes back with what it holds, as Envoy does."""
        while True:
            try:
                await self._converse(channel, node, token)
            except grpc.aio.AioRpcError:
                if not self.stays:
                    raise
                await asyncio.sleep(random.uniform(0.2, 1.0))

    async def _converse(self, channel: grpc.aio.Channel, node: Node, token: str) -> None:
        stub: Any = channel
        self._call = stub.stream_stream(METHOD)(metadata=(("authorization", token),))
        await self._say(Request(CDS, initial_versions=self.holds[CDS], node=node))
        await self._say(Request(LDS, initial_versions=self.holds[LDS]))
        if self.holds[EDS]:
            await self._say(Request(EDS, subscribe=tuple(self.holds[EDS]), initial_versions=self.holds[EDS]))
        while True:
            data = await self._call.read()
            if data is END:
                return
            await self._heard(data)

    async def _heard(self, data: bytes) -> None:
        response = parse_response(data)
        url = response.type_url
        self.meter.bytes += len(data)
        self.meter.responses += 1
        self.meter.resources += len(response.resources)
        self.received += len(data)
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
