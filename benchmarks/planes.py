"""Control planes to measure: the instances of one zone on one store, or a federation of zones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from benchmarks.watched import Watched
from kuma.cli.demo.parts import ControlPlane
from kuma.cli.demo.processes import Processes, wait_for
from kuma.cli.demo.world import MESH, World

ZONE = "bench"


@frozen
class Running:
    """Control planes that run, and what they use."""

    planes: tuple[ControlPlane, ...]
    watched: Watched


@contextmanager
def one_zone(folder: Path, store: str, instances: int = 1) -> Iterator[Running]:
    """The instances of one zone's control plane, which has no global one above it."""
    running, stop = _with_postgres(folder, instances) if store == "postgres" else _with_memory(folder)
    try:
        for plane in running.planes:
            plane.start()
        for plane in running.planes:
            plane.wait()
            _wait_for_defaults(plane)
        yield running
    finally:
        stop()


def _with_memory(folder: Path) -> tuple[Running, Callable[[], None]]:
    processes = Processes(folder)
    settings = {"KUMA_MODE": "zone", "KUMA_MULTIZONE_ZONE_NAME": ZONE, "KUMA_STORE_TYPE": "memory"}
    plane = ControlPlane(ZONE, folder / "cp", processes, settings)
    return Running((plane,), Watched((plane,))), processes.stop


def _with_postgres(folder: Path, instances: int) -> tuple[Running, Callable[[], None]]:
    world = World(folder, zones=(ZONE,), federated=False)
    world.start_postgres()
    world.migrate()
    first = world.planes[ZONE]
    more = (
        ControlPlane(f"{ZONE}-{place}", folder / "cp" / f"{ZONE}-{place}", world.processes, first.settings)
        for place in range(1, instances)
    )
    planes = (first, *more)
    return Running(planes, Watched(planes, world.postgres)), world.stop


def _wait_for_defaults(plane: ControlPlane) -> None:
    wait_for("the default mesh", lambda: plane.api.get(f"/meshes/{MESH}/meshtimeouts"))


@contextmanager
def federation(folder: Path, zones: tuple[str, ...]) -> Iterator[World]:
    """A global control plane and its zones, all of them running and connected."""
    world = World(folder, zones=zones)
    try:
        world.start_postgres()
        world.migrate()
        world.start_control_planes()
        world.connect_zones()
        yield world
    finally:
        world.stop()
