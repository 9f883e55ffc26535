"""A zone that was alone is taken in by a global control plane while it serves, and what is gone is forgotten there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import partial

import pytest
from attrs import define, field

from kuma.cli.demo.parts import Proxy
from kuma.cli.demo.world import MESH, World, example
from kuma.model import hashed_name
from tests.e2e.conftest import HOST, wait_for, world
from tests.e2e.load import Anew, KeepAlive, Load
from tests.e2e.traffic import Zone, settled

ZONE = "kuma-2"
ALONE = {"KUMA_MULTIZONE_ZONE_GLOBAL_ADDRESS": "", "KUMA_MULTIZONE_ZONE_KDS_ROOT_CA_FILE": ""}
NO_MESH = {"KUMA_DEFAULTS_SKIP_MESH_CREATION": "true"}
BREAKER = f"mesh-circuit-breaker-all-{MESH}"
PERMISSION = {
    "type": "MeshTrafficPermission",
    "mesh": MESH,
    "name": "everybody",
    "spec": {
        "rules": [{"default": {"allow": [{"spiffeID": {"type": "Prefix", "value": f"spiffe://{MESH}.{ZONE}."}}]}}]
    },
}


@define(eq=False)
class Joining:
    """The zone with a client and a server, and the global control plane that will take it in."""

    world: World
    port: int
    settings: Mapping[str, str]
    proxies: list[Proxy] = field(factory=list)

    def listed(self, kind: str) -> int:
        """How many there are on global."""
        answer = self.world.global_.api.get(f"/{kind}") or {"total": 0}
        return int(answer["total"])

    def online(self) -> int:
        """How many of the zone's proxies are connected to its control plane."""
        found = self.world.planes[ZONE].api.get("/dataplane-insights") or {"items": ()}
        streams = (one.get("subscriptions") or [{"disconnectTime": ""}] for one in found["items"])
        return sum("disconnectTime" not in every[-1] for every in streams)


@pytest.fixture(scope="module")
def joining() -> Iterator[Joining]:
    with world(zones=(ZONE,)) as made:
        made.start_postgres()
        made.migrate()
        federated = made.planes[ZONE].settings
        made.planes[ZONE].settings = {**federated, **ALONE}
        made.global_.settings = {**made.global_.settings, **NO_MESH}
        made.start_control_planes()
        yield serving(made, federated)


def serving(made: World, federated: Mapping[str, str]) -> Joining:
    zone = Zone(made, ZONE, made.planes[ZONE].api)
    wait_for("the mesh", partial(zone.api.get, f"/meshes/{MESH}"))
    zone.api.apply(example("identity.yaml"))
    zone.api.put(PERMISSION)
    zone.serve("server", "127.0.0.2", {"http": "http"})
    client = zone.client("client", {"server": zone.backend("server")})
    zone.ready()
    settled("the server answers", lambda: client.status() == 200)
    return Joining(made, client.outbounds["server"], federated, list(made.proxies.values()))


def kumactl(made: World, plane: str, *arguments: str, text: str = "") -> str:
    """What a command prints, which must succeed."""
    command = [sys.executable, "-m", "kuma.cli.kumactl", "--config-file", str(made.folder / f"kumactl-{plane}.yaml")]
    add = ["config", "control-planes", "add", "--overwrite", "--name", plane, "--address", made.planes[plane].api.url]
    for each, given in ((add, ""), (arguments, text)):
        done = subprocess.run([*command, *each], input=given, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def exported(joining: Joining) -> str:
    assert joining.world.global_.api.get(f"/meshes/{MESH}") is None
    return kumactl(joining.world, ZONE, "export", "--profile", "federation", "--format", "universal")


@pytest.mark.scenario("O-federation-01")
def test_what_a_zone_exports_is_all_that_global_needs(joining: Joining, exported: str) -> None:
    kumactl(joining.world, "global", "apply", "-f", "-", text=exported)
    api, own = joining.world.global_.api, joining.world.planes[ZONE].api
    key = f"/meshes/{MESH}/secrets/dataplane-token-signing-key-{MESH}-1"
    for path in (key, "/global-secrets/zone-token-signing-key-1", "/global-secrets/user-token-signing-key-1"):
        assert api.get(path)["data"] == own.get(path)["data"]
    assert api.get(f"/meshes/{MESH}/meshidentities/identity")["spec"]["provider"]["type"] == "Bundled"
    kumactl(joining.world, "global", "apply", "-f", "-", text=exported)


@pytest.fixture(scope="module")
def joined(joining: Joining, exported: str) -> Joining:
    """The zone under its global control plane; requests go on all the while."""
    kumactl(joining.world, "global", "apply", "-f", "-", text=exported)
    plane = joining.world.planes[ZONE]
    with Load([kind(HOST, joining.port) for kind in (KeepAlive, Anew)]).running() as load:
        plane.stop()
        plane.settings = joining.settings
        plane.process.environment = plane.environment()
        plane.start()
        plane.wait()
        joining.world.connect_zones()
        wait_for("the zone's proxies are on global", lambda: joining.listed("dataplanes") == 2)
        load.holds(2)
        assert not load.failures, load.failures
    return joining


@pytest.mark.scenario("O-federation-03")
def test_what_the_zone_had_before_is_shown_on_global(joined: Joining) -> None:
    assert hashed_name(MESH, BREAKER, "kuma-2", "kuma-system").endswith("-zw856xvxdb7558d9")
    path = f"/meshes/{MESH}/meshcircuitbreakers/{hashed_name(MESH, BREAKER, ZONE)}"
    shown = wait_for("the zone's policy on global", partial(joined.world.global_.api.get, path))
    assert (shown["labels"]["kuma.io/origin"], shown["labels"]["kuma.io/zone"]) == ("zone", ZONE)


@pytest.mark.scenario("M-ownership-02")
def test_killed_proxies_are_forgotten_with_what_was_known_of_them(joined: Joining) -> None:
    # who is killed before he has come back to the control plane that was started anew is collected much later
    wait_for("both are online", lambda: joined.online() == 2, 60)
    wait_for("both are known", lambda: counts(joined, "dataplanes", "dataplane-insights") == (2, 2))
    for proxy in joined.proxies:
        proxy.kill()
    wait_for("none is known", lambda: counts(joined, "dataplanes", "dataplane-insights") == (0, 0))


def counts(joined: Joining, *kinds: str) -> tuple[int, ...]:
    return tuple(joined.listed(kind) for kind in kinds)


@pytest.mark.scenario("M-ownership-01")
def test_a_zone_that_is_gone_is_forgotten_with_what_was_known_of_it(joined: Joining) -> None:
    plane, api = joined.world.planes[ZONE], joined.world.global_.api
    assert counts(joined, "zones", "zone-insights") == (1, 1)
    plane.kill()
    wait_for("the zone is offline", lambda: not joined.world.zone_online(ZONE))
    api.delete("Zone", ZONE)
    wait_for("the zone is forgotten", lambda: counts(joined, "zones", "zone-insights") == (0, 0))
    plane.start()
    plane.wait()
    joined.world.connect_zones()
