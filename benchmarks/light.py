"""What the small commands cost: kuma-dp's memory and its way to Envoy's start, kumactl's start.

    python -m benchmarks.light [--runs 10]

A stand-in for the control plane answers one bootstrap at once; the Envoy is the real one.
"""

from __future__ import annotations

import argparse
import base64
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil

from kuma.ports import free_ports
from kuma.version import VERSION

DATAPLANE = "{type: Dataplane, mesh: default, name: web, networking: {address: 127.0.0.1}}"
BOOTSTRAP = 'admin: {{ address: {{ pipe: {{ path: "{folder}/kuma-envoy-admin.sock" }} }} }}\nstatic_resources: {{}}\n'
NOTHING = json.dumps({"product": "Kuma", "version": VERSION, "total": 0, "items": []}).encode()
SPEC = "{to: [{targetRef: {kind: Mesh}, default: {idleTimeout: 15s}}]}"
TIMEOUT = f"{{type: MeshTimeout, mesh: default, name: slow, spec: {SPEC}}}"
KUMACTL = {"version": ("version",), "get meshtimeouts": ("get", "meshtimeouts"), "apply -f -": ("apply", "-f", "-")}


@contextmanager
def control_plane(folder: Path) -> Iterator[str]:
    """The URL of a server that answers every bootstrap request with the same one."""
    text = BOOTSTRAP.format(folder=folder).encode()
    answer = json.dumps({"bootstrap": base64.b64encode(text).decode()}).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self._answer(answer)

        def do_GET(self) -> None:
            self._answer(NOTHING)

        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self._answer(b"{}")

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def dp_run() -> tuple[float, float, float]:
    """One kuma-dp: seconds until Envoy's process runs, and MB of resident and of unshared memory after two seconds."""
    with tempfile.TemporaryDirectory(prefix="k-") as name, control_plane(Path(name)) as url:
        (port,) = free_ports(1)
        flags = ["--cp-address", url, "--dataplane", DATAPLANE, "--work-dir", name, "--readiness-port", str(port)]
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "kuma.cli.dp", "run", *flags, "--concurrency", "1", "--drain-time", "1ms"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        seen = psutil.Process(process.pid)
        while not _runs_envoy(seen):
            time.sleep(0.001)
        took = time.monotonic() - began
        time.sleep(2)
        memory = seen.memory_full_info()
        process.terminate()
        process.wait()
        return took, memory.rss / 2**20, memory.uss / 2**20


def _runs_envoy(process: psutil.Process) -> bool:
    """Whether Envoy itself runs below the process, not the short one that is asked for its version."""
    try:
        return any("--config-path" in child.cmdline() and child.name() == "envoy" for child in process.children())
    except psutil.Error:  # a child that has just ended
        return False


def kumactl(*arguments: str) -> float:
    """Milliseconds that a command takes with a control plane that answers at once."""
    with tempfile.TemporaryDirectory(prefix="k-") as name, control_plane(Path(name)) as url:
        command = [sys.executable, "-m", "kuma.cli.kumactl", "--config-file", f"{name}/config"]
        added = ("config", "control-planes", "add", "--name", "stub", "--address", url)
        subprocess.run([*command, *added], check=True, stdout=subprocess.DEVNULL)
        began = time.monotonic()
        subprocess.run([*command, *arguments], check=True, stdout=subprocess.DEVNULL, input=TIMEOUT, text=True)
        return 1000 * (time.monotonic() - began)


def main() -> None:
    """Run all, and print medians and the worst."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10)
    runs = parser.parse_args().runs
    starts, resident, unshared = zip(*(dp_run() for _ in range(runs)), strict=True)
    for what, values, unit in (
        ("kuma-dp: start to Envoy's start", [1000 * start for start in starts], "ms"),
        ("kuma-dp: resident memory", resident, "MB"),
        ("kuma-dp: memory of its own", unshared, "MB"),
        *((f"kumactl {name}", [kumactl(*said) for _ in range(runs)], "ms") for name, said in KUMACTL.items()),
    ):
        print(f"{what:<34} median {statistics.median(values):7.1f} {unit}   worst {max(values):7.1f} {unit}")


if __name__ == "__main__":
    main()
