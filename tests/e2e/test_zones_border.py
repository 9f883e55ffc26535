"""At the border of several zones: services outside that permissions guard, and servers that listen anywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from attrs import frozen

from kuma.cli.demo.parts import Proxy, Service
from kuma.cli.demo.world import MESH
from kuma.ports import free_ports
from tests.e2e.conftest import world
from tests.e2e.traffic import HOST, IN_MEMORY, NO_POLICIES, Client, Placed, Zone, service, settled, stat, wait_for

KIND = "MeshExternalService"
NAMES = ("east", "west", "north")
LISTENING = {"http": "0.0.0.0", "hidden": "127.0.0.9"}
SERVERS = {"west": "127.0.0.2", "north": "127.0.0.3"}
MISSED = "cluster.self_inbound_dp_hidden.upstream_cx_connect_fail"
LETTING_OUT = ("east", "west")
OUTSIDE = ("global", "spare")  # on the global control plane, beside one of each zone with its name


@frozen
class Land:
    """Global and its zones, a client in each."""

    global_: Zone
    zones: dict[str, Zone]
    clients: dict[str, Client]

    def statuses(self, to: str) -> dict[str, int]:
        """What the client of each zone with an egress is answered."""
        return {zone: self.clients[zone].status(to) for zone in LETTING_OUT}

    def sni(self, zone: str, name: str) -> dict[str, Any]:
        """What matches requests for a service outside, as a zone shows it."""
        answer = self.zones[zone].api.get(f"/meshes/{MESH}/meshexternalservices")
        (found,) = [one for one in answer["items"] if one["labels"]["kuma.io/display-name"] == name]
        return {"sni": {"type": "Exact", "value": found["snis"][0]["sni"]}}


def outside(name: str) -> dict[str, Any]:
    """How policies and outbounds name a service outside."""
    return {"kind": KIND, "labels": {"kuma.io/display-name": name}}


def write_outside(zone: Zone, name: str, port: int) -> None:
    spec = {"match": {"port": 80, "protocol": "http"}, "endpoints": [{"address": HOST, "port": port}]}
    zone.api.put({"type": KIND, "mesh": MESH, "name": name, "labels": zone.labels, "spec": spec})


def serve(zone: Zone, address: str) -> dict[str, int]:
    """Start a server that listens anywhere, and one that listens elsewhere, behind one sidecar; its inbounds' ports."""
    name, inbounds, ports = f"server-{zone.name}", [], dict(zip(LISTENING, free_ports(2), strict=True))
    for section, listening in LISTENING.items():
        app = Service.start(zone.world.processes, f"{section}-{zone.name}", listening)
        inbounds.append({"name": section, "port": ports[section], "servicePort": app.port, "protocol": "http"})
    dataplane = {
        "type": "Dataplane",
        "mesh": MESH,
        "name": name,
        "labels": {"kuma.io/workload": "server"},
        "networking": {"address": address, "inbound": inbounds},
    }
    variables = {"name": name, "workload": "server"}
    zone.world.proxies[name] = zone.sidecars.start(MESH, json.dumps(dataplane), variables)
    return ports


def calls(zone: str, port: int) -> dict[str, Any]:
    """An outbound to the server of one zone."""
    ref = service("server")
    return ref | {"labels": ref["labels"] | {"kuma.io/zone": zone}, "port": port}


def start_clients(zones: dict[str, Zone]) -> dict[str, Client]:
    """A client in each zone, that calls all servers, what global has outside, and what its zone has."""
    ports = {name: serve(zones[name], address) for name, address in SERVERS.items()}
    servers = {f"server-{name}": calls(name, found["http"]) for name, found in ports.items()}
    servers["hidden-west"] = calls("west", ports["west"]["hidden"])
    ways = {name: (*OUTSIDE, name) if name in LETTING_OUT else () for name in zones}
    return {
        name: zone.client(f"client-{name}", {**servers, **{one: outside(one) for one in ways[name]}})
        for name, zone in zones.items()
    }


@pytest.fixture(scope="module")
def land() -> Iterator[Land]:
    with world(zones=NAMES, settings=IN_MEMORY) as made:
        made.place_control_planes()
        made.start_control_planes()
        made.connect_zones()
        made.global_.api.put(NO_POLICIES)
        made.identify()
        placed = Placed()
        global_ = Zone(made, "global", made.global_.api, placed=placed)
        zones = {name: Zone(made, name, made.planes[name].api, placed=placed) for name in NAMES}
        app = Service.start(made.processes, "outside")
        for name in OUTSIDE:
            write_outside(global_, name, app.port)
        for name in LETTING_OUT:
            write_outside(zones[name], name, app.port)
            zones[name].egress(f"egress-{name}")
        for name in SERVERS:
            made.start_ingress(name)
        clients = start_clients(zones)
        global_.ready()
        yield Land(global_, zones, clients)


def everywhere(status: int) -> dict[str, int]:
    return dict.fromkeys(LETTING_OUT, status)


@pytest.mark.scenario("M-permission-03")
def test_nobody_leaves_the_mesh_without_a_permission(land):
    for name in OUTSIDE:
        wait_for(f"nobody reaches {name}", lambda name=name: land.statuses(name) == everywhere(403))
    for zone in LETTING_OUT:
        wait_for(f"{zone} is not let out", lambda zone=zone: land.clients[zone].status(zone) == 403)


@pytest.fixture(scope="module")
def allowed(land: Land) -> Land:
    """The zones, once everybody is let in and out."""
    everybody = {"allow": [{"spiffeID": {"type": "Prefix", "value": f"spiffe://{MESH}"}}]}
    spec = {"rules": [{"default": everybody}]}
    land.global_.api.put({"type": "MeshTrafficPermission", "mesh": MESH, "name": "everybody", "spec": spec})
    for client in land.clients.values():
        for name in set(client.outbounds) - {"hidden-west"}:
            settled(f"{client.name} reaches {name}", partial(_reaches, client, name))
    return land


def _reaches(client: Client, name: str) -> bool:
    return client.status(name) == 200


@contextmanager
def denied(land: Land, zone: Zone, sni: dict[str, Any]) -> Iterator[None]:
    """A service outside that nobody is let out to, for a while; the egresses let go of their connections, too."""
    with zone.policy("MeshTrafficPermission", rules=[{"default": {"deny": [sni]}}]):
        yield
    for name in OUTSIDE:
        wait_for(f"{name} is reached", lambda name=name: land.statuses(name) == everywhere(200))
    for name in LETTING_OUT:
        wait_for(f"{name} is reached", partial(_reaches, land.clients[name], name))


@pytest.mark.scenario("M-permission-03")
def test_a_permission_of_global_closes_one_way_out_in_every_zone(allowed):
    sni = allowed.sni("west", "global")
    assert sni == allowed.sni("east", "global")
    with denied(allowed, allowed.global_, sni):
        wait_for("nobody is let out there", lambda: allowed.statuses("global") == everywhere(403))
        assert allowed.statuses("spare") == everywhere(200)


@pytest.mark.scenario("M-permission-03")
def test_a_permission_of_a_zone_closes_its_own_way_out(allowed):
    with denied(allowed, allowed.zones["west"], allowed.sni("west", "global")):
        wait_for("west is not let out there", lambda: allowed.clients["west"].status("global") == 403)
        assert allowed.statuses("global") == everywhere(200) | {"west": 403}
        assert allowed.statuses("spare") == everywhere(200)


@pytest.mark.scenario("M-permission-03")
def test_a_service_outside_of_one_zone_is_guarded_there(allowed):
    with denied(allowed, allowed.global_, allowed.sni("west", "west")):
        wait_for("west is not let out there", lambda: allowed.clients["west"].status("west") == 403)
        assert allowed.clients["east"].status("east") == 200
        assert allowed.statuses("global") == everywhere(200)


@pytest.mark.scenario("M-inbound-bind-03")
@pytest.mark.parametrize("home", SERVERS)
def test_a_server_that_listens_anywhere_is_reached_from_its_own_zone_and_others(allowed, home):
    for client in allowed.clients.values():
        assert client.everybody(5, f"server-{home}") == {f"http-{home}": 5}


@pytest.mark.scenario("M-inbound-bind-03")
def test_a_server_that_listens_at_another_address_is_not_reached(allowed):
    hidden = allowed.global_.world.proxies["server-west"]
    for client in allowed.clients.values():
        before = stat(hidden, MISSED)
        wait_for("its sidecar does not find it", partial(_goes_wrong, client, hidden, before))
        assert client.statuses(5, "hidden-west") == {503: 5}


def _goes_wrong(client: Client, server: Proxy, before: int) -> bool:
    """Whether a request got as far as the server's sidecar, and not to the server."""
    return client.status("hidden-west") == 503 and stat(server, MISSED) > before
