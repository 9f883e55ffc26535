"""Zone ingress: where a zone takes other zones' connections. TLS passes through; only its server name is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kuma.destinations import Destination
from kuma.envoy import api, names
from kuma.envoy.listeners import inspect_tls, listener, tcp_chain
from kuma.mesh import Mesh

if TYPE_CHECKING:
    from kuma.envoy.api import FilterChain, Listener


def inside(mesh: Mesh) -> tuple[Destination, ...]:
    """What other zones may reach through this zone's ingress: the ports of its own services, sorted by name."""
    return tuple(one for _, one in sorted(mesh.destinations.by_name.items()) if one.local)


def ingress(section: str, address: str, port: int, within: Mapping[str, Destination]) -> Listener | None:
    """The ingress listener, with a filter chain for each destination; None where there is nothing to lead to.

    Destinations are given by the names of their clusters.
    """
    by_server_name: dict[str, tuple[str, Destination]] = {}
    for cluster, destination in within.items():
        by_server_name.setdefault(names.server_name(destination.kri), (cluster, destination))
    if not by_server_name:
        return None
    made = listener(names.zone_ingress(section), address, port, "INBOUND")
    inspect_tls(made)
    made.filter_chains.extend(_chain(server_name, *one) for server_name, one in by_server_name.items())
    return made


def _chain(server_name: str, cluster: str, destination: Destination) -> FilterChain:
    made = tcp_chain(destination.name, ((cluster, 1),))
    made.filter_chain_match.CopyFrom(api.FilterChainMatch(transport_protocol="tls", server_names=[server_name]))
    return made
