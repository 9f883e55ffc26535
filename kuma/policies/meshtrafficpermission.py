"""MeshTrafficPermission: who may call. Nobody, unless a rule says so; and who is denied stays denied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from attrs import frozen

from kuma.envoy import rbac
from kuma.envoy.draft import Inbound, ZoneListener
from kuma.envoy.listeners import inspect_tls
from kuma.match import InboundRules
from kuma.policy import Policy, policy_kind
from kuma.schema import Violation, field
from kuma.targetref import Match, TopLevelTargetRef, match, top_target, under

if TYPE_CHECKING:
    from kuma.envoy.api import Listener

LISTS = ("allow", "allowWithShadowDeny", "deny")


@frozen
class Conf:
    """Who is denied, and who is allowed; what denies wins, whichever policy says it."""

    deny: tuple[Match, ...] | None = field(default=None, doc="Who must not call, whatever else allows it.")
    allow_with_shadow_deny: tuple[Match, ...] | None = field(
        default=None, doc="Who may call, and is reported as if denied: what would break if it were."
    )
    allow: tuple[Match, ...] | None = field(default=None, doc="Who may call.")


@frozen
class Rule:
    """Who may call, and who must not."""

    default: Conf = field(default=Conf(), doc="Who may call, and who must not.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        lists = (self.default.allow, self.default.allow_with_shadow_deny, self.default.deny)
        if not any(lists):
            yield Violation("", f"at least one of {', '.join(map(repr, LISTS))} has to be defined")
        for name, matches in zip(LISTS, lists, strict=True):
            for index, one in enumerate(matches or ()):
                yield from under(f"{name}[{index}]", match(one))


@frozen
class MeshTrafficPermission:
    """Who may call the proxies that the policy is for."""

    target_ref: TopLevelTargetRef | None = field(default=None, doc="The proxies that the policy is for.")
    rules: tuple[Rule, ...] | None = field(default=None, doc="Who may call, and who must not.")

    def violations(self) -> Iterator[Violation]:
        """What is wrong with it."""
        yield from top_target(self.target_ref, inbound=bool(self.rules))
        if not self.rules:
            yield Violation("", "policy must define rules")
        for index, rule in enumerate(self.rules or ()):
            yield from under(f"rules[{index}]", rule.problems())


def edit_inbound(part: Inbound, rules: InboundRules) -> None:
    """Only who has an identity can be known, and only to who has one: without, there is nothing to decide by."""
    if part.identity is not None:
        _permit(part.listener, rules)


def edit_zone_listener(part: ZoneListener, rules: InboundRules) -> None:
    """What leaves the mesh is decided at the egress; an ingress passes on what it can't read."""
    if part.identity is not None and part.egress:
        _permit(part.listener, rules)


def _permit(listener: Listener, rules: InboundRules) -> None:
    permission = rbac.Permission(
        tuple(_clauses(rules, "deny")),
        tuple(_clauses(rules, "allow", "allow_with_shadow_deny")),
        tuple(_clauses(rules, "allow_with_shadow_deny")),
    )
    if rbac.permit(listener, permission) and permission.asks_for_server_name:
        inspect_tls(listener)


def _clauses(rules: InboundRules, *names: str) -> Iterator[rbac.Clause]:
    """For each rule, whom these of its lists name."""
    for rule in rules.rules:
        clients = tuple(client for name in names for client in _clients(getattr(rule.conf, name)))
        if clients:
            yield rbac.Clause(str(rule.origin.kri(KIND.short)), clients)


def _clients(matches: Iterable[Match] | None) -> Iterator[Match]:
    """A match that says nothing matches nobody."""
    return (one for one in matches or () if one.spiffe_id is not None or one.sni is not None)


KIND = policy_kind("MeshTrafficPermission", MeshTrafficPermission, "mtp")

POLICY = Policy(KIND, order=1100, conf=Conf, inbound=edit_inbound, zone_listener=edit_zone_listener, accumulates=True)
