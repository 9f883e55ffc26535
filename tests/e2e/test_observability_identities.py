"""What proxies tell of each other once they know each other: of some clients only, and of what leaves the mesh."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from attrs import frozen

from kuma.cli.demo.parts import Service
from kuma.cli.demo.world import MESH, example
from kuma.ports import free_ports
from tests.e2e.collectors import ENOUGH, LONG, Bodies, Lines, bodies, lines
from tests.e2e.traffic import HOST, Client, Zone, lone_zone, service, to, wait_for, workload

SPIFFE = f"spiffe://{MESH}.lone.mesh.local/workload"
EXTERNAL = {"kind": "MeshExternalService", "labels": {"kuma.io/display-name": "outside"}}
OPERATORS = {"ports": [{"port": 81, "targetPort": "http", "appProtocol": "http", "name": "main-port"}]}
EVERYBODY_OF_THE_MESH = [{"default": {"allow": [{"spiffeID": {"type": "Prefix", "value": SPIFFE}}]}}]
PLACES = {"egress": "outside", "server": "server"}  # the proxy that tells, and the destination that leads there


@frozen
class Known:
    """Two clients, a server, and a service outside behind an egress."""

    zone: Zone
    first: Client
    second: Client
    lines: Lines
    bodies: Bodies

    def server(self, plain: str) -> dict[str, Any]:
        """The server that takes lines of this format."""
        form = {"type": "Plain", "plain": f"{plain},{LONG}"}
        return {"type": "Tcp", "tcp": {"address": self.lines.address, "format": form}}

    def ask(self, of: str) -> None:
        """So many requests of both clients that their lines are written at once."""
        for _ in range(ENOUGH):
            for client in (self.first, self.second):
                assert client.status(of) == 200

    def told(self, begin: str, of: str) -> list[str]:
        """The fields of a line that begins so, after asking until there is one."""

        def found() -> list[list[str]]:
            self.ask(of)
            return self.lines.fields(begin)

        return wait_for(f"a line that begins with {begin}", found)[-1]

    def sni(self, kind: str, name: str) -> str:
        """The server name that leads to a destination's first port."""
        return str(self.zone.api.get(f"/meshes/{MESH}/{kind}/{name}")["snis"][0]["sni"])


@pytest.fixture(scope="module")
def known() -> Iterator[Known]:
    with lone_zone() as zone, lines() as taking, bodies() as collecting:
        zone.api.apply(example("identity.yaml"))
        permission = {"type": "MeshTrafficPermission", "mesh": MESH, "name": "everybody"}
        zone.api.put({**permission, "spec": {"rules": EVERYBODY_OF_THE_MESH}})
        put_services(zone, Service.start(zone.world.processes, "outside").port)
        zone.serve("server", "127.0.0.2", {"http": "http"})
        zone.egress("egress")
        start_ingress(zone)
        external = {"kind": "MeshExternalService", "name": "outside"}
        refs = {
            "server": zone.backend("server"),
            "operators": {"kind": "MeshService", "name": "operators", "port": 81},
            "outside": {**external, "port": 80},
            "outside-raw": {"kind": "MeshExternalService", "name": "outside-raw", "port": 90},
        }
        first, second = (zone.client(name, refs) for name in ("client-1", "client-2"))
        zone.ready()
        for each in refs:
            for client in (first, second):
                wait_for(f"{each} answers", lambda each=each, client=client: client.status(each) == 200)
        yield Known(zone, first, second, taking, collecting)


def start_ingress(zone: Zone) -> None:
    """A proxy that takes what other zones ask for, of which there are none."""
    (port,) = free_ports(1)
    listener = {"type": "ZoneIngress", "name": "ingress", "address": HOST, "port": port}
    networking = {"address": HOST, "listeners": [listener]}
    labels = {"kuma.io/workload": "ingress"}
    document = {"type": "Dataplane", "mesh": MESH, "name": "ingress", "labels": labels, "networking": networking}
    named = {"name": "ingress", "workload": "ingress"}
    zone.world.proxies["ingress"] = zone.sidecars.start(MESH, json.dumps(document), named)


def put_services(zone: Zone, port: int) -> None:
    """The services that no Dataplane stands for by itself."""
    spec = {"selector": {"dataplaneLabels": {"matchLabels": {"kuma.io/workload": "server"}}}, **OPERATORS}
    labels = {"hostname": "yes"}
    zone.api.put({"type": "MeshService", "mesh": MESH, "name": "operators", "labels": labels, "spec": spec})
    generator = {"selector": {"meshService": {"matchLabels": labels}}, "template": "{{ .DisplayName }}.mine"}
    zone.api.put({"type": "HostnameGenerator", "name": "mine", "spec": generator})
    for name, number, protocol in (("outside", 80, "http"), ("outside-raw", 90, "tcp")):
        match = {"port": number, "protocol": protocol}
        leads = {"match": match, "endpoints": [{"address": HOST, "port": port}]}
        zone.api.put({"type": "MeshExternalService", "mesh": MESH, "name": name, "spec": leads})


@pytest.mark.scenario("U-accesslog-02")
def test_a_port_of_a_service_that_an_operator_made(known):
    plain = "port,%START_TIME(%s)%,%KUMA_SOURCE_SERVICE%,%KUMA_DESTINATION_SERVICE%,%REQ(:AUTHORITY)%"
    item = to(service("operators", "main-port"), backends=[known.server(plain)])
    hostname = "operators.mine"

    def named() -> bool:
        status = known.zone.api.get(f"/meshes/{MESH}/meshservices/operators")["status"]
        return hostname in [one["hostname"] for one in status.get("addresses", ())]

    wait_for("it has its hostname", named)
    with known.zone.policy("MeshAccessLog", to=[item], target_ref=workload("client-1")):

        def told() -> list[list[str]]:
            for _ in range(ENOUGH):
                assert known.first.status("operators", host=hostname) == 200
            return known.lines.fields("port,")

        fields = wait_for("it is told", told)[-1]
        assert fields[2:5] == ["client-1", "operators", hostname]


@pytest.mark.scenario("U-accesslog-06")
def test_a_service_outside_is_called_by_its_name(known):
    external = {"kind": "MeshExternalService", "labels": {"kuma.io/display-name": "outside-raw"}}
    item = to(external, backends=[known.server("out,%KUMA_SOURCE_SERVICE%,%KUMA_DESTINATION_SERVICE%")])
    with known.zone.policy("MeshAccessLog", to=[item], target_ref=workload("client-1")):
        assert known.told("out,", "outside-raw")[1:3] == ["client-1", "outside-raw"]


@pytest.mark.scenario("U-accesslog-match-01")
@pytest.mark.parametrize("place", PLACES)
def test_rules_tell_of_the_clients_they_match_each_by_itself(known, place):
    of = PLACES[place]
    sni = known.sni("meshservices" if place == "server" else "meshexternalservices", of)
    first = {"spiffeID": {"type": "Exact", "value": f"{SPIFFE}/client-1"}}
    second = {
        "spiffeID": {"type": "Exact", "value": f"{SPIFFE}/client-2"},
        "sni": {"type": "Exact", "value": sni},
    }
    peer = "%DOWNSTREAM_PEER_URI_SAN%,%REQUESTED_SERVER_NAME%"
    rules = [
        {"matches": [first], "default": {"backends": [known.server(f"{place}-1,{peer}")]}},
        {"matches": [second], "default": {"backends": [known.server(f"{place}-2,{peer}")]}},
        {"matches": [first, second], "default": {"backends": [known.server(f"{place}-both,{peer}")]}},
    ]
    with known.zone.policy("MeshAccessLog", rules=rules, target_ref=workload(place)):
        for number in (1, 2):
            assert known.told(f"{place}-{number},", of)[1:3] == [f"{SPIFFE}/client-{number}", sni]
        peers = {number: {line[1] for line in known.lines.fields(f"{place}-{number},")} for number in (1, 2)}
        assert peers == {number: {f"{SPIFFE}/client-{number}"} for number in (1, 2)}
        wait_for("both are told of together", lambda: both(known, place, of) == set.union(*peers.values()))


def both(known: Known, place: str, of: str) -> set[str]:
    known.ask(of)
    return {line[1] for line in known.lines.fields(f"{place}-both,")}


@pytest.mark.scenario("K-trace-zp-01")
def test_an_egress_has_spans_of_its_own(known):
    zipkin = {"type": "Zipkin", "zipkin": {"url": f"http://{HOST}:{known.bodies.port}/api/v2/spans"}}
    known.ask("outside")
    assert known.bodies.received == []
    with known.zone.policy("MeshTrace", default={"backends": [zipkin], "sampling": {"overall": 100}}):

        def spans() -> list[dict[str, Any]]:
            known.ask("outside")
            return [one for one in known.bodies.spans() if one["localEndpoint"]["serviceName"] == "egress"]

        tags = wait_for("spans of the egress", spans)[-1]["tags"]
        assert tags["kuma.workload"] == "kri_wl_default_lone__egress_"
        assert (tags["kuma.mesh"], tags["kuma.zone"]) == (MESH, "lone")


COLLECTOR = {"kind": "MeshOpenTelemetryBackend", "labels": {"kuma.io/display-name": "main"}}
BACKENDS = {
    "zipkin_http---127-0-0-1-9411-api-v2-spans": {"zipkin": {"url": "http://127.0.0.1:9411/api/v2/spans"}},
    "datadog_http---127-0-0-1-8126": {"datadog": {"url": "http://127.0.0.1:8126"}},
    "otel_main": {"openTelemetry": {"backendRef": COLLECTOR}},
}
KINDS = {"zipkin": "Zipkin", "datadog": "Datadog", "openTelemetry": "OpenTelemetry"}


@pytest.mark.scenario("U-config-zp-03")
@pytest.mark.parametrize("cluster", BACKENDS)
def test_all_proxies_know_where_spans_go_and_those_that_see_requests_send_some(known, cluster):
    (place,) = BACKENDS[cluster]
    zone, backend = known.zone, {"type": KINDS[place], **BACKENDS[cluster]}
    zone.api.put({"type": "MeshOpenTelemetryBackend", "mesh": MESH, "name": "main", "spec": {}})
    with zone.policy("MeshTrace", default={"backends": [backend], "sampling": {"overall": 100}}):
        expected = dict.fromkeys(zone.world.proxies, True)
        wait_for("all have the cluster", lambda: having(zone, f"cluster system_meshtrace_{cluster}") == expected)
        wait_for("those trace", lambda: tracing(zone) == {"client-1", "client-2", "egress", "server"})
        (egress,) = (one for name, one in zone.configured()["egress"].items() if "self_zoneegress" in name)
        told = json.dumps(egress)
        assert all(name in told for name in ("kuma.mesh", "kuma.zone", "kri_wl_default_lone__egress_"))
    zone.api.delete("MeshOpenTelemetryBackend", "main", MESH)


def having(zone: Zone, name: str) -> dict[str, bool]:
    return {proxy: name in found for proxy, found in zone.configured().items()}


def tracing(zone: Zone) -> set[str]:
    """The proxies that have listeners which trace."""
    return {name for name, found in zone.configured().items() if '"tracing"' in json.dumps(found)}
