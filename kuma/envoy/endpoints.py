"""Load assignments: where a destination is, nearest first."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING, Any

from attrs import frozen
from frozendict import frozendict

from kuma.envoy import api, names

if TYPE_CHECKING:
    from kuma.envoy.api import ClusterLoadAssignment

Fields = dict[str, Any]  # of a message, as its class takes them

UNLABELLED: frozendict[str, str] = frozendict()


@frozen(cache_hash=True)
class Endpoint:
    """One address behind a destination; `remote` when it is another zone's ingress."""

    address: str
    port: int
    zone: str = ""
    labels: frozendict[str, str] = UNLABELLED
    remote: bool = False


def assignment(name: str, endpoints: Iterable[Endpoint]) -> ClusterLoadAssignment:
    """The load assignment of a cluster: by zone, another zone's ingress after everything of one's own."""
    ordered = sorted(endpoints, key=_order)
    return api.ClusterLoadAssignment(
        cluster_name=name,
        endpoints=[_locality(*place, found) for place, found in groupby(ordered, key=_place)],
    )


def by_priority(name: str, endpoints: Iterable[tuple[int, Endpoint]]) -> Fields:
    """The load assignment of a cluster whose endpoints have priorities of their own."""
    localities: dict[int, list[Endpoint]] = {}
    for priority, endpoint in sorted(endpoints, key=lambda one: _order(one[1])):
        localities.setdefault(priority, []).append(endpoint)
    return {
        "cluster_name": name,
        "endpoints": [
            {**_priority(priority), "lb_endpoints": [_lb_endpoint(one) for one in found]}
            for priority, found in sorted(localities.items(), key=lambda one: str(one[0]))
        ],
    }


def socket_address(address: str, port: int) -> Fields:
    """An IP address and port, as an Address."""
    return {"socket_address": {"address": address, "port_value": port}}


def pipe(path: str) -> Fields:
    """A Unix socket, as an Address."""
    return {"pipe": {"path": path}}


def single(name: str, address: Fields) -> Fields:
    """The load assignment of a cluster that is one address."""
    return {"cluster_name": name, "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address}}]}]}


def _place(endpoint: Endpoint) -> tuple[str, int]:
    return endpoint.zone, 1 if endpoint.remote else 0


def _order(endpoint: Endpoint) -> tuple[str, int, str, int]:
    return (*_place(endpoint), endpoint.address, endpoint.port)


def _locality(zone: str, priority: int, endpoints: Iterable[Endpoint]) -> Fields:
    locality: Fields = {"locality": {"zone": zone}} if zone else {}
    return {**locality, "priority": priority, "lb_endpoints": [_lb_endpoint(one) for one in endpoints]}


def _priority(priority: int) -> Fields:
    return {"locality": {"sub_zone": f"priority-{priority}"}, "priority": priority}


def _lb_endpoint(endpoint: Endpoint) -> Fields:
    fields = {key: {"string_value": endpoint.labels[key]} for key in sorted(endpoint.labels)}
    metadata = {"fields": fields}
    return {
        "endpoint": {"address": socket_address(endpoint.address, endpoint.port)},
        "load_balancing_weight": {"value": 1},
        "metadata": {"filter_metadata": {names.ENVOY_LB: metadata, names.TRANSPORT_SOCKET_MATCH: metadata}},
    }
