"""What belongs to whom: where resources may be deleted, which zone a zone sees, whose labels services have."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from kuma.cli.demo.http import ask
from kuma.cli.demo.world import MESH, World
from kuma.model import hashed_name
from tests.e2e.conftest import wait_for, world

ZONES = ("east", "west")
PROPAGATING = {"KUMA_MESH_SERVICE_LABEL_PROPAGATION_ENABLED": "true"}
TIMEOUT = {
    "type": "MeshTimeout",
    "mesh": MESH,
    "spec": {"to": [{"targetRef": {"kind": "Mesh"}, "default": {"connectionTimeout": "3s"}}]},
}
ORIGIN = 'labels["kuma.io/origin"]'


@pytest.fixture(scope="module")
def zones() -> Iterator[World]:
    """Control planes only: nobody sends anything here."""
    with world(zones=ZONES, settings=PROPAGATING) as made:
        made.start_postgres()
        made.migrate()
        made.start_control_planes()
        made.connect_zones()
        for zone in ZONES:
            wait_for(f"the mesh in {zone}", partial(made.planes[zone].api.get, f"/meshes/{MESH}"))
        yield made


def url(made: World, plane: str, path: str) -> str:
    return made.planes[plane].api.url + path


def found(made: World, plane: str, path: str) -> Any:
    """A resource, or None while it is not there."""
    answer = ask(url(made, plane, path))
    return answer.json if answer.status == 200 else None


def gone(made: World, plane: str, path: str) -> bool:
    return ask(url(made, plane, path)).status == 404


def delete(made: World, plane: str, path: str) -> tuple[int, list[tuple[str, str]]]:
    answer = ask(url(made, plane, path), "DELETE")
    return answer.status, [(one["field"], one["message"]) for one in answer.json.get("causes", ())]


@pytest.mark.scenario("M-delete-origin-01")
def test_what_global_wrote_is_deleted_there_only(zones: World) -> None:
    zones.global_.api.put({**TIMEOUT, "name": "of-global"})
    copy = f"/meshes/{MESH}/meshtimeouts/{hashed_name(MESH, 'of-global')}"
    for zone in ZONES:
        wait_for(f"the copy in {zone}", partial(found, zones, zone, copy))
        assert delete(zones, zone, copy) == (400, [(ORIGIN, "the origin label must be set to 'zone'")])
    assert delete(zones, "global", f"/meshes/{MESH}/meshtimeouts/of-global") == (200, [])
    for zone in ZONES:
        wait_for(f"the copy to go in {zone}", partial(gone, zones, zone, copy))


@pytest.mark.scenario("M-delete-origin-02")
def test_what_a_zone_wrote_is_deleted_there_only(zones: World) -> None:
    labels = {"kuma.io/origin": "zone"}
    zones.planes["east"].api.put({**TIMEOUT, "name": "of-east", "labels": labels})
    copy = f"/meshes/{MESH}/meshtimeouts/{hashed_name(MESH, 'of-east', 'east')}"
    wait_for("the copy on global", partial(found, zones, "global", copy))
    assert delete(zones, "global", copy) == (400, [(ORIGIN, "the origin label must be set to 'global'")])
    assert gone(zones, "west", copy)
    assert delete(zones, "east", f"/meshes/{MESH}/meshtimeouts/of-east") == (200, [])
    wait_for("the copy to go on global", partial(gone, zones, "global", copy))


@pytest.mark.scenario("M-defaults-01")
def test_a_zone_sees_itself_online(zones: World) -> None:
    for zone in ZONES:
        wait_for(f"{zone} sees itself", partial(_sees_itself, zones, zone))


def _sees_itself(made: World, zone: str) -> bool:
    (one,) = made.planes[zone].api.get("/zones/_overview")["items"]
    subscriptions = one.get("zoneInsight", {}).get("subscriptions", ())
    online = any("connectTime" in said and "disconnectTime" not in said for said in subscriptions)
    return bool(one["name"] == zone and online)


def dataplane(name: str, **labels: str) -> dict[str, Any]:
    networking = {"address": "10.0.0.1", "inbound": [{"port": 8080, "protocol": "http"}]}
    workload = {"kuma.io/workload": "painter"}
    return {"type": "Dataplane", "mesh": MESH, "name": name, "labels": workload | labels, "networking": networking}


@pytest.fixture(scope="module")
def painted(zones: World) -> World:
    own = {"kuma.io/owner": "us", "kuma.io/protocol": "http", "service": "painter"}
    zones.planes["east"].api.put(dataplane("painter-1", color="blue", team="a", **own))
    return zones


def labels_of(made: World) -> dict[str, str]:
    service = found(made, "east", f"/meshes/{MESH}/meshservices/painter")
    return service["labels"] if service else {}


def wait_for_labels(made: World, wanted: dict[str, str], unwanted: set[str]) -> dict[str, str]:
    def there() -> dict[str, str] | None:
        labels = labels_of(made)
        return labels if wanted.items() <= labels.items() and not unwanted & labels.keys() else None

    return wait_for(f"labels {wanted} without {unwanted}", there, 60.0)


@pytest.mark.scenario("U-ms-labels-01")
def test_a_service_takes_labels_over(painted: World) -> None:
    own = {"kuma.io/mesh": MESH, "kuma.io/managed-by": "meshservice-generator", "kuma.io/origin": "zone"}
    labels = wait_for_labels(painted, {"color": "blue", "team": "a", "service": "painter", **own}, set())
    assert not {"kuma.io/owner", "kuma.io/protocol"} & labels.keys()


@pytest.mark.scenario("U-ms-labels-02")
def test_and_gives_them_back(painted: World) -> None:
    api = painted.planes["east"].api
    api.put(dataplane("painter-1", color="blue", team="b", tier="front"))
    wait_for_labels(painted, {"color": "blue", "team": "b", "tier": "front"}, {"service"})
    api.put(dataplane("painter-1"))
    wait_for_labels(painted, {"kuma.io/mesh": MESH}, {"color", "team", "tier"})


@pytest.mark.scenario("U-workload-01", "U-workload-02")
def test_a_workload_is_there_once(painted: World) -> None:
    api = painted.planes["east"].api
    api.put(dataplane("painter-2"))

    def counted() -> dict[str, Any] | None:
        (one,) = api.get(f"/meshes/{MESH}/workloads")["items"]
        return one if one["status"]["dataplaneProxies"]["total"] == 2 else None

    workload = wait_for("a workload of two", counted)
    assert (workload["name"], workload["labels"]["kuma.io/managed-by"]) == ("painter", "workload-generator")
