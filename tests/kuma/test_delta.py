"""The delta conversation, one exchange at a time."""

from __future__ import annotations

import pytest
from attrs import evolve

from kuma.xds.config import Config, Packed, layer
from kuma.xds.delta import Node, Receiver, Request, Response, Sender, Unexpected, make_before_break

CDS, EDS, LDS = "clusters", "endpoints", "listeners"
ADS = make_before_break(CDS, EDS, LDS)


def packed(name: str, version: str = "1") -> Packed:
    return Packed(name, version, f"{name}@{version}".encode(), "url")


def config(**types: dict[str, str]) -> Config:
    return Config({url: (layer(packed(*item) for item in held.items()),) for url, held in types.items()})


def names(responses: list[Response]) -> list[tuple[str, list[str], list[str]]]:
    return [(one.type_url, [p.name for p in one.resources], list(one.removed)) for one in responses]


def ack(response: Response) -> Request:
    return Request(response.type_url, nonce=response.nonce)


def nack(response: Response, why: str = "no") -> Request:
    return Request(response.type_url, nonce=response.nonce, error=why)


def subscribed(sender: Sender, *urls: str) -> Sender:
    """Subscribed to all of some types, and all that was due is accepted."""
    for url in urls:
        accept_all(sender, sender.receive(Request(url)))
    return sender


def accept_all(sender: Sender, responses: list[Response]) -> list[Response]:
    """Everything sent until there is nothing more to say."""
    seen = []
    while responses:
        seen.append(responses[0])
        responses = responses[1:] + sender.receive(ack(responses[0]))
    return seen


def test_nothing_is_said_before_there_is_a_config():
    assert Sender().receive(Request(CDS)) == []


def test_the_first_question_for_everything_is_answered_even_with_nothing():
    assert names(Sender(config()).receive(Request("Unknown", ("*",)))) == [("Unknown", [], [])]


def test_everything_that_waits_is_sent_once_there_is_a_config():
    sender = Sender()
    for url in (LDS, CDS):
        sender.receive(Request(url))
    assert names(sender.publish(config(clusters={"c": "1"}, listeners={"l": "1"}))) == [
        (CDS, ["c"], []),
        (LDS, ["l"], []),
    ]


def test_an_equal_config_is_silence():
    sender = subscribed(Sender(config(clusters={"c": "1"})), CDS)
    assert sender.publish(config(clusters={"c": "1"})) == []


def test_only_the_change_travels():
    sender = subscribed(Sender(config(clusters={"a": "1", "b": "1", "c": "1"})), CDS)
    assert names(sender.publish(config(clusters={"a": "1", "b": "2"}))) == [(CDS, ["b"], ["c"])]


def test_nonces_count_through_all_types():
    sender = Sender(config(clusters={"c": "1"}, listeners={"l": "1"}))
    assert [sender.receive(Request(url))[0].nonce for url in (CDS, LDS)] == ["1", "2"]


def test_one_response_waits_for_its_answer_and_then_only_the_latest_is_sent():
    sender = Sender(config(clusters={"c": "1"}))
    (first,) = sender.receive(Request(CDS))
    assert sender.publish(config(clusters={"c": "2"})) == []
    assert sender.publish(config(clusters={"c": "3"})) == []
    assert sender.waiting
    (second,) = sender.receive(ack(first))
    assert [p.version for p in second.resources] == ["3"]


def test_a_late_answer_to_an_earlier_response_is_no_answer_to_this_one():
    sender = Sender(config(clusters={"c": "1"}))
    sender.receive(Request(CDS))
    assert sender.receive(Request(CDS, nonce="0")) == []
    assert sender.waiting


def test_what_is_refused_is_remembered_and_not_sent_again_until_it_changes():
    sender = Sender(config(clusters={"c": "1"}))
    (first,) = sender.receive(Request(CDS))
    assert sender.receive(nack(first, "bad cluster")) == []
    assert sender.refused == {CDS: "bad cluster"}
    assert sender.publish(config(clusters={"c": "1"})) == []
    (second,) = sender.publish(config(clusters={"c": "2"}))
    sender.receive(ack(second))
    assert sender.refused == {}


def test_an_accepted_change_of_another_resource_does_not_hide_a_refusal():
    sender = Sender(config(clusters={"c": "1"}))
    sender.receive(nack(sender.receive(Request(CDS))[0]))
    accept_all(sender, sender.publish(config(clusters={"c": "1", "d": "1"})))
    assert sender.refused == {CDS: "no"}


def test_a_refusal_that_repeats_the_wildcard_asks_for_nothing_new():
    sender = Sender(config(clusters={"c": "1"}))
    (first,) = sender.receive(Request(CDS, ("*",)))
    assert sender.receive(evolve(nack(first), subscribe=("*",))) == []


def test_on_reconnect_only_what_differs_is_sent():
    sender = Sender(config(clusters={"same": "1", "changed": "2", "new": "1"}))
    request = Request(CDS, ("*",), initial_versions={"same": "1", "changed": "1", "gone": "1"})
    assert names(sender.receive(request)) == [(CDS, ["changed", "new"], ["gone"])]


def test_a_named_resource_that_does_not_exist_is_reported_as_removed():
    sender = Sender(config(endpoints={"a": "1"}))
    assert names(sender.receive(Request(EDS, ("a", "b")))) == [(EDS, ["a"], ["b"])]


def test_a_named_subscription_hears_of_nothing_else():
    sender = Sender(config(endpoints={"a": "1", "b": "1"}))
    accept_all(sender, sender.receive(Request(EDS, ("a",))))
    assert sender.publish(config(endpoints={"a": "1", "b": "2"})) == []
    assert names(sender.publish(config(endpoints={"b": "2"}))) == [(EDS, [], ["a"])]


def test_a_named_reconnect_with_everything_in_hand_is_silence():
    sender = Sender(config(endpoints={"a": "1"}))
    assert sender.receive(Request(EDS, ("a",), initial_versions={"a": "1"})) == []
    assert sender.settled


def test_what_is_asked_again_is_sent_again():
    sender = Sender(config(endpoints={"a": "1"}))
    accept_all(sender, sender.receive(Request(EDS, ("a",))))
    assert names(sender.receive(Request(EDS, ("a",)))) == [(EDS, ["a"], [])]


def test_what_was_on_the_way_when_all_was_asked_for_again_is_removed():
    sender = subscribed(Sender(config()), CDS)
    (on_the_way,) = sender.publish(config(clusters={"a": "1"}))
    assert sender.publish(config()) == []
    assert sender.receive(Request(CDS, unsubscribe=("*",))) == []
    assert sender.receive(Request(CDS, ("*",))) == []
    assert names(sender.receive(ack(on_the_way))) == [(CDS, [], ["a"])]


def test_what_is_unsubscribed_is_not_spoken_of():
    sender = Sender(config(endpoints={"a": "1", "b": "1"}))
    accept_all(sender, sender.receive(Request(EDS, ("a", "b"))))
    assert sender.receive(Request(EDS, unsubscribe=("a",))) == []
    assert names(sender.publish(config(endpoints={}))) == [(EDS, [], ["b"])]


def test_a_name_given_up_under_a_wildcard_is_told_again():
    sender = Sender(config(endpoints={"a": "1"}))
    accept_all(sender, sender.receive(Request(EDS, ("*", "a"))))
    assert names(sender.receive(Request(EDS, unsubscribe=("a",)))) == [(EDS, ["a"], [])]


def test_a_cluster_goes_only_after_the_listener_change_is_accepted():
    sender = subscribed(Sender(config(clusters={"c": "1"}, listeners={"l": "1"}), ADS), CDS, LDS)
    (listeners,) = sender.publish(config(clusters={}, listeners={"l": "2"}))
    assert listeners.type_url == LDS
    assert names(sender.receive(ack(listeners))) == [(CDS, [], ["c"])]


def test_a_cluster_stays_while_the_listener_change_is_refused():
    sender = subscribed(Sender(config(clusters={"c": "1"}, listeners={"l": "1"}), ADS), CDS, LDS)
    (listeners,) = sender.publish(config(clusters={}, listeners={"l": "2"}))
    assert sender.receive(nack(listeners)) == []
    (repaired,) = sender.publish(config(clusters={}, listeners={"l": "3"}))
    assert names(sender.receive(ack(repaired))) == [(CDS, [], ["c"])]


def test_a_cluster_that_comes_back_meanwhile_is_not_removed():
    sender = subscribed(Sender(config(clusters={"c": "1"}, listeners={"l": "1"}), ADS), CDS, LDS)
    (listeners,) = sender.publish(config(clusters={}, listeners={"l": "2"}))
    assert names(sender.publish(config(clusters={"c": "1"}, listeners={"l": "2"}))) == [(CDS, ["c"], [])]
    assert sender.receive(ack(listeners)) == []


def test_a_peer_that_comes_back_keeps_its_clusters_until_its_listeners_are_new():
    sender = Sender(config(clusters={}, listeners={"l": "2"}), ADS)
    (clusters,) = sender.receive(Request(CDS, initial_versions={"c": "1"}))
    assert (clusters.resources, clusters.removed) == ((), ())
    assert sender.receive(ack(clusters)) == []
    (listeners,) = sender.receive(Request(LDS, initial_versions={"l": "1"}))
    assert names(sender.receive(ack(listeners))) == [(CDS, [], ["c"])]


def test_a_listener_waits_for_the_clusters_that_came_with_it():
    sender = Sender(config(clusters={"c": "1"}, listeners={}), ADS)
    accept_all(sender, sender.receive(Request(LDS)))
    (unanswered,) = sender.receive(Request(CDS))
    assert sender.publish(config(clusters={"d": "1"}, listeners={"l": "1"})) == []
    assert names(accept_all(sender, sender.receive(ack(unanswered)))) == [
        (CDS, ["d"], []),
        (LDS, ["l"], []),
        (CDS, [], ["c"]),
    ]


def test_a_name_that_moves_between_layers_is_never_removed():
    one, other, empty = layer([packed("a")]), layer([packed("a", "2")]), layer(())
    sender = subscribed(Sender(Config({CDS: (one, empty)})), CDS)
    assert names(sender.publish(Config({CDS: (empty, other)}))) == [(CDS, ["a"], [])]


def test_peers_with_equal_subscriptions_share_one_set():
    wanted = ("a", "b", "c")
    talks = [Sender(config(endpoints={})) for _ in range(2)]
    for sender in talks:
        sender.receive(Request(EDS, wanted))
    one, other = (sender._talks[EDS].names for sender in talks)
    assert one is other


def test_the_receiver_asks_for_everything_of_each_type():
    receiver = Receiver(("Mesh", "Zone"), Node("west", {"version": {}}))
    assert receiver.subscribe() == [
        Request(url, ("*",), node=Node("west", {"version": {}})) for url in ("Mesh", "Zone")
    ]


def test_the_first_update_of_a_type_is_the_whole_truth_until_it_is_answered():
    receiver = Receiver(("Mesh",), Node("west"))
    first = receiver.receive(Response("Mesh", "1", (packed("a"),)))
    assert first.complete
    assert receiver.accept(first) == Request("Mesh", nonce="1", node=Node("west"))
    assert not receiver.receive(Response("Mesh", "2")).complete


def test_a_rejection_says_why_and_keeps_the_subscription():
    receiver = Receiver(("Mesh",), Node("west"))
    update = receiver.receive(Response("Mesh", "1"))
    assert receiver.reject(update, "user error\nno") == Request(
        "Mesh", ("*",), nonce="1", error="user error\nno", node=Node("west")
    )


def test_what_was_not_asked_for_is_an_error():
    with pytest.raises(Unexpected, match="'Zone'"):
        Receiver(("Mesh",), Node("west")).receive(Response("Zone", "1"))
