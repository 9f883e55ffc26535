"""Clients that listen at the addresses of services: nothing redirects traffic, and nobody tells them names."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from ipaddress import ip_address, ip_network

import pytest
from attrs import evolve, frozen

from kuma.cli.demo.http import ask
from kuma.cli.demo.parts import Proxy
from kuma.cli.demo.world import MESH
from tests.e2e.traffic import HOST, SERVES_NOTHING, Instance, Zone, lone_zone, wait_for

SERVICES = "127.21.0.0/16"
NETWORKS = {
    "KUMA_IPAM_MESH_SERVICE_CIDR": SERVICES,
    "KUMA_IPAM_MESH_EXTERNAL_SERVICE_CIDR": "127.22.0.0/16",
    "KUMA_IPAM_MESH_MULTI_ZONE_SERVICE_CIDR": "127.23.0.0/16",
}
NAME = "server.svc.mesh.local"


@frozen
class Pair:
    """A client that was there first, and a server."""

    zone: Zone
    client: Proxy
    server: Instance

    def address(self) -> str:
        """The virtual address of the server's service, once it has one."""

        def status() -> dict | None:
            found = self.zone.api.get(f"/meshes/{MESH}/meshservices/server")
            told = found["status"] if found else {}
            return told if told.get("addresses") and told.get("vips") else None

        said = wait_for("the server's address", status)
        assert [one["hostname"] for one in said["addresses"]] == [NAME]
        (one,) = said["vips"]
        return one["ip"]


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with lone_zone(**NETWORKS) as zone:
        networking = {"address": HOST, "inbound": [SERVES_NOTHING]}
        labels = {"kuma.io/workload": "client"}
        dataplane = {"type": "Dataplane", "mesh": MESH, "name": "client", "labels": labels, "networking": networking}
        binding = evolve(zone.sidecars, settings={"KUMA_DATAPLANE_RUNTIME_BIND_OUTBOUNDS": "true"})
        client = binding.start(MESH, json.dumps(dataplane), {"name": "client", "workload": "client"})
        zone.world.proxies["client"] = client
        client.wait()
        server = zone.serve("server", "127.0.0.2", {"http": "http"})
        zone.ready()
        yield Pair(zone, client, server)


@pytest.mark.scenario("U-bind-outbounds-02")
def test_a_server_answers_at_its_services_address(pair):
    address, port = pair.address(), pair.server.ports["http"]
    assert ip_address(address) in ip_network(SERVICES)
    wait_for("the server answers", lambda: ask(f"http://{address}:{port}/").status == 200)
    assert ask(f"http://{address}:{port}/", headers={"host": NAME}).json["instance"] == "server"


@pytest.mark.scenario("U-bind-outbounds-01")
def test_nobody_is_told_the_name(pair):
    pair.address()
    with pytest.raises(socket.gaierror):
        ask(f"http://{NAME}:{pair.server.ports['http']}/")
    assert not [one for one in pair.client.admin.configured("dynamic_listeners") if "dynamicconfig" in one["name"]]


def test_nobody_listens_at_an_address_that_no_service_has(pair):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as asking:
        assert asking.connect_ex(("127.21.255.255", pair.server.ports["http"])) != 0
