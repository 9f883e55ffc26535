"""Who is gone is shown offline, whichever of the processes were killed, and in whichever order."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from kuma.cli.demo.parts import Service
from kuma.cli.demo.world import MESH, World, example
from tests.e2e.conftest import HOST, free_ports, wait_for, world

ZONE = "east"
SETTINGS = {
    "KUMA_METRICS_ZONE_IDLE_TIMEOUT": "10s",
    "KUMA_METRICS_DATAPLANE_IDLE_TIMEOUT": "10s",
    "KUMA_GENERAL_RESILIENT_COMPONENT_BASE_BACKOFF": "1s",
}


@pytest.fixture(scope="module")
def pair() -> Iterator[World]:
    """A global control plane and a zone, on Postgres."""
    with world(zones=(ZONE,), settings=SETTINGS) as made:
        made.start_postgres()
        made.migrate()
        made.start_control_planes()
        made.connect_zones()
        yield made


@pytest.fixture
def forgetful() -> Iterator[World]:
    """The same without a database."""
    with world(zones=(ZONE,), settings=SETTINGS | {"KUMA_STORE_TYPE": "memory"}) as made:
        made.place_control_planes()
        made.start_control_planes()
        made.connect_zones()
        yield made


def offline(made: World) -> bool:
    """Whether global shows the zone, and shows it as gone."""
    insight = made.global_.api.get(f"/zone-insights/{ZONE}") or {}
    subscriptions = insight.get("subscriptions", ())
    return bool(subscriptions) and all("disconnectTime" in one for one in subscriptions)


def restart(made: World, name: str) -> None:
    made.planes[name].start()
    made.planes[name].wait()


def back(made: World) -> None:
    """Start the zone again, for the next test and for a last look at it."""
    restart(made, ZONE)
    made.connect_zones()


@pytest.mark.scenario("M-resilience-01")
def test_a_killed_zone_is_offline_where_nothing_is_kept(forgetful: World) -> None:
    forgetful.planes[ZONE].kill()
    wait_for("the zone is offline", partial(offline, forgetful), 30)
    back(forgetful)


@pytest.mark.scenario("M-resilience-04")
def test_a_disconnect_that_global_sees_shows_at_once(pair: World) -> None:
    pair.planes[ZONE].kill()
    wait_for("the zone is offline", partial(offline, pair), 10)
    back(pair)


@pytest.mark.scenario("M-resilience-02")
def test_a_zone_that_went_while_global_was_away_is_offline(pair: World) -> None:
    pair.global_.kill()
    pair.planes[ZONE].kill()
    restart(pair, "global")
    assert pair.zone_online(ZONE), "what global remembers of the zone is that it was there"
    wait_for("the zone is offline", partial(offline, pair), 40)
    back(pair)


@pytest.mark.scenario("M-resilience-03")
def test_a_zone_that_goes_after_global_was_away_is_offline(pair: World) -> None:
    before = streams(pair)
    pair.global_.kill()
    restart(pair, "global")
    wait_for("a stream to the new global is written down", lambda: streams(pair) - before)
    pair.planes[ZONE].kill()
    wait_for("the zone is offline", partial(offline, pair), 30)
    back(pair)


def streams(made: World) -> set[str]:
    """The connections of the zone that global has written down."""
    insight = made.global_.api.get(f"/zone-insights/{ZONE}") or {}
    return {one["id"] for one in insight.get("subscriptions", ())}


@pytest.mark.scenario("U-resilience-01")
def test_a_proxy_that_went_while_its_control_plane_was_away_is_offline(pair: World) -> None:
    zone = pair.planes[ZONE]
    service = Service.start(pair.processes, "backend")
    (port,) = free_ports(1)
    variables = {"name": "backend", "workload": "backend", "address": HOST, "port": str(port)}
    variables["servicePort"] = str(service.port)
    proxy = pair.sidecars(ZONE).start(MESH, example("service.yaml"), variables)
    wait_for("the proxy is online", lambda: proxy_status(pair) == "Online")
    zone.kill()
    proxy.kill()
    restart(pair, ZONE)
    wait_for("the proxy is offline", lambda: proxy_status(pair) == "Offline", 40)


def proxy_status(made: World) -> str:
    """What the zone says of its proxy; nothing before the proxy has come, or after it is forgotten."""
    found = made.planes[ZONE].api.get(f"/meshes/{MESH}/dataplanes/backend/_overview") or {}
    subscriptions = found.get("dataplaneInsight", {}).get("subscriptions", ())
    if not subscriptions:
        return ""
    return "Online" if any("disconnectTime" not in one for one in subscriptions) else "Offline"
