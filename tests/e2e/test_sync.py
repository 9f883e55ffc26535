"""What travels between a global control plane and four zones, and what stays where it is."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from attrs import frozen

from kuma.cli.demo.parts import through
from kuma.cli.demo.world import MESH, World, example
from tests.e2e.conftest import HOST, free_ports, wait_for, world

ZONES = ("east", "west", "north", "south")
SPEEDUPS = {
    "KUMA_MULTIZONE_GLOBAL_KDS_NACK_BACKOFF": "1s",
    "KUMA_MULTIZONE_ZONE_KDS_NACK_BACKOFF": "1s",
    "KUMA_MULTIZONE_GLOBAL_KDS_LABELS_SKIP_PREFIXES": "argocd",
}

EGRESS = example("ingress.yaml").replace("ZoneIngress, name: ingress", "ZoneEgress, name: egress")

CLIENT = """
type: Dataplane
mesh: default
name: {{ name }}
labels: { kuma.io/workload: {{ workload }} }
networking:
  address: {{ address }}
  outbound:
  - port: {{ port }}
    backendRef:
      kind: MeshService
      labels: { kuma.io/display-name: test-server, kuma.io/zone: west }
      port: {{ serverPort }}
"""

LABELLED = """
type: MeshTrafficPermission
mesh: default
name: labelled
labels: { argocd.argoproj.io/instance: mesh, team: payments }
spec:
  rules: [{ default: { deny: [{ spiffeID: { type: Exact, value: "spiffe://other/nobody" } }] } }]
"""


@pytest.fixture(scope="module")
def zones() -> Iterator[World]:
    with world(zones=ZONES, settings=SPEEDUPS) as made:
        made.start_postgres()
        made.migrate()
        made.start_control_planes()
        made.connect_zones()
        for zone in ZONES:
            wait_for(f"the mesh in {zone}", partial(made.planes[zone].api.get, f"/meshes/{MESH}"))
        yield made


@frozen
class Meshed:
    """A zone ingress and egress in two zones, the client in east and the server in west."""

    world: World
    port: int

    def answered(self) -> bool:
        """Whether the server answers the client in the other zone."""
        return through(HOST, self.port).status == 200


@pytest.fixture(scope="module")
def meshed(zones: World) -> Meshed:
    zones.global_.api.apply(example("identity.yaml"))
    zones.global_.api.apply(example("permission.yaml"))
    for zone in ("east", "west"):
        zones.start_ingress(zone)
        start(zones, zone, EGRESS, f"egress-{zone}")
    zones.start_service("west", "test-server")
    known = wait_for("the server is known in east", lambda: zones.mesh_service("east", "test-server"))
    (port,) = free_ports(1)
    start(zones, "east", CLIENT, "client", port=port, serverPort=known["spec"]["ports"][0]["port"])
    for proxy in zones.proxies.values():
        proxy.wait()
    return Meshed(zones, port)


def start(made: World, zone: str, template: str, name: str, **more: int) -> None:
    (port,) = free_ports(1)
    numbers = {key: str(value) for key, value in ({"port": port} | more).items()}
    variables = {"name": name, "workload": name, "address": HOST} | numbers
    made.proxies[name] = made.sidecars(zone).start(MESH, template, variables)


def holds(check: Callable[[], bool], seconds: float) -> None:
    """It is so all the time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert check()
        time.sleep(0.2)


def online(insight: dict[str, Any]) -> bool:
    return any("disconnectTime" not in one for one in insight.get("subscriptions", ()))


@pytest.mark.scenario("M-sync-01", "O-suite-invariants-06")
def test_four_zones_are_online_before_anything_else(zones: World) -> None:
    overviews = zones.global_.api.get("/zones/_overview")["items"]
    assert sorted(one["name"] for one in overviews if online(one["zoneInsight"])) == sorted(ZONES)


@pytest.mark.scenario("M-sync-02")
def test_a_zone_and_global_say_the_same_of_their_connection(zones: World) -> None:
    instances = {plane: zones.planes[plane].api.get("/")["instanceId"] for plane in ("global", "east")}

    def ends(plane: str) -> dict[str, str]:
        insight = zones.planes[plane].api.get("/zone-insights/east") or {}
        (said,) = [one for one in insight.get("subscriptions", ()) if "disconnectTime" not in one]
        return {"global": said.get("globalInstanceId"), "east": said.get("zoneInstanceId")}

    for plane in instances:
        wait_for(f"{plane} names both instances", lambda plane=plane: ends(plane) == instances, 60)


@pytest.mark.scenario("M-sync-06")
def test_labels_of_skipped_prefixes_stay_on_global(zones: World) -> None:
    path = f"/meshes/{MESH}/meshtrafficpermissions"
    zones.global_.api.apply(LABELLED)
    assert zones.global_.api.get(f"{path}/labelled")["labels"]["argocd.argoproj.io/instance"] == "mesh"

    def in_zone() -> dict[str, str] | None:
        found = zones.planes["south"].api.get(path)["items"]
        return next((one["labels"] for one in found if one["labels"]["kuma.io/display-name"] == "labelled"), None)

    labels = wait_for("the permission in south", in_zone)
    assert labels["team"] == "payments"
    assert not [name for name in labels if name.startswith("argocd")]
    zones.global_.api.delete("MeshTrafficPermission", "labelled", MESH)
    wait_for("the permission is gone in south", lambda: in_zone() is None)


def write(made: World, plane: str, name: str, data: str) -> None:
    """A secret of a mesh."""
    encoded = base64.b64encode(data.encode()).decode()
    made.planes[plane].api.put({"type": "Secret", "mesh": MESH, "name": name, "data": encoded})


def read(made: World, plane: str, name: str) -> str | None:
    """The data of a secret, if there is one."""
    found = made.planes[plane].api.get(f"/meshes/{MESH}/secrets/{name}")
    return None if found is None else base64.b64decode(found["data"]).decode()


def refused_as_users_fault(made: World) -> bool:
    """Whether a zone has refused secrets, and the global control plane counts that as a matter of the user's."""
    found = [
        count
        for series, count in made.global_.metrics().items()
        if series.startswith("kds_delta_requests_received{")
        and all(part in series for part in ('"Secret"', 'confirmation="NACK"', 'error_type="user"'))
    ]
    return sum(found) > 0


@pytest.mark.scenario("M-sync-07", "M-sync-08")
def test_secrets_of_a_zone_stay_there_and_are_not_overwritten(zones: World) -> None:
    read_ = partial(read, zones)
    write(zones, "north", "of-north", "north's")
    write(zones, "north", "of-both", "north's")
    write(zones, "global", "of-both", "global's")
    wait_for("the other zones have it", lambda: read_("south", "of-both") == "global's")
    wait_for("the refusal is counted", lambda: refused_as_users_fault(zones))
    holds(
        lambda: (
            read_("global", "of-north") is None
            and read_("south", "of-north") is None
            and read_("global", "of-both") == "global's"
            and read_("north", "of-both") == "north's"
        ),
        10,
    )


@pytest.mark.scenario("M-sync-09")
def test_one_refused_secret_does_not_hold_up_another(zones: World) -> None:
    write(zones, "global", "of-all", "global's")
    for zone in ZONES:
        wait_for(f"the secret in {zone}", lambda zone=zone: read(zones, zone, "of-all") == "global's")
    assert read(zones, "north", "of-both") == "north's"


@pytest.mark.scenario("M-sync-10")
def test_a_zone_keeps_its_secret_when_globals_goes(zones: World) -> None:
    zones.global_.api.delete("Secret", "of-both", MESH)
    wait_for("gone on global", lambda: read(zones, "global", "of-both") is None)
    wait_for("gone in south", lambda: read(zones, "south", "of-both") is None)
    holds(lambda: read(zones, "north", "of-both") == "north's", 10)


@pytest.mark.scenario("O-suite-invariants-07")
def test_zones_believe_each_other_once_they_are_told_to(meshed: Meshed) -> None:
    holds(lambda: not meshed.answered(), 2)
    meshed.world.exchange_trusts()
    wait_for("the server answers", meshed.answered)


@pytest.mark.scenario("M-sync-03")
def test_zone_proxies_are_seen_on_global(meshed: Meshed) -> None:
    def seen() -> set[tuple[str, str]]:
        found = meshed.world.global_.api.get(f"/meshes/{MESH}/dataplanes")["items"]
        return {(one["labels"]["kuma.io/zone"], one["labels"]["kuma.io/display-name"]) for one in found}

    wanted = {(zone, f"{kind}-{zone}") for zone in ("east", "west") for kind in ("ingress", "egress")}
    wait_for("all four", lambda: seen() >= wanted)


@pytest.mark.scenario("M-sync-04")
def test_six_proxies_are_online_on_global(meshed: Meshed) -> None:
    def count() -> int:
        found = meshed.world.global_.api.get(f"/meshes/{MESH}/dataplanes/_overview")["items"]
        return sum(online(one.get("dataplaneInsight", {})) for one in found)

    wait_for("six are online", lambda: count() == 6)
    holds(lambda: count() == 6, 2)


@pytest.mark.scenario("M-sync-05")
def test_a_zones_dataplane_is_found_on_global_by_its_kri(meshed: Meshed) -> None:
    found = meshed.world.global_.api.get(f"/_kri/kri_dp_{MESH}_west__test-server-west_")
    assert found is not None
    assert found["labels"]["kuma.io/display-name"] == "test-server-west"
    assert found["labels"]["kuma.io/zone"] == "west"
