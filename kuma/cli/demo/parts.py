"""The parts of a world: control planes, proxies and services, each a process or two with an address."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from attrs import define, field, frozen

from kuma.cli.demo import echo
from kuma.cli.demo.http import Admin, Answer, Api, ask
from kuma.cli.demo.processes import Process, Processes, wait_for
from kuma.ports import free_ports

HOST = "127.0.0.1"


@frozen
class Ports:
    """Where one control plane listens."""

    api: int
    api_tls: int
    kds: int
    dp: int
    ads: int
    diagnostics: int
    peers: int

    @classmethod
    def free(cls) -> Ports:
        return cls(*free_ports(7))


@define(eq=False)
class ControlPlane:
    """A kuma-cp, its folder and its ports; it keeps both when it is started again. `config` is its file's text."""

    name: str
    folder: Path
    processes: Processes
    settings: Mapping[str, str]
    ports: Ports = field(factory=Ports.free)
    process: Process | None = None
    config: str = ""

    @property
    def api(self) -> Api:
        return Api(f"http://{HOST}:{self.ports.api}")

    @property
    def ca_file(self) -> Path:
        """The certificate it made for itself, which its peers are told to believe."""
        return self.folder / "kuma-cp.crt"

    def environment(self) -> dict[str, str]:
        """Its settings."""
        ports = self.ports
        return {
            "KUMA_GENERAL_WORK_DIR": str(self.folder),
            "KUMA_API_SERVER_HTTP_INTERFACE": HOST,
            "KUMA_API_SERVER_HTTP_PORT": str(ports.api),
            "KUMA_API_SERVER_HTTPS_INTERFACE": HOST,
            "KUMA_API_SERVER_HTTPS_PORT": str(ports.api_tls),
            "KUMA_MULTIZONE_GLOBAL_KDS_GRPC_PORT": str(ports.kds),
            "KUMA_DP_SERVER_PORT": str(ports.dp),
            "KUMA_DP_SERVER_GRPC_PORT": str(ports.ads),
            "KUMA_DIAGNOSTICS_SERVER_PORT": str(ports.diagnostics),
            "KUMA_INTER_CP_SERVER_PORT": str(ports.peers),
            **self.settings,
        }

    def start(self) -> None:
        """Start it; it is not ready yet."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.process is None:
            command = [sys.executable, "-m", "kuma.cli.cp", "run", *self._config_file()]
            self.process = self.processes.start(f"kuma-cp-{self.name}", command, self.environment())
        else:
            self.process.start()

    def _config_file(self) -> tuple[str, ...]:
        if not self.config:
            return ()
        file = self.folder / "kuma-cp.conf.yaml"
        file.write_text(self.config)
        return ("--config-file", str(file))

    def certified(self) -> bool:
        """Whether it has its certificate, which zones must know before they start."""
        assert self.process is not None
        self.process.check()
        return self.ca_file.exists()

    def wait(self, within: float = 30.0) -> None:
        """Wait until it serves."""
        wait_for(f"kuma-cp {self.name} is ready", self._ready, within)

    def _ready(self) -> bool:
        assert self.process is not None
        self.process.check()
        return ask(f"http://{HOST}:{self.ports.diagnostics}/ready").status == 200

    def kill(self) -> None:
        """As a crash would."""
        assert self.process is not None
        self.process.kill()

    def stop(self) -> int:
        """In order."""
        assert self.process is not None
        return self.process.stop()

    def metrics(self) -> dict[str, float]:
        """Its Prometheus metrics: name with labels to value."""
        text = ask(f"http://{HOST}:{self.ports.diagnostics}/metrics").body.decode()
        lines = (line.rpartition(" ") for line in text.splitlines() if line and not line.startswith("#"))
        return {name: float(value) for name, _, value in lines}


@define(eq=False)
class Service:
    """A workload: one echo server."""

    name: str
    address: str
    port: int
    process: Process

    @classmethod
    def start(cls, processes: Processes, name: str, address: str = HOST) -> Service:
        """Start it on a free port, and wait until it answers."""
        (port,) = free_ports(1, address)
        command = [sys.executable, "-I", "-S", echo.__file__, name, address, str(port)]
        service = cls(name, address, port, processes.start(f"service-{name}", command, {}))
        wait_for(f"service {name} answers", lambda: ask(f"http://{address}:{port}/").status == 200)
        return service


@define(eq=False)
class Proxy:
    """A kuma-dp with its Envoy; `dns` is the port of its name server."""

    mesh: str
    name: str
    folder: Path
    process: Process
    dns: int

    @property
    def admin(self) -> Admin:
        return Admin(self.folder / "kuma-envoy-admin.sock")

    def wait(self, within: float = 30.0) -> None:
        """Wait until its Envoy has its configuration and serves."""
        wait_for(f"proxy {self.name} is ready", self._ready, within)

    def _ready(self) -> bool:
        self.process.check()
        return self.admin.get("/ready").status == 200

    def kill(self) -> None:
        """As a crash would; Envoy goes with it."""
        self.process.kill()

    def stop(self) -> int:
        """In order: drained first."""
        return self.process.stop(within=40)


@frozen
class Sidecars:
    """Starts kuma-dp processes for one zone control plane; `settings` are more of kuma-dp's environment."""

    control_plane: ControlPlane
    processes: Processes
    drain_time: str = "1s"
    settings: Mapping[str, str] = field(factory=dict)

    def start(self, mesh: str, definition: str, variables: Mapping[str, str], token: str = "") -> Proxy:
        """Start one with a Dataplane template, which has variables `name` and `workload`. It is not ready yet.

        It shows the token given, or one that is made for it.
        """
        plane, name = self.control_plane, variables["name"]
        folder = Path(self.processes.folder) / "dp" / f"{plane.name}-{name}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "dataplane.yaml").write_text(definition)
        (folder / "token").write_text(token or self.token(mesh, name, variables["workload"]))
        (readiness, dns) = free_ports(2)
        command = [
            *(sys.executable, "-m", "kuma.cli.dp", "run"),
            *("--cp-address", f"https://localhost:{plane.ports.dp}", "--ca-cert-file", str(plane.ca_file)),
            *("--dataplane-file", str(folder / "dataplane.yaml"), "--dataplane-token-file", str(folder / "token")),
            *("--work-dir", str(folder), "--concurrency", "1", "--drain-time", self.drain_time),
            *(part for key, value in variables.items() for part in ("--dataplane-var", f"{key}={value}")),
        ]
        environment = {"KUMA_READINESS_PORT": str(readiness), "KUMA_DNS_PROXY_PORT": str(dns)}
        environment |= {"KUMA_CONTROL_PLANE_RETRY_BACKOFF": "250ms", **self.settings}
        process = self.processes.start(f"kuma-dp-{plane.name}-{name}", command, environment)
        return Proxy(mesh, name, folder, process, dns)

    def token(self, mesh: str, name: str, workload: str) -> str:
        """A token for one proxy, from the zone's control plane: it may have the identity of this workload only."""
        claims = {"mesh": mesh, "name": name, "workload": workload, "validFor": "24h"}

        def issued() -> str:
            return self.control_plane.api.post("/tokens/dataplane", claims).body.decode()

        return wait_for(f"a token for {name}", issued)


def through(address: str, port: int, path: str = "/", **headers: str) -> Answer:
    """A request through a sidecar's outbound."""
    return ask(f"http://{address}:{port}{path}", headers=headers)


def source_root() -> Path:
    """The checkout that this runs from."""
    return Path(os.path.dirname(__file__)).parents[2]
