"""What a change of a proxy's config means for its traffic: listeners, clusters, routes, permissions. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import frozen

from kuma.envoy import api, names
from kuma.envoy.names import CDS, EDS, LDS
from kuma.xds.config import URL, Config, Packed

Json = Any
ADDED, CHANGED, REMOVED = "added", "changed", "removed"
ALLOW, DENY = "ALLOW", "DENY"
RBAC = frozenset({names.HTTP_RBAC, names.NETWORK_RBAC})


@frozen
class Effect:
    """One thing of a proxy that becomes another: `what` it is, its name, how it changes, and what that means."""

    what: str
    name: str
    change: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.what} {self.name} {self.change}{': ' if self.detail else ''}{self.detail}"


def impact(before: Config, after: Config) -> tuple[Effect, ...]:
    """Everything that changes for a proxy between two configs; nothing where it would not notice."""
    return (
        *_effects("listener", before.resources(LDS), after.resources(LDS)),
        *_effects("cluster", before.resources(CDS), after.resources(CDS)),
        *_moved(before, after),
    )


def _effects(what: str, before: Mapping[str, Packed], after: Mapping[str, Packed]) -> Iterator[Effect]:
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old is None:
            yield Effect(what, name, ADDED)
        elif new is None:
            yield Effect(what, name, REMOVED, "its connections are closed")
        elif old.version != new.version:
            yield from CHANGES[what](name, _document(old), _document(new))


def _moved(before: Config, after: Config) -> Iterator[Effect]:
    """Endpoints of clusters that are there before and after, and stay as they are."""
    old, new = before.resources(EDS), after.resources(EDS)
    for name in sorted(old.keys() & new.keys()):
        if old[name].body != new[name].body:
            counts = (_endpoints(_document(one[name])) for one in (old, new))
            yield Effect("endpoints", name, CHANGED, " -> ".join(map(str, counts)))


def _endpoints(assignment: Json) -> int:
    return sum(len(group.get("lbEndpoints", ())) for group in assignment.get("endpoints", ()))


def _document(packed: Packed) -> Json:
    return api.document(api.message_class(packed.url.removeprefix(URL)).FromString(packed.body))


def _listener(name: str, before: Json, after: Json) -> Iterator[Effect]:
    """Envoy drains the connections of the filter chains that have changed, or of all when more than chains has."""
    rest = [{key: value for key, value in one.items() if key != "filterChains"} for one in (before, after)]
    kept = [one for one in before.get("filterChains", ()) if one in after.get("filterChains", ())]
    whole = rest[0] != rest[1] or not kept
    yield Effect("listener", name, CHANGED, f"{'all' if whole else 'some'} of its connections are drained")
    yield from _permission(name, _verdicts(before), _verdicts(after))
    yield from _rerouted(name, _routes(before), _routes(after))


def _cluster(name: str, _before: Json, _after: Json) -> Iterator[Effect]:
    yield Effect("cluster", name, CHANGED, "Envoy connects anew")


CHANGES = {"listener": _listener, "cluster": _cluster}


def _rerouted(name: str, before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[Effect]:
    for match in sorted(before.keys() | after.keys()):
        if match not in before:
            yield Effect("route", name, ADDED, match)
        elif match not in after:
            yield Effect("route", name, REMOVED, match)
        elif before[match] != after[match]:
            yield Effect("route", name, CHANGED, match)


def _permission(name: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Effect]:
    for client in sorted(before.keys() | after.keys()):
        old, new = before.get(client), after.get(client)
        if old != new:
            gained = new == ALLOW or (new is None and old == DENY)
            why = f"{client} is {'no longer ' if new is None else ''}{'denied' if DENY in (old, new) else 'allowed'}"
            yield Effect("permission", name, "gained" if gained else "lost", why)


def _filters(listener: Json) -> Iterator[Json]:
    """The configs of all network and HTTP filters, with their names."""
    for chain in listener.get("filterChains", ()):
        for one in chain.get("filters", ()):
            config = one.get("typedConfig", {})
            yield one["name"], config
            yield from ((inner["name"], inner.get("typedConfig", {})) for inner in config.get("httpFilters", ()))


def _routes(listener: Json) -> Mapping[str, Json]:
    """Where requests go, by what they match."""
    configs = (config.get("routeConfig", {}) for name, config in _filters(listener) if name == names.HCM)
    hosts = (host for config in configs for host in config.get("virtualHosts", ()))
    return {_said(route.get("match")): route for host in hosts for route in host.get("routes", ())}


def _said(match: Json) -> str:
    return json.dumps(match, sort_keys=True)


def _verdicts(listener: Json) -> Mapping[str, str]:
    """Who may call, and who may not; who is both may not."""
    matchers = (config.get("matcher", {}) for name, config in _filters(listener) if name in RBAC)
    fields = [one for matcher in matchers for one in matcher.get("matcherList", {}).get("matchers", ())]
    said = sorted((_verdict(one), client) for one in fields for client in _clients(one.get("predicate")))
    return {client: verdict for verdict, client in said}


def _verdict(field: Json) -> str:
    return str(field.get("onMatch", {}).get("action", {}).get("typedConfig", {}).get("action", ALLOW))


def _clients(predicate: Json) -> Iterable[str]:
    for inner in predicate.get("orMatcher", {}).get("predicate", ()):
        yield from _clients(inner)
    if "andMatcher" in predicate:
        every = [one for inner in predicate["andMatcher"]["predicate"] for one in _clients(inner)]
        yield " and ".join(every)
    for how, value in predicate.get("singlePredicate", {}).get("valueMatch", {}).items():
        yield f"{value}{'*' if how == 'prefix' else ''}"
