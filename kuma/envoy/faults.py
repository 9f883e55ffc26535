"""Faults: an HTTP filter that delays, answers or slows down in the workload's place, for some of the clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kuma.envoy import api
from kuma.envoy.clients import Client
from kuma.envoy.http_filters import insert_before_router
from kuma.envoy.rbac import all_of, predicates
from kuma.envoy.typed import edit_http, extension

if TYPE_CHECKING:
    from kuma.envoy.api import FilterChain

FAULT = "envoy.filters.http.fault"


def inject(chain: FilterChain, name: str, fault: dict[str, Any], client: Client | None) -> None:
    """Put a fault in, for this client or, without one, for everyone. Who can't be told apart is met by none."""
    if client is not None and not predicates(client):
        return
    config = api.ExtensionWithMatcher(
        extension_config=extension(FAULT, api.HttpFault(**fault)),
        xds_matcher={} if client is None else _others_skip(client),
    )
    edit_http(chain, lambda manager: insert_before_router(manager, name, config))


def _others_skip(client: Client) -> dict[str, Any]:
    skip = {"action": extension("skip", api.SkipFilter())}
    others = {"not_matcher": all_of(predicates(client))}
    return {"matcher_list": {"matchers": [{"predicate": others, "on_match": skip}]}}
