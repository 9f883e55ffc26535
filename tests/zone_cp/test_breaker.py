"""Many proxies without identity: all wait long, until one of them gets it."""

import pytest
from prometheus_client import CollectorRegistry

from kuma.model import Key
from kuma.tasks import Backoff
from tests.zone_cp.identity_world import EAST, World, dataplane, identity
from zone_cp.breaker import Breaker
from zone_cp.identities import Identities, Terms
from zone_cp.metrics import watch

A, B, C = (Key("Dataplane", "default", name) for name in "abc")


def test_it_opens_and_closes():
    breaker = Breaker(2)
    breaker.failed(A)
    breaker.failed(A)
    assert (breaker.failing, breaker.open) == (1, False)
    breaker.failed(B)
    assert breaker.open
    assert breaker.succeeded(C) == (A, B)
    assert breaker.succeeded(A) == (B,)
    assert not breaker.open
    assert breaker.succeeded(C) == ()
    breaker.forget(B)
    assert breaker.failing == 0


def test_a_limit_of_none_never_opens():
    breaker = Breaker(0)
    breaker.failed(A)
    assert not breaker.open


@pytest.fixture
async def zone():
    zone = World()
    await zone.begin()
    yield zone
    await zone.end()


async def test_while_many_fail_all_wait_long_and_the_first_that_succeeds_calls_them(zone):
    told, breaker = [], Breaker(3)
    terms = Terms(EAST, Backoff(5.0, 300.0, jitter=0), breaker=breaker)
    identities = zone.start(Identities(zone.store, terms, zone.clock, told.append))
    await zone.clock.advance(1)
    await zone.put(identity())
    nameless = [dataplane(f"web-{number}", workload="") for number in range(3)]
    for proxy in nameless:
        assert await identities.certificate(await zone.mesh(), proxy) is None
    assert breaker.open
    await zone.clock.advance(20)
    assert sorted(told) == [nameless[0].key, nameless[1].key], "the third one opened it"
    told.clear()
    for proxy in nameless[:2]:
        assert await identities.certificate(await zone.mesh(), proxy) is None
    await zone.clock.advance(200, step=10)
    assert told == []
    named = dataplane("web-0", workload="web")
    assert await identities.certificate(await zone.mesh(), named) is not None
    assert told == [nameless[1].key, nameless[2].key]
    assert not breaker.open


def test_it_can_be_watched():
    registry, breaker = CollectorRegistry(), Breaker(2)
    watch(breaker, registry)
    values = [registry.get_sample_value(name) for name in ("cert_generation_backoff", "cert_generation_circuit_open")]
    assert values == [0.0, 0.0]
    breaker.failed(A)
    breaker.failed(B)
    values = [registry.get_sample_value(name) for name in ("cert_generation_backoff", "cert_generation_circuit_open")]
    assert values == [2.0, 1.0]
