"""Who is not well is not asked by other zones either."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from attrs import frozen

from kuma.cli.demo.world import MESH
from tests.e2e.conftest import HOST, world
from tests.e2e.load import Anew, Load
from tests.e2e.probed import NOT_READY, OFTEN, READY, SERVER, Probed, place
from tests.e2e.traffic import IN_MEMORY, NO_POLICIES, Client, Placed, Zone, service, settled

ADDRESSES = {"one": "127.0.0.2", "two": "127.0.0.3", "three": "127.0.0.4"}
EVERYBODY = {"allow": [{"spiffeID": {"type": "Prefix", "value": f"spiffe://{MESH}"}}]}
PERMISSION = {"type": "MeshTrafficPermission", "mesh": MESH, "name": "everybody"}


@frozen
class Towns:
    """Three instances in one zone, of which one has no application, and a client in the other zone."""

    instances: dict[str, Probed]
    client: Client

    def answering(self) -> set[str]:
        """Who answers ten connections: an ingress leads no single requests."""
        return set(self.client.everybody(10))


@pytest.fixture(scope="module")
def towns() -> Iterator[Towns]:
    with world(settings=IN_MEMORY | OFTEN) as made:
        made.place_control_planes()
        made.start_control_planes()
        made.connect_zones()
        made.global_.api.put(NO_POLICIES)
        made.identify()
        made.global_.api.put(PERMISSION | {"spec": {"rules": [{"default": EVERYBODY}]}})
        made.start_ingress("west")
        placed = Placed()
        west, east = (Zone(made, name, made.planes[name].api, placed=placed) for name in ("west", "east"))
        instances = {name: place(west, name, address, "tcp") for name, address in ADDRESSES.items()}
        for name in ("one", "two"):
            instances[name].app.start()
        ref = service(SERVER)
        ref |= {"labels": ref["labels"] | {"kuma.io/zone": "west"}, "port": west.ports[SERVER, "http"]}
        try:
            client = east.client("client", {SERVER: ref})
            east.ready()
            yield Towns(instances, client)
        finally:
            for instance in instances.values():
                instance.app.kill()


@pytest.mark.scenario("M-health-01")
def test_another_zone_asks_only_instances_that_are_well(towns: Towns) -> None:
    for name in ("one", "two"):
        towns.instances[name].becomes(READY)
    settled("both that run answer", lambda: towns.answering() == {"one", "two"})
    load = Load([Anew(HOST, towns.client.outbounds[SERVER])])
    with load.running():
        load.holds(10)
    assert towns.answering() == {"one", "two"}
    assert towns.instances["three"].is_(NOT_READY)
