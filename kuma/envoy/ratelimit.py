"""Limits that each proxy keeps for itself: buckets of tokens, one token for a request or a connection."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from kuma.envoy import api
from kuma.envoy.http_filters import put_before_router
from kuma.envoy.listeners import network_filter
from kuma.envoy.typed import edit_http

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from kuma.envoy.api import FilterChain, HttpConnectionManager, Route

HTTP_FILTER = "envoy.filters.http.local_ratelimit"
NETWORK_FILTER = "envoy.extensions.filters.network.local_ratelimit.v3.LocalRateLimit"


def bucket(number: int, interval: timedelta) -> dict[str, Any]:
    """So many tokens each interval."""
    return {"max_tokens": number, "tokens_per_fill": {"value": number}, "fill_interval": interval}


def per_route(tokens: dict[str, Any], **answer: Any) -> Message:
    """The limit of one route, and what is answered beyond it."""
    limit: Message = api.HttpLocalRateLimit(
        stat_prefix="rate_limit",
        token_bucket=tokens,
        filter_enabled=_always("local_rate_limit_enabled"),
        filter_enforced=_always("local_rate_limit_enforced"),
        **answer,
    )
    return limit


def can_answer(status: int) -> bool:
    """Whether Envoy has a word for the status (`envoy.type.v3.StatusCode`): it refuses a limit with any other."""
    words = api.HttpLocalRateLimit().status.DESCRIPTOR.fields_by_name["code"].enum_type
    return status in words.values_by_number


def _always(key: str) -> dict[str, Any]:
    return {"default_value": {"numerator": 100, "denominator": "HUNDRED"}, "runtime_key": key}


def limit_route(route: Route, limit: Message | None) -> None:
    """Limit a route so, in place of what held before; None: not at all."""
    if limit is None:
        route.typed_per_filter_config.pop(HTTP_FILTER, None)
    else:
        route.typed_per_filter_config[HTTP_FILTER].Pack(limit, deterministic=True)


def limit_routes(chain: FilterChain, limit: Message) -> None:
    """Limit all routes of a chain that have no limit of their own."""

    def change(manager: HttpConnectionManager) -> None:
        for host in manager.route_config.virtual_hosts:
            for route in host.routes:
                if HTTP_FILTER not in route.typed_per_filter_config:
                    limit_route(route, limit)

    edit_http(chain, change)


def keep_limits(chain: FilterChain) -> None:
    """Put the filter in that keeps the limits of routes."""
    config = api.HttpLocalRateLimit(stat_prefix="rate_limit")
    edit_http(chain, lambda manager: put_before_router(manager, HTTP_FILTER, config))


def limit_connections(chain: FilterChain, tokens: dict[str, Any]) -> None:
    """Limit how many connections a chain takes."""
    limit = network_filter(NETWORK_FILTER, api.NetworkLocalRateLimit(stat_prefix="tcp_rate_limit", token_bucket=tokens))
    for one in chain.filters:
        if one.name == NETWORK_FILTER:
            one.CopyFrom(limit)
            return
    chain.filters.insert(0, limit)
