"""Instances of a workload that is probed, and whose applications may or may not run."""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import Any

from attrs import evolve, frozen

from kuma.cli.demo import echo
from kuma.cli.demo.parts import Proxy
from kuma.cli.demo.processes import Process
from kuma.cli.demo.world import MESH
from tests.e2e.conftest import free_ports, wait_for
from tests.e2e.traffic import Zone

SERVER = "server"
OFTEN = {"KUMA_DP_SERVER_HDS_INTERVAL": "1s"}  # how often Envoys report
PROBE = {"interval": "500ms", "timeout": "1s", "tcp": {}}
READY = ("Ready", {"ready": True})
NOT_READY = ("NotReady", {})
DRAINING = "10s"


@frozen
class Probed:
    """An instance whose workload is probed: its proxy, and the workload, which need not run."""

    zone: Zone
    name: str
    address: str
    proxy: Proxy
    app: Process

    def stored(self) -> dict[str, Any]:
        """Its Dataplane."""
        return self.zone.api.get(f"/meshes/{MESH}/dataplanes/{self.name}") or {}

    def is_(self, wanted: tuple[str, dict[str, Any]]) -> bool:
        """Whether its inbound has this state, and says so of its health."""
        networking = self.stored().get("networking") or {"inbound": ()}
        return [(one.get("state", "Ready"), one.get("health")) for one in networking["inbound"]] == [wanted]

    def becomes(self, wanted: tuple[str, dict[str, Any]]) -> None:
        wait_for(f"{self.name} is {wanted}", partial(self.is_, wanted))


def place(zone: Zone, name: str, address: str, protocol: str = "http") -> Probed:
    """Start the sidecar of an instance whose workload does not run yet."""
    for section in ("http", "app"):
        if (SERVER, section) not in zone.ports:
            (zone.ports[SERVER, section],) = free_ports(1)
    port, app = zone.ports[SERVER, "http"], zone.ports[SERVER, "app"]
    inbound = {"name": "http", "protocol": protocol, "port": port, "servicePort": app, "serviceProbe": PROBE}
    networking = {"address": address, "inbound": [inbound]}
    labels = {"kuma.io/workload": SERVER}
    document = {"type": "Dataplane", "mesh": MESH, "name": name, "labels": labels, "networking": networking}
    sidecars = evolve(zone.sidecars, drain_time=DRAINING)
    proxy = sidecars.start(MESH, json.dumps(document), {"name": name, "workload": SERVER})
    zone.world.proxies[name] = proxy
    command = [sys.executable, "-I", "-S", echo.__file__, name, address, str(app)]
    processes = zone.world.processes
    return Probed(zone, name, address, proxy, Process(name, command, processes.folder / "logs" / f"{name}.log", {}))
