"""What the policies of a mesh say of one proxy: of its listeners, and of what it reaches for."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from kuma.match import InboundRules, Listener, Selection, ToRules, inbound_rules, select, to_rules
from kuma.mesh import Mesh
from kuma.model import Key, Resource
from kuma.policy import Policy
from zone_cp.generate.workshop import Shelf


@frozen(eq=False)
class Inward:
    """What policies select a proxy, and what they say of each of its listeners, in the order of the policies."""

    selections: tuple[Selection, ...]
    listeners: Mapping[Listener, tuple[InboundRules, ...]]


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


def inward_rules(mesh: Mesh, dataplane: Resource, policies: tuple[Policy, ...], shelf: Shelf) -> Inward:
    """What policies say of what arrives at a proxy; matched anew when they, or the Dataplane, have changed."""
    inputs = (mesh.policies, dataplane)
    return shelf.latest("matched policies", dataplane.key, inputs, lambda: _inward(mesh, dataplane, policies))


def _inward(mesh: Mesh, dataplane: Resource, policies: tuple[Policy, ...]) -> Inward:
    selections = tuple(select(mesh.policies.of(policy.kind.name), dataplane) for policy in policies)
    listeners = {
        listener: tuple(inbound_rules(selection, listener) for selection in selections)
        for listener in _listeners(dataplane)
    }
    return Inward(selections, listeners)


def _listeners(dataplane: Resource) -> list[Listener]:
    networking = dataplane.spec.networking
    return [(one.address or networking.address, one.port) for one in (*networking.inbound, *networking.listeners)]


def outward_rules(mesh: Mesh, matched: Inward, shelf: Shelf) -> Outward:
    """What policies say of what a proxy reaches for; shared by all proxies that the same policies select."""
    chosen = tuple(Chosen(selection.policies) for selection in matched.selections)
    routes = Chosen(mesh.policies.of("MeshHTTPRoute"))
    key = (chosen, routes, mesh.destinations, mesh.resource is None)
    return shelf.part(
        "outward rules", key, lambda: tuple(to_rules(selection.policies, mesh) for selection in matched.selections)
    )
