"""What kuma-dp is told: JSON documents that its Envoy serves on a socket, and that are asked for again and again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kuma.envoy import api, listeners, names
from kuma.envoy.draft import Caller
from kuma.envoy.endpoints import pipe

if TYPE_CHECKING:
    from kuma.envoy.api import Listener

SOCKET = "kuma-mesh-metric-config"


def dynamic_config(caller: Caller, documents: Mapping[str, str]) -> Listener | None:
    """The listener that serves these documents by their names; None where there is nothing to tell.

    Who says which document it has (If-None-Match, RFC 9110 section 13.1.2) is answered 304 as long as that is the one.
    """
    if not documents:
        return None
    name = names.DYNAMIC_CONFIG
    made = api.Listener(name=name, stat_prefix=name, address=pipe(names.socket(caller.workdir, SOCKET)))
    routes = [route for each in sorted(documents.items()) for route in _routes(*each)]
    config = api.RouteConfiguration(
        virtual_hosts=[{"name": name, "domains": ["*"], "routes": routes}],
        max_direct_response_body_size_bytes={"value": max(len(body.encode()) for body in documents.values())},
    )
    own = listeners.internal_addresses(listeners.LOOPBACK, caller.ipv6)
    made.filter_chains.append(listeners.http_chain(name, config, own))
    return made


def _routes(name: str, body: str) -> tuple[dict[str, Any], ...]:
    path, etag = f"/{name}", hashlib.sha256(body.encode()).hexdigest()
    known = {"name": "If-None-Match", "string_match": {"exact": etag}}
    return (
        {
            "name": f"{names.DYNAMIC_CONFIG}_{name}_not_modified",
            "match": {"path": path, "headers": [known]},
            "direct_response": {"status": 304},
        },
        {
            "name": f"{names.DYNAMIC_CONFIG}_{name}",
            "match": {"path": path},
            "direct_response": {"status": 200, "body": {"inline_string": body}},
            "response_headers_to_add": [{"header": {"key": "Etag", "value": etag}}],
        },
    )
