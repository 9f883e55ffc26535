"""Who is too busy or too ill to be asked is not asked; without a policy everybody is asked, always."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from attrs import frozen

from tests.e2e import grpc_echo
from tests.e2e.traffic import (
    EVERYBODY,
    Client,
    Instance,
    Zone,
    lone_zone,
    service,
    shows,
    to,
    wait_for,
)

ONE_OF_EACH = {f"max{what}": 1 for what in ("Connections", "ConnectionPools", "PendingRequests", "Retries", "Requests")}
LIMITS = {"connectionLimits": ONE_OF_EACH}
OFTEN = {"interval": "200ms", "timeout": "1s", "noTrafficInterval": "200ms", "unhealthyThreshold": 1}
OFTEN |= {"healthyThreshold": 1}
NEVER = {"totalFailures": {"consecutive": 1_000}}
NO_PANIC = {"outlierDetection": {"healthyPanicThreshold": 0, "detectors": NEVER}}
PAIR, LONE = "kri_msvc_default_lone__pair_http", "kri_msvc_default_lone__server_http"


@frozen
class Ward:
    """A client, a server, a service of two instances, and one that answers gRPC."""

    zone: Zone
    client: Client
    server: Instance
    pair: tuple[Instance, Instance]
    calls: Instance

    def crowd(self) -> Counter[str]:
        """What ten requests at once are answered with that take a while; Envoy says when it is its own limit."""
        with ThreadPoolExecutor(10) as pool:
            answers = pool.map(lambda _: self.client.ask(x_set_response_delay_ms="300"), range(10))
            return Counter("overflow" if b"overflow" in one.body else str(one.status) for one in answers)

    def flagged(self, cluster: str, flag: str = "failed_active_hc") -> int:
        """How many of a cluster's endpoints the client's Envoy has marked so."""
        lines = self.client.proxy.admin.get("/clusters").body.decode().splitlines()
        told = (line for line in lines if line.startswith(f"{cluster}::") and "::health_flags::" in line)
        return sum(flag in line for line in told)


@pytest.fixture(scope="module")
def ward() -> Iterator[Ward]:
    with lone_zone() as zone:
        protocols = {"http": "http", "raw": "tcp"}
        server = zone.serve("server", "127.0.0.2", protocols)
        pair = (zone.serve("pair-a", "127.0.0.3", {"http": "http"}, of="pair"),)
        pair += (zone.serve("pair-b", "127.0.0.4", {"http": "http"}, of="pair"),)
        calls = zone.run("calls", "127.0.0.5", grpc_echo, {"grpc": "grpc"})
        refs = {"server": zone.backend("server"), "raw": zone.backend("server", "raw"), "pair": zone.backend("pair")}
        client = zone.client("client", {**refs, "grpc": zone.backend("calls", "grpc")})
        zone.ready()
        made = Ward(zone, client, server, pair, calls)
        wait_for("all answer", lambda: client.status() == client.status("raw") == 200)
        wait_for("both answer", lambda: both_answer(made))
        wait_for("calls are answered", lambda: grpc_echo.say(client.outbounds["grpc"]))
        yield made


def both_answer(ward: Ward) -> bool:
    return set(ward.client.everybody(10, "pair")) == {"pair-a", "pair-b"}


@pytest.mark.scenario("K-breaker-01")
def test_a_crowd_overflows_what_a_client_may_send(ward):
    assert ward.crowd() == {"200": 10}
    with ward.zone.policy("MeshCircuitBreaker", to=[to(service("server"), **LIMITS)]):
        shows(ward.client.proxy, '"max_requests": 1,')
        seen = ward.crowd()
        assert set(seen) == {"200", "overflow"}
        assert ward.client.status() == 200
    assert ward.crowd() == {"200": 10}


@pytest.mark.scenario("K-breaker-02")
def test_a_crowd_overflows_what_a_server_takes(ward):
    with ward.zone.policy("MeshCircuitBreaker", rules=[{"default": LIMITS}]):
        shows(ward.server.proxy, '"max_requests": 1,')
        wait_for("some of a crowd are turned away", lambda: ward.crowd()["overflow"] > 0)
        assert ward.client.status() == 200
    assert ward.crowd() == {"200": 10}


def detecting(panic: int = 0, back: str = "30s", **detectors: Any) -> dict[str, Any]:
    often = {"interval": "100ms", "baseEjectionTime": back, "maxEjectionPercent": 100}
    return {"outlierDetection": {**often, "healthyPanicThreshold": panic, "detectors": detectors}}


@pytest.mark.scenario("K-breaker-03")
def test_a_server_that_fails_once_is_left_alone(ward):
    ejected = f"cluster.{LONE}.outlier_detection.ejections_active"
    conf = detecting(totalFailures={"consecutive": 1}) | LIMITS
    with ward.zone.policy("MeshCircuitBreaker", to=[to(service("server"), **conf)]):
        shows(ward.client.proxy, '"consecutive_5xx": 1,')
        assert ward.client.status() == 200
        assert ward.client.status(x_set_response_code="500") == 500
        wait_for("the circuit is open", lambda: ward.client.status() == 503)
        assert ward.client.stat(ejected) == 1
        assert ward.client.statuses(20) == {503: 20}
    wait_for("the server is asked again", lambda: ward.client.statuses() == {200: 10})
    assert ward.client.status(x_set_response_code="500") == 500
    assert ward.client.statuses() == {200: 10}


def test_an_overflow_is_no_failure_of_the_server(ward):
    conf = detecting(totalFailures={"consecutive": 1}) | LIMITS
    with ward.zone.policy("MeshCircuitBreaker", to=[to(service("server"), **conf)]):
        shows(ward.client.proxy, '"consecutive_5xx": 1,', '"max_requests": 1,')
        assert ward.crowd()["overflow"] > 0
        assert ward.client.statuses() == {200: 10}


@contextmanager
def dead(instance: Instance) -> Iterator[None]:
    """A workload that has crashed, behind a sidecar that has not."""
    instance.app.kill()
    try:
        yield
    finally:
        instance.app.start()
        wait_for(f"{instance.name} is back", lambda: instance.direct().status == 200)


def test_a_dead_instance_is_ejected_and_comes_back(ward):
    conf = detecting(back="1s", gatewayFailures={"consecutive": 1})
    with ward.zone.policy("MeshCircuitBreaker", to=[to(service("pair"), **conf)]):
        shows(ward.client.proxy, '"consecutive_gateway_failure": 1,')
        with dead(ward.pair[1]):
            wait_for("the dead one is ejected", lambda: ward.client.everybody(10, "pair") == {"pair-a": 10})
        wait_for("it is asked again", lambda: both_answer(ward))


def test_a_health_check_finds_the_dead_before_requests_do(ward):
    with dead(ward.pair[1]):
        wait_for("requests meet the dead one", lambda: ward.client.statuses(10, "pair")[503] > 0)
        with ward.zone.policy("MeshHealthCheck", to=[to(service("pair"), **OFTEN, http={"path": "/"})]):
            wait_for("the dead one is out", lambda: ward.client.statuses(20, "pair") == {200: 20})
            assert ward.flagged(PAIR) == 1
        wait_for("requests meet the dead one again", lambda: ward.client.statuses(10, "pair")[503] > 0)
    wait_for("both answer", lambda: both_answer(ward))


def test_a_checked_instance_comes_back_when_it_is_well(ward):
    with ward.zone.policy("MeshHealthCheck", to=[to(EVERYBODY, **OFTEN, http={"path": "/"})]):
        with dead(ward.pair[1]):
            wait_for("the dead one is out", lambda: ward.flagged(PAIR) == 1)
        wait_for("it is back", lambda: ward.flagged(PAIR) == 0)
        assert both_answer(ward)


@pytest.mark.scenario("U-healthcheck-01")
@pytest.mark.parametrize("target", [EVERYBODY, None])
def test_an_answer_that_is_not_expected_is_an_illness(ward, target):
    of = {} if target is None else {"target_ref": target}
    well = to(service("server"), **OFTEN, http={"path": "/health", "expectedStatuses": [200]})
    ill = to(service("server"), **OFTEN, http={"path": "/other", "expectedStatuses": [500]})
    with ward.zone.policy("MeshCircuitBreaker", "no-panic", **of, to=[to(service("server"), **NO_PANIC)]):
        with ward.zone.policy("MeshHealthCheck", **of, to=[well]):
            wait_for("it is checked", lambda: ward.client.stat(f"cluster.{LONE}.health_check.success") > 0)
            assert ward.client.statuses(5) == {200: 5}
        with ward.zone.policy("MeshHealthCheck", **of, to=[ill]):
            wait_for("it is ill", lambda: ward.flagged(LONE) == 1)
            wait_for("nobody is asked", lambda: ward.client.status() == 503)
            assert ward.client.statuses(20) == {503: 20}


ASKED = "GET /checked HTTP/1.1\r\nhost: checked\r\n\r\n"


@pytest.mark.scenario("U-healthcheck-02")
def test_bytes_that_are_not_the_expected_ones_are_an_illness(ward):
    raw = "kri_msvc_default_lone__server_raw"
    well, ill = ({"send": ASKED, "receive": [found]} for found in ("200 OK", "something else"))
    often = OFTEN | {"reuseConnection": False}
    with ward.zone.policy("MeshCircuitBreaker", "no-panic", to=[to(service("server"), **NO_PANIC)]):
        with ward.zone.policy("MeshHealthCheck", to=[to(service("server", "raw"), **often, tcp=well)]):
            wait_for("it is checked", lambda: ward.client.stat(f"cluster.{raw}.health_check.success") > 0)
            assert ward.client.said("raw").startswith(b"HTTP/1.1 200")
        with ward.zone.policy("MeshHealthCheck", to=[to(service("server", "raw"), **often, tcp=ill)]):
            wait_for("it is ill", lambda: ward.flagged(raw) == 1)
            wait_for("nobody is asked", lambda: ward.client.said("raw") == b"")
            assert {ward.client.said("raw") for _ in range(10)} == {b""}
            assert ward.client.status() == 200


def test_an_http_service_whose_http_check_is_off_is_checked_by_bytes(ward):
    checks = {"http": {"disabled": True}, "tcp": {"send": ASKED, "receive": ["something else"]}}
    with ward.zone.policy("MeshHealthCheck", to=[to(service("server"), **OFTEN, **checks)]):
        shows(ward.client.proxy, "tcp_health_check")
        wait_for("it is ill", lambda: ward.flagged(LONE) == 1)


@pytest.mark.scenario("U-healthcheck-04", "U-healthcheck-05")
def test_a_grpc_server_that_hangs_is_ill_until_it_goes_on(ward):
    cluster, app = "kri_msvc_default_lone__calls_grpc", ward.calls.app
    often = OFTEN | {"timeout": "300ms", "unhealthyThreshold": 2}
    with ward.zone.policy("MeshHealthCheck", to=[to(service("calls"), **often, grpc={})]):
        wait_for("it is checked", lambda: ward.client.stat(f"cluster.{cluster}.health_check.success") > 0)
        assert ward.flagged(cluster) == 0
        app.signal(signal.SIGSTOP)
        try:
            wait_for("it is ill", lambda: ward.flagged(cluster) == 1)
        finally:
            app.signal(signal.SIGCONT)
        wait_for("it is well", lambda: ward.flagged(cluster, "healthy") == 1)
        assert grpc_echo.say(ward.client.outbounds["grpc"]) == b"calls"
