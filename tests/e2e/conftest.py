"""Worlds for the end-to-end tests: real control planes, Envoys and databases in a folder of their own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from kuma.cli.demo.parts import HOST, free_ports
from kuma.cli.demo.processes import wait_for
from kuma.cli.demo.world import World, example
from tests.e2e import invariants

SPEEDUPS = {
    "KUMA_XDS_DATAPLANE_DEREGISTRATION_DELAY": "0s",
    "KUMA_XDS_SERVER_DATAPLANE_STATUS_FLUSH_INTERVAL": "1s",
    "KUMA_MULTIZONE_GLOBAL_KDS_ZONE_INSIGHT_FLUSH_INTERVAL": "1s",
    "KUMA_GENERAL_RESILIENT_COMPONENT_BASE_BACKOFF": "500ms",
    "KUMA_GENERAL_RESILIENT_COMPONENT_MAX_BACKOFF": "2s",
}


def pytest_itemcollected(item: pytest.Item) -> None:
    """Everything here is end to end. A module's tests share a world: run them with xdist's `--dist loadfile`."""
    item.add_marker(pytest.mark.e2e)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """After a module's last test its world is looked at and goes, so that test shows the invariants too."""
    ours = (item for item in items if item.get_closest_marker("e2e"))
    for last in {item.path: item for item in ours}.values():
        last.add_marker(pytest.mark.scenario(*invariants.ROWS))


@contextmanager
def world(**more) -> Iterator[World]:
    """A world that is checked for its health and gone in the end. Its folder is short: sockets lie in it.

    When it does not come up, or is not well, the ends of its logs are shown.
    """
    folder = Path(tempfile.mkdtemp(prefix="k-"))
    made = World(folder, settings=SPEEDUPS | more.pop("settings", {}), **more)
    try:
        yield made
        healthy(made)
        made.stop()
        assert not (unended := list(invariants.unended(made))), "\n".join(unended)
    except Exception as error:
        for process in made.processes.started:
            error.add_note(f"--- {process.name}\n{process.tail()}")
        raise
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)


def healthy(made: World) -> None:
    """What holds of every control plane after a suite, whatever the suite did to it."""
    assert not (found := list(invariants.violations(made))), "\n".join(found)


@pytest.fixture(scope="module")
def two_zones() -> Iterator[World]:
    """The demo's world: identities, ingresses, `backend` in both zones, `reports` in west, the client in east."""
    with world() as made:
        bring_up(made)
        yield made


def bring_up(made: World, **settings: Mapping[str, str]) -> None:
    """Start everything; `settings` are more of single control planes, by name."""
    made.start_postgres()
    for name, more in settings.items():
        made.planes[name].settings = {**made.planes[name].settings, **more}
    made.migrate()
    made.start_control_planes()
    made.connect_zones()
    made.identify()
    for zone in made.zones:
        made.start_ingress(zone)
        made.start_service(zone, "backend")
    made.start_service("west", "reports")
    made.global_.api.apply(example("both-zones.yaml"))
    made.global_.api.apply(example("permission.yaml"))
    made.start_client("east")
    for proxy in made.proxies.values():
        proxy.wait()


__all__ = ["HOST", "bring_up", "free_ports", "healthy", "two_zones", "wait_for", "world"]
