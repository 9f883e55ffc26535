"""`make demo`: brings the world up, sends a request through it, and shows what happened."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.table import Table

from kuma.cli.demo.hops import Hop, Way, count, hops
from kuma.cli.demo.http import Answer
from kuma.cli.demo.parts import HOST
from kuma.cli.demo.processes import Failed, wait_for
from kuma.cli.demo.world import MESH, World, example

T = TypeVar("T")

REPORTS = "kri_msvc_default_west__reports_http"
PERMISSION = ("MeshTrafficPermission", "everybody-of-this-mesh", MESH)

# into a file or a pipe, lines are as long as they are
console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)


@contextmanager
def step(what: str, began: float) -> Iterator[None]:
    """Say what is being done, then how long it took."""
    start = time.monotonic()
    with console.status(what):
        yield
    now = time.monotonic()
    console.print(f"[green]✓[/] {what:<64} {now - start:6.2f} s  [dim]at {now - began:5.1f} s[/]")


def main() -> None:
    """Bring it up, show it, and stay until Ctrl-C; with --check leave at once."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(options.folder or tempfile.mkdtemp(prefix="kuma-demo-"))
    world = World(folder, settings={"KUMA_XDS_DATAPLANE_DEREGISTRATION_DELAY": "1s"})
    try:
        _bring_up(world)
        if not options.check:
            _stay(world)
    except Failed as failed:
        console.print(f"[red]✗[/] {failed}", markup=True)
        console.print(f"logs: {folder / 'logs'}")
        sys.exit(1)
    except KeyboardInterrupt:
        console.print("\nstopping")
    finally:
        world.stop()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", description=main.__doc__)
    parser.add_argument("--check", action="store_true", help="assert every step and leave")
    parser.add_argument("--folder", help="where databases, logs and sockets go; a new temporary folder by default")
    return parser.parse_args()


def _bring_up(world: World) -> None:
    began = time.monotonic()
    with step("Postgres, with a database for each control plane", began):
        world.start_postgres()
        world.migrate()
    with step("control planes: global, east, west", began):
        world.start_control_planes()
    with step("both zones connected to global", began):
        world.connect_zones()
    with step("identities: an authority in each zone, believed in both", began):
        world.identify()
    with step("zone ingresses, services and the client, each behind an Envoy", began):
        _start_proxies(world)
    reports = partial(world.call, "reports")
    _forget_permission(world)
    with step("without a permission the request is denied", began):
        wait_for("the request is denied", lambda: reports().status == 403)
    _show_permission(world, reports, began)
    with step("from east to the service that lives in west only", began):
        told = _follow(world, reports)
    with step("the service that lives in both zones answers from east", began):
        wait_for("backend answers", lambda: _instance(world.call("backend")) == "backend-east")
    _show(told)


def _forget_permission(world: World) -> None:
    """Remove what an earlier run in the same folder allowed."""
    api = world.global_.api
    if api.get(api.path(*PERMISSION)):
        api.delete(*PERMISSION)


def _start_proxies(world: World) -> None:
    for zone in world.zones:
        world.start_ingress(zone)
        world.start_service(zone, "backend")
    world.start_service("west", "reports")
    world.global_.api.apply(example("both-zones.yaml"))
    world.start_client("east")
    for proxy in world.proxies.values():
        proxy.wait()


def _instance(answer: Answer) -> str:
    return str(answer.json["instance"]) if answer.status == 200 else ""


def _show_permission(world: World, reports: Callable[[], Answer], began: float) -> None:
    """Allow on global, then deny, then allow again: how long each takes to reach the other zone's proxy."""
    api = world.global_.api
    with step("allowed: from the write on global to the first changed answer", began):
        api.apply(example("permission.yaml"))
        wait_for("the request is allowed", lambda: reports().status == 200)
    with step("denied again: from the removal to the first changed answer", began):
        api.delete(*PERMISSION)
        wait_for("the request is denied", lambda: reports().status == 403)
    with step("and allowed again", began):
        api.apply(example("permission.yaml"))
        wait_for("the request is allowed", lambda: reports().status == 200)


def _follow(world: World, reports: Callable[[], Answer]) -> list[Hop]:
    admin = {name: proxy.admin for name, proxy in world.proxies.items()}
    way = Way(admin["web"], admin["ingress-west"], admin["reports-west"], REPORTS)
    before = count(way)
    answer = reports()
    if answer.status != 200:
        raise Failed(f"the request was answered with {answer.status}: {answer.body!r}")
    return list(hops(way, answer, before, count(way)))


def _show(told: list[Hop]) -> None:
    table = Table(title="what happened to the request", title_justify="left", show_header=False, box=None)
    for number, hop in enumerate(told, 1):
        for line, (what, saw) in enumerate(hop.saw.items()):
            table.add_row(f"{number}. {hop.name}" if line == 0 else "", what, f"[bold]{saw}[/]")
    console.print()
    console.print(table)


def _contexts(world: World) -> Path:
    """A configuration of kumactl in which every control plane is a context."""
    file = world.folder / "kumactl.yaml"
    for name, plane in world.planes.items():
        command = ["--config-file", str(file), "config", "control-planes", "add", "--overwrite"]
        add = [sys.executable, "-m", "kuma.cli.kumactl", *command, "--name", name, "--address", plane.api.url]
        done = subprocess.run(add, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failed(f"kumactl: {done.stderr}")
    return file


def _stay(world: World) -> None:
    console.print("\n[bold]It stays up until Ctrl-C.[/] The control planes' APIs:")
    for name, plane in world.planes.items():
        console.print(f"  {name:<7} http://{HOST}:{plane.ports.api}    https://localhost:{plane.ports.api_tls}")
    console.print("\nTo try next:")
    kumactl = f".venv/bin/kumactl --config-file {_contexts(world)}"
    for context, command in (
        ("global", "get zones"),
        ("global", "get meshtrafficpermissions -o yaml"),
        ("global", "delete meshtrafficpermission everybody-of-this-mesh"),
        ("global", "apply -f deploy/examples/01-two-zones/permission.yaml"),
        ("east", "inspect dataplanes"),
        ("east", "get meshservices"),
    ):
        console.print(f"  {kumactl} --context {context} {command}", soft_wrap=True)
    console.print(f"  curl http://{HOST}:{world.outbounds['reports']}/        # as the client, through its sidecar")
    console.print(f"\nlogs, sockets and databases: {world.folder}")
    while True:
        time.sleep(1)
        for process in world.processes.started:
            process.check()


if __name__ == "__main__":
    main()
