"""What the policies of a mesh say of one proxy: of its listeners, and of what it reaches for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import repeat
from typing import Any

from attrs import frozen

from kuma.match import InboundRules, Listener, Selection, ToRules, inbound_rules, proxy_conf, select, to_rules
from kuma.mesh import Mesh
from kuma.model import Key, Resource
from kuma.policy import Policy, Said
from kuma.rules import inbound_everywhere, to_everywhere
from zone_cp.generate.workshop import Shelf


@frozen(eq=False)
class Inward:
    """What policies select a proxy, and what they say of each of its listeners, in the order of the policies."""

    selections: tuple[Selection, ...]
    listeners: Mapping[Listener, tuple[InboundRules, ...]]


@frozen(hash=False)
class Matched:
    """The policies of one kind that select a proxy, and what they say of each of its listeners, in their order."""

    selection: Selection
    listeners: tuple[InboundRules, ...]


@frozen(hash=False)
class Chosen:
    """Policies, compared whole but hashed by name."""

    policies: tuple[Resource, ...]

    def __hash__(self) -> int:
        return hash(self.keys())

    def keys(self) -> tuple[Key, ...]:
        """The keys of the policies."""
        return tuple(policy.key for policy in self.policies)


Outward = tuple[ToRules, ...]  # in the order of the policies


@frozen(eq=False)
class Rules:
    """All that policies say of one proxy."""

    inward: Inward
    outward: Outward

    def said(self, policy: Policy, place: int) -> Said:
        """What the policies of one kind say, which has this place in the order."""
        listeners = {listener: rules[place] for listener, rules in self.inward.listeners.items()}
        return Said(listeners, self.outward[place], self.whole(policy, place))

    def whole(self, policy: Policy, place: int) -> Any:
        """What the policies of one kind say of the whole proxy; None where nothing is said of that."""
        found = proxy_conf(self.inward.selections[place]) if policy.single else None
        return None if found is None else found.conf


def inward_rules(mesh: Mesh, dataplane: Resource, policies: tuple[Policy, ...], shelf: Shelf) -> Inward:
    """What policies say of what arrives at a proxy; matched anew when they, or the Dataplane, have changed.

    Of policies only those of a kind that has changed are matched again, and when they say what they said before, the
    answer is the one from before: for most proxies most changes of policies are none.
    """

    def build() -> Inward:
        found = tuple(_matched(mesh, dataplane, policy, shelf) for policy in policies)
        return shelf.latest("inward rules", dataplane.key, found, lambda: _inward(found, dataplane))

    return shelf.latest("matched policies", dataplane.key, (mesh.policies, dataplane), build)


def _matched(mesh: Mesh, dataplane: Resource, policy: Policy, shelf: Shelf) -> Matched:
    said = mesh.policies.of(policy.kind.name)
    kind = f"matched {policy.kind.name}"
    return shelf.latest(kind, dataplane.key, (said, dataplane), lambda: _match(said, dataplane, policy))


def _match(said: Sequence[Resource], dataplane: Resource, policy: Policy) -> Matched:
    selection = select(said, dataplane)
    return Matched(selection, tuple(_of_listener(policy, selection, one) for one in _listeners(dataplane)))


def _inward(found: tuple[Matched, ...], dataplane: Resource) -> Inward:
    listeners = {
        listener: tuple(one.listeners[place] for one in found) for place, listener in enumerate(_listeners(dataplane))
    }
    return Inward(tuple(one.selection for one in found), listeners)


def _of_listener(policy: Policy, selection: Selection, listener: Listener) -> InboundRules:
    return (inbound_everywhere if policy.single else inbound_rules)(selection, listener)


def _listeners(dataplane: Resource) -> list[Listener]:
    networking = dataplane.spec.networking
    return [networking.listens(one) for one in (*networking.inbound, *networking.listeners)]


def outward_rules(mesh: Mesh, matched: Inward, policies: tuple[Policy, ...], shelf: Shelf) -> Outward:
    """What policies say of what a proxy reaches for; shared by all proxies that the same policies select."""

    def build() -> Outward:
        chosen = tuple(Chosen(selection.policies) for selection in matched.selections)
        key = (chosen, Chosen(mesh.policies.of("MeshHTTPRoute")), mesh.destinations, mesh.resource is None)
        return shelf.part(
            "outward rules", key, lambda: tuple(map(_outward, policies, matched.selections, repeat(mesh)))
        )

    inputs = (mesh.policies, mesh.destinations, mesh.resource is None)
    return shelf.latest("outward rules of one", matched, inputs, build)


def _outward(policy: Policy, selection: Selection, mesh: Mesh) -> ToRules:
    return to_everywhere(selection.policies) if policy.single else to_rules(selection.policies, mesh)
