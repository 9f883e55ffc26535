"""Servers and clients of one mesh in which nothing happens to a request but what a test's own policies say."""

from __future__ import annotations

import json
import re
import socket
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from attrs import define, evolve, field, frozen
from frozendict import frozendict

from kuma.cli.demo.http import Answer, Api, ask
from kuma.cli.demo.parts import Proxy, Service, Sidecars
from kuma.cli.demo.processes import Process
from kuma.cli.demo.world import MESH, World
from tests.e2e.conftest import HOST, free_ports, wait_for, world

ZONE = "lone"
NO_POLICIES = {"type": "Mesh", "name": MESH, "skipCreatingInitialPolicies": ["*"]}
IN_MEMORY = {"KUMA_STORE_TYPE": "memory", "KUMA_DEFAULTS_SKIP_MESH_CREATION": "true"}
# who has no inbound at all has no policies either
MARK = "MeshTimeout"
SERVES_NOTHING: Mapping[str, Any] = frozendict({"port": 49151, "protocol": "tcp"})
NOTHING_MORE: Mapping[str, str] = frozendict()
REQUEST = b"GET / HTTP/1.1\r\nhost: server\r\nconnection: close\r\n\r\n"

Inbounds = Mapping[str, tuple[str, int]]  # by name: protocol, and the workload's port


@frozen
class Instance:
    """One instance of a workload: its process, its sidecar, and its inbounds' ports."""

    name: str
    address: str
    app: Process
    proxy: Proxy
    ports: Mapping[str, int]

    def stat(self, name: str) -> int:
        """One of its Envoy's counters or gauges; 0 for one that is not there yet."""
        return stat(self.proxy, name)

    def direct(self, inbound: str = "http") -> Answer:
        """A plain request to an inbound, from outside the mesh. Raises OSError."""
        return ask(f"http://{self.address}:{self.ports[inbound]}/")


@frozen
class Client:
    """A sidecar whose outbounds lead to destinations, by the names that the test gives them."""

    name: str
    proxy: Proxy
    outbounds: Mapping[str, int]

    def ask(self, to: str = "server", path: str = "/", method: str = "GET", **headers: str) -> Answer:
        """One request on a new connection. In the names of headers, `_` stands for `-`. Raises OSError."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return ask(f"http://{HOST}:{self.outbounds[to]}{path}", method, headers=told)

    def status(self, to: str = "server", path: str = "/", **headers: str) -> int:
        """What one request is answered with."""
        return self.ask(to, path, **headers).status

    def statuses(self, count: int = 10, to: str = "server", path: str = "/", **headers: str) -> Counter[int]:
        """What so many requests are answered with."""
        return Counter(self.status(to, path, **headers) for _ in range(count))

    def who(self, to: str = "server", path: str = "/", **headers: str) -> str:
        """Which instance answers; nobody for an answer that is none of an instance's."""
        answer = self.ask(to, path, **headers)
        return str(answer.json["instance"]) if answer.status == 200 else ""

    def everybody(self, count: int = 20, to: str = "server", path: str = "/", **headers: str) -> Counter[str]:
        """Who answers so many requests, and how often."""
        return Counter(self.who(to, path, **headers) for _ in range(count))

    def listens(self) -> bool:
        """Whether there is a listener for every outbound."""
        return sum(one.startswith("listener kri_") for one in _listeners(self.proxy)) == len(self.outbounds)

    def said(self, to: str, text: bytes = REQUEST) -> bytes:
        """What comes back for some bytes on a new connection until it ends, which may be nothing."""
        return said(HOST, self.outbounds[to], text)

    def stat(self, name: str) -> int:
        """One of its Envoy's counters or gauges; 0 for one that is not there yet."""
        return stat(self.proxy, name)


def stat(proxy: Proxy, name: str) -> int:
    """One of an Envoy's counters or gauges; 0 for one that is not there yet."""
    return proxy.admin.stats(f"^{re.escape(name)}$").get(name, 0)


def said(address: str, port: int, text: bytes = REQUEST) -> bytes:
    """What comes back for some bytes on a new connection until it ends, which may be nothing, or a reset."""
    received = b""
    try:
        with socket.create_connection((address, port), timeout=10) as connection:
            connection.sendall(text)
            while data := connection.recv(4096):
                received += data
    except ConnectionError:
        pass
    return received


def service(name: str, section: str | None = None) -> dict[str, Any]:
    """How policies name a MeshService, or one of its ports."""
    ref = {"kind": "MeshService", "labels": {"kuma.io/display-name": name}}
    return ref if section is None else {**ref, "sectionName": section}


def workload(name: str) -> dict[str, Any]:
    """How policies name the proxies of a workload."""
    return {"kind": "Dataplane", "labels": {"kuma.io/workload": name}}


EVERYBODY = {"kind": "Mesh"}


def to(target: Mapping[str, Any], **default: Any) -> dict[str, Any]:
    """An item of a policy's `to`."""
    return {"targetRef": target, "default": default}


@define(eq=False)
class Placed:
    """What runs, in one zone or in all, and how many policies are there for a while."""

    instances: dict[str, Instance] = field(factory=dict)
    clients: list[Client] = field(factory=list)
    changed: int = 0
    marks: int = 0


@define(eq=False)
class Zone:
    """A control plane, and what runs behind it. Of several, all have the same `placed`."""

    world: World
    name: str
    api: Api
    ports: dict[tuple[str, str], int] = field(factory=dict)
    placed: Placed = field(factory=Placed)

    @property
    def instances(self) -> dict[str, Instance]:
        return self.placed.instances

    @property
    def clients(self) -> list[Client]:
        return self.placed.clients

    @property
    def labels(self) -> dict[str, str]:
        """What a resource must say that is written in a zone under a global control plane."""
        return {"kuma.io/origin": "zone"} if self.world.federated and self.name in self.world.zones else {}

    @property
    def sidecars(self) -> Sidecars:
        return self.world.sidecars(self.name)

    def serve(self, name: str, address: str, protocols: Mapping[str, str], of: str = "") -> Instance:
        """Start an echo server as an instance of a workload, behind inbounds of these names and protocols."""
        started = Service.start(self.world.processes, name, address)
        inbounds = {section: (protocol, started.port) for section, protocol in protocols.items()}
        return self.place(name, address, started.process, inbounds, of)

    def run(self, name: str, address: str, module: Any, protocols: Mapping[str, str]) -> Instance:
        """Start another program as an instance of a workload: `NAME ADDRESS PORT` are its arguments."""
        (port,) = free_ports(1, address)
        command = [sys.executable, module.__file__, name, address, str(port)]
        app = self.world.processes.start(f"service-{name}", command, {})
        wait_for(f"{name} listens", lambda: socket.create_connection((address, port)).close() is None)
        return self.place(name, address, app, {section: (each, port) for section, each in protocols.items()}, name)

    def place(self, name: str, address: str, app: Process, inbounds: Inbounds, of: str) -> Instance:
        """Give a process its sidecar. All instances of a workload have the same ports, so they need own addresses."""
        ports = {section: self._port(of or name, section) for section in inbounds}
        served = [
            {"name": section, "port": ports[section], "servicePort": port, "protocol": protocol}
            | {"serviceAddress": address}
            for section, (protocol, port) in inbounds.items()
        ]
        proxy = self.start(name, of or name, {"address": address, "inbound": served})
        self.instances[name] = instance = Instance(name, address, app, proxy, ports)
        return instance

    def _port(self, of: str, section: str) -> int:
        if (of, section) not in self.ports:
            (self.ports[of, section],) = free_ports(1)
        return self.ports[of, section]

    def client(
        self, name: str, refs: Mapping[str, Mapping[str, Any]], inbound: Mapping[str, Any] = SERVES_NOTHING
    ) -> Client:
        """Start a sidecar that calls, and that only calls if no inbound is said. `refs` are backendRefs."""
        ports = free_ports(len(refs))
        outbounds = [
            {"port": port, "address": HOST, "backendRef": dict(ref)}
            for port, ref in zip(ports, refs.values(), strict=True)
        ]
        networking = {"address": HOST, "inbound": [dict(inbound)], "outbound": outbounds}
        proxy = self.start(name, name, networking)
        self.clients.append(client := Client(name, proxy, dict(zip(refs, ports, strict=True))))
        return client

    def egress(self, name: str, **settings: str) -> Proxy:
        """Start a proxy through which traffic leaves the mesh."""
        return self.gate(name, "ZoneEgress", settings)

    def gate(self, name: str, kind: str, settings: Mapping[str, str] = NOTHING_MORE) -> Proxy:
        """Start a zone proxy; `settings` are more of kuma-dp's."""
        (port,) = free_ports(1)
        section = kind.removeprefix("Zone").lower()
        listener = {"type": kind, "name": section, "address": HOST, "port": port}
        return self.start(name, name, {"address": HOST, "listeners": [listener]}, settings)

    def backend(self, of: str, section: str = "http") -> dict[str, Any]:
        """How an outbound names a port of a workload of this zone."""
        return {"kind": "MeshService", "name": of, "port": self.ports[of, section]}

    def start(
        self, name: str, of: str, networking: Mapping[str, Any], settings: Mapping[str, str] = NOTHING_MORE
    ) -> Proxy:
        """Start the sidecar of an instance `of` a workload, with any networking."""
        labels = {"kuma.io/workload": of}
        document = {"type": "Dataplane", "mesh": MESH, "name": name, "labels": labels, "networking": networking}
        sidecars = evolve(self.sidecars, settings=settings)
        proxy = sidecars.start(MESH, json.dumps(document), {"name": name, "workload": of})
        self.world.proxies[name] = proxy
        return proxy

    def ready(self) -> None:
        """Wait for all sidecars, and until every client listens for all that it calls."""
        for proxy in self.world.proxies.values():
            proxy.wait()
        for client in self.clients:
            wait_for(f"{client.name} listens", client.listens)

    @contextmanager
    def policy(self, kind: str, name: str = "tested", **spec: Any) -> Iterator[None]:
        """A policy that is there for a while. `spec` in Python's words: `target_ref` is `targetRef`.

        When the outermost is gone, all Envoys have what is meant for them without it, also for connections that were
        kept, so no test sees another's policies.
        """
        if "target_ref" in spec:
            spec["targetRef"] = spec.pop("target_ref")
        self.placed.changed += 1
        self.api.put({"type": kind, "mesh": MESH, "name": name, "labels": self.labels, "spec": spec})
        try:
            yield
        finally:
            self.placed.changed -= 1
            self.api.delete(kind, name, MESH)
        if not self.placed.changed:
            self.settled()
            wait_for("every client listens so", lambda: all(map(_listens_so, self.clients)))
            wait_for("no server serves as before", lambda: not any(map(_draining, self.instances.values())))

    def settled(self) -> None:
        """Wait until every Envoy holds what is meant for it after all that was written until now.

        Changes are taken in the order in which they were written: who knows of the last one knows of all.
        """
        path = self.api.path(MARK, "last-written", MESH)
        self.placed.marks += 1
        nobody = {"kind": "Dataplane", "labels": {"nobody": f"has-this-{self.placed.marks}"}}
        spec = {"targetRef": nobody, "rules": [{"default": {"idleTimeout": "1h"}}]}
        self.api.put({"type": MARK, "mesh": MESH, "name": "last-written", "labels": self.labels, "spec": spec})
        mark = self.api.get(path)["kri"]
        for proxy in self.api.get(f"/meshes/{MESH}/dataplanes")["items"]:
            place = f"{self.api.path('Dataplane', proxy['name'], MESH)}/_delivery?kri={mark}"
            wait_for(f"{proxy['name']} has all", partial(self._has_all, place))
        self.api.delete(MARK, "last-written", MESH)

    def _has_all(self, place: str) -> bool:
        return self.api.get(place)["state"] in ("delivered", "offline")

    def configured(self) -> dict[str, dict[str, Any]]:
        """All listeners and clusters that the Envoys have, by name."""
        return {name: {**_listeners(proxy), **_clusters(proxy)} for name, proxy in self.world.proxies.items()}


@contextmanager
def lone_zone(**settings: str) -> Iterator[Zone]:
    """One zone without a global control plane, in memory; its mesh has no policies yet."""
    with world(zones=(ZONE,), federated=False, settings=IN_MEMORY | settings) as made:
        made.place_control_planes()
        made.start_control_planes()
        api = made.planes[ZONE].api
        api.put(NO_POLICIES)
        yield Zone(made, ZONE, api)


def _listeners(proxy: Proxy) -> dict[str, Any]:
    # not their versions: a listener of which only filter chains have changed keeps its first
    found = proxy.admin.configured("dynamic_listeners")
    return {f"listener {one['name']}": one["active_state"]["listener"] for one in found if "active_state" in one}


def _clusters(proxy: Proxy) -> dict[str, Any]:
    found = proxy.admin.configured("dynamic_active_clusters")
    return {f"cluster {one['cluster']['name']}": one["cluster"] for one in found}


def _draining(one: Instance | Client) -> bool:
    """Whether connections are still served by a listener that was replaced."""
    return any(one.proxy.admin.stats(r"listener_manager\..*_draining$").values())


def _listens_so(client: Client) -> bool:
    """Whether new connections are taken as the active config says: Envoy tells its worker of a listener afterwards."""
    counted = client.proxy.admin.stats(r"listener_manager\.listener_(added|modified|create_success)$")
    taken = counted.pop("listener_manager.listener_create_success")
    return taken == sum(counted.values()) or not _draining(client)


def shows(proxy: Proxy, *texts: str) -> None:
    """Wait until an Envoy has all these texts in its active config."""

    def found() -> bool:
        active = json.dumps({**_listeners(proxy), **_clusters(proxy)})
        return all(text in active for text in texts)

    wait_for(f"{proxy.name} has {texts}", found)


def settled(what: str, check: Callable[[], bool], times: int = 5) -> None:
    """Wait until something holds so often in a row: policies travel, and more than one Envoy must have them."""
    wait_for(what, lambda: all(check() for _ in range(times)))


__all__ = [
    "EVERYBODY",
    "HOST",
    "Client",
    "Instance",
    "Zone",
    "lone_zone",
    "said",
    "service",
    "settled",
    "shows",
    "to",
    "wait_for",
    "workload",
]
