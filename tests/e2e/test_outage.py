"""The database of every control plane is gone for a while: what is served goes on, and nothing needs a restart."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from attrs import frozen

from kuma.cli.demo.parts import ControlPlane
from kuma.cli.demo.world import MESH, World, example
from tests.e2e.conftest import HOST, wait_for, world
from tests.e2e.load import Anew, KeepAlive, Load

ZONE = "west"
OUTAGE = 10.0  # seconds
FAST = 3.0  # seconds for a refusal


@pytest.fixture(scope="module")
def one_zone() -> Iterator[World]:
    """Global and one zone with a client and the two services that it calls."""
    with world(zones=(ZONE,)) as made:
        made.start_postgres()
        made.migrate()
        made.start_control_planes()
        made.connect_zones()
        made.identify()
        made.start_ingress(ZONE)
        for workload in ("backend", "reports"):
            made.start_service(ZONE, workload)
        made.global_.api.apply(example("both-zones.yaml"))
        made.global_.api.apply(example("permission.yaml"))
        made.start_client(ZONE)
        for proxy in made.proxies.values():
            proxy.wait()
        for name in made.outbounds:
            wait_for(f"{name} answers", partial(answers, made, name))
        yield made


def answers(made: World, name: str, status: int = 200) -> bool:
    return made.call(name).status == status


def timeout(name: str, wait: str) -> dict[str, Any]:
    """A policy, to write."""
    spec = {"to": [{"targetRef": {"kind": "Mesh"}, "default": {"connectionTimeout": wait}}]}
    return {"type": "MeshTimeout", "mesh": MESH, "name": name, "spec": spec}


def path(name: str) -> str:
    return f"/meshes/{MESH}/meshtimeouts/{name}"


@frozen
class Refused:
    """The answer to a write, and how long it took."""

    status: int
    retry_after: str | None
    body: dict[str, Any]
    took: float


def write(plane: ControlPlane, name: str) -> Refused:
    """A write as any client would send it."""
    began = time.monotonic()
    connection = http.client.HTTPConnection(HOST, plane.ports.api, timeout=20)
    try:
        said = json.dumps(timeout(name, "3s"))
        connection.request("PUT", path(name), said, {"content-type": "application/json"})
        response = connection.getresponse()
        answer = json.loads(response.read())
        return Refused(response.status, response.headers.get("retry-after"), answer, time.monotonic() - began)
    finally:
        connection.close()


def outage(made: World) -> list[Refused]:
    """Every control plane refuses writes, again and again, for as long as it lasts."""
    until, refused = time.monotonic() + OUTAGE, []
    while time.monotonic() < until:
        refused += [write(plane, "lost") for plane in made.planes.values()]
        time.sleep(0.5)
    return refused


def test_a_database_that_is_gone_for_ten_seconds_disturbs_no_request_and_loses_nothing(one_zone: World) -> None:
    started = pids(one_zone)
    one_zone.global_.api.put(timeout("kept", "4s"))
    wait_for("it is in the zone", partial(waits, one_zone, "4s"))
    for plane in one_zone.planes.values():
        wait_for(f"{plane.name} knows the services as they are", partial(services_are_known, plane))
    before = {name: everything(plane) for name, plane in one_zone.planes.items()}
    ports = one_zone.outbounds.values()
    with Load([kind(HOST, port) for kind in (KeepAlive, Anew) for port in ports]).running() as load:
        one_zone.postgres.kill()
        refused = outage(one_zone)
        one_zone.postgres.start()
        for plane in one_zone.planes.values():
            wait_for(f"{plane.name} reads", partial(everything, plane), 15)
        load.holds(2)
    assert not load.failures, load.failures
    for answer in refused:
        assert answer.status == 503, answer
        assert answer.retry_after, answer
        assert answer.body["title"], answer
        assert answer.took < FAST, answer
    assert {name: everything(plane) for name, plane in one_zone.planes.items()} == before
    assert pids(one_zone) == started


def pids(made: World) -> list[int]:
    """The control planes' processes that run."""
    processes = [plane.process for plane in made.planes.values()]
    return [one.popen.pid for one in processes if one is not None and one.popen is not None and one.running]


def everything(plane: ControlPlane) -> list[tuple[str, Any]]:
    """The mesh's specs, but for what is only observed."""
    kinds = ("dataplanes", "meshservices", "meshidentities", "meshtrusts", "meshtimeouts", "meshtrafficpermissions")
    return [(kind, _specs(plane, kind)) for kind in kinds]


def services_are_known(plane: ControlPlane) -> bool:
    """Whether every service is there, serves, and says whom to expect: what is observed, some time after it is so."""
    services = _specs(plane, "meshservices").values()
    return len(services) == 3 and all(one.get("state") == "Available" and one.get("identities") for one in services)


def _specs(plane: ControlPlane, kind: str) -> dict[str, Any]:
    found = plane.api.get(f"/meshes/{MESH}/{kind}")["items"]
    return {one["name"]: one.get("spec") or one.get("networking") for one in found}


def waits(made: World, wait: str) -> bool:
    """Whether the client's Envoy gives connections that much time."""
    clusters = made.proxies["web"].admin.configured("dynamic_active_clusters")
    return any(one["cluster"].get("connect_timeout") == wait for one in clusters)


def test_a_write_afterwards_reaches_the_proxies(one_zone: World) -> None:
    one_zone.global_.api.put(timeout("kept", "6s"))
    wait_for("the proxy has it, through global, sync and zone", partial(waits, one_zone, "6s"))
    one_zone.global_.api.delete("MeshTrafficPermission", "everybody-of-this-mesh", MESH)
    wait_for("denied", partial(answers, one_zone, "reports", 403))
    one_zone.global_.api.apply(example("permission.yaml"))
    wait_for("allowed", partial(answers, one_zone, "reports"))


def test_somebody_leads_afterwards(one_zone: World) -> None:
    """Whoever leads notices a new service, and forgets a proxy that ended."""
    one_zone.start_service(ZONE, "late")
    wait_for("the new service is known on global", lambda: one_zone.mesh_service("global", "late"))


def test_a_proxy_that_starts_in_an_outage_has_its_config_soon_after(one_zone: World) -> None:
    proxy = one_zone.proxies["web"]
    one_zone.postgres.kill()
    proxy.kill()
    proxy.process.start()
    wait_for("it asks in vain", lambda: write(one_zone.planes[ZONE], "lost").status == 503)
    one_zone.postgres.start()
    proxy.wait()
    wait_for("allowed", partial(answers, one_zone, "reports"))
