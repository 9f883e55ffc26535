"""Services outside the mesh, through the zone's egress, which speaks their TLS and keeps the mesh's policies."""

from __future__ import annotations

import base64
import socket
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from certs.admin import load_ca, new_ca, server_pair
from kuma.cli.demo.http import Api
from kuma.cli.demo.parts import Proxy, Service
from kuma.cli.demo.world import MESH, World, example
from kuma.ports import free_ports
from tests.e2e import tls_echo
from tests.e2e.collectors import ENOUGH, LONG, lines
from tests.e2e.traffic import HOST, Client, Zone, lone_zone, settled, shows, stat, to, wait_for, workload

KIND = "MeshExternalService"
AUTHORITY, STRANGER = load_ca(new_ca()), load_ca(new_ca())
HTTP, RAW = {"port": 80, "protocol": "http"}, {"port": 90, "protocol": "tcp"}
CLIENT = "spiffe://default.lone.mesh.local/workload/client"


def external(name: str) -> dict[str, Any]:
    """How policies and routes name a service outside."""
    return {"kind": KIND, "labels": {"kuma.io/display-name": name}}


def endpoint(port: int, address: str = HOST, **more: int) -> dict[str, Any]:
    return {"address": address, "port": port, **more}


@frozen
class Outside:
    """What is outside the mesh, and how a client inside reaches it."""

    zone: Zone
    client: Client
    egress: Proxy
    servers: dict[str, Service]

    def policy(self, kind: str, name: str, **spec: Any) -> Any:
        """A policy that is there for a while; `name` says of which service."""
        return self.zone.policy(kind, to=[{"targetRef": external(name), **spec}])


def start_tls(world: World) -> int:
    """An echo server with a certificate for its address."""
    pair = server_pair(AUTHORITY, [HOST])
    files = Path(world.folder) / "tls.crt", Path(world.folder) / "tls.key"
    for file, content in zip(files, (pair.certificate, pair.key), strict=True):
        file.write_bytes(content)
    (port,) = free_ports(1)
    command = [sys.executable, tls_echo.__file__, "secure", HOST, str(port), *map(str, files)]
    world.processes.start("service-secure", command, {})
    wait_for("the TLS server listens", lambda: socket.create_connection((HOST, port)).close() is None)
    return port


def write_secret(api: Api, name: str, content: bytes) -> None:
    api.put({"type": "Secret", "mesh": MESH, "name": name, "data": base64.b64encode(content).decode()})


def write_services(api: Api, servers: dict[str, Service], secure: int) -> None:
    authority = {"type": "Secret", "secretRef": {"kind": "Secret", "name": "authority"}}
    one, two = endpoint(servers["one"].port), endpoint(servers["two"].port)
    first, second = endpoint(servers["first"].port, priority=0), endpoint(servers["second"].port, priority=1)
    written: dict[str, dict[str, Any]] = {
        "one": {"match": HTTP, "endpoints": [endpoint(servers["one"].port, "localhost")]},
        "two": {"match": HTTP, "endpoints": [two]},
        "raw-one": {"match": RAW, "endpoints": [one]},
        "raw-two": {"match": RAW, "endpoints": [two]},
        "mixed": {"match": HTTP, "endpoints": [one, endpoint(secure)]},
        "ranked": {"match": HTTP, "endpoints": [first, second]},
        "secure": {
            "match": HTTP,
            "endpoints": [endpoint(secure)],
            "tls": {"enabled": True, "verification": {"mode": "Secured", "caCert": authority}},
        },
    }
    for name, spec in written.items():
        api.put({"type": KIND, "mesh": MESH, "name": name, "spec": spec})


@pytest.fixture(scope="module")
def outside() -> Iterator[Outside]:
    with lone_zone() as zone:
        zone.api.apply(example("identity.yaml"))
        servers = {name: Service.start(zone.world.processes, name) for name in ("one", "two", "first", "second")}
        write_secret(zone.api, "authority", STRANGER.pem)
        write_services(zone.api, servers, start_tls(zone.world))
        allowed = [{"default": {"allow": [{"spiffeID": {"type": "Prefix", "value": CLIENT}}]}}]
        zone.api.put({"type": "MeshTrafficPermission", "mesh": MESH, "name": "client", "spec": {"rules": allowed}})
        egress = zone.egress("egress")
        names = ("one", "two", "raw-one", "raw-two", "mixed", "ranked", "secure")
        client = zone.client("client", {name: {"kind": KIND, "name": name} for name in names})
        zone.ready()
        wait_for("the first answer", lambda: client.status("one") == 200)
        yield Outside(zone, client, egress, servers)


@pytest.mark.scenario("U-mes-01", "U-mes-02")
def test_each_name_reaches_its_own_server_which_is_asked_for_under_its_address(outside):
    def hostnames(name: str) -> list[str]:
        status = outside.zone.api.get(f"/meshes/{MESH}/meshexternalservices/{name}")["status"]
        return [one["hostname"] for one in status.get("addresses", ())]

    for name in ("one", "two"):
        wait_for(f"{name} has its name", lambda name=name: f"{name}.extsvc.mesh.local" in hostnames(name))
        settled(f"{name} answers", lambda name=name: outside.client.who(name) == name)
    answer = outside.client.ask("one", host="one.extsvc.mesh.local")
    assert answer.json["headers"]["host"] == "localhost"


def test_what_leaves_goes_through_the_egress_which_counts_it(outside):
    counter = f"cluster.kri_extsvc_{MESH}_lone__two_80.upstream_rq_200"
    before = stat(outside.egress, counter)
    assert outside.client.status("two") == 200
    wait_for("it is counted", lambda: stat(outside.egress, counter) > before)


@pytest.mark.scenario("U-mes-03", "U-mes-04")
def test_a_secure_service_is_believed_only_under_the_authority_in_the_secret(outside):
    settled("not believed", lambda: outside.client.status("secure") == 503)
    write_secret(outside.zone.api, "authority", AUTHORITY.pem)
    settled("believed", lambda: outside.client.who("secure") == "secure")


def test_a_secret_that_is_no_certificate_harms_no_other_service(outside):
    api, written = outside.zone.api, {"match": HTTP, "endpoints": [endpoint(outside.servers["first"].port)]}
    rejected = "cluster_manager.cds.update_rejected"
    before = stat(outside.egress, rejected)
    write_secret(api, "authority", b"no certificate")
    wait_for("Envoy refuses it", lambda: stat(outside.egress, rejected) > before)
    api.put({"type": KIND, "mesh": MESH, "name": "new", "spec": written})
    wait_for("a new cluster is there", lambda: "_new_80" in outside.egress.admin.get("/clusters").body.decode())
    settled("two answers", lambda: outside.client.who("two") == "two")
    api.delete(KIND, "new", MESH)
    write_secret(api, "authority", AUTHORITY.pem)
    settled("believed", lambda: outside.client.who("secure") == "secure")


@pytest.mark.scenario("U-mes-05")
def test_a_bad_endpoint_is_got_around_by_trying_again(outside):
    wait_for("some requests fail", lambda: outside.client.status("mixed") == 503)
    again = {"http": {"numRetries": 5, "retryOn": ["5xx"]}}
    with outside.policy("MeshRetry", "mixed", default=again):
        settled("no request fails", lambda: set(outside.client.statuses(10, "mixed")) == {200})


@pytest.mark.scenario("U-mes-06")
def test_a_late_answer_is_waited_for_unless_a_timeout_says_otherwise(outside):
    began = time.monotonic()
    assert outside.client.status("two", x_set_response_delay_ms="5000") == 200
    assert time.monotonic() - began > 5
    with outside.policy("MeshTimeout", "two", default={"http": {"requestTimeout": "2s"}}):
        shows(outside.client.proxy, '"timeout": "2s"')
        with ThreadPoolExecutor(3) as pool:
            late = [pool.submit(outside.client.status, "two", x_set_response_delay_ms="5000") for _ in range(3)]
            assert [one.result() for one in late] == [504, 504, 504]


@pytest.mark.scenario("U-mes-07")
def test_a_route_sends_requests_to_another_service_outside(outside):
    assert outside.client.who("one") == "one"
    there = {"backendRefs": [{**external("two"), "port": 80, "weight": 100}]}
    rule = {"matches": [{"path": {"type": "PathPrefix", "value": "/"}}], "default": there}
    with outside.policy("MeshHTTPRoute", "one", rules=[rule]):
        settled("two answers", lambda: outside.client.who("one") == "two")


@pytest.mark.scenario("U-mes-08")
def test_a_route_sends_connections_to_another_service_outside(outside):
    settled("one answers", lambda: outside.client.who("raw-one") == "one")
    there = {"default": {"backendRefs": [{**external("raw-two"), "port": 90}]}}
    with outside.policy("MeshTCPRoute", "raw-one", rules=[there]):
        settled("two answers", lambda: outside.client.who("raw-one") == "two")


@pytest.mark.scenario("U-mes-09")
def test_calls_to_a_service_outside_are_told_of(outside):
    form = {"type": "Plain", "plain": "%KUMA_SOURCE_SERVICE%,%KUMA_DESTINATION_SERVICE%,%START_TIME(%s)%," + LONG}
    with lines() as taken:
        backend = {"type": "Tcp", "tcp": {"address": taken.address, "format": form}}
        with outside.policy("MeshAccessLog", "two", default={"backends": [backend]}):

            def told() -> list[list[str]]:
                assert outside.client.statuses(ENOUGH, "two") == {200: ENOUGH}
                return taken.fields()

            source, destination, started, _ = wait_for("a line", told)[-1]
    assert (source, destination) == ("client", "two")
    assert abs(int(started) - time.time()) < 60


def test_the_egress_lets_out_only_who_is_allowed(outside):
    denied = [{"default": {"deny": [{"sni": {"type": "Exact", "value": "sni.extsvc.default.lone.two.80"}}]}}]
    with outside.zone.policy("MeshTrafficPermission", rules=denied):
        settled("denied", lambda: outside.client.status("two") == 403)
        assert outside.client.status("one") == 200
    settled("allowed", lambda: outside.client.status("two") == 200)


def test_an_egress_keeps_limits_and_timeouts_for_one_service(outside):
    two = [{"sni": {"type": "Exact", "value": "sni.extsvc.default.lone.two.80"}}]
    short = {"matches": two, "default": {"http": {"requestTimeout": "250ms"}}}
    with outside.zone.policy("MeshTimeout", rules=[short]):
        late = {"x_set_response_delay_ms": "700"}
        settled("too late", lambda: outside.client.status("two", **late) == 504, 2)
        assert outside.client.status("one", **late) == 200
    rate = {"local": {"http": {"requestRate": {"num": 1, "interval": "60s"}}}}
    egress = workload("egress")
    with outside.zone.policy("MeshRateLimit", target_ref=egress, rules=[{"matches": two, "default": rate}]):
        settled("too many", lambda: outside.client.status("two") == 429)
        assert outside.client.status("one") == 200


@pytest.mark.scenario("U-mes-10")
def test_endpoints_of_lower_rank_answer_when_the_others_are_down(outside):
    """A health check that is there all the time tells who is down; no name that stops to resolve is at hand."""
    checked = {"interval": "250ms", "timeout": "1s", "unhealthyThreshold": 1, "http": {"path": "/"}}
    outside.zone.api.put({
        "type": "MeshHealthCheck", "mesh": MESH, "name": "ranked", "spec": {"to": [to(external("ranked"), **checked)]}
    })  # fmt: skip
    settled("the first answers", lambda: outside.client.who("ranked") == "first")
    outside.servers["first"].process.kill()
    settled("the second answers", lambda: outside.client.who("ranked") == "second")
