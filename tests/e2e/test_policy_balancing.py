"""Which instance is asked: any in turn, unless a policy says by what it is chosen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from attrs import frozen

from kuma.cli.demo.world import MESH
from tests.e2e.traffic import Client, Zone, lone_zone, service, shows, to, wait_for

INSTANCES = {f"server-{letter}": f"127.0.0.{number}" for number, letter in enumerate("abc", 2)}
RACKS = {"server-a": "one", "server-b": "one", "server-c": "two", "client": "one"}
HASHED = "/hash-lb"
ROUTE = {"kind": "MeshHTTPRoute", "labels": {"kuma.io/display-name": "hashed"}}


@frozen
class Row:
    """A client, and three instances of one service."""

    zone: Zone
    client: Client

    def met(self, count: int = 20, path: str = "/", **headers: str) -> int:
        """How many instances so many requests meet."""
        return len(self.client.everybody(count, "server", path, **headers))

    def balanced(self, *items: Any, name: str = "tested"):
        """A MeshLoadBalancingStrategy for a while."""
        return self.zone.policy("MeshLoadBalancingStrategy", name, to=list(items))


@pytest.fixture(scope="module")
def row() -> Iterator[Row]:
    with lone_zone() as zone:
        for name, address in INSTANCES.items():
            zone.serve(name, address, {"http": "http"}, of="server")
        client = zone.client("client", {"server": zone.backend("server")})
        zone.ready()
        for name, rack in RACKS.items():
            relabel(zone, name, rack)
        for instance in zone.instances.values():
            shows(instance.proxy, '"rack": ')
        made = Row(zone, client)
        wait_for("all three answer", lambda: made.met() == 3)
        yield made


def relabel(zone: Zone, name: str, rack: str) -> None:
    dataplane = zone.api.get(f"/meshes/{MESH}/dataplanes/{name}")
    dataplane["labels"]["rack"] = rack
    zone.api.put(dataplane)


def by_header(name: str) -> list[dict[str, Any]]:
    return [{"type": "Header", "header": {"name": name}}]


RING = {"type": "RingHash", "ringHash": {"minRingSize": 1024, "maxRingSize": 4096}}
MAGLEV = {"type": "Maglev", "maglev": {"tableSize": 65537}}


@pytest.mark.scenario("U-lb-01")
@pytest.mark.parametrize("balancer", [RING, MAGLEV], ids=["ring", "maglev"])
def test_a_header_decides(row, balancer):
    assert row.met(x_user="ann") == 3
    with row.balanced(to(service("server"), loadBalancer=balancer, hashPolicies=by_header("x-user"))):
        wait_for("ann meets one", lambda: row.met(x_user="ann") == 1)
        first = row.client.who(x_user="ann")
        assert row.client.everybody(30, x_user="ann") == {first: 30}
        assert len({row.client.who(x_user=str(number)) for number in range(40)}) == 3
        assert row.met() == 3
    assert row.met(x_user="ann") == 3


@pytest.mark.scenario("U-lb-02")
def test_a_route_may_be_decided_by_another_header(row):
    rules = [{"matches": [{"path": {"type": "PathPrefix", "value": HASHED}}], "default": {}}]
    general = to(service("server"), loadBalancer=RING, hashPolicies=by_header("x-general"))
    special = to(ROUTE, hashPolicies=by_header("x-special"))
    with row.zone.policy("MeshHTTPRoute", "hashed", to=[{"targetRef": service("server"), "rules": rules}]):
        with row.balanced(general):
            wait_for("the general header decides", lambda: row.met(x_general="ann") == 1)
            assert row.met(path=HASHED, x_special="ann") == 3
            with row.balanced(special, name="special"):
                wait_for("the special one does there", lambda: row.met(path=HASHED, x_special="ann") == 1)
                assert row.met(x_special="ann") == 3
                assert row.met(x_general="ann") == 1
                assert row.met(path=HASHED, x_general="ann") == 3


@pytest.mark.parametrize(
    ("policy", "path", "headers"),
    [
        ({"type": "QueryParameter", "queryParameter": {"name": "user"}}, "/?user=ann", {}),
        ({"type": "Cookie", "cookie": {"name": "user"}}, "/", {"cookie": "user=ann"}),
        ({"type": "Connection", "connection": {"sourceIP": True}}, "/", {}),
    ],
    ids=["query", "cookie", "source"],
)
def test_other_things_decide(row, policy, path, headers):
    assert row.met(path=path, **headers) == 3
    with row.balanced(to(service("server"), loadBalancer=RING, hashPolicies=[policy])):
        wait_for("one is met", lambda: row.met(path=path, **headers) == 1)
    assert row.met(path=path, **headers) == 3


def test_a_cookie_that_is_not_there_is_given(row):
    given = [{"type": "Cookie", "cookie": {"name": "seat", "ttl": "60s", "path": "/"}}]
    with row.balanced(to(service("server"), loadBalancer=RING, hashPolicies=given)):
        wait_for("a cookie is given", lambda: "set-cookie" in row.client.ask().headers)
        answer = row.client.ask()
        cookie = answer.headers["set-cookie"].partition(";")[0]
        assert cookie.startswith("seat=")
        assert row.client.everybody(20, cookie=cookie) == {answer.json["instance"]: 20}


def test_a_policy_that_ends_the_search_hides_the_next(row):
    first = {"type": "Header", "header": {"name": "x-first"}, "terminal": True}
    both = [first, *by_header("x-second")]
    with row.balanced(to(service("server"), loadBalancer=RING, hashPolicies=both)):
        wait_for("the first decides", lambda: row.met(x_first="ann") == 1)
        decided = row.client.who(x_first="ann")
        others = {row.client.who(x_first="ann", x_second=str(number)) for number in range(20)}
        assert others == {decided}
        assert row.met(x_second="bob") == 1


@pytest.mark.parametrize(("kind", "shown"), [("LeastRequest", "LEAST_REQUEST"), ("Random", "RANDOM")])
def test_all_are_met_without_a_hash(row, kind, shown):
    with row.balanced(to(service("server"), loadBalancer={"type": kind})):
        shows(row.client.proxy, f'"lb_policy": "{shown}"')
        wait_for("all three are met", lambda: row.met(40) == 3)


def test_those_that_share_a_label_are_preferred(row):
    """Two of three stand in the client's rack, and places weigh more there than anywhere else."""
    tags = [{"key": "rack", "weight": 1_000_000}]
    with row.balanced(to(service("server"), localityAwareness={"localZone": {"affinityTags": tags}})):
        wait_for("only the rack's are met", lambda: set(row.client.everybody(60)) == {"server-a", "server-b"})
    assert row.met(40) == 3
