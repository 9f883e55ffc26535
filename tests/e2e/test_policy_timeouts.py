"""How long is waited, and how often is tried; without a policy for as long as it takes, and once."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from attrs import frozen

from kuma.cli.demo.world import MESH
from tests.e2e import grpc_echo
from tests.e2e.traffic import (
    EVERYBODY,
    HOST,
    Client,
    Instance,
    Zone,
    lone_zone,
    said,
    service,
    shows,
    to,
    wait_for,
    workload,
)

LATE = {"x_set_response_delay_ms": "500"}  # what a server can be told to wait
SHORT = "250ms"
UPSTREAM = "cluster.kri_msvc_default_lone__server_http."
OPERATORS = "written"  # a MeshService that nobody generated


@frozen
class Pair:
    """A client and a server."""

    zone: Zone
    client: Client
    server: Instance

    def timed_out(self, name: str = "server", path: str = "/", **how: Any) -> bool:
        """Whether a late answer comes too late."""
        return self.client.status(name, path, **(how or LATE)) == 504

    def waited_for(self, name: str = "server", path: str = "/") -> bool:
        """Whether a late answer arrives."""
        began = time.monotonic()
        return self.client.status(name, path, **LATE) == 200 and time.monotonic() - began > 0.5


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with lone_zone() as zone:
        server = zone.serve("server", "127.0.0.2", {"http": "http", "secondary": "http", "raw": "tcp"})
        zone.run("calls", "127.0.0.3", grpc_echo, {"grpc": "grpc"})
        write_service(zone)
        refs = {each: zone.backend("server", each) for each in ("http", "secondary", "raw")}
        written = {"kind": "MeshService", "name": OPERATORS, "port": 80}
        grpc = zone.backend("calls", "grpc")
        client = zone.client("client", {"server": refs.pop("http"), **refs, OPERATORS: written, "grpc": grpc})
        zone.ready()
        for name in ("server", "secondary", "raw", OPERATORS):
            wait_for(f"{name} answers", lambda name=name: client.status(name) == 200)
        yield Pair(zone, client, server)


def write_service(zone: Zone) -> None:
    ports = [{"port": 80, "targetPort": zone.ports["server", "http"], "appProtocol": "http", "name": "main"}]
    selector = {"dataplaneLabels": {"matchLabels": {"kuma.io/workload": "server"}}}
    zone.api.put(
        {"type": "MeshService", "mesh": MESH, "name": OPERATORS, "spec": {"selector": selector, "ports": ports}}
    )


def rules(**default: Any) -> list[dict[str, Any]]:
    return [{"default": default}]


REQUEST = {"http": {"requestTimeout": SHORT}}

FIRING = {
    "outbound to the service": {"to": [to(service("server"), **REQUEST)]},
    "outbound to everything": {"to": [to(EVERYBODY, **REQUEST)]},
    "outbound of this client": {"target_ref": workload("client"), "to": [to(EVERYBODY, **REQUEST)]},
    "inbound": {"rules": rules(**REQUEST)},
    "inbound of this server": {"target_ref": workload("server"), "rules": rules(**REQUEST)},
    "stream idle": {"to": [to(EVERYBODY, http={"streamIdleTimeout": SHORT})]},
    "stream idle at the server": {"rules": rules(http={"streamIdleTimeout": SHORT})},
    "stream duration": {"to": [to(EVERYBODY, http={"maxStreamDuration": SHORT})]},
}


@pytest.mark.scenario("U-timeout-01", "U-timeout-02", "K-timeout-01")
@pytest.mark.parametrize("where", FIRING)
def test_a_request_that_takes_too_long_is_given_up(pair, where):
    with pair.zone.policy("MeshTimeout", **FIRING[where]):
        wait_for("the request is given up", pair.timed_out)
        assert pair.client.status() == 200
    assert pair.waited_for()


def test_a_timeout_of_others_changes_nothing(pair):
    of_nobody = {"target_ref": workload("nobody"), "to": [to(EVERYBODY, **REQUEST)]}
    of_others = {"to": [to(service("calls"), **REQUEST)]}
    with pair.zone.policy("MeshTimeout", "one", **of_nobody), pair.zone.policy("MeshTimeout", "two", **of_others):
        shows(pair.client.proxy, '"timeout": "0.250s"')
        assert pair.waited_for()


@pytest.mark.scenario("K-timeout-03")
def test_a_timeout_of_one_inbound_leaves_the_other_alone(pair):
    second = workload("server") | {"sectionName": "secondary"}
    with pair.zone.policy("MeshTimeout", target_ref=second, rules=rules(**REQUEST)):
        wait_for("the second inbound gives up", lambda: pair.timed_out("secondary"))
        assert pair.waited_for()


def test_what_is_said_of_a_route_beats_what_is_said_of_its_service(pair):
    slow = {"matches": [{"path": {"type": "PathPrefix", "value": "/slow"}}], "default": {}}
    route = {"to": [{"targetRef": service("server"), "rules": [slow]}]}
    of_route = to({"kind": "MeshHTTPRoute", "labels": {"kuma.io/display-name": "slow"}}, http={"requestTimeout": "5s"})
    with (
        pair.zone.policy("MeshHTTPRoute", "slow", **route),
        pair.zone.policy("MeshTimeout", to=[to(service("server"), **REQUEST), of_route]),
    ):
        wait_for("the service gives up", pair.timed_out)
        wait_for("the route waits", lambda: pair.waited_for(path="/slow"))
        assert pair.timed_out()


def test_idle_connections_between_proxies_end(pair):
    ended = UPSTREAM + "upstream_cx_idle_timeout"
    assert pair.client.stat(ended) == 0
    with pair.zone.policy("MeshTimeout", to=[to(EVERYBODY, idleTimeout=SHORT)]):
        shows(pair.client.proxy, '"idle_timeout": "0.250s"')
        assert pair.client.status() == 200
        wait_for("one has ended", lambda: pair.client.stat(ended) > 0)
        wait_for("none is left", lambda: pair.client.stat(UPSTREAM + "upstream_cx_active") == 0)


def test_idle_connections_to_the_workload_end(pair):
    ended = "cluster.self_inbound_dp_http.upstream_cx_idle_timeout"
    assert pair.server.stat(ended) == 0
    with pair.zone.policy("MeshTimeout", rules=rules(idleTimeout=SHORT)):
        shows(pair.server.proxy, '"idle_timeout": "0.250s"')
        assert pair.client.status() == 200
        wait_for("one has ended", lambda: pair.server.stat(ended) > 0)


def test_old_connections_end_even_while_they_are_used(pair):
    ended = UPSTREAM + "upstream_cx_max_duration_reached"
    assert pair.client.stat(ended) == 0
    with pair.zone.policy("MeshTimeout", to=[to(EVERYBODY, http={"maxConnectionDuration": SHORT})]):
        wait_for("one has ended", lambda: pair.client.status() == 200 and pair.client.stat(ended) > 0)


@pytest.mark.parametrize("where", ["to", "rules"])
def test_silent_connections_end(pair, where):
    spec = {"to": [to(EVERYBODY, idleTimeout=SHORT)], "rules": rules(idleTimeout=SHORT)}
    assert not _ends(pair.client.outbounds["raw"])
    with pair.zone.policy("MeshTimeout", **{where: spec[where]}):
        wait_for("a silent connection ends", lambda: _ends(pair.client.outbounds["raw"]))


def _ends(port: int) -> bool:
    """Whether a connection on which nothing is said ends within a time that is longer than the timeouts here."""
    with socket.create_connection((HOST, port), timeout=1) as connection:
        try:
            return connection.recv(1) == b""
        except TimeoutError:
            return False


def test_headers_must_not_come_slowly(pair):
    half = b"GET / HTTP/1.1\r\nhost: server\r\n"
    times = {"requestTimeout": "5s", "requestHeadersTimeout": SHORT}
    with pair.zone.policy("MeshTimeout", to=[to(service("server"), http=times)]):
        shows(pair.client.proxy, '"request_headers_timeout": "0.250s"')
        assert said(HOST, pair.client.outbounds["server"], half).startswith(b"HTTP/1.1 408")


# half of the tries fail: of a thousand requests none may be as unlucky as this
RETRY = {"http": {"numRetries": 40, "retryOn": ["5xx"], "backOff": {"baseInterval": "1ms", "maxInterval": "5ms"}}}


def failing(zone: Zone, of: str = "server", status: int = 500):
    """Half of the requests fail at the server's sidecar."""
    fault = {"abort": {"httpStatus": status, "percentage": 50}}
    return zone.policy("MeshFaultInjection", "faulty", target_ref=workload(of), rules=rules(http=[fault]))


ROUTE = {
    "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
    "default": {"backendRefs": [service("server", "http")]},
}
OF_ROUTE = {"kind": "MeshHTTPRoute", "labels": {"kuma.io/display-name": "everything"}}

RETRIES = {
    "by the client": ("server", {"target_ref": workload("client"), "to": [to(EVERYBODY, **RETRY)]}),
    "of a service that an operator wrote": (OPERATORS, {"to": [to(service(OPERATORS), **RETRY)]}),
    "of a route": ("server", {"to": [to(OF_ROUTE, **RETRY)]}),
}


@pytest.mark.scenario("U-retry-01", "U-retry-02", "U-retry-03")
@pytest.mark.parametrize("which", RETRIES)
def test_retries_save_requests_that_fail_by_chance(pair, which):
    name, spec = RETRIES[which]
    route = {"to": [{"targetRef": service("server"), "rules": [ROUTE]}]}
    with failing(pair.zone), pair.zone.policy("MeshHTTPRoute", "everything", **route):
        wait_for("some fail", lambda: pair.client.statuses(5, name)[500] > 0)
        assert pair.client.statuses(50, name)[500] > 5
        with pair.zone.policy("MeshRetry", **spec):
            wait_for("none fails", lambda: pair.client.statuses(20, name) == {200: 20})
            assert pair.client.statuses(50, name) == {200: 50}
        wait_for("some fail again", lambda: pair.client.statuses(20, name)[500] > 0)


def test_a_retry_does_not_help_what_fails_more_often(pair):
    def status(failures: int) -> int:
        return pair.client.status(x_succeed_after_n=str(failures), x_succeed_after_n_id=str(uuid4()))

    assert status(2) == 503
    some = {"http": {"numRetries": 3, "retryOn": ["503"], "backOff": {"baseInterval": "1ms"}}}
    with pair.zone.policy("MeshRetry", to=[to(service("server"), **some)]):
        wait_for("three retries save", lambda: status(3) == 200)
        assert status(4) == 503
        assert pair.client.status(x_set_response_code="500") == 500
    assert status(1) == 503


def test_only_the_named_methods_are_tried_again(pair):
    def status(method: str) -> int:
        told = {"x-succeed-after-n": "1", "x-succeed-after-n-id": str(uuid4())}
        return pair.client.ask("server", "/", method, **told).status

    only_get = {"http": {"numRetries": 3, "retryOn": ["5xx", "HttpMethodGet"]}}
    with pair.zone.policy("MeshRetry", to=[to(service("server"), **only_get)]):
        wait_for("a GET is tried again", lambda: status("GET") == 200)
        assert status("POST") == 503


def test_one_try_may_be_cut_short_so_that_the_next_saves_it(pair):
    each = {"http": {"numRetries": 2, "perTryTimeout": SHORT, "retryOn": ["GatewayError"]}}
    tries = UPSTREAM + "upstream_rq_retry"
    with pair.zone.policy("MeshRetry", to=[to(service("server"), **each)]):
        wait_for("each try is given up", pair.timed_out)
        before = pair.client.stat(tries)
        assert pair.timed_out()
        assert pair.client.stat(tries) == before + 2


@pytest.mark.scenario("U-retry-04")
def test_retries_save_grpc_calls(pair):
    cluster = "cluster.kri_msvc_default_lone__calls_grpc.grpc."
    retry = {"grpc": {"numRetries": 40, "retryOn": ["Unavailable", "Internal"], "backOff": {"baseInterval": "1ms"}}}

    def failures(calls: int) -> int:
        before = pair.client.stat(cluster + "failure")
        for _ in range(calls):
            _called(pair.client.outbounds["grpc"])
        return pair.client.stat(cluster + "failure") - before

    with failing(pair.zone, "calls", 503):
        wait_for("calls fail", lambda: failures(5) > 0)
        with pair.zone.policy("MeshRetry", to=[to(EVERYBODY, **retry)]):
            wait_for("calls are saved", lambda: all(_called(pair.client.outbounds["grpc"]) for _ in range(10)))
            before = pair.client.stat(cluster + "success")
            assert all(_called(pair.client.outbounds["grpc"]) for _ in range(10))
            assert pair.client.stat(cluster + "success") == before + 10


def _called(port: int) -> bool:
    try:
        return grpc_echo.say(port) == b"calls"
    except grpc_echo.grpc.RpcError:
        return False
