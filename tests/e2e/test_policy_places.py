"""Where endpoints are: those near the caller get more, and another zone helps when too few of them are well."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from attrs import frozen

from kuma.cli.demo.world import MESH
from kuma.ports import free_ports
from tests.e2e.conftest import world
from tests.e2e.traffic import HOST, IN_MEMORY, NO_POLICIES, Client, Placed, Zone, service, settled, shows, to, wait_for

NAMES = ("west", "north")
BOTH = {"kind": "MeshMultiZoneService", "labels": {"kuma.io/display-name": "both"}}
ADDRESSES = {"near": "127.0.0.2", "next": "127.0.0.3", "last": "127.0.0.4"}
LABELS = {
    "near": {"rack": "one", "hall": "one"},
    "next": {"rack": "two", "hall": "one"},
    "last": {"rack": "three", "hall": "two"},
    "client": {"rack": "one", "hall": "one"},
    "gate": {"rack": "one", "hall": "one"},
}
GATE = {"kuma.io/service": "gate", "rack": "three"}
LOCAL, FAR = set(ADDRESSES), "far"


@frozen
class Halls:
    """Three instances in one zone and one in another, a client in the first, and a gateway that stands elsewhere."""

    west: Zone
    client: Client
    gate: Client

    def balanced(self, target: dict[str, Any], **awareness: Any) -> Any:
        """What a MeshLoadBalancingStrategy says of places, for a while."""
        return self.west.policy("MeshLoadBalancingStrategy", to=[to(target, localityAwareness=awareness)])


def affinity(*tags: str, weight: int | None = None) -> dict[str, Any]:
    """Prefers what shares these labels with the caller."""
    return {"affinityTags": [{"key": tag} | ({} if weight is None else {"weight": weight}) for tag in tags]}


def both() -> dict[str, Any]:
    selector = {"meshService": {"matchLabels": {"kuma.io/display-name": "server"}}}
    spec = {"selector": selector, "ports": [{"name": "http", "port": 80, "appProtocol": "http"}]}
    return {"type": "MeshMultiZoneService", "mesh": MESH, "name": "both", "spec": spec}


def start_gate(zone: Zone, refs: dict[str, dict[str, Any]]) -> Client:
    """The sidecar of somebody else's gateway, which has tags."""
    ports = dict(zip(refs, free_ports(len(refs)), strict=True))
    outbounds = [{"port": ports[name], "address": HOST, "backendRef": ref} for name, ref in refs.items()]
    networking = {"address": HOST, "gateway": {"type": "DELEGATED", "tags": GATE}, "outbound": outbounds}
    labels = {"kuma.io/workload": "gate"}
    dataplane = {"type": "Dataplane", "mesh": MESH, "name": "gate", "labels": labels, "networking": networking}
    proxy = zone.sidecars.start(MESH, json.dumps(dataplane), {"name": "gate", "workload": "gate"})
    zone.world.proxies["gate"] = proxy
    zone.clients.append(made := Client("gate", proxy, ports))
    return made


def relabel(zone: Zone, name: str) -> None:
    dataplane = zone.api.get(f"/meshes/{MESH}/dataplanes/{name}")
    dataplane["labels"] |= LABELS[name]
    zone.api.put(dataplane)


@pytest.fixture(scope="module")
def halls() -> Iterator[Halls]:
    with world(zones=NAMES, settings=IN_MEMORY) as made:
        made.place_control_planes()
        made.start_control_planes()
        made.connect_zones()
        made.global_.api.put(NO_POLICIES)
        made.identify()
        placed = Placed()
        west, north = (Zone(made, name, made.planes[name].api, placed=placed) for name in NAMES)
        made.start_ingress("north")
        north.serve(FAR, "127.0.0.5", {"http": "http"}, of="server")
        for name, address in ADDRESSES.items():
            west.serve(name, address, {"http": "http"}, of="server")
        made.global_.api.put(both())
        everybody = {"allow": [{"spiffeID": {"type": "Prefix", "value": f"spiffe://{MESH}"}}]}
        spec = {"rules": [{"default": everybody}]}
        made.global_.api.put({"type": "MeshTrafficPermission", "mesh": MESH, "name": "everybody", "spec": spec})
        refs = {"server": _of("west") | {"port": west.ports["server", "http"]}, "both": BOTH | {"port": 80}}
        yield settled_in(Halls(west, west.client("client", refs), start_gate(west, refs)))


def _of(zone: str) -> dict[str, Any]:
    ref = service("server")
    return ref | {"labels": ref["labels"] | {"kuma.io/zone": zone}}


def settled_in(halls: Halls) -> Halls:
    """Once everybody has labels and is answered by all who are near."""
    halls.west.ready()
    for name in LABELS:
        relabel(halls.west, name)
    for instance in ADDRESSES:
        shows(halls.west.instances[instance].proxy, '"hall": ')
    for client in (halls.client, halls.gate):
        for name in client.outbounds:
            settled(f"all near {client.name} answer", lambda c=client, n=name: set(c.everybody(20, n)) == LOCAL, 2)
    return halls


@pytest.mark.parametrize("target", [_of("west"), BOTH], ids=["one", "several"])
def test_each_shared_label_weighs_ten_times_what_the_next_does(halls, target):
    """Weights are 90, 9 and 1."""
    name = "both" if target is BOTH else "server"
    with halls.balanced(target, localZone=affinity("rack", "hall")):
        wait_for("the nearest gets most", lambda: halls.client.everybody(50, name)["near"] > 35)
        seen = halls.client.everybody(300, name)
        assert set(seen) <= LOCAL
        assert 245 < seen["near"] < 293
        assert seen["next"] > 3 * seen["last"]
    settled("all get the same", lambda: halls.client.everybody(60, name)["near"] < 35, 2)


def test_a_gateways_tags_say_where_it_stands(halls):
    with halls.balanced(_of("west"), localZone=affinity("rack", weight=1_000_000)):
        wait_for("the client meets its neighbour", lambda: halls.client.everybody(20) == {"near": 20})
        wait_for("the gateway meets its own", lambda: halls.gate.everybody(20) == {"last": 20})
    settled("all meet all", lambda: set(halls.gate.everybody(20)) == LOCAL, 2)


CHECKS = {"interval": "200ms", "timeout": "1s", "noTrafficInterval": "200ms", "unhealthyThreshold": 1}


@pytest.mark.parametrize(("percentage", "helped"), [(50, False), ("90.5", True)])
def test_another_zone_helps_when_too_few_are_well(halls, percentage, helped):
    """Two of three are well: enough where half is, and too few where nine of ten must be."""
    threshold = {"failover": [{"to": {"type": "Any"}}], "failoverThreshold": {"percentage": percentage}}
    ill = {"kind": "Dataplane", "labels": {"rack": "three"}}
    abort = [{"default": {"http": [{"abort": {"httpStatus": 503, "percentage": 100}}]}}]
    unwell = "cluster.kri_mzsvc_default___both_http.health_check.failure"
    with (
        halls.balanced(BOTH, crossZone=threshold),
        halls.west.policy("MeshHealthCheck", "checks", to=[to(BOTH, **CHECKS, http={"path": "/"})]),
    ):
        wait_for("all near answer", lambda: set(halls.client.everybody(20, "both")) == LOCAL)
        before = halls.client.stat(unwell)
        with halls.west.policy("MeshFaultInjection", "ill", targetRef=ill, rules=abort):
            wait_for("one is ill", lambda: halls.client.stat(unwell) > before)
            wanted = {"near", "next", FAR} if helped else {"near", "next"}
            settled(f"{wanted} answer", lambda: set(halls.client.everybody(30, "both")) == wanted, 3)
    settled("all near answer", lambda: set(halls.client.everybody(20, "both")) == LOCAL, 2)
