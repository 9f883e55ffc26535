"""What policies say of one proxy, told to people: which rules hold, whose they are, and whom a policy selects. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import attrs
from attrs import frozen

from kuma.envoy.names import matches_hash
from kuma.kinds import KINDS, kri_of
from kuma.match import InboundRule, Listener, Origin, Selection, ToRules, inbound_rules, proxy_conf, select, to_rules
from kuma.mesh import Mesh
from kuma.model import Kri, Resource, kri
from kuma.policies import POLICIES
from kuma.policy import Policy
from kuma.rules import SHORT
from kuma.schema import show

Json = dict[str, Any]

HTTP_ROUTES = "MeshHTTPRoute"
ROUTES = frozenset({HTTP_ROUTES, "MeshTCPRoute"})
HTML = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


@frozen
class Matched:
    """What the policies of one kind say of a proxy."""

    policy: Policy
    selection: Selection
    outward: ToRules

    @property
    def kind(self) -> str:
        return self.policy.kind.name

    @property
    def for_proxy(self) -> bool:
        """Whether policies of this kind speak of proxies as a whole."""
        return any(attribute.name == "default" for attribute in attrs.fields(self.policy.kind.spec))


def matched(mesh: Mesh, dataplane: Resource) -> Iterator[Matched]:
    """What the policies of every kind say of a proxy of this mesh."""
    for policy in POLICIES:
        selection = select(mesh.policies.of(policy.kind.name), dataplane)
        yield Matched(policy, selection, to_rules(selection.policies, mesh))


def selected(policy: Resource, dataplanes: Iterable[Resource]) -> Iterator[Resource]:
    """The proxies that a policy selects."""
    return (one for one in dataplanes if select((policy,), one, shadow=True).policies)


def meta(resource: Resource) -> Json:
    """Which resource is meant."""
    labels = dict(sorted(resource.labels.items()))
    return {"type": resource.kind, "mesh": resource.mesh, "name": resource.name, "labels": labels}


def rules(mesh: Mesh, dataplane: Resource) -> Json:
    """Everything that policies say of a proxy, of all it listens on and of all it may reach."""
    every = list(matched(mesh, dataplane))
    told = (_told(one, mesh, dataplane) for one in every)
    return {
        "resource": meta(dataplane),
        "httpMatches": _http_matches(one for one in every if one.kind == HTTP_ROUTES),
        "rules": [one for one in told if one is not None],
    }


def _told(one: Matched, mesh: Mesh, dataplane: Resource) -> Json | None:
    proxy = _proxy_rule(one)
    resources = list(_resource_rules(one, mesh))
    inbounds = list(_inbounds(one, dataplane))
    if not (proxy or resources or inbounds or (one.selection.inbound and one.selection.warnings)):
        return None
    told = {"toResourceRules": resources, "inboundRules": inbounds, "warnings": list(one.selection.warnings)}
    return {"type": one.kind, **proxy, **told}


def _proxy_rule(one: Matched) -> Json:
    found = proxy_conf(one.selection) if one.for_proxy else None
    if found is None:
        return {}
    origin = [meta(each.policy) for each in found.origins]
    return {"proxyRule": {"conf": show(found.conf), "origin": origin}}


def _resource_rules(one: Matched, mesh: Mesh) -> Iterator[Json]:
    named = {**_whole(one, mesh), **_targets(mesh)}
    wanted = [target for target in (*_whole(one, mesh), *one.outward.named()) if target.at("") in named]
    for target in sorted(wanted, key=lambda each: (named[each.at("")].name, each.section)):
        yield {
            "resourceMeta": meta(named[target.at("")]),
            "resourceSectionName": target.section,
            "conf": _confs(one, (target,)),
            "origin": [_origin(origin) for origin in one.outward.origins(target)],
        }


def _whole(one: Matched, mesh: Mesh) -> dict[Kri, Resource]:
    """The mesh itself, if something is said of all of it."""
    if mesh.resource is None or not one.outward.mesh:
        return {}
    return {kri("m", mesh.resource): mesh.resource}


def _targets(mesh: Mesh) -> dict[Kri, Resource]:
    found = (resource for kind in SHORT if kind != "Mesh" for resource, _ in mesh.of_kind(kind))
    return {kri_of(resource): resource for resource in found}


def _inbounds(one: Matched, dataplane: Resource) -> Iterator[Json]:
    networking = dataplane.spec.networking
    gateway = networking.gateway
    tags = dict(gateway.tags) if gateway is not None else None
    for each in sorted((*networking.inbound, *networking.listeners), key=lambda listening: listening.port):
        found = inbound_rules(one.selection, (each.address or networking.address, each.port)).rules
        if found:
            named = {"name": each.name} if each.name else {}
            inbound = {**named, "port": each.port, "tags": tags}
            yield {"inbound": inbound, "rules": [_inbound_rule(rule) for rule in found]}


def _inbound_rule(rule: InboundRule) -> Json:
    match = {} if rule.match is None else {"match": show(rule.match)}
    return {"conf": [show(rule.conf)], **match, "origin": [_origin(rule.origin)]}


def _origin(origin: Origin) -> Json:
    return {"resourceMeta": meta(origin.policy), "ruleIndex": origin.index}


def _http_matches(routes: Iterable[Matched]) -> list[Json]:
    confs = (conf for one in routes for policy in one.selection.policies for conf in policy.spec.to or ())
    every = {_hash(rule): rule for conf in confs for rule in conf.default.rules or ()}
    return [{"match": _matches(every[hashed]), "hash": hashed} for hashed in sorted(every)]


def _matches(rule: Any) -> list[Json]:
    return [show(match) for match in rule.matches]


def _hash(rule: Any) -> str:
    return matches_hash(json.dumps(_matches(rule), separators=(",", ":"), ensure_ascii=False).translate(HTML))


def _confs(one: Matched, targets: tuple[Kri, ...]) -> list[Json]:
    conf = one.outward.conf(*targets)
    if conf is None:
        return []
    shown = show(conf)
    if one.kind == HTTP_ROUTES and "rules" in shown:
        shown = {**shown, "rules": shown["rules"][::-1]}  # kept with what has precedence last
    return [shown]


def proxy_policies(mesh: Mesh, dataplane: Resource) -> list[Json]:
    """What is said of a proxy as a whole."""
    found = ((one, proxy_conf(one.selection)) for one in matched(mesh, dataplane) if one.for_proxy)
    return [
        {"kind": one.kind, "conf": show(conf.conf), "origins": _origins(one, conf.origins)}
        for one, conf in found
        if conf is not None
    ]


def inbound_policies(mesh: Mesh, dataplane: Resource, listener: Listener) -> list[Json]:
    """What is said of one listener."""
    found = ((one, inbound_rules(one.selection, listener).rules) for one in matched(mesh, dataplane))
    return [_listening(one, said) for one, said in found if said]


def _listening(one: Matched, said: tuple[InboundRule, ...]) -> Json:
    confs = [{"kri": _named(one, rule.origin), "conf": show(rule.conf)} for rule in said]
    return {"kind": one.kind, "rules": confs, "origins": _origins(one, [rule.origin for rule in said])}


def outbound_policies(mesh: Mesh, dataplane: Resource, *targets: Kri) -> list[Json]:
    """What is said of a destination, or of a route to it: the first of the targets that policies name counts."""
    found = ((one, _confs(one, targets)) for one in matched(mesh, dataplane) if one.kind not in ROUTES)
    return [
        {"kind": one.kind, "conf": conf, "origins": _origins(one, one.outward.origins(*targets))}
        for one, conf in found
        if conf
    ]


def routes(mesh: Mesh, dataplane: Resource, destination: Kri) -> list[Json]:
    """The routes to a destination that policies make."""
    found = ((one, _confs(one, (destination,))) for one in matched(mesh, dataplane) if one.kind in ROUTES)
    return [
        {
            "kind": one.kind,
            "origins": _origins(one, one.outward.origins(destination)),
            "rules": _http(one, destination, conf) if one.kind == HTTP_ROUTES else _tcp(conf),
        }
        for one, (*conf,) in found
        if conf
    ]


def _http(one: Matched, destination: Kri, confs: Iterable[Json]) -> list[Json]:
    said = ((rule, origin) for conf, origin in one.outward.entries(destination) for rule in conf.rules or ())
    origins = {json.dumps(_matches(rule)): _named(one, origin) for rule, origin in said}
    rules = [rule for conf in confs for rule in conf.get("rules", ())]
    return [
        {"kri": origins[json.dumps(rule["matches"])], "matches": rule["matches"], "conf": rule["default"]}
        for rule in rules
    ]


def _tcp(confs: Iterable[Json]) -> list[Json]:
    return [{"kri": "", "matches": None, "conf": conf} for conf in confs]


def _origins(one: Matched, origins: Iterable[Origin]) -> list[Json]:
    return [{"kri": text} for text in dict.fromkeys(_named(one, origin) for origin in origins)]


def _named(one: Matched, origin: Origin) -> str:
    return str(origin.kri(KINDS[one.kind].short))
