"""Two zones under one global control plane: how this world comes to be, step by step."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from attrs import define, field

from kuma.cli.demo.http import Answer
from kuma.cli.demo.parts import HOST, ControlPlane, Proxy, Service, Sidecars, source_root, through
from kuma.cli.demo.processes import Failed, Processes, wait_for
from kuma.ports import free_ports
from kuma.store.embedded import EmbeddedPostgres

EXAMPLE = source_root() / "deploy" / "examples" / "01-two-zones"
MESH = "default"
ZONES = ("east", "west")


def example(name: str) -> str:
    """The text of one of the example's files."""
    return (EXAMPLE / name).read_text()


def filled(template: str, variables: Mapping[str, object]) -> str:
    """A template with its `{{ variables }}` filled in."""
    for name, value in variables.items():
        template = template.replace("{{ " + name + " }}", str(value))
    return template


@define(eq=False)
class World:
    """Everything that runs. `settings` are added to those of every control plane.

    Without `federated` there is no global control plane: every zone is alone.
    """

    folder: Path
    settings: Mapping[str, str] = field(factory=dict)
    zones: Sequence[str] = ZONES
    federated: bool = True
    processes: Processes = field(init=False)
    postgres: EmbeddedPostgres = field(init=False)
    planes: dict[str, ControlPlane] = field(init=False, factory=dict)
    proxies: dict[str, Proxy] = field(init=False, factory=dict)
    services: dict[str, Service] = field(init=False, factory=dict)
    inbounds: dict[str, int] = field(init=False, factory=dict)
    outbounds: dict[str, int] = field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        self.processes = Processes(self.folder)
        self.postgres = EmbeddedPostgres(self.folder / "postgres")

    @property
    def global_(self) -> ControlPlane:
        return self.planes["global"]

    def start_postgres(self) -> None:
        """One server, a database for each control plane."""
        self.postgres.start()
        self.place_control_planes()
        for name in self.planes:
            self.postgres.create_database(name)

    def place_control_planes(self) -> None:
        """Give each control plane its ports, folder and settings. All there is to do for those that keep no data."""
        for name in (*(("global",) if self.federated else ()), *self.zones):
            self._place(name)

    def _place(self, name: str) -> None:
        self.planes[name] = ControlPlane(name, self.folder / "cp" / name, self.processes, self._settings(name))

    def _settings(self, name: str) -> dict[str, str]:
        return {**self.store_settings(name), **self._role(name), **self.settings}

    def store_settings(self, database: str) -> dict[str, str]:
        """Where a control plane finds its database."""
        server = self.postgres
        return {
            "KUMA_STORE_TYPE": "postgres",
            "KUMA_STORE_POSTGRES_HOST": server.host,
            "KUMA_STORE_POSTGRES_PORT": str(server.port),
            "KUMA_STORE_POSTGRES_USER": server.user,
            "KUMA_STORE_POSTGRES_PASSWORD": server.password,
            "KUMA_STORE_POSTGRES_DB_NAME": database,
        }

    def _role(self, name: str) -> dict[str, str]:
        if name == "global":
            return {"KUMA_MODE": "global"}
        alone = {"KUMA_MODE": "zone", "KUMA_MULTIZONE_ZONE_NAME": name}
        return alone | self._federation() if self.federated else alone

    def _federation(self) -> dict[str, str]:
        plane = self.global_
        return {
            "KUMA_MULTIZONE_ZONE_GLOBAL_ADDRESS": f"grpcs://localhost:{plane.ports.kds}",
            "KUMA_MULTIZONE_ZONE_KDS_ROOT_CA_FILE": str(plane.ca_file),
        }

    def migrate(self) -> None:
        """Bring the databases to the newest schema, side by side."""
        running = [(name, self._migration(name)) for name in self.planes]
        for name, process in running:
            output, _ = process.communicate()
            if process.returncode:
                raise Failed(f"kuma-cp migrate up for {name}: {output}")

    def _migration(self, database: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "kuma.cli.cp", "migrate", "up"]
        environment = {"PATH": os.environ["PATH"], **self.store_settings(database)}
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def start_control_planes(self) -> None:
        """Global first, whose certificate the zones must find; then all of them at once."""
        if self.federated:
            self.global_.start()
            wait_for("the global control plane's certificate", self.global_.certified)
        for name in self.zones:
            self.planes[name].start()
        for plane in self.planes.values():
            plane.wait()

    def join(self, zone: str) -> None:
        """One more zone, which finds everything else running; believed by all, and believing all, in the end."""
        self.zones = (*self.zones, zone)
        self._place(zone)
        self.postgres.create_database(zone)
        self.migrate()
        self.planes[zone].start()
        self.planes[zone].wait()
        self.connect_zones()
        self.exchange_trusts()

    def connect_zones(self) -> None:
        """Wait until the global control plane shows every zone online."""
        for name in self.zones:
            wait_for(f"zone {name} is online", partial(self.zone_online, name))

    def zone_online(self, name: str) -> bool:
        """What the global control plane says of a zone."""
        insight = self.global_.api.get(f"/zone-insights/{name}") or {}
        return any("disconnectTime" not in stream for stream in insight.get("subscriptions", ()))

    def identify(self) -> None:
        """One identity for all, and every zone's authority believed in every zone."""
        for name in self.zones:
            wait_for(f"the mesh in {name}", partial(self.planes[name].api.get, f"/meshes/{MESH}"))
        self.global_.api.apply(example("identity.yaml"))
        self.exchange_trusts()

    def exchange_trusts(self) -> None:
        """Take each zone's trust from the global control plane, and give it to all zones."""
        for name in self.zones:
            self.global_.api.put(self._believed(name))
        for name in self.zones:
            wait_for(f"{name} believes everybody", partial(self._believes_all, name))

    def _believed(self, zone: str) -> dict[str, Any]:
        trust = wait_for(f"the trust of {zone} on the global control plane", lambda: self._trust_of(zone))
        return {"type": "MeshTrust", "mesh": MESH, "name": f"trust-of-{zone}", "spec": trust["spec"]}

    def _trust_of(self, zone: str) -> dict[str, Any] | None:
        domain = f"{MESH}.{zone}.mesh.local"
        return next((trust for trust in self._trusts("global") if trust["spec"]["trustDomain"] == domain), None)

    def _trusts(self, plane: str) -> list[dict[str, Any]]:
        answer = self.planes[plane].api.get(f"/meshes/{MESH}/meshtrusts") or {}
        return [trust for trust in answer.get("items", ()) if trust["spec"].get("caBundles")]

    def _believes_all(self, plane: str) -> bool:
        believed = {trust["spec"]["trustDomain"] for trust in self._trusts(plane)}
        return believed >= {f"{MESH}.{zone}.mesh.local" for zone in self.zones}

    def sidecars(self, zone: str) -> Sidecars:
        """Starts proxies in a zone."""
        return Sidecars(self.planes[zone], self.processes)

    def start_ingress(self, zone: str) -> Proxy:
        """A zone's ingress, and where the other zones find it."""
        (port,) = free_ports(1)
        name = f"ingress-{zone}"
        variables = {"name": name, "workload": "ingress", "address": HOST, "port": str(port)}
        self.planes[zone].api.apply(filled(example("zone-address.yaml"), variables))
        return self._start(zone, "ingress.yaml", variables)

    def start_egress(self, zone: str) -> Proxy:
        """A zone's egress; the zone's own proxies find it by its Dataplane."""
        (port,) = free_ports(1)
        variables = {"name": f"egress-{zone}", "workload": "egress", "address": HOST, "port": str(port)}
        return self._start(zone, "egress.yaml", variables)

    def start_service(self, zone: str, workload: str) -> Proxy:
        """One instance of a service, with its sidecar."""
        name = f"{workload}-{zone}"
        self.services[name] = service = Service.start(self.processes, name)
        (port,) = free_ports(1)
        self.inbounds[name] = port
        variables = {"name": name, "workload": workload, "address": HOST, "port": str(port)}
        return self._start(zone, "service.yaml", variables | {"servicePort": str(service.port)})

    def start_client(self, zone: str) -> Proxy:
        """The client: where it calls `reports` and `backend` is in `outbounds`."""
        self.services["web"] = service = Service.start(self.processes, "web")
        reports = wait_for(f"reports is known in {zone}", lambda: self._served(zone, "reports"))
        (port, *outbounds) = free_ports(3)
        self.outbounds = dict(zip(("reports", "backend"), outbounds, strict=True))
        numbers = self.outbounds | {"port": port, "servicePort": service.port}
        numbers["reportsPort"] = reports
        named = {"name": "web", "workload": "web", "address": HOST}
        variables = named | {key: str(value) for key, value in numbers.items()}
        return self._start(zone, "client.yaml", variables)

    def _served(self, plane: str, name: str) -> int | None:
        """The port of a service with one instance, once a control plane knows it as it runs now."""
        known = self.mesh_service(plane, name) or {"spec": {"ports": ()}}
        found = [one["port"] for one in known["spec"]["ports"]]
        return next((port for port in found if port in self.inbounds.values()), None)

    def mesh_service(self, plane: str, name: str) -> dict[str, Any] | None:
        """The MeshService that a control plane has under this display name."""
        found = self.planes[plane].api.get(f"/meshes/{MESH}/meshservices") or {}
        return next((one for one in found.get("items", ()) if one["labels"]["kuma.io/display-name"] == name), None)

    def call(self, name: str, path: str = "/") -> Answer:
        """A request from the client, through its sidecar."""
        return through(HOST, self.outbounds[name], path)

    def _start(self, zone: str, template: str, variables: Mapping[str, str]) -> Proxy:
        proxy = self.sidecars(zone).start(MESH, example(template), variables)
        self.proxies[variables["name"]] = proxy
        return proxy

    def stop(self) -> None:
        """End everything, in order."""
        # a second Ctrl-C while things end would leave the rest running
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            self.processes.stop()
            self.postgres.stop()
        finally:
            signal.signal(signal.SIGINT, before)
