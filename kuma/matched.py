"""Rules that hold for some of a listener's traffic: which confs come together for which match."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from kuma.merge import merge
from kuma.rules import InboundRule, InboundRules, specificity

if TYPE_CHECKING:
    from kuma.targetref import Match

C = TypeVar("C")


def by_identity(rules: InboundRules, counts: Callable[[Any], bool]) -> tuple[tuple[Match, Any], ...]:
    """The matches of clients' identities, most specific first, each with all that is said of whom it matches.

    Only confs that count take part. Of what two rules say, the more specific one's counts.
    """
    candidates = [rule for rule in rules.rules if _of_identity(rule) and counts(rule.conf)]
    ordered = sorted(candidates, key=_specificity)
    matches = dict.fromkeys(rule.match for rule in ordered if rule.match is not None)
    return tuple((match, _together(match, candidates)) for match in matches)


def by_server_name(rules: InboundRules, names: Iterable[str], conf: type[C]) -> C:
    """What is said of traffic that asks for one of these server names, whoever it comes from."""
    asked = frozenset(names)
    confs: list[C] = [rule.conf for rule in rules.rules if _asks_for(rule.match, asked)]
    return merge(confs, conf())


def _of_identity(rule: InboundRule) -> bool:
    return rule.match is not None and rule.match.spiffe_id is not None


def _asks_for(match: Match | None, names: frozenset[str]) -> bool:
    return match is not None and match.spiffe_id is None and match.sni is not None and match.sni.value in names


def _specificity(rule: InboundRule) -> tuple[tuple[bool, ...], int]:
    """As `specificity`, and of two beginnings the longer first."""
    spiffe = rule.match.spiffe_id if rule.match is not None else None
    longest = -len(spiffe.value) if spiffe is not None and spiffe.type == "Prefix" else 0
    return specificity(rule.match), longest


def _together(match: Match, candidates: Iterable[InboundRule]) -> Any:
    """Least specific first; among equally specific ones precedence counts, which is their order already."""
    covering = [rule for rule in candidates if rule.match is not None and covers(rule.match, match)]
    return merge([rule.conf for rule in sorted(covering, key=_generality)], None)


def _generality(rule: InboundRule) -> tuple[tuple[bool, ...], int]:
    specific, longest = _specificity(rule)
    return tuple(not part for part in specific), -longest


def covers(wide: Match, narrow: Match) -> bool:
    """Whether all that the narrow match matches, the wide one matches too."""
    if wide.sni is not None and wide.sni != narrow.sni:
        return False
    if wide.spiffe_id is None or narrow.spiffe_id is None:
        return wide.spiffe_id is None
    if wide.spiffe_id.type == "Exact":
        return wide.spiffe_id == narrow.spiffe_id
    return narrow.spiffe_id.value.startswith(wide.spiffe_id.value)
