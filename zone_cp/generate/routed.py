"""Where the requests to a destination go: what routes say, or to the destination itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from attrs import frozen

from kuma.backends import Split, weighted
from kuma.destinations import Destination, Destinations
from kuma.envoy import listeners, routes
from kuma.envoy.headers import tags
from kuma.match import ToRules
from kuma.model import Kri, Labels
from kuma.policies import meshhttproute, meshtcproute
from kuma.policies.meshhttproute import HttpRoute

if TYPE_CHECKING:
    from kuma.envoy.api import FilterChain


@frozen(cache_hash=True)
class Routed:
    """What a destination's listener does: with requests, or (where `http` is None) with connections."""

    http: tuple[HttpRoute, ...] | None
    split: Split = ()

    def backends(self) -> Iterator[Destination]:
        """Every destination that it sends to."""
        if self.http is None:
            return (backend.destination for backend in self.split)
        return (backend for route in self.http for backend in route.backends())

    def rules(self) -> tuple[Kri, ...]:
        """The route rules that its routes come from."""
        return tuple(dict.fromkeys(route.rule for route in self.http or () if route.rule is not None))


def routed(destination: Destination, rules: Mapping[str, ToRules], destinations: Destinations) -> Routed | None:
    """Where requests to this destination go; None where nothing listens for it.

    A MeshTCPRoute takes an HTTP destination only when no MeshHTTPRoute speaks of it, and any other always.
    """
    http, tcp = rules["MeshHTTPRoute"], rules["MeshTCPRoute"]
    if destination.http and (http.conf(destination.kri) is not None or tcp.conf(destination.kri) is None):
        found = meshhttproute.routes(destination, http, destinations)
        return Routed(found) if found else None
    split = meshtcproute.split(destination, tcp, destinations)
    return None if split is None else Routed(None, split)


def chain(destination: Destination, way: Routed, internal: tuple[str, ...], marks: Labels) -> FilterChain:
    """The filter chain of a destination's listener."""
    name = destination.name
    if way.http is None:
        return listeners.tcp_chain(name, weighted(way.split))
    made = [envoy for route in way.http for envoy in meshhttproute.envoy_routes(route)]
    config = routes.configuration(name, made, request_headers_to_add=tags(marks))
    return listeners.http_chain(name, config, internal, destination.protocol == "grpc", normalize_path={"value": True})
