"""Two instances of one zone's control plane share a database: one of them leads, and one is always enough."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from kuma.cli.demo.http import ask
from kuma.cli.demo.parts import ControlPlane
from kuma.cli.demo.world import MESH, World
from tests.e2e.conftest import HOST, wait_for, world

ZONE, SECOND = "east", "east-second"
LEADS = f'leader{{zone="{ZONE}"}}'
PROFILES = {"KUMA_DIAGNOSTICS_DEBUG_ENDPOINTS": "true"}


@pytest.fixture(scope="module")
def pair() -> Iterator[World]:
    """Both instances, ready; nobody sends anything here."""
    with world(zones=(ZONE,), federated=False, settings=PROFILES) as made:
        made.start_postgres()
        made.migrate()
        made.start_control_planes()
        first = made.planes[ZONE]
        made.planes[SECOND] = second = ControlPlane(SECOND, made.folder / "cp" / SECOND, made.processes, first.settings)
        second.start()
        second.wait()
        yield made


def leading(made: World) -> dict[str, float]:
    """What every running instance says of whether it leads."""
    return {name: plane.metrics()[LEADS] for name, plane in made.planes.items() if plane.process.running}


@pytest.mark.scenario("U-leader-01")
def test_one_of_two_leads(pair: World) -> None:
    assert wait_for("one leads", lambda: sorted(leading(pair).values()) == [0, 1], 10)


@pytest.fixture(scope="module")
def admin(pair: World) -> str:
    """An administrator's token."""
    name = "mesh-system:admin"
    claims = {"name": name, "groups": [name], "validFor": "24h"}
    return wait_for("a token", partial(pair.planes[ZONE].api.post, "/tokens/user", claims)).body.decode()


@pytest.mark.scenario("U-api-04")
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/global-secrets/inter-cp-ca", "system.kuma.io/global-secret"),
        (f"/meshes/{MESH}/secrets/dataplane-token-signing-key-{MESH}-1", "system.kuma.io/secret"),
    ],
)
def test_the_leader_makes_secrets_that_kubernetes_would_take(pair: World, admin: str, path: str, kind: str) -> None:
    url, shows = f"{pair.planes[SECOND].api.url}{path}?format=k8s", {"authorization": f"Bearer {admin}"}
    answer = wait_for("the secret", lambda: found if (found := ask(url, headers=shows)).status == 200 else None)
    shown = answer.json
    assert (shown["kind"], shown["apiVersion"], shown["type"]) == ("Secret", "v1", kind)


def test_what_an_instance_is_busy_with_is_seen_while_it_serves(pair: World) -> None:
    plane = pair.planes[SECOND]
    diagnostics = f"http://{HOST}:{plane.ports.diagnostics}"
    assert ask(f"{diagnostics}/debug/pprof/profile?seconds=0.5").status == 200
    assert b"kuma.store.leader" in ask(f"{diagnostics}/debug/pprof/tasks").body
    said = {"component": "zone_cp.meshes", "level": "debug"}
    assert ask(f"{diagnostics}/logging", "PUT", said).status == 200
    plane.api.put({"type": "Mesh", "name": "looked-at"})
    wait_for("its changes are logged", lambda: '"mesh changed"' in plane.process.log.read_text())
    assert ask(f"{diagnostics}/logging", "DELETE").json == {"components": {"zone_cp.meshes": "debug"}}


@pytest.mark.scenario("U-leader-02")
def test_the_other_leads_when_the_leader_is_killed(pair: World) -> None:
    (leader,) = (name for name, leads in leading(pair).items() if leads)
    (heir,) = pair.planes.keys() - {leader}
    pair.planes[leader].kill()
    wait_for("the other leads", lambda: leading(pair) == {heir: 1}, 30)
    pair.planes[leader].start()
    pair.planes[leader].wait()
    assert leading(pair) == {heir: 1, leader: 0}


@pytest.mark.scenario("U-leader-03")
def test_nobody_leads_without_a_database(pair: World) -> None:
    pair.postgres.stop()
    wait_for("nobody leads", lambda: not any(leading(pair).values()), 30)
    pair.postgres.start()
    wait_for("one leads again", lambda: sorted(leading(pair).values()) == [0, 1], 30)
