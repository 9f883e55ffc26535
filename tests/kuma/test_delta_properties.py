"""The delta conversation under any order of events: peers end up holding what they asked for."""

from __future__ import annotations

from collections import deque
from contextlib import suppress

from attrs import Factory, define
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kuma.xds.config import Config, Packed, layer
from kuma.xds.delta import Node, Request, Response, Sender, make_before_break
from kuma.xds.difference import difference
from kuma.xds.wire import Malformed, parse_request, parse_response, request_bytes, response_bytes

CDS, EDS, LDS = "clusters", "endpoints", "listeners"
NAMES = ("a", "b", "c", "d")

names = st.sampled_from(NAMES)
some_names = st.sets(names, min_size=1).map(lambda found: tuple(sorted(found)))
versions = st.sampled_from(("1", "2", "3"))
held = st.dictionaries(names, versions)


def resources(contents: dict[str, str]) -> list[Packed]:
    return [Packed(name, version, f"{name}@{version}".encode(), "url") for name, version in contents.items()]


def layers(contents: dict[str, str], split: int):
    """The same contents in two layers, cut somewhere, so that names wander between layers from config to config."""
    packed = resources(contents)
    return layer(packed[:split]), layer(packed[split:])


@define
class Interest:
    """What a peer asked for of one type, and what it holds of it."""

    wildcard: bool = False
    names: set[str] = Factory(set)
    holds: dict[str, str] = Factory(dict)

    def wants(self, name: str) -> bool:
        return self.wildcard or name in self.names

    def apply(self, response: Response, accepted: bool) -> None:
        for name in response.removed:
            self.holds.pop(name, None)
        if accepted:
            self.holds.update({p.name: p.version for p in response.resources if self.wants(p.name)})

    def forget(self, dropped: tuple[str, ...]) -> None:
        self.names -= set(dropped)
        self.wildcard = self.wildcard and "*" not in dropped
        for name in list(self.holds):
            if name in dropped or not self.wants(name):
                del self.holds[name]


class Peer:
    """A client with a queue of responses that it has not read yet."""

    def __init__(self, sender: Sender) -> None:
        self.sender, self.interests, self.unread = sender, {}, deque()

    def hear(self, responses: list[Response]) -> None:
        self.unread.extend(parse_response(response_bytes(one, "cp")) for one in responses)

    def say(self, request: Request) -> None:
        self.hear(self.sender.receive(parse_request(request_bytes(request))))

    def subscribe(self, url: str, wanted: tuple[str, ...]) -> None:
        interest = self.interests.setdefault(url, Interest())
        interest.wildcard = interest.wildcard or "*" in wanted
        interest.names |= set(wanted) - {"*"}
        self.say(Request(url, wanted))

    def unsubscribe(self, url: str, dropped: tuple[str, ...]) -> None:
        self.interests[url].forget(dropped)
        self.say(Request(url, unsubscribe=dropped))

    def read(self, error: str | None = None) -> None:
        response = self.unread.popleft()
        self.interests[response.type_url].apply(response, accepted=error is None)
        self.say(Request(response.type_url, nonce=response.nonce, error=error))

    def read_all(self) -> None:
        while self.unread:
            self.read()

    def reconnect(self, sender: Sender) -> None:
        self.sender = sender
        self.unread.clear()
        for url, interest in self.interests.items():
            wanted = (("*",) if interest.wildcard else ()) + tuple(sorted(interest.names))
            if wanted:
                self.say(Request(url, wanted, initial_versions=dict(interest.holds)))

    def wanted(self, url: str) -> dict[str, str]:
        config = self.sender.config
        found = config.resources(url) if config is not None else {}
        return {name: p.version for name, p in found.items() if self.interests[url].wants(name)}


class AnyPeer(RuleBasedStateMachine):
    """One type, and a peer that does anything the protocol allows."""

    def __init__(self) -> None:
        super().__init__()
        self.peer = Peer(Sender())

    @rule(contents=held, split=st.integers(0, 4))
    def publish(self, contents, split):
        self.peer.hear(self.peer.sender.publish(Config({CDS: layers(contents, split)})))

    @rule(wanted=some_names | st.just(("*",)) | st.just(("*", "a")))
    def subscribe(self, wanted):
        self.peer.subscribe(CDS, wanted)

    @rule(dropped=some_names | st.just(("*",)))
    def unsubscribe(self, dropped):
        if CDS in self.peer.interests:
            self.peer.unsubscribe(CDS, dropped)

    @rule(refuses=st.booleans())
    def read(self, refuses):
        if self.peer.unread:
            self.peer.read("no" if refuses else None)

    @rule()
    def reconnect(self):
        self.peer.reconnect(Sender(self.peer.sender.config))

    @invariant()
    def at_most_one_response_is_unread(self):
        assert len(self.peer.unread) <= 1

    def teardown(self):
        self.peer.read_all()
        # what was refused is sent again when it changes
        changed = dict.fromkeys(NAMES[:3], "last")
        self.peer.hear(self.peer.sender.publish(Config({CDS: layers(changed, 2)})))
        self.peer.read_all()
        assert not self.peer.sender.waiting
        if CDS in self.peer.interests:
            assert self.peer.interests[CDS].holds == self.peer.wanted(CDS)


class Proxy(RuleBasedStateMachine):
    """A proxy whose listeners must never name a cluster that it does not hold."""

    order = make_before_break(CDS, EDS, LDS)

    def __init__(self) -> None:
        super().__init__()
        self.peer = Peer(Sender(order=self.order))

    @rule(clusters=held, uses=st.dictionaries(st.sampled_from(("l", "m")), names), split=st.integers(0, 4))
    def publish(self, clusters, uses, split):
        listeners = {name: cluster for name, cluster in uses.items() if cluster in clusters}
        types = {CDS: layers(clusters, split), EDS: layers(clusters, 0), LDS: (layer(resources(listeners)),)}
        self.peer.hear(self.peer.sender.publish(Config(types)))

    @rule(wanted=some_names)
    def ask_for_endpoints(self, wanted):
        self.peer.subscribe(EDS, wanted)

    @rule(url=st.sampled_from((CDS, LDS)))
    def ask_for_everything(self, url):
        if url == LDS and CDS not in self.peer.interests:
            url = CDS  # as proxies do: clusters first
        if url not in self.peer.interests:
            self.peer.subscribe(url, ("*",))

    @rule(refuses=st.booleans())
    def read(self, refuses):
        if self.peer.unread:
            self.peer.read("no" if refuses and self.peer.unread[0].type_url == LDS else None)

    @rule()
    def reconnect(self):
        self.peer.reconnect(Sender(self.peer.sender.config, self.order))

    @invariant()
    def every_listener_has_its_cluster(self):
        interests = self.peer.interests
        if LDS in interests:
            assert set(interests[LDS].holds.values()) <= interests[CDS].holds.keys()

    @invariant()
    def at_most_one_response_of_a_type_is_unread(self):
        unread = [response.type_url for response in self.peer.unread]
        assert len(unread) == len(set(unread))

    def teardown(self):
        self.peer.read_all()
        types = {CDS: {"a": "last"}, EDS: {"a": "last"}, LDS: {}}
        self.peer.hear(self.peer.sender.publish(Config({url: layers(held, 0) for url, held in types.items()})))
        self.peer.read_all()
        # clusters wait for listeners that a proxy which came back has not asked for again
        for url in self.peer.interests if LDS in self.peer.interests else ():
            assert self.peer.interests[url].holds == self.peer.wanted(url)


TestAnyPeer = AnyPeer.TestCase
TestAnyPeer.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
TestProxy = Proxy.TestCase
TestProxy.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


@given(held, held, st.integers(0, 4), st.integers(0, 4))
def test_a_difference_makes_the_later_state_from_the_earlier(before, after, cut, other_cut):
    change = difference(layers(before, cut), layers(after, other_cut))
    state = {name: version for name, version in before.items() if name not in change.removed}
    assert state | {p.name: p.version for p in change.changed} == after


def test_the_difference_of_big_shared_layers_is_found_once():
    one = layer(Packed(f"r{i}", "1", b"") for i in range(100))
    other = layer(Packed(f"r{i}", "1" if i else "2", b"") for i in range(100))
    assert difference((one,), (other,)) is difference((one,), (other,))


texts = st.text(max_size=8)
metadata = st.dictionaries(
    texts, st.recursive(st.none() | st.booleans() | texts, lambda one: st.lists(one, max_size=3))
)
requests = st.builds(
    Request,
    type_url=texts,
    subscribe=st.lists(texts).map(tuple),
    unsubscribe=st.lists(texts).map(tuple),
    initial_versions=st.dictionaries(texts, texts),
    nonce=texts,
    error=st.none() | texts,
    node=st.none() | st.builds(Node, texts, metadata),
)
responses = st.builds(
    Response,
    type_url=texts,
    nonce=texts,
    resources=st.lists(st.builds(Packed, texts, texts, st.binary(max_size=300), texts), max_size=3).map(tuple),
    removed=st.lists(texts).map(tuple),
)


@given(requests)
def test_requests_survive_the_wire(request):
    assert parse_request(request_bytes(request)) == request


@given(responses)
def test_responses_survive_the_wire(response):
    assert parse_response(response_bytes(response, "cp")) == response


@given(st.binary(max_size=60))
def test_any_bytes_are_a_message_or_malformed(data):
    for parse in (parse_request, parse_response):
        with suppress(Malformed):
            parse(data)
