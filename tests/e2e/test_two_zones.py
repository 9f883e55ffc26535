"""A request from one zone to another: its way, who saw whom, and what goes nowhere."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from functools import partial

import pytest
from attrs import frozen

from kuma.cli.demo.hops import Way, count, hops, identities, sni_of
from kuma.cli.demo.http import Admin, Answer
from kuma.cli.demo.parts import Service, through
from kuma.cli.demo.processes import Failed
from kuma.cli.demo.world import MESH, World, example
from tests.e2e.conftest import HOST, free_ports, wait_for

REPORTS = "kri_msvc_default_west__reports_http"
SNI = "sni.msvc.default.west.reports.http"
EXTERNAL = "MeshExternalService"
GOING_OUT = """
type: Dataplane
mesh: default
name: {{ name }}
labels: { kuma.io/workload: {{ workload }} }
networking:
  address: {{ address }}
  outbound:
  - { port: {{ own }}, backendRef: { kind: MeshExternalService, name: own } }
  - { port: {{ common }}, backendRef: { kind: MeshExternalService, name: common } }
"""
WEB = "spiffe://default.east.mesh.local/workload/web"
SERVER = "spiffe://default.west.mesh.local/workload/reports"


@pytest.fixture(scope="module")
def allowed(two_zones: World) -> World:
    """The world, once its permission has reached the servers."""
    for name in ("reports", "backend"):
        wait_for(f"{name} answers", lambda name=name: two_zones.call(name).status == 200)
    return two_zones


def way(world: World) -> Way:
    admin = {name: proxy.admin for name, proxy in world.proxies.items()}
    return Way(admin["web"], admin["ingress-west"], admin["reports-west"], REPORTS)


def port_of(world: World, proxy: str, listener: str) -> int:
    """Where one of a proxy's Envoy's listeners listens."""
    found = world.proxies[proxy].admin.get("/listeners?format=json").json["listener_statuses"]
    address = next(one["local_address"] for one in found if one["name"] == listener)
    return int(address["socket_address"]["port_value"])


def served(world: World) -> dict[str, int]:
    """How many requests have come to the inbound of reports, and from it to the service."""
    return world.proxies["reports-west"].admin.stats(r"self_inbound_dp_http\..*rq_total$")


def passed_on(world: World) -> int:
    """How many requests, which to the ingress are connections, it has passed on to reports."""
    name = f"cluster.{REPORTS}.upstream_rq_total"
    return world.proxies["ingress-west"].admin.stats(f"^{name}$")[name]


@pytest.mark.scenario("M-ms-connect-04", "M-zone-proxy-01")
def test_a_request_crosses_the_zones(allowed):
    before = count(way(allowed))
    answer = allowed.call("reports", "/some/path")
    assert answer.json["instance"] == "reports-west"
    assert answer.json["path"] == "/some/path"
    told = [hop.name for hop in hops(way(allowed), answer, before, count(way(allowed)))]
    assert passed_on(allowed) > 0
    assert told == ["client", "its sidecar, outbound", "zone ingress", "server's sidecar, inbound", "server"]


def test_each_side_sees_the_identity_of_the_other(allowed):
    assert identities(allowed.call("reports")) == (WEB, SERVER)


def test_a_service_of_both_zones_answers_from_the_own_zone(allowed):
    assert {allowed.call("backend").json["instance"] for _ in range(20)} == {"backend-east"}


@pytest.mark.parametrize("zone", ["east", "west"])
def test_each_zone_tells_which_services_are_behind_it(allowed, zone):
    def behind() -> bool:
        status = allowed.planes[zone].api.get(f"/meshes/{MESH}/meshmultizoneservices/{both}").get("status", {})
        return {one["zone"] for one in status.get("meshServices", ())} == {"east", "west"} and any(
            one["type"] == "MeshServicesMatched" and one["status"] == "True" for one in status["conditions"]
        )

    (both,) = [one["name"] for one in allowed.planes[zone].api.get(f"/meshes/{MESH}/meshmultizoneservices")["items"]]
    wait_for(f"{zone} knows both", behind)


@pytest.mark.scenario("M-zone-proxy-03")
def test_the_client_asks_the_ingress_by_the_name_that_it_knows(allowed):
    assert sni_of(allowed.proxies["ingress-west"].admin, REPORTS) == SNI
    clusters = allowed.proxies["web"].admin.configured("dynamic_active_clusters")
    cluster = next(one["cluster"] for one in clusters if one["cluster"]["name"] == REPORTS)
    assert cluster["transport_socket"]["typed_config"]["sni"] == SNI


def test_global_sees_the_proxies_of_both_zones(allowed):
    def online() -> set[str]:
        found = allowed.global_.api.get(f"/meshes/{MESH}/dataplanes/_overview")["items"]
        up = [one for one in found if any("disconnectTime" not in s for s in _subscriptions(one))]
        return {one["labels"]["kuma.io/display-name"] for one in up}

    wanted = {"web", "backend-east", "backend-west", "reports-west", "ingress-east", "ingress-west"}
    assert wait_for("all six are online on global", lambda: online() == wanted)


def _subscriptions(overview: dict) -> list[dict]:
    return (overview.get("dataplaneInsight") or {}).get("subscriptions", [])


def test_plain_text_to_an_inbound_is_refused(allowed):
    port = port_of(allowed, "reports-west", "self_inbound_dp_http")
    before = served(allowed)
    with socket.create_connection((HOST, port), timeout=10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nhost: reports\r\n\r\n")
        assert _everything(connection) == b""
    assert served(allowed) == before


@pytest.mark.parametrize("name", ["sni.msvc.default.west.nobody.http", "example.com", "", SNI.upper() + "x"])
def test_a_foreign_server_name_goes_nowhere(allowed, name):
    ingress = allowed.proxies["ingress-west"].admin
    before = ingress.stats(r"^cluster\.kri.*upstream_cx_total$")
    with pytest.raises((ssl.SSLError, ConnectionError, EOFError)):
        _handshake(port_of(allowed, "ingress-west", "self_zoneingress_dp_ingress"), name)
    assert ingress.stats(r"^cluster\.kri.*upstream_cx_total$") == before


def test_a_stranger_with_the_right_server_name_is_refused_by_the_server(allowed):
    before = served(allowed)
    with pytest.raises((ssl.SSLError, ConnectionError, EOFError)):
        _handshake(port_of(allowed, "ingress-west", "self_zoneingress_dp_ingress"), SNI)
    assert served(allowed) == before


def _handshake(port: int, name: str) -> None:
    """A TLS client without a certificate, that believes anybody; it sends a request, and expects an answer."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["kuma"])
    with (
        socket.create_connection((HOST, port), timeout=10) as connection,
        context.wrap_socket(connection, server_hostname=name or None) as secured,
    ):
        secured.sendall(b"GET / HTTP/1.1\r\nhost: reports\r\n\r\n")
        # TLS 1.3: the server's refusal of the client comes after the client's own handshake is done
        if not secured.recv(1):
            raise EOFError


def _everything(connection: socket.socket) -> bytes:
    received = b""
    try:
        while data := connection.recv(4096):
            received += data
    except ConnectionError:
        pass
    return received


@pytest.mark.scenario("U-permission-01", "U-permission-02")
def test_a_permission_written_on_global_allows_and_its_removal_denies(allowed):
    api = allowed.global_.api
    api.delete("MeshTrafficPermission", "everybody-of-this-mesh", MESH)
    wait_for("denied in the other zone", lambda: allowed.call("reports").status == 403)
    wait_for("denied in this zone", lambda: allowed.call("backend").status == 403)
    api.apply(example("permission.yaml"))
    wait_for("allowed in the other zone", lambda: allowed.call("reports").status == 200)
    wait_for("allowed in this zone", lambda: allowed.call("backend").status == 200)


def test_a_deny_beats_the_allow_of_everybody(allowed):
    deny = {
        "type": "MeshTrafficPermission",
        "mesh": MESH,
        "name": "not-the-web",
        "spec": {
            "targetRef": {"kind": "Dataplane", "labels": {"kuma.io/workload": "reports"}},
            "rules": [{"default": {"deny": [{"spiffeID": {"type": "Exact", "value": WEB}}]}}],
        },
    }
    allowed.global_.api.put(deny)
    wait_for("reports denies", lambda: allowed.call("reports").status == 403)
    assert allowed.call("backend").status == 200
    allowed.global_.api.delete("MeshTrafficPermission", "not-the-web", MESH)
    wait_for("reports allows again", lambda: allowed.call("reports").status == 200)


@pytest.mark.scenario("M-sync-05")
def test_a_dataplane_is_found_on_global_by_the_name_that_everybody_knows(allowed):
    found = allowed.global_.api.get("/_kri/kri_dp_default_west__reports-west_")
    assert found["labels"]["kuma.io/display-name"] == "reports-west"


def test_an_ingress_that_does_not_know_the_destination_fails_loudly(allowed):
    with pytest.raises(Failed):
        sni_of(allowed.proxies["ingress-west"].admin, "kri_msvc_default_west__nobody_http")


CALLER = """
type: Dataplane
mesh: default
name: {{ name }}
labels: { kuma.io/workload: {{ workload }} }
networking:
  address: {{ address }}
  outbound:
"""


@frozen
class Caller:
    """A client in one zone; by zone, where it reaches the `backend` that lives there."""

    outbounds: Mapping[str, int]

    def reached(self) -> dict[str, str]:
        """Who answers for which zone."""
        answers = {zone: through(HOST, port) for zone, port in self.outbounds.items()}
        return {zone: str(answer.json["instance"]) for zone, answer in answers.items() if answer.status == 200}


def caller(world: World, zone: str, *targets: str) -> Caller:
    """Start a client in a zone that calls the `backend` of each of these zones."""
    name = f"caller-{zone}-{len(world.proxies)}"
    outbounds = dict(zip(targets, free_ports(len(targets)), strict=True))
    definition = CALLER + "".join(outbound(world, zone, target, port) for target, port in outbounds.items())
    variables = {"name": name, "workload": "caller", "address": HOST}
    world.proxies[name] = proxy = world.sidecars(zone).start(MESH, definition, variables)
    proxy.wait()
    return Caller(outbounds)


def outbound(world: World, zone: str, target: str, port: int) -> str:
    known = wait_for(f"the backend of {target} is known in {zone}", lambda: backend_of(world, zone, target))
    number = known["spec"]["ports"][0]["port"]
    labels = f"labels: {{ kuma.io/display-name: backend, kuma.io/zone: {target} }}"
    return f"  - {{ port: {port}, backendRef: {{ kind: MeshService, {labels}, port: {number} }} }}\n"


def backend_of(world: World, zone: str, target: str) -> dict | None:
    """The generated MeshService of a zone's `backend`, as another zone has it."""
    found = world.planes[zone].api.get(f"/meshes/{MESH}/meshservices")["items"]
    wanted = {"kuma.io/display-name": "backend", "kuma.io/zone": target}
    return next((one for one in found if wanted.items() <= one["labels"].items()), None)


@pytest.mark.scenario("M-ms-connect-09")
def test_each_zones_service_is_reached_from_the_own_and_from_the_other_zone(allowed):
    wanted = {"east": "backend-east", "west": "backend-west"}
    for zone in wanted:
        client = caller(allowed, zone, *wanted)
        wait_for(f"{zone} reaches both", lambda client=client: client.reached() == wanted)


@pytest.mark.scenario("M-ms-connect-06")
def test_a_zone_that_joins_late_is_reached_too(allowed):
    allowed.join("north")
    allowed.start_service("north", "backend").wait()
    allowed.start_ingress("north").wait()
    client = caller(allowed, "west", "north")
    wait_for("the late zone's server answers", lambda: client.reached() == {"north": "backend-north"})
    assert allowed.call("reports").status == 200


@pytest.fixture(scope="module")
def outside(allowed: World) -> dict[str, int]:
    """An egress in east, and a client that calls at these ports a service outside of east's own and one of global."""
    egress, service = allowed.start_egress("east"), Service.start(allowed.processes, "outside")
    spec = {"match": {"port": 80, "protocol": "http"}, "endpoints": [{"address": HOST, "port": service.port}]}
    for plane, name, origin in (("east", "own", "zone"), ("global", "common", "global")):
        written = {"type": EXTERNAL, "mesh": MESH, "name": name, "labels": {"kuma.io/origin": origin}, "spec": spec}
        allowed.planes[plane].api.put(written)
    ports = dict(zip(("own", "common"), free_ports(2), strict=True))
    variables = {"name": "leaver", "workload": "leaver", "address": HOST} | {one: str(ports[one]) for one in ports}
    leaver = allowed.sidecars("east").start(MESH, GOING_OUT, variables)
    allowed.proxies["leaver"] = leaver
    for proxy in (egress, leaver):
        proxy.wait()
    return ports


@pytest.mark.scenario("M-zone-proxy-04")
def test_a_service_outside_is_reached_through_the_zones_egress(allowed, outside):
    for name, zone in (("own", "east"), ("common", "")):
        answer = wait_for(f"{name} answers", lambda name=name: answered(outside[name], f"{name}.extsvc.mesh.local"))
        assert answer.json["instance"] == "outside"
        counter = f"cluster.kri_extsvc_{MESH}_{zone}__{name}_80.upstream_rq_200"
        wait_for("it is counted", partial(counted, allowed.proxies["egress-east"].admin, counter))


def counted(admin: Admin, counter: str) -> bool:
    return admin.stats(f"^{counter}$").get(counter, 0) > 0


def answered(port: int, hostname: str) -> Answer | None:
    answer = through(HOST, port, host=hostname)
    return answer if answer.status == 200 else None


@pytest.mark.scenario("M-zone-proxy-05")
def test_the_client_asks_the_egress_by_the_name_that_it_knows(allowed, outside):
    asked, own = f"sni.extsvc.{MESH}.east.own.80", f"kri_extsvc_{MESH}_east__own_80"
    clusters = allowed.proxies["leaver"].admin.configured("dynamic_active_clusters")
    cluster = next(one["cluster"] for one in clusters if one["cluster"]["name"] == own)
    assert cluster["transport_socket"]["typed_config"]["sni"] == asked
    listeners = allowed.proxies["egress-east"].admin.configured("dynamic_listeners")
    egress = next(one["active_state"]["listener"] for one in listeners if "zoneegress" in one["name"])
    known = {name for chain in egress["filter_chains"] for name in chain["filter_chain_match"]["server_names"]}
    assert known == {asked, f"sni.extsvc.{MESH}.common.80"}
