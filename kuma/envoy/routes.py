"""Routes: what an HTTP connection manager does with a request."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from kuma.envoy import api, names
from kuma.envoy.endpoints import Fields

if TYPE_CHECKING:
    from kuma.envoy.api import Route, RouteConfiguration

NO_TIMEOUT = timedelta(0)
MATCHES_ALL = '[{"path":{"value":"/","type":"PathPrefix"}}]'
DEFAULT_ROUTE = names.matches_hash(MATCHES_ALL)

Weighted = tuple[tuple[str, int], ...]  # clusters and their weights


def forward(clusters: Weighted) -> Fields:
    """The action that sends a request on, to one cluster or to several by weight."""
    if len(clusters) == 1:
        return {"cluster": clusters[0][0], "timeout": NO_TIMEOUT}
    shares = [{"name": name, "weight": {"value": weight}} for name, weight in clusters]
    return {"weighted_clusters": {"clusters": shares}, "timeout": NO_TIMEOUT}


def everything(cluster: str, name: str = "") -> Route:
    """A route for all requests."""
    return api.Route(name=name, match={"prefix": "/"}, route=forward(((cluster, 1),)))


def rewritten(path: str, cluster: str, to: str = "") -> Route:
    """A route for a path and what is below it, which arrives as the same path, or as another."""
    return api.Route(match={"prefix": path}, route={"cluster": cluster, "prefix_rewrite": to or path})


def configuration(name: str, routes: Iterable[Route], **more: Any) -> RouteConfiguration:
    """A route config with one virtual host for all domains, both under this name."""
    hosts = [{"name": name, "domains": ["*"], "routes": list(routes)}]
    return api.RouteConfiguration(name=name, validate_clusters={"value": False}, virtual_hosts=hosts, **more)
