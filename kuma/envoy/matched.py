"""Routes for some of the clients: by who they are, and by the server name they asked for.

Envoy's routes can't see the client's certificate, but they can see filter state; so a network filter writes the
certificate's URI and the server name there, and a route asks for them (`RouteMatch.filter_state`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kuma.envoy import api, names
from kuma.envoy.clients import Client, Text
from kuma.envoy.typed import configs, configure, edit, edit_http

if TYPE_CHECKING:
    from kuma.envoy.api import FilterChain, HttpConnectionManager, Route, SetFilterState

SET_FILTER_STATE = "envoy.filters.network.set_filter_state"
PEER_URI = "%DOWNSTREAM_PEER_URI_SAN%"
SERVER_NAME = "%REQUESTED_SERVER_NAME%"


Matched = Sequence[tuple[Client, Callable[["Route"], None]]]


def route_by_client(chain: FilterChain, prefix: str, matched: Matched) -> None:
    """Put before each route that forwards a copy for each of these clients, changed as they say; most special first.

    `prefix` begins the keys of the filter state, so that two policies never read each other's.
    """
    if not matched or not any(True for _ in configs(chain, names.HCM)):
        return
    values = [_value(f"{prefix}.spiffe_id", PEER_URI)]
    if any(client.sni is not None for client, _ in matched):
        values.append(_value(f"{prefix}.sni", SERVER_NAME))
    _write_state(chain, values)
    edit_http(chain, lambda manager: _copy_routes(manager, prefix, matched))


def _value(key: str, content: str) -> dict[str, object]:
    return {
        "object_key": key,
        "factory_key": "envoy.string",
        "format_string": {"text_format_source": {"inline_string": content}},
        "read_only": True,
        "skip_if_empty": True,
    }


def _write_state(chain: FilterChain, values: Sequence[dict[str, object]]) -> None:
    made = api.SetFilterState(on_downstream_tls_handshake=values)

    def add(config: SetFilterState) -> None:
        config.on_downstream_tls_handshake.extend(made.on_downstream_tls_handshake)

    for packed in configs(chain, SET_FILTER_STATE):
        edit(packed, api.SetFilterState(), add)
        return
    first = api.Filter()
    configure(first, SET_FILTER_STATE, made)
    chain.filters.insert(0, first)


def _copy_routes(manager: HttpConnectionManager, prefix: str, matched: Matched) -> None:
    for host in manager.route_config.virtual_hosts:
        routes = [copy for route in host.routes for copy in (*_copies(route, prefix, matched), route)]
        del host.routes[:]
        host.routes.extend(routes)


def _copies(route: Route, prefix: str, matched: Matched) -> list[Route]:
    return [_copy(route, prefix, client, change) for client, change in matched] if _forwards(route) else []


def _copy(route: Route, prefix: str, client: Client, change: Callable[[Route], None]) -> Route:
    copy = api.Route()
    copy.CopyFrom(route)
    if client.spiffe_id is not None:
        _ask(copy, f"{prefix}.spiffe_id", client.spiffe_id)
    if client.sni is not None:
        _ask(copy, f"{prefix}.sni", client.sni)
    change(copy)
    return copy


def _ask(route: Route, key: str, text: Text) -> None:
    asked = route.match.filter_state.add(key=key)
    if text.type == "Prefix":
        asked.string_match.prefix = text.value
    else:
        asked.string_match.exact = text.value


def _forwards(route: Route) -> bool:
    to = route.route.WhichOneof("cluster_specifier")
    if to == "weighted_clusters":
        return all(one.name for one in route.route.weighted_clusters.clusters)
    return to in ("cluster", "cluster_header")
