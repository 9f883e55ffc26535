"""Policies that only cast their shadow: what they would change can be read, and nothing is changed by them."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.e2e.shadows import CLIENT, OTHER, SERVER, TCP_INBOUND, Shade, policy, shades
from tests.e2e.traffic import EVERYBODY, to, wait_for, workload

TIMEOUT = policy("MeshTimeout", to=[to(EVERYBODY, connectionTimeout="51s")])
FAULTS = policy(
    "MeshFaultInjection", rules=[{"default": {"http": [{"abort": {"httpStatus": 500, "percentage": 100}}]}}]
)


@pytest.fixture(scope="module")
def shade() -> Iterator[Shade]:
    with shades() as made:
        yield made


@pytest.mark.scenario("U-config-01")
@pytest.mark.parametrize("name", [SERVER, OTHER, CLIENT])
def test_without_shadow_policies_nothing_would_change(shade, name):
    assert shade.config(name)["diff"] == []
    assert shade.config(name)["xds"] == shade.config(name, shadow=False)["xds"]


@pytest.mark.scenario("U-config-02")
def test_a_shadow_is_seen_where_it_falls_and_changes_nothing(shade):
    before = shade.zone.configured()
    with shade.shadow(TIMEOUT):
        assert shade.seen(CLIENT).changed == {f"cluster kri_msvc_default_lone__{name}_http" for name in (SERVER, OTHER)}
        assert shade.config(SERVER)["diff"] == []
        assert shade.zone.clients[0].status() == 200
        assert shade.zone.configured() == before


def test_not_even_requests_are_marked_for_faults_that_only_cast_a_shadow(shade):
    with shade.shadow(FAULTS):
        assert "listener self_inbound_dp_http" in shade.seen(SERVER).changed
        assert "x-kuma-tags" in str(shade.seen(CLIENT).difference)


@pytest.mark.scenario("U-config-03")
def test_what_is_told_is_the_same_each_time(shade):
    with shade.shadow(TIMEOUT):
        shade.seen(CLIENT)
    told = []
    for _ in range(3):
        told.append(shade.config(CLIENT))
        time.sleep(1)  # apart, as other control planes' caches live a second
    assert told[0] == told[1] == told[2]
    assert list(told[0]["xds"]) == list(told[2]["xds"])


def test_what_is_in_effect_is_no_shadow(shade):
    with shade.zone.policy("MeshTimeout", to=TIMEOUT["spec"]["to"]):
        wait_for("it is in effect", lambda: "51s" in str(shade.config(CLIENT, shadow=False)["xds"]))
        assert shade.config(CLIENT)["diff"] == []


OF_ONE_WORKLOAD = {
    "MeshTimeout": {"connectionTimeout": "51s"},
    "MeshAccessLog": {"backends": [{"type": "File", "file": {"path": "/tmp/never-written.log"}}]},
    "MeshCircuitBreaker": {"connectionLimits": {"maxConnections": 10}},
    "MeshRateLimit": {"local": {"tcp": {"connectionRate": {"num": 5, "interval": "10s"}}}},
}


@pytest.mark.scenario("U-config-06")
@pytest.mark.parametrize("kind", OF_ONE_WORKLOAD)
def test_a_shadow_falls_only_on_whom_a_policy_is_for(shade, kind):
    rules = [{"default": OF_ONE_WORKLOAD[kind]}]
    with shade.shadow(policy(kind, target_ref=workload(CLIENT), rules=rules)):
        assert shade.seen(CLIENT).changed <= {f"listener {TCP_INBOUND}", f"cluster {TCP_INBOUND}"}
        assert shade.config(SERVER)["diff"] == shade.config(OTHER)["diff"] == []
