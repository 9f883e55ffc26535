"""What the log tells of configs that have changed: one line for many proxies, each change in its place."""

from structlog.testing import capture_logs

from kuma.model import Key
from kuma.xds.config import Config, Packed, layer
from tests.hands import Hands
from zone_cp.journal import MOST, PAUSE, Journal

CDS = "type.googleapis.com/envoy.config.cluster.v3.Cluster"
LDS = "type.googleapis.com/envoy.config.listener.v3.Listener"


def config(clusters, listeners="same"):
    made = {CDS: clusters, LDS: listeners}
    return Config({url: (layer((Packed("one", version, b""),)),) for url, version in made.items()})


def proxy(number):
    return Key("Dataplane", "shop", f"p{number}")


async def test_many_that_changed_alike_are_told_together_and_only_what_is_new():
    hands = Hands()
    journal, before, after = Journal(hands), config("a"), config("b")
    with capture_logs() as lines:
        assert all(journal.changed(proxy(number), before, after) for number in range(MOST + 1))
        assert not lines
        await hands.advance(PAUSE)
    assert [len(line["proxies"]) for line in lines] == [MOST, 1]
    assert {line["mesh"] for line in lines} == {"shop"}
    assert all(set(line["versions"]) == {"Cluster"} for line in lines)


async def test_the_same_is_no_change():
    journal = Journal(Hands())
    assert not journal.changed(proxy(1), config("a"), config("a"))
    with capture_logs() as lines:
        journal.tell()
    assert not lines


async def test_a_proxy_that_changes_twice_is_told_twice_in_order():
    journal, first, second = Journal(Hands()), config("a"), config("b")
    with capture_logs() as lines:
        for before, after in ((None, first), (first, second), (second, first)):
            assert journal.changed(proxy(1), before, after)
        journal.tell()
    told = [line["versions"]["Cluster"] for line in lines]
    assert told[0] == told[2] != told[1]
    assert set(lines[0]["versions"]) == {"Cluster", "Listener"}
