"""One delta xDS conversation, without a socket: the side that has the resources, and the side that wants them.

ADS and KDS are both this conversation (https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol, "Incremental
xDS"). Feed a `Sender` requests and configs: it answers with the responses that are due now. It holds at most one
unanswered response per type, so a peer that reads slowly costs little and gets only the latest state.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import chain
from typing import Any

from attrs import define, field, frozen
from frozendict import frozendict

from kuma.xds.config import Config, Layers, Packed, alike
from kuma.xds.difference import NO_DIFFERENCE, Difference, difference, find

EVERYTHING = "*"
NOBODY: frozenset[str] = frozenset()
NONE_HELD: Mapping[str, str] = frozendict()


@frozen
class Node:
    """Who is asking: `core.v3.Node` as far as it is used here."""

    id: str
    metadata: Mapping[str, Any] = frozendict()


@frozen
class Request:
    """A `DeltaDiscoveryRequest`: subscribes, and answers an earlier response. `error` is None unless it refuses it."""

    type_url: str
    subscribe: tuple[str, ...] = ()
    unsubscribe: tuple[str, ...] = ()
    initial_versions: Mapping[str, str] = NONE_HELD
    nonce: str = ""
    error: str | None = None
    node: Node | None = None

    @property
    def only_accepts(self) -> bool:
        """Whether it does nothing but say that a response was taken."""
        return self.error is None and not self.subscribe and not self.unsubscribe


@frozen
class Response:
    """A `DeltaDiscoveryResponse`: put these resources, drop the removed ones."""

    type_url: str
    nonce: str
    resources: tuple[Packed, ...] = ()
    removed: tuple[str, ...] = ()


@frozen
class Order:
    """What must reach a peer before what, by type.

    `first` are types whose changes are sent earlier, so that nothing refers to what the peer has not heard of.
    `users` are types whose changes the peer must have accepted before something that they may refer to is removed.
    """

    first: Mapping[str, tuple[str, ...]] = frozendict()
    users: Mapping[str, tuple[str, ...]] = frozendict()


ANY_ORDER = Order()


def make_before_break(clusters: str, endpoints: str, listeners: str) -> Order:
    """Clusters come before the listeners that use them, and go only after the peer has let go of them."""
    return Order(
        first={endpoints: (clusters,), listeners: (clusters, endpoints)},
        users={clusters: (listeners,), endpoints: (listeners,)},
    )


@lru_cache(maxsize=4096)
def _shared(names: frozenset[str]) -> frozenset[str]:
    """One object for equal sets: peers that look alike subscribe alike."""
    return names


@define
class _Talk:
    """The conversation about one type.

    The peer holds `sent`, as far as it wants it, and `kept`: names that are gone, but which it may still be using.
    """

    wildcard: bool
    names: frozenset[str]
    initial: Mapping[str, str]
    sent: Layers | None = None
    again: frozenset[str] = NOBODY
    kept: frozenset[str] = NOBODY
    doubted: frozenset[str] = NOBODY
    refused: str = ""
    outstanding: Response | None = None

    def wants(self, name: str) -> bool:
        return self.wildcard or name in self.names

    def knows(self, layers: Layers) -> bool:
        """Whether these layers have been sent, and nothing else is due."""
        return self.has_sent(layers) and not self.again and not self.kept

    def has_sent(self, layers: Layers) -> bool:
        return alike(self.sent, layers)

    def hear(self, nonce: str, error: str | None) -> None:
        """The peer accepted or refused a response. Another nonce than the last one answers what no longer matters."""
        if self.outstanding is None or nonce != self.outstanding.nonce:
            return
        told, self.outstanding = self.outstanding, None
        names = frozenset(packed.name for packed in told.resources)
        self._trust(frozenset(told.removed))  # to drop something can't be refused
        if error is None:
            self._trust(names)
        else:
            self.doubted |= names
            self.refused = error

    def subscribe(self, names: frozenset[str]) -> None:
        if EVERYTHING in names and not self.wildcard:
            self.kept |= frozenset(name for name in self.names if find(self.sent or (), name) is not None)
            self.kept |= self._on_the_way()
            self.wildcard, self.sent = True, None
        named = names - {EVERYTHING}
        if not named:
            return
        self.names = _shared(self.names | named)
        self.again |= named  # asked again: the peer may have forgotten it
        self.initial = {name: version for name, version in self.initial.items() if name not in named}

    def _on_the_way(self) -> frozenset[str]:
        """What the peer will have heard of when it gets to what is said next, whatever it asked for meanwhile."""
        return frozenset(packed.name for packed in self.outstanding.resources) if self.outstanding else NOBODY

    def unsubscribe(self, names: frozenset[str]) -> None:
        if not names:
            return
        if EVERYTHING in names:
            self.wildcard = False
        dropped = names & self.names
        self.names = _shared(self.names - names)
        if self.wildcard:
            self.again |= dropped  # the peer has dropped it, although it is still wanted as one of all
            return
        self.again, self.kept = self.again & self.names, self.kept & self.names
        self._trust(self.doubted - self.names)

    def tell(self, layers: Layers, may_remove: bool) -> Difference | None:
        """What is due, so that the peer holds these layers; from here on they count as sent."""
        first = self.sent is None
        asked = self.names if first else self.again
        found = difference(self.sent or (), layers) if self.wildcard or not first else NO_DIFFERENCE
        gone = self._gone(found, layers)
        missing = tuple(sorted(name for name in asked if name not in gone and find(layers, name) is None))
        changed = self._changed(found, asked, layers)
        self.sent, self.again, self.initial = layers, NOBODY, NONE_HELD
        self.kept = NOBODY if may_remove else gone
        removed = tuple(sorted({*missing, *gone})) if may_remove and gone else missing
        if changed or removed or (first and self.wildcard):
            return Difference(changed, removed)
        return None

    def _changed(self, found: Difference, asked: frozenset[str], layers: Layers) -> tuple[Packed, ...]:
        changed = found.changed
        if not self.wildcard:
            changed = tuple(packed for packed in changed if packed.name in self.names)
        if self.initial:
            changed = tuple(packed for packed in changed if self.initial.get(packed.name) != packed.version)
        if not asked:
            return changed
        named = (find(layers, name) for name in sorted(asked - {packed.name for packed in changed}))
        return changed + tuple(p for p in named if p is not None and self.initial.get(p.name) != p.version)

    def _gone(self, found: Difference, layers: Layers) -> frozenset[str]:
        if not found.removed and not self.kept and not self.initial:
            return NOBODY
        known = chain(found.removed, self.kept, self.initial)
        return frozenset(name for name in known if self.wants(name) and find(layers, name) is None)

    def _trust(self, names: frozenset[str]) -> None:
        self.doubted -= names
        if not self.doubted:
            self.refused = ""


def _opened(request: Request) -> _Talk:
    names = frozenset(request.subscribe)
    wildcard = not names or EVERYTHING in names  # no names at first: everything, as it was before "*"
    return _Talk(wildcard, _shared(names - {EVERYTHING}), request.initial_versions)


@define
class Sender:
    """The side that has the resources: give it requests and configs, send the responses it answers with."""

    config: Config | None = None
    order: Order = ANY_ORDER
    _talks: dict[str, _Talk] = field(init=False, factory=dict)
    _nonces: int = field(init=False, default=0)
    _resumed: bool = field(init=False, default=False)
    _behind: bool = field(init=False, default=True)

    def receive(self, request: Request) -> list[Response]:
        """The peer subscribed, unsubscribed, accepted or refused."""
        talk = self._talks.get(request.type_url)
        if talk is None:
            talk = self._talks[request.type_url] = _opened(request)
            self._resumed = self._resumed or bool(request.initial_versions)
        else:
            talk.hear(request.nonce, request.error)
            if not self._behind and request.only_accepts:
                return []
            talk.subscribe(frozenset(request.subscribe))
        talk.unsubscribe(frozenset(request.unsubscribe))
        return self._due()

    def publish(self, config: Config) -> list[Response]:
        """The peer should hold this now."""
        self.config = config
        return self._due()

    @property
    def refused(self) -> Mapping[str, str]:
        """Why the peer refused what it was last sent, for the types where it holds something older."""
        return {url: talk.refused for url, talk in self._talks.items() if talk.doubted}

    @property
    def waiting(self) -> bool:
        """Whether the peer still owes the answer to a response."""
        return any(talk.outstanding is not None for talk in self._talks.values())

    @property
    def settled(self) -> bool:
        """Whether the peer holds the last config, as far as it subscribed to it and did not refuse it."""
        return not self.waiting and all(talk.knows(self._layers(url)) for url, talk in self._talks.items())

    def _due(self) -> list[Response]:
        if self.config is None:
            return []
        self._behind, responses = False, []
        for url in self._in_order(self.config):
            talk, layers = self._talks[url], self._layers(url)
            if talk.knows(layers):
                continue
            if (response := self._respond(url, talk, layers)) is not None:
                responses.append(response)
            self._behind = self._behind or not talk.knows(layers)
        return responses

    def _in_order(self, config: Config) -> Iterable[str]:
        known = [url for url in config.by_type if url in self._talks]
        return chain(known, [url for url in self._talks if url not in config.by_type])

    def _respond(self, url: str, talk: _Talk, layers: Layers) -> Response | None:
        if talk.outstanding is not None or not self._may_send(url):
            return None
        due = talk.tell(layers, self._may_remove(url))
        if due is None:
            return None
        self._nonces += 1
        talk.outstanding = Response(url, str(self._nonces), due.changed, due.removed)
        return talk.outstanding

    def _layers(self, url: str) -> Layers:
        return () if self.config is None else self.config.by_type.get(url, ())

    def _may_send(self, url: str) -> bool:
        """Whether what this type may refer to was sent before."""
        earlier = (other for other in self.order.first.get(url, ()) if other in self._talks)
        return all(self._talks[other].has_sent(self._layers(other)) for other in earlier)

    def _may_remove(self, url: str) -> bool:
        return all(self._let_go(other) for other in self.order.users.get(url, ()))

    def _let_go(self, user: str) -> bool:
        """Whether the peer has accepted this type as it is now, and so refers to nothing older."""
        talk = self._talks.get(user)
        if talk is None:
            return not self._resumed  # a peer that comes back may use things that it has yet to ask for
        return talk.outstanding is None and not talk.doubted and talk.has_sent(self._layers(user))


class Unexpected(Exception):
    """A response of a type that was not asked for."""

    def __init__(self, type_url: str) -> None:
        super().__init__(f"response of a type that was not asked for: {type_url!r}")
        self.type_url = type_url


@frozen
class Update:
    """A response as its receiver sees it. `complete`: it is the whole truth of its type, not a change to it."""

    type_url: str
    nonce: str
    resources: tuple[Packed, ...]
    removed: tuple[str, ...]
    complete: bool


@define
class Receiver:
    """The side that wants the resources: all of some types. Each update must be accepted or rejected."""

    types: tuple[str, ...]
    node: Node
    _answered: set[str] = field(init=False, factory=set)

    def subscribe(self) -> list[Request]:
        """What to ask first."""
        return [Request(url, subscribe=(EVERYTHING,), node=self.node) for url in self.types]

    def receive(self, response: Response) -> Update:
        """A response came in. Raises Unexpected."""
        url = response.type_url
        if url not in self.types:
            raise Unexpected(url)
        return Update(url, response.nonce, response.resources, response.removed, url not in self._answered)

    def accept(self, update: Update) -> Request:
        """It is kept."""
        return self._answer(update)

    def reject(self, update: Update, message: str) -> Request:
        """Part of it could not be kept, and this is why."""
        return self._answer(update, subscribe=(EVERYTHING,), error=message)

    def _answer(self, update: Update, subscribe: tuple[str, ...] = (), error: str | None = None) -> Request:
        self._answered.add(update.type_url)
        # every request of the conversation carries the node: there are servers that look for it in each
        return Request(update.type_url, subscribe, nonce=update.nonce, error=error, node=Node(self.node.id))
