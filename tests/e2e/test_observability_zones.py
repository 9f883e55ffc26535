"""What a zone's ingress tells of the connections that it passes on, of which it sees only the server name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from attrs import frozen

from kuma.cli.demo.world import MESH, World, example
from tests.e2e.collectors import Lines, lines
from tests.e2e.conftest import HOST, free_ports, wait_for, world
from tests.e2e.traffic import workload

LONG = "." * 70_000
"""Envoy writes so long a line at once."""

CLIENT = """
type: Dataplane
mesh: default
name: {{ name }}
labels: { kuma.io/workload: {{ workload }} }
networking:
  address: {{ address }}
  outbound:
  - { port: {{ one }}, backendRef: { kind: MeshService, labels: { kuma.io/display-name: one }, port: {{ onePort }} } }
  - { port: {{ two }}, backendRef: { kind: MeshService, labels: { kuma.io/display-name: two }, port: {{ twoPort }} } }
"""


@frozen
class Zones:
    """A client in east, two servers in west behind an ingress, and who is told."""

    world: World
    lines: Lines

    def connected(self, name: str) -> int:
        """How many connections the ingress has made to a service so far."""
        stats = self.world.proxies["ingress-west"].admin.stats(
            f"^cluster\\.kri_msvc_.*__{name}_.*\\.upstream_cx_total$"
        )
        return sum(stats.values())

    def tell(self, word: str) -> None:
        """Let the ingress tell of connections to the first server, each line beginning with this word.

        A listener that changes is drained, so what clients call then goes over new connections.
        """
        form = {"type": "Plain", "plain": f"{word},sni=%REQUESTED_SERVER_NAME%,{LONG}"}
        backend = {"type": "Tcp", "tcp": {"address": self.lines.address, "format": form}}
        match = {"sni": {"type": "Exact", "value": self.sni("one")}}
        spec = {
            "targetRef": workload("ingress"),
            "rules": [{"matches": [match], "default": {"backends": [backend]}}],
        }
        policy = {"type": "MeshAccessLog", "mesh": MESH, "name": "ingress", "labels": {"kuma.io/origin": "zone"}}
        self.world.planes["west"].api.put({**policy, "spec": spec})

    def told(self, word: str) -> set[str]:
        """The server names that were told in lines that begin so, after calling both servers."""
        for name in ("one", "two"):
            assert self.world.call(name).status == 200
        return {line[1] for line in self.lines.fields(f"{word},")}

    def sni(self, name: str) -> str:
        """The server name of a service in west."""
        return str(self.world.mesh_service("west", name)["snis"][0]["sni"])


@pytest.fixture(scope="module")
def zones() -> Iterator[Zones]:
    with world(settings={"KUMA_STORE_TYPE": "memory"}) as made, lines() as taking:
        made.place_control_planes()
        made.start_control_planes()
        made.connect_zones()
        made.identify()
        made.global_.api.apply(example("permission.yaml"))
        made.start_ingress("west")
        for name in ("one", "two"):
            made.start_service("west", name)
        start_client(made)
        for proxy in made.proxies.values():
            proxy.wait()
        for name in ("one", "two"):
            wait_for(f"{name} answers", lambda name=name: made.call(name).status == 200)
        yield Zones(made, taking)


def start_client(made: World) -> None:
    names = ("one", "two")
    known = {name: wait_for(f"{name} is known", partial(made.mesh_service, "east", name)) for name in names}
    made.outbounds = dict(zip(names, free_ports(2), strict=True))
    ports = {f"{name}Port": str(one["spec"]["ports"][0]["port"]) for name, one in known.items()}
    variables = {"name": "client", "workload": "client", "address": HOST} | ports
    variables |= {name: str(port) for name, port in made.outbounds.items()}
    made.proxies["client"] = made.sidecars("east").start(MESH, CLIENT, variables)


@pytest.mark.scenario("M-zone-proxy-08")
def test_an_ingress_tells_of_connections_by_their_server_name(zones):
    assert zones.lines.received == []
    zones.tell("first")
    wait_for("it tells", lambda: zones.told("first") == {f"sni={zones.sni('one')}"})


@pytest.mark.scenario("M-zone-proxy-09")
def test_it_tells_nothing_of_others(zones):
    zones.tell("before")
    wait_for("it tells", lambda: bool(zones.told("before")))
    before = zones.connected("two")
    zones.tell("second")
    wait_for("the other is connected to anew", lambda: bool(zones.told("second")) and zones.connected("two") > before)
    zones.tell("third")
    wait_for("lines come after that", lambda: bool(zones.told("third")))
    everything = {line[1] for line in zones.lines.fields()}
    assert everything == {f"sni={zones.sni('one')}"}
