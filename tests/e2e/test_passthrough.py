"""What an application may call outside the mesh by address, with its connections redirected to its proxy."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from attrs import frozen

from kuma.cli.demo.parts import Service
from kuma.cli.demo.world import MESH
from tests.e2e import redirected
from tests.e2e.traffic import HOST, SERVES_NOTHING, Zone, lone_zone, stat, wait_for, workload

ABLE = os.geteuid() == 0 and shutil.which("nft") is not None
pytestmark = pytest.mark.skipif(not ABLE, reason="to redirect connections takes root and nftables")

LISTED, OTHER = "127.0.5.0", "127.0.5.1"
ANYWHERE = "self_transparentproxy_passthrough_outbound_ipv4"
ADDRESSES = {"KUMA_IPAM_MESH_SERVICE_CIDR": "127.77.0.0/16"}  # on loopback, too
REDIRECTION = {"redirectPortInbound": 15006, "redirectPortOutbound": redirected.SEND}


@frozen
class Town:
    """An application and its proxy, a service of the mesh, and two services outside."""

    zone: Zone
    ports: dict[str, int]

    def passes(self, address: str, host: str = "") -> int | None:
        """What a request of the application is answered with; None where its connection is ended."""
        try:
            return redirected.ask(address, self.ports[address], host).status
        except (ConnectionError, TimeoutError):
            return None

    def inside(self) -> bool:
        """Whether the service of the mesh answers at its address."""
        served = self.zone.api.get(f"/meshes/{MESH}/meshservices/server") or {}
        vips = served.get("status", {}).get("vips")
        return bool(vips) and redirected.ask(vips[0]["ip"], served["spec"]["ports"][0]["port"]).status == 200

    def policy(self, **default):
        """What the application may call, for a while."""
        return self.zone.policy("MeshPassthrough", targetRef=workload("app"), default=default)


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    with redirected.network(), lone_zone(**ADDRESSES) as zone:
        outside = [Service.start(zone.world.processes, f"outside-{at}", at) for at in (LISTED, OTHER)]
        zone.serve("server", "127.0.0.2", {"http": "http"})
        zone.start(
            "app", "app", {"address": HOST, "inbound": [dict(SERVES_NOTHING)], "transparentProxying": REDIRECTION}
        )
        zone.ready()
        made = Town(zone, {one.address: one.port for one in outside})
        wait_for("the service of the mesh answers", made.inside)
        yield made


def test_without_a_policy_everything_may_be_called(town):
    assert (town.passes(LISTED), town.passes(OTHER)) == (200, 200)
    assert stat(town.zone.world.proxies["app"], f"cluster.{ANYWHERE}.upstream_cx_total") > 0


@pytest.mark.scenario("K-passthrough-01")
def test_nothing_outside_may_be_called_where_that_is_said(town):
    with town.policy(passthroughMode="None"):
        wait_for("it is shut", lambda: town.passes(LISTED) is None)
        assert [town.passes(LISTED) for _ in range(3)] == [None] * 3
        assert town.inside()
    wait_for("it is open again", lambda: town.passes(LISTED) == 200)


@pytest.mark.scenario("K-passthrough-02")
def test_only_what_is_matched_may_be_called(town):
    port = town.ports[LISTED]
    named = {"type": "Domain", "value": "outside.example", "protocol": "http", "port": port}
    placed = {"type": "IP", "value": OTHER, "protocol": "http", "port": town.ports[OTHER]}
    with town.policy(appendMatch=[named, placed]):
        wait_for("the unnamed is refused", lambda: town.passes(LISTED, "else.example") == 503)
        assert town.passes(LISTED, "outside.example") == 200
        assert town.passes(OTHER) == 200
        assert town.inside()
    with town.policy(appendMatch=[named]):
        wait_for("the other place is shut", lambda: town.passes(OTHER) is None)


def test_bytes_that_are_no_requests_go_where_that_is_said(town):
    one = {"type": "CIDR", "value": f"{LISTED}/31", "port": town.ports[LISTED]}
    with town.policy(appendMatch=[one]):
        wait_for("only one port is open", lambda: (town.passes(LISTED), town.passes(OTHER)) == (200, None))
        assert town.inside()
