"""Routes of a MeshHTTPRoute as Envoy has them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from kuma.backends import Split, weighted
from kuma.destinations import Destination
from kuma.envoy import api
from kuma.envoy.percent import fractional
from kuma.envoy.routes import DEFAULT_ROUTE, forward
from kuma.policies.meshhttproute.routing import HttpRoute
from kuma.policies.meshhttproute.spec import Filter, Match, PathRewrite, QueryMatch
from kuma.targetref import HeaderKeyValue, HeaderMatch, HeaderModifier

if TYPE_CHECKING:
    from kuma.envoy.api import Route

Fields = dict[str, Any]

STATUS = {
    301: "MOVED_PERMANENTLY",
    302: "FOUND",
    303: "SEE_OTHER",
    307: "TEMPORARY_REDIRECT",
    308: "PERMANENT_REDIRECT",
}
OVERWRITE, APPEND = "OVERWRITE_IF_EXISTS_OR_ADD", "APPEND_IF_EXISTS_OR_ADD"
EVERYTHING = ".*"


def envoy_routes(route: HttpRoute) -> Iterator[Route]:
    """A route as Envoy's: a path prefix becomes two of them, a share that is lost one more."""
    for path in _paths(route.match):
        made = api.Route(
            name=DEFAULT_ROUTE if route.rule is None else str(route.rule),
            match={**path, **_matched(route.match)},
            route=_forward(route.split) if route.split else {},
        )
        mirrors = iter(route.mirrors)
        for one in route.filters:
            mirror = next(mirrors) if one.type == "RequestMirror" else None
            FILTERS[one.type](made, one, mirror)
        if route.failing and not route.redirects:
            _fail(made)
        elif route.lost and not route.redirects:
            yield _lost(made, route)
        yield made


def _forward(split: Split) -> Fields:
    """What leaves the mesh asks for the host that it is sent to, where an endpoint has a name."""
    leaves = any(one.destination.kind == "MeshExternalService" for one in split)
    return {**forward(weighted(split)), **({"auto_host_rewrite": {"value": True}} if leaves else {})}


# Matches.


def _paths(match: Match) -> list[Fields]:
    """A prefix means whole segments: the path itself, and what is below it."""
    path = match.path
    if path is None:
        return [{"prefix": "/"}]
    if path.type == "Exact":
        return [{"path": path.value}]
    if path.type == "RegularExpression":
        return [{"safe_regex": {"regex": path.value}}]
    if path.value == "/":
        return [{"prefix": "/"}]
    return [{"path": path.value}, {"prefix": path.value + "/"}]


def _matched(match: Match) -> Fields:
    method = [{"name": ":method", "string_match": {"exact": match.method}}] if match.method else []
    return {
        "headers": [*method, *map(_header, _first_by_name(match.headers or ()))],
        "query_parameters": list(map(_query, _first_by_name(match.query_params or ()))),
    }


class _Named(Protocol):
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=_Named)


def _first_by_name(matches: Iterable[N]) -> list[N]:
    first: dict[str, N] = {}
    for one in matches:
        first.setdefault(one.name, one)
    return list(first.values())


def _header(match: HeaderMatch) -> Fields:
    if match.type in ("Present", "Absent") or (match.type == "Prefix" and not match.value):
        return {"name": match.name, "present_match": match.type != "Absent"}
    return {"name": match.name, "string_match": TEXTS[match.type](match.value or "")}


def _query(match: QueryMatch) -> Fields:
    return {"name": match.name, "string_match": TEXTS[match.type](match.value)}


TEXTS: Mapping[str, Callable[[str], Fields]] = {
    "Exact": lambda value: {"exact": value},
    "Prefix": lambda value: {"prefix": value},
    "RegularExpression": lambda value: {"safe_regex": {"regex": value}} if value else {"exact": ""},
}


# Filters.


def _change_request(route: Route, one: Filter, _: Destination | None) -> None:
    modifier = one.request_header_modifier or HeaderModifier()
    made = api.Route(request_headers_to_add=_options(modifier), request_headers_to_remove=modifier.remove or ())
    route.MergeFrom(made)


def _change_response(route: Route, one: Filter, _: Destination | None) -> None:
    modifier = one.response_header_modifier or HeaderModifier()
    made = api.Route(response_headers_to_add=_options(modifier), response_headers_to_remove=modifier.remove or ())
    route.MergeFrom(made)


def _options(modifier: HeaderModifier) -> list[Fields]:
    return [
        *(_option(one, OVERWRITE) for one in modifier.set or ()),
        *(_option(one, APPEND) for one in modifier.add or ()),
    ]


def _option(header: HeaderKeyValue, action: str) -> Fields:
    return {"header": {"key": header.name, "value": header.value}, "append_action": action}


def _redirect(route: Route, one: Filter, _: Destination | None) -> None:
    said = one.request_redirect
    if said is None:
        return
    made: Fields = {"response_code": STATUS[said.status_code], **_path(route, said.path)}
    if said.hostname:
        made["host_redirect"] = said.hostname
    if said.scheme:
        made["scheme_redirect"] = said.scheme
    if said.port:
        made["port_redirect"] = said.port
    route.redirect.CopyFrom(api.RedirectAction(**made))


def _rewrite(route: Route, one: Filter, _: Destination | None) -> None:
    said = one.url_rewrite
    if said is None or not route.HasField("route"):  # a redirected request goes nowhere from here
        return
    made = _path(route, said.path)
    if said.hostname:
        made["host_rewrite_literal"] = said.hostname
    route.route.MergeFrom(api.RouteAction(**made))


def _path(route: Route, rewrite: PathRewrite | None) -> Fields:
    """A new path. What stands for a prefix stands for its slash, too, or is the whole path where nothing is below."""
    if rewrite is None:
        return {}
    if rewrite.type == "ReplaceFullPath":
        return _whole(rewrite.replace_full_path or "/")
    prefix = rewrite.replace_prefix_match or "/"
    if not route.match.prefix:
        return _whole(prefix)
    return {"prefix_rewrite": prefix if prefix.endswith("/") else prefix + "/"}


def _whole(path: str) -> Fields:
    return {"regex_rewrite": {"pattern": {"regex": EVERYTHING}, "substitution": path}}


def _mirror(route: Route, one: Filter, mirror: Destination | None) -> None:
    said = one.request_mirror
    if said is None or mirror is None or not route.HasField("route"):
        return
    policy = route.route.request_mirror_policies.add(cluster=mirror.name)
    if said.percentage is not None:
        policy.runtime_fraction.default_value.CopyFrom(api.FractionalPercent(**fractional(Fraction(said.percentage))))


FILTERS: Mapping[str, Callable[[Route, Filter, Destination | None], None]] = {
    "RequestHeaderModifier": _change_request,
    "ResponseHeaderModifier": _change_response,
    "RequestRedirect": _redirect,
    "URLRewrite": _rewrite,
    "RequestMirror": _mirror,
}


# Backends that do not exist.


def _fail(route: Route) -> None:
    route.direct_response.status = 500
    route.direct_response.body.inline_string = ""


def _lost(route: Route, of: HttpRoute) -> Route:
    """A copy that takes the share of the backends that do not exist."""
    copy = api.Route()
    copy.CopyFrom(route)
    _fail(copy)
    share = Fraction(100 * of.lost, of.lost + sum(backend.weight for backend in of.split))
    copy.match.runtime_fraction.default_value.CopyFrom(api.FractionalPercent(**fractional(share)))
    return copy
