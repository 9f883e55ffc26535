"""Permissions in one zone on its own: who is not allowed is denied, over HTTP and TCP, and only inside the mesh."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from functools import partial

import pytest
from attrs import frozen

from kuma.cli.demo.http import Api
from kuma.cli.demo.parts import Service, through
from kuma.cli.demo.world import MESH, World, example
from tests.e2e.conftest import HOST, free_ports, wait_for, world

ZONE = "lone"
CLIENT = f"spiffe://{MESH}.{ZONE}.mesh.local/workload/client"
REQUEST = b"GET / HTTP/1.1\r\nhost: server\r\nconnection: close\r\n\r\n"

SERVER_DATAPLANE = """
type: Dataplane
mesh: default
name: {{ name }}
labels: { kuma.io/workload: {{ workload }} }
networking:
  address: {{ address }}
  inbound:
  - { name: http, port: {{ http }}, servicePort: {{ servicePort }}, serviceAddress: {{ address }}, protocol: http }
  - { name: raw, port: {{ raw }}, servicePort: {{ servicePort }}, serviceAddress: {{ address }}, protocol: tcp }
"""

CLIENT_DATAPLANE = """
type: Dataplane
mesh: default
name: {{ name }}
labels: { kuma.io/workload: {{ workload }} }
networking:
  address: {{ address }}
  outbound:
  - { port: {{ toHttp }}, backendRef: { kind: MeshService, name: server, port: {{ http }} } }
  - { port: {{ toRaw }}, backendRef: { kind: MeshService, name: server, port: {{ raw }} } }
"""


@frozen
class Lone:
    """A server and a client: the inbounds of one, and the outbounds of the other that lead there."""

    api: Api
    http: int
    raw: int
    to_http: int
    to_raw: int

    def status(self) -> int:
        """What an HTTP request through the mesh is answered with."""
        return through(HOST, self.to_http).status

    def answered(self, port: int) -> bool:
        """Whether bytes sent to a port bring back an HTTP answer."""
        return said(port).startswith(b"HTTP/1.1 200")

    def permit(self, **default) -> None:
        """Write the one permission; `default` as in its spec."""
        entry = [{"spiffeID": {"type": "Prefix", "value": CLIENT}}]
        rules = [{"default": {name: entry for name, wanted in default.items() if wanted}}]
        spec = {"targetRef": {"kind": "Dataplane", "labels": {"kuma.io/workload": "server"}}, "rules": rules}
        self.api.put({"type": "MeshTrafficPermission", "mesh": MESH, "name": "client", "spec": spec})

    def forbid(self) -> None:
        """Take the permission away."""
        self.api.delete("MeshTrafficPermission", "client", MESH)


def said(port: int) -> bytes:
    """What comes back on a new connection for a request, which may be nothing, or a reset."""
    try:
        with socket.create_connection((HOST, port), timeout=10) as connection:
            connection.sendall(REQUEST)
            received = b""
            while data := connection.recv(4096):
                received += data
            return received
    except ConnectionError:
        return b""


@pytest.fixture(scope="module")
def lone() -> Iterator[Lone]:
    with world(zones=(ZONE,), federated=False) as made:
        made.start_postgres()
        made.migrate()
        made.start_control_planes()
        api = made.planes[ZONE].api
        wait_for("the default mesh", partial(api.get, f"/meshes/{MESH}"))
        api.apply(example("identity.yaml"))
        yield started(made, api)


def started(made: World, api: Api) -> Lone:
    service = Service.start(made.processes, "server")
    http, raw, to_http, to_raw = free_ports(4)
    ports = {"http": str(http), "raw": str(raw), "toHttp": str(to_http), "toRaw": str(to_raw)}
    shared = {"address": HOST, "servicePort": str(service.port)} | ports
    sidecars = made.sidecars(ZONE)
    for name, template in (("server", SERVER_DATAPLANE), ("client", CLIENT_DATAPLANE)):
        made.proxies[name] = sidecars.start(MESH, template, {"name": name, "workload": name} | shared)
    for proxy in made.proxies.values():
        proxy.wait()
    wait_for("the client listens", lambda: through(HOST, to_http).status in (200, 403))
    return Lone(api, http, raw, to_http, to_raw)


@pytest.mark.scenario("U-permission-01")
def test_nobody_is_allowed_without_a_permission(lone):
    assert wait_for("denied", lambda: lone.status() == 403)


@pytest.mark.scenario("U-permission-03")
def test_tcp_without_a_permission_brings_no_answer(lone):
    assert said(lone.to_raw) == b""


@pytest.mark.scenario("U-permission-02", "U-permission-03")
def test_who_is_allowed_gets_answers(lone):
    lone.permit(allow=True)
    wait_for("allowed over HTTP", lambda: lone.status() == 200)
    wait_for("allowed over TCP", lambda: lone.answered(lone.to_raw))


def test_plain_text_stays_outside_while_tls_is_strict(lone):
    assert said(lone.http) == b""
    assert said(lone.raw) == b""


@pytest.mark.scenario("U-permission-04")
def test_a_denial_holds_inside_the_mesh_and_not_for_plain_text_that_is_let_in(lone):
    tls = {"type": "MeshTLS", "mesh": MESH, "name": "both", "spec": {"rules": [{"default": {"mode": "Permissive"}}]}}
    lone.api.put(tls)
    lone.permit(allow=True, deny=True)
    wait_for("denied over HTTP", lambda: lone.status() == 403)
    wait_for("denied over TCP", lambda: said(lone.to_raw) == b"")
    wait_for("plain text is let in", lambda: lone.answered(lone.http) and lone.answered(lone.raw))
    assert lone.status() == 403
    lone.api.delete("MeshTLS", "both", MESH)
    wait_for("plain text stays outside again", lambda: said(lone.http) == b"")


def test_a_removed_permission_denies_again(lone):
    lone.permit(allow=True)
    wait_for("allowed", lambda: lone.status() == 200)
    lone.forbid()
    wait_for("denied", lambda: lone.status() == 403)
