"""What a policy is good for: where something would be different without it, and where it is not, why. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Any

from attrs import frozen

from kuma.match import InboundRule, Selection, ToRules, inbound_rules, proxy_conf, select, to_rules
from kuma.merge import merge
from kuma.mesh import Mesh
from kuma.model import EFFECT, Resource
from kuma.policies import BY_KIND

IN_EFFECT, SHADOW, OVERRIDDEN = "in effect", "shadow", "overridden"
MATCHES_NOTHING, CHANGES_NOTHING = "matches nothing", "changes nothing"


@frozen
class Standing:
    """How one policy stands: which proxies it selects, and for how many of them it makes a difference.

    `by` are policies of more precedence without which it would make one.
    """

    policy: Resource
    selected: int
    effective: int
    by: tuple[Resource, ...] = ()

    @property
    def state(self) -> str:
        """In a word or two."""
        if self.policy.labels.get(EFFECT) == "shadow":
            return SHADOW
        if not self.selected:
            return MATCHES_NOTHING
        if self.effective:
            return IN_EFFECT
        return OVERRIDDEN if self.by else CHANGES_NOTHING


@frozen(eq=False)
class _Alike:
    """Proxies that the same policies of one kind select in the same way: one of them, and how many they are."""

    dataplane: Resource
    selection: Selection
    count: int


def standing(policy: Resource, mesh: Mesh, dataplanes: Iterable[Resource]) -> Standing:
    """How a policy stands in its mesh, as seen by these proxies; a shadow policy as if it were in effect."""
    others = [one for one in mesh.policies.of(policy.kind) if one.key != policy.key]
    concerned = [one for one in dataplanes if select((policy,), one, shadow=True).policies]
    effective, by = 0, dict[Any, Resource]()
    for alike in _groups([*(one for one in others if one.labels.get(EFFECT) != "shadow"), policy], concerned):
        if _matters(policy, alike.selection.policies, alike, mesh):
            effective += alike.count
        else:
            by |= {one.key: one for one in _stronger(policy, alike, mesh)}
    return Standing(policy, len(concerned), effective, tuple(by[key] for key in sorted(by)))


def _groups(policies: Sequence[Resource], dataplanes: Iterable[Resource]) -> Iterator[_Alike]:
    found: dict[Hashable, list[tuple[Resource, Selection]]] = {}
    for dataplane in dataplanes:
        selection = select(policies, dataplane, shadow=True)
        inbound = tuple(_keys(chosen) for chosen in selection.inbound.values())
        found.setdefault((_keys(selection.policies), inbound), []).append((dataplane, selection))
    for (dataplane, selection), *more in found.values():
        yield _Alike(dataplane, selection, 1 + len(more))


def _keys(policies: Iterable[Resource]) -> Hashable:
    return tuple(one.key for one in policies)


def _stronger(policy: Resource, alike: _Alike, mesh: Mesh) -> Iterator[Resource]:
    """The policies, one at a time, without which it would make a difference."""
    every = alike.selection.policies
    place = [one.key for one in every].index(policy.key)
    for other in every[place + 1 :]:
        if _matters(policy, [one for one in every if one.key != other.key], alike, mesh):
            yield other


def _matters(policy: Resource, policies: Sequence[Resource], alike: _Alike, mesh: Mesh) -> bool:
    """Whether these policies say something else of a proxy than they would without this one."""
    without = [one for one in policies if one.key != policy.key]
    with_it, rest = (select(chosen, alike.dataplane, shadow=True) for chosen in (policies, without))
    if _of_proxy(with_it) != _of_proxy(rest) or _inward(with_it) != _inward(rest):
        return True
    return _outward_differs(to_rules(with_it.policies, mesh), to_rules(rest.policies, mesh))


def _of_proxy(selection: Selection) -> Any:
    """What is said of the proxy as a whole, by kinds that speak of it."""
    if not all(hasattr(policy.spec, "default") for policy in selection.policies):
        return None
    found = proxy_conf(selection)
    return None if found is None else found.conf


def _inward(selection: Selection) -> Any:
    """What holds at each listener, wherever it comes from; nothing where nothing is said."""
    said = {listener: inbound_rules(selection, listener).rules for listener in selection.inbound}
    return {listener: _together(rules) for listener, rules in said.items() if rules}


def _together(rules: Sequence[InboundRule]) -> Any:
    if BY_KIND[rules[0].origin.policy.kind].accumulates:
        return {(rule.match, rule.conf) for rule in rules}
    confs: dict[Any, list[Any]] = {}
    for rule in rules:
        confs.setdefault(rule.match, []).append(rule.conf)
    return {match: merge(found, None) for match, found in confs.items()}


def _outward_differs(one: ToRules, other: ToRules) -> bool:
    every = {*one.named(), *other.named()}
    return one.conf() != other.conf() or any(one.conf(target) != other.conf(target) for target in every)
