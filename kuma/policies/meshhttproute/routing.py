"""Which routes requests to a destination have: what policies say merged, resolved, and sorted as they are tried."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import evolve, frozen

from kuma.backends import Backend, Split, resolve
from kuma.destinations import Destination, Destinations
from kuma.match import Origin, ToRules
from kuma.model import Kri
from kuma.policies.meshhttproute.spec import Conf, Filter, Match, PathMatch, Rule
from kuma.targetref import BackendRef

ROOT = PathMatch(value="/", type="PathPrefix")
ALL = Match(path=ROOT)
DEFAULT_WEIGHT = 100
BY_PATH = {"Exact": 0, "PathPrefix": 1, "RegularExpression": 2}


@frozen(cache_hash=True)
class HttpRoute:
    """What happens to requests that match. `rule` is where it comes from, None for the route that takes the rest.

    `lost` is the weight of those backends that don't exist: their share is answered with an error, and everything is
    where it is `failing`. `mirrors` are the destinations of the filters that mirror, in the filters' order.
    """

    match: Match
    rule: Kri | None
    split: Split
    filters: tuple[Filter, ...] = ()
    mirrors: tuple[Destination | None, ...] = ()
    lost: int = 0
    failing: bool = False

    def backends(self) -> Iterator[Destination]:
        """Every destination that it sends to."""
        yield from (backend.destination for backend in self.split)
        yield from (mirror for mirror in self.mirrors if mirror is not None)

    @property
    def redirects(self) -> bool:
        """Whether the client is sent elsewhere, so that nothing is forwarded."""
        return any(one.type == "RequestRedirect" for one in self.filters)


def routes(destination: Destination, rules: ToRules, destinations: Destinations) -> tuple[HttpRoute, ...]:
    """The routes of an HTTP destination, as they are tried; the last takes what no other has taken."""
    itself = (Backend(destination, DEFAULT_WEIGHT),)
    found = [
        evolve(route, split=route.split or (() if route.failing else itself))
        for route in _routes(destination, rules, destinations)
    ]
    found.sort(key=lambda route: _specificity(route.match))
    if not any(route.match == ALL for route in found):
        found.append(HttpRoute(ALL, None, itself))
    return tuple(route if route.match.path else evolve(route, match=evolve(route.match, path=ROOT)) for route in found)


def _routes(destination: Destination, rules: ToRules, destinations: Destinations) -> Iterator[HttpRoute]:
    conf: Conf | None = rules.conf(destination.kri)
    if conf is None:
        return
    origins = _origins(rules.entries(destination.kri))
    for rule in reversed(conf.rules or ()):
        origin = origins[rule.matches]
        for match in rule.matches or (ALL,):
            yield _route(match, rule, origin, destinations)


def _origins(entries: Iterable[tuple[Conf, Origin]]) -> dict[tuple[Match, ...], Origin]:
    """Where each rule of the merged conf comes from: of those with equal matches, the last has the say."""
    return {rule.matches: origin for conf, origin in entries for rule in conf.rules or ()}


def _route(match: Match, rule: Rule, origin: Origin, destinations: Destinations) -> HttpRoute:
    refs, filters = rule.default.backend_refs or (), rule.default.filters or ()
    namespace = origin.policy.namespace
    split = tuple(
        Backend(found, ref.weight) for ref in refs if ref.weight and (found := _http(ref, namespace, destinations))
    )
    kept = sum(backend.weight for backend in split)
    return HttpRoute(
        match,
        origin.kri("mhttpr", f"rule_{origin.index}"),
        split,
        filters,
        tuple(_http(one.request_mirror.backend_ref, namespace, destinations) for one in filters if one.request_mirror),
        lost=sum(ref.weight for ref in refs) - kept,
        failing=bool(refs) and not split,
    )


def _http(ref: BackendRef, namespace: str, destinations: Destinations) -> Destination | None:
    """The destination that is meant, if it is there and takes requests."""
    found = resolve(ref, namespace, destinations)
    return found if found is not None and found.http else None


def _specificity(match: Match) -> tuple[bool, int, int, bool, int, int]:
    """Sorts the most special match first, as the Gateway API has it (HTTPRouteRule.matches)."""
    path = match.path
    return (
        path is None,
        BY_PATH[path.type] if path else 0,
        -len(path.value) if path and path.type != "Exact" else 0,
        match.method is None,
        -len(match.headers or ()),
        -len(match.query_params or ()),
    )
