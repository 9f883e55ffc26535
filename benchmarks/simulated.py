"""Simulated proxies: each a client of its own, as Envoy and kuma-dp are, without either."""

from __future__ import annotations

import asyncio
import base64
import gc
import json
import random
import re
import ssl
import time
from collections.abc import Iterable, Sequence
from http.client import HTTPSConnection
from typing import Any

import grpc
import yaml
from attrs import define, field, frozen

from kuma.cli.demo.parts import ControlPlane
from kuma.xds.config import Packed
from kuma.xds.delta import Node, Request
from kuma.xds.wire import parse_response, request_bytes

URL = "type.googleapis.com/"
CDS = URL + "envoy.config.cluster.v3.Cluster"
EDS = URL + "envoy.config.endpoint.v3.ClusterLoadAssignment"
LDS = URL + "envoy.config.listener.v3.Listener"
SDS = URL + "envoy.extensions.transport_sockets.tls.v3.Secret"
TYPES = (CDS, EDS, LDS, SDS)
METHOD = "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources"
MESH = "default"
END: Any = grpc.aio.EOF  # type: ignore[attr-defined]  # unknown to grpc-stubs
OPTIONS = (
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.max_receive_message_length", -1),
    ("grpc.http2.bdp_probe", 0),  # like Envoy's HTTP/2, whose window is wide without measuring
    ("grpc.http2.lookahead_bytes", 4 * 1024 * 1024),
)
SERVICE = re.compile(r"kri_msvc_[^_]*_[^_]*_[^_]*_([^_]+)_")  # a KRI's fifth part is the name
SECRET = re.compile(rb"kri_mid_[A-Za-z0-9_.-]+|system_trust_bundle")
LATE = tuple(f"late{place}" for place in range(5))  # services that all proxies want to reach and that come later
AT_ONCE = 16  # bootstraps that are asked for at the same time


@frozen
class Sizes:
    """How large the fleet is. `outbounds` 0 is all services; their numbers begin with `first`."""

    services: int
    instances: int
    outbounds: int
    first: int = 0

    @property
    def proxies(self) -> int:
        return self.services * self.instances

    @property
    def numbers(self) -> range:
        """The numbers of the services."""
        return range(self.first, self.first + self.services)

    def called(self, service: int) -> Sequence[int]:
        """The services that one calls: those of its kind, of which there are twenty, look outward alike."""
        every = self.numbers
        return random.Random(service % 20).sample(every, self.outbounds) if self.outbounds else every


def service_of(name: str) -> str:
    """The service of a cluster, listener or load assignment; empty for those that are not of one."""
    found = SERVICE.match(name)
    return found[1] if found else ""


def dataplane(sizes: Sizes, service: int, instance: int) -> dict[str, Any]:
    """The Dataplane of one instance; what it calls depends on its service."""
    wanted = (*(f"s{one}" for one in sizes.called(service)), *LATE)
    refs = [{"kind": "MeshService", "labels": {"kuma.io/display-name": name}, "port": 80} for name in wanted]
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
    """What all proxies together have received, and load assignments by version, which is a hash of their content."""

    received: int = 0
    responses: int = 0
    resources: int = 0
    assignments: dict[str, bytes] = field(factory=dict)


@define(eq=False)
class Proxy:
    """One simulated proxy: what it holds by type, and when it was last told something of a type.

    It was `served` when it got its first listeners, and reads while it is `awake`.
    """

    document: dict[str, Any]
    meter: Meter
    holds: dict[str, dict[str, str]] = field(factory=lambda: {url: {} for url in TYPES})
    told: dict[str, float] = field(factory=lambda: dict.fromkeys(TYPES, 0.0))
    served: float = 0.0
    received: int = 0
    responses: int = 0
    stays: bool = False
    awake: asyncio.Event = field(factory=asyncio.Event)
    _call: Any = None

    @property
    def name(self) -> str:
        return str(self.document["name"])

    @property
    def workload(self) -> str:
        return str(self.document["labels"]["kuma.io/workload"])

    async def run(self, channel: grpc.aio.Channel, node: Node, token: str) -> None:
        """Speak until the stream ends; who `stays` comes back with what it holds, as Envoy does."""
        self.awake.set()
        async with channel:
            while True:
                try:
                    await self._converse(channel, node, token)
                except grpc.aio.AioRpcError:
                    if not self.stays:
                        raise
                await asyncio.sleep(random.uniform(0.2, 1.0))

    def forget(self) -> None:
        """Hold nothing, as an Envoy that has just started."""
        self.served = 0.0
        for url in TYPES:
            self.holds[url] = {}

    async def _converse(self, channel: grpc.aio.Channel, node: Node, token: str) -> None:
        stub: Any = channel
        self._call = stub.stream_stream(METHOD)(metadata=(("authorization", token),))
        await self._say(Request(CDS, initial_versions=self.holds[CDS], node=node))
        await self._say(Request(LDS, initial_versions=self.holds[LDS]))
        for url in (EDS, SDS):
            if held := self.holds[url]:
                await self._say(Request(url, subscribe=tuple(held), initial_versions=held))
        while True:
            await self.awake.wait()
            data = await self._call.read()
            if data is END:
                return
            await self._heard(data)

    async def _heard(self, data: bytes) -> None:
        response = parse_response(data)
        url, held = response.type_url, self.holds[response.type_url]
        self._count(len(data), len(response.resources))
        new = [packed.name for packed in response.resources if packed.name not in held]
        held.update((packed.name, packed.version) for packed in response.resources)
        for name in response.removed:
            held.pop(name, None)
        self.told[url] = time.monotonic()
        if url == LDS:
            self.served = self.served or self.told[url]
        await self._say(Request(url, nonce=response.nonce))
        if url == CDS and (named := tuple(name for name in new if name.startswith("kri_"))):
            await self._say(Request(EDS, subscribe=named))
        if url == EDS:
            self.meter.assignments.update((packed.version, packed.body) for packed in response.resources)
        if url == LDS:
            await self._ask_for_secrets(response.resources)

    async def _ask_for_secrets(self, listeners: Iterable[Packed]) -> None:
        """The secrets that its own listeners name, as Envoy asks for them."""
        own = (packed.body for packed in listeners if packed.name.startswith("self_"))
        named = {name.decode() for body in own for name in SECRET.findall(body)} - self.holds[SDS].keys()
        if named:
            self.holds[SDS].update(dict.fromkeys(named, ""))
            await self._say(Request(SDS, subscribe=tuple(sorted(named))))

    def _count(self, size: int, resources: int) -> None:
        self.received += size
        self.responses += 1
        self.meter.received += size
        self.meter.responses += 1
        self.meter.resources += resources

    async def _say(self, request: Request) -> None:
        await self._call.write(request_bytes(request))


@define(eq=False)
class Fleet:
    """All proxies, and the control planes that they talk to: each to one of them, in turn."""

    sizes: Sizes
    planes: tuple[ControlPlane, ...]
    proxies: list[Proxy] = field(factory=list)
    meter: Meter = field(factory=Meter)
    _running: list[asyncio.Task[None]] = field(factory=list)
    _tokens: list[str] = field(factory=list)
    _ready: list[tuple[Proxy, Node, str]] = field(factory=list)
    _credentials: list[grpc.ChannelCredentials] = field(factory=list)

    @property
    def plane(self) -> ControlPlane:
        """The control plane that is written to."""
        return self.planes[0]

    def of(self, place: int) -> ControlPlane:
        """The control plane of a proxy."""
        return self.planes[place % len(self.planes)]

    async def prepare(self) -> None:
        """A token for each proxy."""
        sizes = self.sizes
        for service in sizes.numbers:
            for instance in range(sizes.instances):
                self.proxies.append(Proxy(dataplane(sizes, service, instance), self.meter))
        self._tokens = await _some_at_once(asyncio.to_thread(self._token, proxy) for proxy in self.proxies)

    async def bootstrap(self) -> None:
        """What kuma-dp asks for before it starts Envoy."""
        contexts = [ssl.create_default_context(cafile=str(plane.ca_file)) for plane in self.planes]
        nodes = await _some_at_once(
            asyncio.to_thread(_bootstrap, self.of(place), contexts[place % len(contexts)], (proxy, token))
            for place, (proxy, token) in enumerate(zip(self.proxies, self._tokens, strict=True))
        )
        self._ready = list(zip(self.proxies, nodes, self._tokens, strict=True))

    async def connect(self) -> None:
        """Everybody at once, each on a connection of its own."""
        gc.disable()  # our pauses would be taken for the control plane's
        self._credentials = [grpc.ssl_channel_credentials(plane.ca_file.read_bytes()) for plane in self.planes]
        self._running = [self._connected(place) for place in range(len(self._ready))]

    def again(self, places: Iterable[int]) -> None:
        """These hang up and come back at once, and hold nothing."""
        for place in places:
            self._running[place].cancel()
            self.proxies[place].forget()
            self._running[place] = self._connected(place)

    def _connected(self, place: int) -> asyncio.Task[None]:
        proxy, node, token = self._ready[place]
        address, credentials = f"localhost:{self.of(place).ports.ads}", self._credentials[place % len(self.planes)]
        channel = grpc.aio.secure_channel(address, credentials, options=OPTIONS)
        return asyncio.ensure_future(proxy.run(channel, node, token))

    def _token(self, proxy: Proxy) -> str:
        claims = {"mesh": MESH, "name": proxy.name, "workload": proxy.workload, "validFor": "24h"}
        return self.plane.api.post("/tokens/dataplane", claims).body.decode()

    def failures(self) -> list[str]:
        """Streams that have ended, and why."""
        return [str(task.exception() or "ended") for task in self._running if task.done() and not task.cancelled()]

    def stop(self) -> None:
        """Hang up."""
        for task in self._running:
            task.cancel()


async def _some_at_once(asked: Iterable[Any]) -> list[Any]:
    """All results in order, a few asked for at a time."""
    some = asyncio.Semaphore(AT_ONCE)

    async def one(waiting: Any) -> Any:
        async with some:
            return await waiting

    return await asyncio.gather(*map(one, asked))


def _bootstrap(plane: ControlPlane, context: ssl.SSLContext, whose: tuple[Proxy, str]) -> Node:
    proxy, token = whose
    connection = HTTPSConnection("localhost", plane.ports.dp, context=context, timeout=30)
    body = {
        "mesh": MESH,
        "name": proxy.name,
        "dataplaneToken": token,
        "dataplaneResource": json.dumps(proxy.document),
        "workdir": "/run/kuma",
        "readinessPort": 9902,
        "features": ["feature-reuse-port"],
    }
    connection.request("POST", "/bootstrap", json.dumps(body), {"accept": "application/json"})
    answer = json.loads(connection.getresponse().read())
    connection.close()
    node = yaml.load(base64.b64decode(answer["bootstrap"]), Loader=yaml.CSafeLoader)["node"]
    return Node(node["id"], node["metadata"])
