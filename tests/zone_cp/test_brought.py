"""What a proxy brought to its bootstrap is not read again when its stream brings it."""

from kuma.kinds import parse_document
from zone_cp.brought import MOST, Brought

WEB = parse_document({
    "type": "Dataplane",
    "mesh": "shop",
    "name": "web",
    "networking": {"address": "127.0.0.1", "inbound": [{"port": 80}]},
})  # fmt: skip


def test_a_text_is_recalled_once():
    brought = Brought()
    brought.remember("the text", WEB)
    assert brought.recall("another") is None
    assert brought.recall("the text") is WEB
    assert brought.recall("the text") is None


def test_of_too_many_the_oldest_are_forgotten():
    brought = Brought()
    for number in range(MOST + 1):
        brought.remember(f"text {number}", WEB)
    assert brought.recall("text 0") is None
    assert brought.recall("text 1") is WEB
