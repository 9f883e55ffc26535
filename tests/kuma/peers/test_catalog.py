"""The list of instances: what is written can be read, one leads at most, and what can't be read is nobody."""

import json

from hypothesis import given
from hypothesis import strategies as st

from kuma.peers.catalog import Peer, led_by, read, without_leader, written

WORDS = st.text("abc-1.", min_size=1, max_size=8)
PEERS = st.builds(Peer, WORDS, WORDS, st.integers(1, 65535), st.booleans(), st.text("12.", max_size=3))
CATALOGS = st.lists(PEERS, max_size=5, unique_by=lambda peer: peer.id)


@given(CATALOGS)
def test_what_is_written_is_read(peers):
    assert sorted(read(written(peers)), key=lambda peer: peer.id) == sorted(peers, key=lambda peer: peer.id)


@given(CATALOGS)
def test_the_order_does_not_matter(peers):
    assert written(peers) == written(reversed(peers))


@given(PEERS, CATALOGS)
def test_one_leads_until_it_does_not(own, others):
    led = led_by(own, others)
    assert [peer.id for peer in led if peer.leader] == [own.id]
    assert len({peer.id for peer in led}) == len(led)
    assert not any(peer.leader for peer in without_leader(led, own.id))


def test_how_it_is_written():
    assert json.loads(written([Peer("b", "10.0.0.2", 5683), Peer("a", "10.0.0.1", 5683, True, "3.0")])) == {
        "instances": [
            {"id": "a", "address": "10.0.0.1", "interCpPort": 5683, "leader": True, "version": "3.0"},
            {"id": "b", "address": "10.0.0.2", "interCpPort": 5683, "leader": False},
        ]
    }


def test_what_is_no_catalog_names_nobody():
    for text in ("", "[]", "{}", '{"instances": 1}', '{"instances": [1, {"id": "a"}]}'):
        assert read(text) == ()


def test_an_address_of_ipv6_is_bracketed():
    assert [Peer("a", address, 1).target for address in ("10.0.0.1", "fd00::1", "cp.internal")] == [
        "10.0.0.1:1",
        "[fd00::1]:1",
        "cp.internal:1",
    ]
