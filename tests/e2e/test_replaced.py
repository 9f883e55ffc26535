"""What is replaced while everything runs: the control plane's certificate, and a proxy's token."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

import pytest
from cryptography import x509

from certs.server import new_server_pair
from kuma.cli.demo.parts import ControlPlane, Proxy, through
from kuma.cli.demo.world import MESH, World
from kuma.ports import free_ports
from tests.e2e.conftest import HOST, wait_for, world

ZONE = "solo"
IN_MEMORY = {"KUMA_STORE_TYPE": "memory"}
RELOADABLE = {"KUMA_DP_SERVER_AUTHN_ENABLE_RELOADABLE_TOKENS": "true"}
CLIENT = """
type: Dataplane
mesh: default
name: {{ name }}
labels: {kuma.io/workload: {{ workload }}}
networking:
  address: {{ address }}
  outbound:
  - {port: {{ backend }}, backendRef: {kind: MeshService, name: backend, port: {{ backendPort }}}}
"""


@pytest.fixture(scope="module")
def town() -> Iterator[World]:
    """A zone with a server."""
    with world(zones=(ZONE,), federated=False, settings=IN_MEMORY) as made:
        made.place_control_planes()
        made.start_control_planes()
        made.start_service(ZONE, "backend").wait()
        yield made


def client(made: World, name: str) -> Proxy:
    """A client that calls the server; it does, once this returns."""
    plane = made.planes[ZONE]
    served = wait_for("backend is known", lambda: made.mesh_service(ZONE, "backend"))
    (port,) = free_ports(1)
    values = {"name": name, "workload": name, "address": HOST, "backend": str(port)}
    values["backendPort"] = str(served["spec"]["ports"][0]["port"])
    made.proxies[name] = proxy = made.sidecars(ZONE).start(MESH, CLIENT, values)
    proxy.wait()
    made.outbounds[name] = port
    wait_for(f"{name} calls backend", lambda: through(HOST, port).status == 200)
    wait_for(f"{name} is online", partial(listed, plane, name))
    return proxy


def listed(plane: ControlPlane, name: str) -> bool:
    return plane.api.get(f"/meshes/{MESH}/dataplanes/{name}") is not None


def shown(port: int) -> int:
    """The serial number of the certificate that a server shows."""
    pem = ssl.get_server_certificate((HOST, port), timeout=5)
    return x509.load_pem_x509_certificate(pem.encode()).serial_number


def connections(proxy: Proxy) -> int:
    """How often the proxy's Envoy has connected to its control plane."""
    return proxy.admin.stats("^cluster.system_ads.upstream_cx_total$")["cluster.system_ads.upstream_cx_total"]


@pytest.fixture(scope="module")
def old(town: World) -> Proxy:
    """A client that was there before."""
    return client(town, "old")


@pytest.mark.scenario("U-cert-rotation-01")
def test_a_certificate_that_is_replaced_is_shown(town, old):
    plane = town.planes[ZONE]
    before = {port: shown(port) for port in (plane.ports.ads, plane.ports.dp, plane.ports.api_tls)}
    pair = new_server_pair(["localhost", HOST], datetime.now(UTC))
    (plane.folder / "kuma-cp.key").write_bytes(pair.key)
    plane.ca_file.write_bytes(pair.certificate)
    for port, serial in before.items():
        wait_for(f"another certificate at {port}", lambda port=port, serial=serial: shown(port) != serial)


@pytest.mark.scenario("U-cert-rotation-02")
def test_who_is_connected_stays_connected(town, old):
    before, until = connections(old), time.monotonic() + 20
    while time.monotonic() < until:
        assert connections(old) == before
        assert listed(town.planes[ZONE], "old")
        assert through(HOST, town.outbounds["old"]).status == 200
        time.sleep(0.5)


@pytest.mark.scenario("U-cert-rotation-03")
def test_who_comes_later_believes_the_new_one(town):
    client(town, "new")


@pytest.fixture(scope="module")
def reloading() -> Iterator[World]:
    """A zone whose proxies look at their token's file each time they connect."""
    with world(zones=(ZONE,), federated=False, settings=IN_MEMORY | RELOADABLE) as made:
        made.place_control_planes()
        made.start_control_planes()
        made.start_service(ZONE, "backend").wait()
        yield made


NAME = "backend-solo"


@pytest.mark.scenario("U-auth-reload-01")
def test_a_control_plane_that_lost_its_keys_believes_no_old_token(reloading):
    plane = reloading.planes[ZONE]
    wait_for("it is registered", partial(listed, plane, NAME))
    plane.stop()
    plane.start()
    plane.wait()
    wait_for("it was refused", partial(refused, plane))
    assert not listed(plane, NAME)


def refused(plane: ControlPlane) -> bool:
    """Whether a stream was refused since the control plane started last."""
    return any(count for name, count in plane.metrics().items() if name.startswith("xds_streams_refused"))


@pytest.mark.scenario("U-auth-reload-02")
def test_a_new_token_in_the_proxys_file_is_enough(reloading):
    plane, proxy = reloading.planes[ZONE], reloading.proxies[NAME]
    token = reloading.sidecars(ZONE).token(MESH, NAME, "backend")
    (proxy.folder / "token").write_text(token)
    wait_for("it is registered again", partial(listed, plane, NAME), within=60)
