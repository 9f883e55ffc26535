"""What a zone's proxies tell: its ingress of the connections that it passes on, and all of them of their metrics."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from attrs import evolve, frozen

from kuma import sockets
from kuma.cli.demo.http import Admin
from kuma.cli.demo.parts import Proxy
from kuma.cli.demo.world import MESH, World, example
from kuma.cli.dp.dynamic import SOCKET
from tests.e2e.collectors import Lines, lines
from tests.e2e.conftest import free_ports, wait_for, world
from tests.e2e.traffic import workload

LONG = "." * 70_000
"""Envoy writes so long a line at once."""

OWN = f"127.1.{os.getpid() // 250 % 250}.{1 + os.getpid() % 250}"
"""An address at which nobody else listens, not even at the ports that proxies share."""

CLIENT = """
type: Dataplane
mesh: default
name: {{ name }}
labels: { kuma.io/workload: {{ workload }} }
networking:
  address: {{ address }}
  inbound: [{ port: {{ port }}, protocol: tcp }]
  outbound:
  - { port: {{ one }}, backendRef: { kind: MeshService, labels: { kuma.io/display-name: one }, port: {{ onePort }} } }
  - { port: {{ two }}, backendRef: { kind: MeshService, labels: { kuma.io/display-name: two }, port: {{ twoPort }} } }
"""


@frozen
class Zones:
    """A client in east that shares no ports, two servers in west behind an ingress, an egress, and who is told."""

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
        made.start_egress("west")
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
    port, *outbounds = free_ports(3)
    made.outbounds = dict(zip(names, outbounds, strict=True))
    ports = {f"{name}Port": str(one["spec"]["ports"][0]["port"]) for name, one in known.items()}
    variables = {"name": "client", "workload": "client", "address": OWN, "port": str(port)} | ports
    variables |= {name: str(port) for name, port in made.outbounds.items()}
    alone = evolve(made.sidecars("east"), settings={"KUMA_DATAPLANE_RUNTIME_REUSE_PORT_ENABLED": "false"})
    made.proxies["client"] = alone.start(MESH, CLIENT, variables)


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


APPLICATION = {"name": "shop", "path": "/metrics", "port": 8080}
PROMETHEUS = "system_meshmetric_prometheus_default-backend"


@contextmanager
def metrics(zones: Zones) -> Iterator[None]:
    """A MeshMetric on global for a while: a port for Prometheus, and metrics of an application."""
    (port,) = free_ports(1)
    backend = {"type": "Prometheus", "prometheus": {"port": port}}
    default = {"applications": [APPLICATION], "backends": [backend]}
    policy = {"type": "MeshMetric", "mesh": MESH, "name": "all", "spec": {"default": default}}
    zones.world.global_.api.put(policy)
    try:
        yield
    finally:
        zones.world.global_.api.delete("MeshMetric", "all", MESH)


def told_of_metrics(proxy: Proxy) -> dict[str, Any]:
    """What kuma-dp is told of metrics beside this proxy, as it is served by Envoy. Raises OSError."""
    answer = Admin(sockets.path(str(proxy.folder), SOCKET)).get("/meshmetric")
    return answer.json["observability"]["metrics"] if answer.status == 200 else {}


@pytest.mark.scenario("M-zone-proxy-07")
def test_metrics_of_zone_proxies_are_those_of_no_workload(zones):
    proxies = zones.world.proxies
    with metrics(zones):
        for role in ("ingress", "egress"):
            told = wait_for(f"{role} is told", partial(told_of_metrics, proxies[f"{role}-west"]), within=60)
            assert told["applications"] is None
            assert told["extraLabels"] == {"kuma.proxy_role": f"zone-{role}", "mesh": MESH, "zone": "west"}
        told = wait_for("a sidecar is told", partial(told_of_metrics, proxies["one-west"]))
        assert told["applications"] == [{**APPLICATION, "address": ""}]
        assert told["extraLabels"]["kuma.workload"] == "one"


@pytest.mark.scenario("U-config-zp-04")
def test_all_proxies_publish_metrics_and_share_the_port_if_they_can(zones):
    def published(proxy: Proxy) -> dict[str, Any]:
        clusters = proxy.admin.configured("dynamic_active_clusters")
        if PROMETHEUS not in {one["cluster"]["name"] for one in clusters}:
            return {}
        found = {one["name"]: one for one in proxy.admin.configured("dynamic_listeners")}
        return found.get(PROMETHEUS, {}).get("active_state", {}).get("listener", {})

    with metrics(zones):
        for name, proxy in zones.world.proxies.items():
            listener = wait_for(f"{name} publishes metrics", partial(published, proxy))
            assert listener["enable_reuse_port"] is (name != "client")
    for name, proxy in zones.world.proxies.items():
        wait_for(f"{name} publishes none", lambda proxy=proxy: not published(proxy))
