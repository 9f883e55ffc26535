"""Two instances of a global control plane: what one can't answer itself, it asks the other."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator

import pytest

from kuma.cli.demo.http import ask
from kuma.cli.demo.parts import ControlPlane
from kuma.cli.demo.world import MESH, World
from kuma.model import hashed_name
from tests.e2e.conftest import HOST, wait_for, world

ZONE, FIRST, SECOND = "east", "global", "global-second"
OFTEN = {"KUMA_INTER_CP_CATALOG_HEARTBEAT_INTERVAL": "500ms", "KUMA_INTER_CP_CATALOG_WRITER_INTERVAL": "1s"}
PROXY = f"/meshes/{MESH}/dataplanes/{hashed_name(MESH, 'backend-east', ZONE)}"


@pytest.fixture(scope="module")
def pair() -> Iterator[World]:
    """Both instances, and a zone with one proxy that is connected to the first."""
    with world(zones=(ZONE,), settings=OFTEN) as made:
        made.start_postgres()
        made.migrate()
        made.start_control_planes()
        made.connect_zones()
        made.planes[SECOND] = second = ControlPlane(
            SECOND, made.folder / "cp" / SECOND, made.processes, made.global_.settings
        )
        second.start()
        made.start_service(ZONE, "backend").wait()
        second.wait()
        yield made


@pytest.mark.scenario("U-inter-cp-01")
@pytest.mark.parametrize("name", [ZONE, FIRST, SECOND])
def test_each_instance_listens_for_others(pair: World, name: str) -> None:
    port = pair.planes[name].ports.peers
    wait_for("it listens", lambda: socket.create_connection((HOST, port)).close() is None)


def test_strangers_are_not_listened_to(pair: World) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    port = pair.planes[FIRST].ports.peers

    def refused() -> bool:
        with socket.create_connection((HOST, port)) as connection:
            try:
                with context.wrap_socket(connection) as secured:
                    # TLS 1.3: that a client must show a certificate comes after its own part of the handshake
                    return secured.recv(1) == b""
            except (ssl.SSLError, ConnectionResetError) as problem:
                return "CERTIFICATE_REQUIRED" in str(problem) or isinstance(problem, ConnectionResetError)

    wait_for("it refuses", refused)


@pytest.mark.parametrize(
    ("page", "shows"),
    [("xds?include_eds=true", "configs"), ("stats?format=json", "stats"), ("clusters?format=json", "cluster_statuses")],
)
def test_a_zone_is_asked_through_the_instance_that_it_is_connected_to(pair: World, page: str, shows: str) -> None:
    for name in (FIRST, SECOND):
        url = f"{pair.planes[name].api.url}{PROXY}/{page}"
        answer = wait_for(f"{name} tells", lambda url=url: found if (found := ask(url)).status == 200 else None)
        assert shows in json.loads(answer.body)
