"""Names that are looked up again and again."""

import pytest

from kuma.loop import future
from tests.hands import Hands
from zone_cp.addresses import Addresses


class Resolver:
    """Knows one name, and counts who asks."""

    def __init__(self):
        self.asked = 0
        self.found = ["10.0.0.2", "10.0.0.1"]

    async def __call__(self, name):
        self.asked += 1
        return self.found


@pytest.fixture
async def known():
    hands, resolver = Hands(), Resolver()
    addresses = Addresses(hands, resolver, again=3.0)
    addresses.startService()
    yield hands, resolver, addresses
    await future(addresses.stopService())


async def test_a_name_is_looked_up_as_often_as_the_settings_say(known):
    hands, resolver, addresses = known
    told = []
    addresses.follow(told.append)
    assert addresses.ip("db.example.com") is None
    await hands.advance(0.5)
    assert (addresses.ip("db.example.com"), told) == ("10.0.0.1", ["db.example.com"])
    await hands.advance(6)
    assert resolver.asked == 3
    resolver.found = []
    await hands.advance(3)
    assert addresses.ip("db.example.com") == "10.0.0.1", "an outage takes nothing away"
    resolver.found = ["10.0.0.9"]
    await hands.advance(3)
    assert (addresses.ip("db.example.com"), len(told)) == ("10.0.0.9", 2)


async def test_addresses_are_not_looked_up(known):
    hands, resolver, addresses = known
    assert addresses.ip("10.0.0.7") == "10.0.0.7"
    await hands.advance(10)
    assert resolver.asked == 0
