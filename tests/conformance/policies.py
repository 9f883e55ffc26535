"""Which policies apply to a proxy, and what they say together."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any

from attrs import frozen

from kuma.envoy.names import matches_hash
from kuma.kinds import KINDS, parse_document, show_document
from kuma.match import Selection, inbound_rules, precedence, proxy_conf, select, to_rules
from kuma.model import Kri, Resource, kri
from kuma.precedence import aim, rank
from kuma.schema import show
from kuma.targetref import Match
from tests.conformance import compare
from tests.conformance.case import Case, Missing, Outcome, by_run

MATCHED = "matched-for-rules-"


def read(case: Case, file: str) -> list[Resource]:
    """The resources in a file, as the API reads them."""
    documents = compare.resources(case.text(file)) if case.has(file) else []
    if unknown := {one.get("type") for one in documents if one.get("type") not in KINDS}:
        raise Missing(f"kind {', '.join(sorted(map(str, unknown)))}")
    return [parse_document(one) for one in documents]


@frozen
class Context:
    """Destinations among some resources."""

    resources: tuple[Resource, ...]

    def of_kind(self, kind: str) -> Iterable[tuple[Resource, Collection[str]]]:
        """As `kuma.match.Destinations`."""
        found = (one for one in self.resources if one.kind == kind)
        return [(one, _ports(one)) for one in found]


def _ports(resource: Resource) -> tuple[str, ...]:
    ports = getattr(resource.spec, "ports", None) or ()
    return tuple(port.section for port in ports)


def _selection(case: Case, kind: str) -> Selection:
    (dataplane,) = read(case, "input.dataplane.yaml")
    found = [one for one in read(case, "input.policies.yaml") if one.kind == kind]
    return select(found, dataplane)


def matched(case: Case) -> Outcome:
    """The list of policies that select a proxy."""
    kind = case.fixed["policyType"]
    if kind not in KINDS:
        raise Missing(f"kind {kind}")
    items = [show_document(one) for one in _selection(case, kind).policies]
    return Outcome(compare.policies(case.expected), compare.policies({"items": items}))


def from_rules(case: Case) -> Outcome:
    """The rules of every listener."""
    selection = _selection(case, case.fixed.get("policyType", "MeshTrafficPermission"))
    found = {f"{address}:{port}": _inbound(selection, (address, port)) for address, port in selection.inbound}
    expected = (case.expected or {}).get("InboundRules") or {}
    return Outcome(_ruled(expected), _ruled(found))


def _ruled(found: Any) -> Any:
    """What a rule says, however its parts are capitalized."""
    return compare.rules(found)


def _inbound(selection: Selection, listener: tuple[str, int]) -> list[dict[str, Any]]:
    rules = inbound_rules(selection, listener).rules
    return [{"conf": show(rule.conf), "match": _match(rule.match), "origin": _origin(rule.origin)} for rule in rules]


def _match(match: Match | None) -> Any:
    return None if match is None else show(match)


def _origin(origin: Any) -> dict[str, Any]:
    return {"Resource": _mentioned(origin.policy), "RuleIndex": origin.index}


def _mentioned(resource: Resource) -> dict[str, Any]:
    return {"name": resource.name, "mesh": resource.mesh, "kri": "", "labels": dict(resource.labels)}


def to(case: Case) -> Outcome:
    """Rules of destinations, for the policies of one proxy."""
    policies = _selection(case, case.fixed.get("policyType", _kind_of(case))).policies
    context = Context(tuple(read(case, "input.meshexternalservice.yaml")) + tuple(read(case, "input.policies.yaml")))
    expected = (case.expected or {}).get("ResourceRules") or {}
    return Outcome(compare.rules(expected), compare.rules(_outbound(policies, context)))


def _kind_of(case: Case) -> str:
    return read(case, "input.policies.yaml")[0].kind


def _split(case: Case) -> tuple[list[Resource], Context]:
    """The matched policies, and everything else."""
    resources = read(case, "input.yaml")
    policies = [one for one in resources if one.name.startswith(MATCHED)]
    return policies, Context(tuple(one for one in resources if not one.name.startswith(MATCHED)))


def outbound(case: Case) -> Outcome:
    """Rules of destinations, for policies that all apply."""
    policies, context = _split(case)
    kind = policies[0].kind
    ordered = precedence(one for one in policies if one.kind == kind)
    return Outcome(compare.rules(case.expected or {}), compare.rules(_outbound(ordered, context)))


def _outbound(policies: Iterable[Resource], context: Context) -> dict[str, Any]:
    rules = to_rules(policies, context)
    meshes = context.of_kind("Mesh") if rules.mesh else ()
    named = [kri("m", mesh) for mesh, _ in meshes] + list(rules.named())
    return {str(one): _rule(rules, one, context) for one in named}


def _rule(rules: Any, one: Kri, context: Context) -> dict[str, Any]:
    return {
        "Conf": [_conf(rules.conf(one))],
        "Origin": [_origin(origin) for origin in rules.origins(one)],
        "OriginByMatches": _by_matches(rules.entries(one)),
        "Resource": _mentioned(_target(one, context)),
        "ResourceSectionName": one.section,
    }


def _conf(conf: Any) -> Any:
    """Routes are kept with what has precedence last, and told with that first."""
    shown = show(conf)
    return shown | {"rules": shown["rules"][::-1]} if "rules" in shown else shown


def _by_matches(entries: Iterable[tuple[Any, Any]]) -> dict[str, Any]:
    """Where each route comes from, by a hash of its matches."""
    found = ((rule.matches, origin) for conf, origin in entries for rule in getattr(conf, "rules", None) or ())
    return {matches_hash(_compact([show(match) for match in matches])): _origin(origin) for matches, origin in found}


def _compact(found: Any) -> str:
    return json.dumps(found, separators=(",", ":"))


def _target(one: Kri, context: Context) -> Resource:
    return next(
        resource
        for resource in context.resources
        if KINDS[resource.kind].short == one.short and kri(one.short, resource) == one.at("")
    )


def inbound(case: Case) -> Outcome:
    """Rules for one listener, for policies that all apply."""
    policies, _ = _split(case)
    selection = Selection(inbound={("", 1): tuple(precedence(policies))})
    expected = (case.expected or {}).get("rules") or []
    return Outcome(compare.rules(expected), compare.rules(_inbound(selection, ("", 1))))


def proxy(case: Case) -> Outcome:
    """What is said of the proxy as a whole."""
    found = proxy_conf(Selection(tuple(precedence(read(case, "input.yaml")))))
    actual = found and {"Conf": show(found.conf), "Origin": [_mentioned(one.policy) for one in found.origins]}
    return Outcome(compare.rules(case.expected), compare.rules(actual))


def entries(case: Case) -> Outcome:
    """The items of `to` in their order."""
    policies, _ = _split(case)
    items = [
        (rank(policy), aim(item.target_ref), order, index, item, policy)
        for order, policy in enumerate(precedence(policies))
        for index, item in enumerate(policy.spec.to or ())
    ]
    found = [
        {"Entry": show(item), "Meta": _mentioned(policy), "RuleIndex": index, "TopLevel": show(policy.spec.target_ref)}
        for _, _, _, index, item, policy in sorted(items, key=lambda one: one[:4])
    ]
    return Outcome(compare.rules(case.expected), compare.rules(found))


SUITES = {
    "matchers": by_run({"matched-policies": matched, "from-rules": from_rules, "to-rules": to}),
    "rules": by_run(
        {"outbound-rules": outbound, "sort-to-entries": entries, "inbound-rules": inbound, "proxy-conf": proxy}
    ),
}
