"""What is told of requests: access logs to files, servers and collectors, and spans; without a policy nothing is."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from kuma.cli.demo.world import MESH
from tests.e2e.collectors import ENOUGH, LONG, Bodies, Lines, bodies, calls, lines
from tests.e2e.traffic import EVERYBODY, Client, Zone, lone_zone, service, to, wait_for, workload

PLAIN = "%START_TIME(%s)%,%KUMA_SOURCE_SERVICE%,%KUMA_DESTINATION_SERVICE%,%REQ(:PATH)%,"


@frozen
class Told:
    """A client and servers, and those who are told of what happens between them."""

    zone: Zone
    client: Client
    lines: Lines
    bodies: Bodies
    folder: Path

    def server(self, plain: str) -> dict[str, Any]:
        """The server that takes lines of this format."""
        form = {"type": "Plain", "plain": plain + LONG}
        return {"type": "Tcp", "tcp": {"address": self.lines.address, "format": form}}

    def ask(self, to_: str = "server", path: str = "/", **headers: str) -> None:
        """So many requests that their lines are written at once."""
        for _ in range(ENOUGH):
            assert self.client.ask(to_, path, **headers).status == 200

    def line(self, begin: str, to_: str = "server", path: str = "/", **headers: str) -> list[str]:
        """The fields of a line that begins so, after asking until there is one."""

        def found() -> list[list[str]]:
            self.ask(to_, path, **headers)
            return self.lines.fields(begin)

        return wait_for(f"a line that begins with {begin}", found)[-1]

    def listener(self, of: str) -> str:
        """The client's listener for a service, as its Envoy shows it."""
        return json.dumps([one for name, one in self.zone.configured()["client"].items() if f"__{of}_" in name])

    def logged(self, *items: dict[str, Any], **spec: Any):
        """A MeshAccessLog for a while."""
        return self.zone.policy("MeshAccessLog", "logs", **({"to": items} if items else {}), **spec)


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> Iterator[Told]:
    with lone_zone() as zone, lines() as taking, bodies() as collecting:
        zone.serve("server", "127.0.0.2", {"http": "http", "raw": "tcp"})
        zone.serve("plain", "127.0.0.3", {"": "http"})
        refs = {
            "server": zone.backend("server"),
            "raw": zone.backend("server", "raw"),
            "plain": zone.backend("plain", ""),
        }
        client = zone.client("client", refs)
        zone.ready()
        for each in refs:
            wait_for(f"{each} answers", lambda each=each: client.who(each) in ("server", "plain"))
        yield Told(zone, client, taking, collecting, tmp_path_factory.mktemp("logs"))


@pytest.mark.scenario("U-accesslog-01")
def test_a_server_is_told_of_each_request(told):
    before = len(told.lines.received)
    told.ask()
    assert len(told.lines.received) == before
    with told.logged(to(service("server"), backends=[told.server(f"one,{PLAIN}")]), target_ref=workload("client")):
        _, started, source, destination, *_ = told.line("one,")
        assert abs(time.time() - int(started)) < 60
        assert (source, destination) == ("client", "server")
        assert not told.lines.fields("one,unknown")


def test_connections_are_told_of(told):
    with told.logged(to(EVERYBODY, backends=[told.server("tcp,%KUMA_DESTINATION_SERVICE%,%BYTES_SENT%,")])):
        _, destination, sent, _ = told.line("tcp,server,", "raw")
        assert destination == "server"
        assert int(sent) > 0


@pytest.mark.scenario("U-accesslog-03")
def test_a_route_can_have_words_of_its_own(told):
    def route(name: str, prefix: str):
        rule = {"matches": [{"path": {"type": "PathPrefix", "value": prefix}}], "default": {}}
        return told.zone.policy("MeshHTTPRoute", name, to=[{"targetRef": service("server"), "rules": [rule]}])

    of_route = {"kind": "MeshHTTPRoute", "labels": {"kuma.io/display-name": "first"}}
    common = told.logged(to(service("server"), backends=[told.server("common,%REQ(:PATH)%,")]))
    own = told.zone.policy(
        "MeshAccessLog", "of-route", to=[to(of_route, backends=[told.server("per-route,%REQ(:PATH)%,")])]
    )
    with common:
        assert told.line("common,/test-prefix", path="/test-prefix/a")
        with route("first", "/test-prefix"), route("second", "/other-prefix"), own:
            assert told.line("per-route,/test-prefix/b", path="/test-prefix/b")
            assert told.line("common,/other-prefix/c", path="/other-prefix/c")
            told.ask(path="/test-prefix/d")
            assert told.line("per-route,/test-prefix/d", path="/test-prefix/d")
            assert not told.lines.fields("common,/test-prefix/d")
            assert not told.lines.fields("per-route,/other-prefix")


@pytest.mark.scenario("U-accesslog-04", "U-config-10")
def test_json_with_headers_however_they_are_spelled(told):
    fields = {
        "kind": "json",
        "source": "%KUMA_SOURCE_SERVICE%",
        "destination": "%KUMA_DESTINATION_SERVICE%",
        "start": "%START_TIME(%s)%",
        "camel": "%REQ(X-Test)%",
        "lower": "%REQ(x-test)%",
        "wild": "%REQ(X-TeSt)%",
        "long": LONG,
    }
    form = {"type": "Json", "json": [{"key": key, "value": value} for key, value in fields.items()]}
    backend = {"type": "Tcp", "tcp": {"address": told.lines.address, "format": form}}
    with told.logged(to(service("server"), backends=[backend])):

        def found() -> list[dict[str, str]]:
            told.ask(x_test="value")
            return [one for line in list(told.lines.received) if (one := read(line)).get("kind") == "json"]

        one = wait_for("a line of JSON", found)[-1]
        assert (one["source"], one["destination"]) == ("client", "server")
        assert one["camel"] == one["lower"] == one["wild"] == "value"
        assert "match_if_key_not_found" in told.listener("server")
        assert '"access_log"' not in told.listener("plain")


def read(line: str) -> dict[str, str]:
    try:
        return dict(json.loads(line))
    except ValueError:
        return {}


@pytest.mark.scenario("U-accesslog-07")
def test_who_is_called_tells_too(told):
    rules = [{"default": {"backends": [told.server(f"in,{PLAIN}")]}}]
    with told.logged(rules=rules, target_ref=workload("plain")):
        _, _, source, destination, *_ = told.line("in,", "plain")
        assert (source, destination) == ("unknown", "plain")


@pytest.mark.scenario("U-config-09")
def test_files_are_written_for_every_inbound(told):
    path = told.folder / "in.log"
    form = {"type": "Plain", "plain": "%KUMA_DESTINATION_SERVICE%,%PROTOCOL%," + LONG}
    rules = [{"default": {"backends": [{"type": "File", "file": {"path": str(path), "format": form}}]}}]
    assert not path.exists()
    with told.logged(rules=rules, target_ref=workload("server")):

        def served() -> set[str]:
            told.ask()
            told.ask("raw")
            return {",".join(line.split(",")[:2]) for line in path.read_text().splitlines()} if path.exists() else set()

        dataplane = "kri_dp_default_lone__server_"
        wait_for("both inbounds tell", lambda: served() == {f"{dataplane}http,HTTP/2", f"{dataplane}raw,-"})


def zipkin(told: Told, **more: Any) -> dict[str, Any]:
    url = f"http://127.0.0.1:{told.bodies.port}/api/v2/spans"
    return {"backends": [{"type": "Zipkin", "zipkin": {"url": url}}], **more}


@pytest.mark.scenario("U-trace-01", "K-trace-01")
def test_both_sides_of_a_request_are_traced(told):
    told.ask()
    assert told.bodies.received == []
    with told.zone.policy("MeshTrace", default=zipkin(told, tags=[{"name": "team", "literal": "core"}])):

        def services() -> set[str]:
            told.ask()
            return {span["localEndpoint"]["serviceName"] for span in told.bodies.spans()}

        wait_for("both sides are known", lambda: services() >= {"client", "server"})
        span = told.bodies.spans()[-1]
        assert span["tags"]["team"] == "core"
        assert span["tags"]["kuma.mesh"] == MESH
        assert span["tags"]["kuma.workload"].startswith("kri_wl_default_lone__")
        sides = defaultdict(set)
        for one in told.bodies.spans():
            sides[one["traceId"]].add(one["localEndpoint"]["serviceName"])
        assert {"client", "server"} in sides.values()


def test_nothing_is_traced_where_nothing_is_wanted(told):
    with told.zone.policy("MeshTrace", default=zipkin(told, sampling={"overall": 0})):
        wait_for("the client's listener knows", lambda: "overall_sampling" in told.listener("server"))
        told.bodies.received.clear()
        for _ in range(20):
            told.ask()
    assert told.bodies.spans() == []


@pytest.fixture(params=["http", "grpc"])
def collector(told, request) -> Iterator[tuple[dict[str, Any], Bodies]]:
    """A collector that takes OTLP, as policies name it, and what it has taken."""
    with bodies() if request.param == "http" else calls() as taking:
        path = {"path": "/otlp"} if request.param == "http" else {}
        spec = {"endpoint": {"address": "127.0.0.1", "port": taking.port, **path}, "protocol": request.param}
        told.zone.api.put({"type": "MeshOpenTelemetryBackend", "mesh": MESH, "name": "main", "spec": spec})
        ref = {"kind": "MeshOpenTelemetryBackend", "labels": {"kuma.io/display-name": "main"}}
        yield {"type": "OpenTelemetry", "openTelemetry": {"backendRef": ref}}, taking
        told.zone.api.delete("MeshOpenTelemetryBackend", "main", MESH)


def test_a_collector_takes_spans_and_records(told, collector):
    backend, taking = collector
    attributes = [{"key": "shop.path", "value": "%REQ(:PATH)%"}]
    logs = {**backend, "openTelemetry": {**backend["openTelemetry"], "attributes": attributes}}
    trace = told.zone.policy("MeshTrace", default={"backends": [backend]})
    with told.logged(to(EVERYBODY, backends=[logs])), trace:

        def found() -> bool:
            told.ask(path="/told")
            spans, records = b"".join(taking.at("/otlp/v1/traces")), b"".join(taking.at("/otlp/v1/logs"))
            return b"service.name" in spans and b"client" in spans and b"shop.path" in records and b"/told" in records

        wait_for("spans and records arrive", found)
        records = b"".join(taking.at("/otlp/v1/logs"))
        assert b"kri_wl_default_lone__client_" in records
        wait_for("statuses tell of each other", lambda: reasons(told) == {"Referenced", "AllBackendRefsResolved"})
    wait_for("nobody points there any more", lambda: reasons(told) == {"NotReferenced"})


def reasons(told: Told) -> set[str]:
    """Why conditions of collectors and of those who point at them hold."""
    kinds = ("meshopentelemetrybackends", "meshtraces", "meshaccesslogs")
    found = [one for kind in kinds for one in told.zone.api.get(f"/meshes/{MESH}/{kind}")["items"]]
    return {condition["reason"] for one in found for condition in (one.get("status") or {}).get("conditions", ())}
