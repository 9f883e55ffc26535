"""Which policies apply to a proxy, and to which of its listeners. Pure.

One kind of policy at a time: `select` finds the policies of a proxy, `inbound_rules` what they say of one of its
listeners, `to_rules` what they say of destinations, `proxy_conf` what they say of the proxy as a whole.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen
from frozendict import frozendict

from kuma.merge import merge
from kuma.model import DISPLAY_NAME, EFFECT, Resource
from kuma.precedence import precedence, role_of, section_of, top_kind
from kuma.rules import (
    Destinations,
    InboundRule,
    InboundRules,
    Origin,
    ProxyConf,
    ToConfs,
    ToRules,
    inbound_rules,
    proxy_conf,
    to_rules,
)

__all__ = [
    "Destinations",
    "InboundRule",
    "InboundRules",
    "Listener",
    "Origin",
    "ProxyConf",
    "Selection",
    "ToConfs",
    "ToRules",
    "applies",
    "inbound_rules",
    "merge",
    "precedence",
    "proxy_conf",
    "select",
    "to_rules",
]

Listener = tuple[str, int]  # the address and port that a proxy listens on

TOP_KINDS = frozenset({"Mesh", "Dataplane"})
OF_ONE_NAMESPACE = frozenset({"consumer", "workload-owner"})


def _versions(policies: tuple[Resource, ...]) -> tuple[Hashable, ...]:
    return tuple((policy.key, policy.version) for policy in policies)


@frozen(hash=False)
class Selection:
    """The policies of one kind that apply to one dataplane, least precedence first, in all and for each listener.

    Hashing looks at keys and versions only, so it is cheap; equality looks at everything.
    """

    policies: tuple[Resource, ...] = ()
    inbound: Mapping[Listener, tuple[Resource, ...]] = frozendict()
    warnings: tuple[str, ...] = ()

    def __hash__(self) -> int:
        return hash(_versions(self.policies))


def select(policies: Iterable[Resource], dataplane: Resource, shadow: bool = False) -> Selection:
    """Find the policies (of one kind) that apply to a dataplane; shadow policies only when asked for."""
    listeners = _listeners(dataplane.spec.networking)
    delegated = _is_delegated_gateway(dataplane.spec.networking)
    chosen: list[Resource] = []
    inbound: dict[Listener, list[Resource]] = {}
    candidates = [policy for policy in policies if shadow or policy.labels.get(EFFECT) != "shadow"]
    for policy in precedence(one for one in candidates if applies(one, dataplane)):
        selected = _selected(policy, listeners)
        if selected or delegated:
            chosen.append(policy)
        for listener in selected:
            inbound.setdefault(listener, []).append(policy)
    by_listener = frozendict((listener, tuple(found)) for listener, found in inbound.items())
    return Selection(tuple(chosen), by_listener, tuple(_warnings(candidates)))


def applies(policy: Resource, dataplane: Resource) -> bool:
    """Whether a policy is for a dataplane, as far as that can be said without looking at its listeners."""
    if top_kind(policy) not in TOP_KINDS:
        return False
    return _zone_in_reach(policy, dataplane) and _namespace_in_reach(policy, dataplane) and _targets(policy, dataplane)


def _warnings(policies: Iterable[Resource]) -> Iterator[str]:
    for policy in policies:
        if (kind := top_kind(policy)) not in TOP_KINDS:
            error = f"unsupported targetRef kind '{kind}'"
            yield f'unable to resolve TargetRef on policy: mesh:{policy.mesh} name:{policy.name} error:"{error}"'


def _zone_in_reach(policy: Resource, dataplane: Resource) -> bool:
    """What a zone has written stays in that zone, unless a service's owner wrote it for all who call the service."""
    if role_of(policy) == "producer" or dataplane.origin in ("", "global"):
        return True
    if policy.origin != "zone" or not policy.zone:
        return True
    return dataplane.origin == "zone" and dataplane.zone in ("", policy.zone)


def _namespace_in_reach(policy: Resource, dataplane: Resource) -> bool:
    if role_of(policy) not in OF_ONE_NAMESPACE:
        return True
    return bool(policy.namespace) and policy.namespace == dataplane.namespace


def _targets(policy: Resource, dataplane: Resource) -> bool:
    target = policy.spec.target_ref
    if target is None or not target.labels:
        return True
    return all(_label(dataplane, key) == value for key, value in target.labels.items())


def _label(dataplane: Resource, key: str) -> str | None:
    return dataplane.display_name if key == DISPLAY_NAME else dataplane.labels.get(key)


def _listeners(networking: Any) -> tuple[tuple[str, Listener], ...]:
    """Section name and key of everything that a dataplane listens on."""
    every = (*(networking.inbound or ()), *(networking.listeners or ()))
    return tuple((one.section, networking.listens(one)) for one in every)


def _is_delegated_gateway(networking: Any) -> bool:
    return networking.gateway is not None and networking.gateway.type in (None, "", "DELEGATED")


def _selected(policy: Resource, listeners: Sequence[tuple[str, Listener]]) -> tuple[Listener, ...]:
    section = section_of(policy)
    return tuple(listener for name, listener in listeners if section in ("", name))
