"""Access logs: what Envoy tells of requests and connections, of which of them, and to whom.

A log is told of everything, or of what its filter lets through (`AccessLog.filter`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from google.protobuf.message import Message

from kuma.envoy import api, names
from kuma.envoy.clients import Client
from kuma.envoy.endpoints import Fields
from kuma.envoy.typed import configs, configure, edit_http, edit_tcp, extension
from kuma.model import Kri

if TYPE_CHECKING:
    from kuma.envoy.api import AccessLog, FilterChain, HttpConnectionManager, TcpProxy

CEL = "envoy.access_loggers.extension_filters.cel"
ROUTES, ROUTE = "kuma.routes", "route_kri"

# A log's filter can't see the metadata of the route that was taken, so it is copied to where it can. What
# `handle:metadata()` gives is the route's metadata under the name of the Lua filter.
TELL_ROUTE = f"""\
function envoy_on_request(handle)
  local meta = handle:metadata():get("{ROUTE}")
  if meta ~= nil then
    handle:streamInfo():dynamicMetadata():set("{ROUTES}", "{ROUTE}", meta)
  end
end
"""

Filter = Fields | None
"""Of what a log is told; None: of everything."""


def text(line: str) -> Fields:
    """The format of a line of text."""
    return {"text_format_source": {"inline_string": line}}


def json_object(fields: Mapping[str, object]) -> Fields:
    """The format of a line that is a JSON object."""
    return {"json_format": fields}


def to_file(path: str, log_format: Fields, of: Filter = None) -> AccessLog:
    """Lines of this format, to a file or a named pipe."""
    return _log(names.FILE_LOG, api.FileAccessLog(path=path, log_format=log_format), of)


def to_collector(record: Fields, of: Filter = None) -> AccessLog:
    """Records of OTLP, told with the fields of OpenTelemetryAccessLogConfig."""
    return _log(names.OPEN_TELEMETRY_LOG, api.OpenTelemetryAccessLogConfig(**record), of)


def _log(name: str, config: Message, of: Filter) -> AccessLog:
    made: Fields = {"filter": of, **extension(name, config)}
    return api.AccessLog(**made)


def of_client(client: Client) -> Filter:
    """The filter of this client's requests and connections."""
    expression = condition(client)
    if not expression:
        return None
    return {"extension_filter": extension(CEL, api.ExpressionFilter(expression=expression))}


def condition(client: Client) -> str:
    """What holds for a client, in the Common Expression Language."""
    said = []
    if client.spiffe_id is not None:
        value = json.dumps(client.spiffe_id.value)
        how = f".startsWith({value})" if client.spiffe_id.type == "Prefix" else f" == {value}"
        said.append(f"connection.uri_san_peer_certificate{how}")
    if client.sni is not None:
        said.append(f"connection.requested_server_name == {json.dumps(client.sni.value)}")
    return " && ".join(said)


def of_route(route: str) -> Fields:
    """The filter of requests that took the route of this name, given that `tell_routes` tells of it."""
    return _of_route({"string_match": {"exact": _told(route)}}, untold=False)


def _of_route(value: Fields, untold: bool) -> Fields:
    matcher = {"filter": ROUTES, "path": [{"key": ROUTE}], "value": value}
    return {"metadata_filter": {"matcher": matcher, "match_if_key_not_found": {"value": untold}}}


OF_OTHER_ROUTES = _of_route({"null_match": {}}, untold=True)
"""The filter of requests that took a route that `tell_routes` does not tell of."""


def routes_of(chain: FilterChain) -> frozenset[str]:
    """The names of a chain's routes."""
    managers = [api.HttpConnectionManager() for _ in configs(chain, names.HCM)]
    for manager, packed in zip(managers, configs(chain, names.HCM), strict=True):
        packed.Unpack(manager)
    return frozenset(
        route.name for manager in managers for host in manager.route_config.virtual_hosts for route in host.routes
    )


def tell_routes(chain: FilterChain, routes: Iterable[str]) -> None:
    """Let the filters of logs know when one of these routes is taken."""
    told = frozenset(routes)
    edit_http(chain, lambda manager: _tell_routes(manager, told))


def _tell_routes(manager: HttpConnectionManager, told: frozenset[str]) -> None:
    for host in manager.route_config.virtual_hosts:
        for route in host.routes:
            if route.name in told:
                route.metadata.filter_metadata[names.LUA].update({ROUTE: _told(route.name)})
    first = api.HttpFilter()
    configure(first, names.LUA, api.Lua(default_source_code={"inline_string": TELL_ROUTE}))
    manager.http_filters.insert(0, first)


def _told(route: str) -> str:
    """What a route is called there: its KRI as it is written when it was read, which takes `_` out of sections."""
    return str(Kri.parse(route))


def add(chain: FilterChain, logs: Sequence[AccessLog]) -> None:
    """Tell these of what passes through a chain, beside others."""
    if not logs:
        return
    edit_http(chain, lambda manager: manager.access_log.extend(logs))
    edit_tcp(chain, lambda proxy: proxy.access_log.extend(logs))


def tell_of_connecting(chain: FilterChain) -> None:
    """Tell of a connection as soon as it stands, and not only of its end."""

    def at_once(proxy: TcpProxy) -> None:
        proxy.access_log_options.flush_access_log_on_connected = True

    edit_tcp(chain, at_once)
