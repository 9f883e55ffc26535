"""Backends: what a route sends to, found among a mesh's destinations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import frozen

from kuma.destinations import Destination, Destinations
from kuma.model import DISPLAY_NAME, NAMESPACE, Labels

KINDS = frozenset({"MeshService", "MeshExternalService", "MeshMultiZoneService"})


@frozen(cache_hash=True)
class Backend:
    """A destination and its share of the requests; the destination is named as the route has written it."""

    destination: Destination
    weight: int = 1


Split = tuple[Backend, ...]


def weighted(split: Iterable[Backend]) -> tuple[tuple[str, int], ...]:
    """Clusters and their weights."""
    return tuple((one.destination.name, one.weight) for one in split)


def resolve(ref: Any, namespace: str, destinations: Destinations) -> Destination | None:
    """The destination port that a backendRef in a route of this namespace means; None where there is no such thing.

    Its KRI keeps the section as written, unless none is: then it is the port's own.
    """
    if ref.kind not in KINDS or not ref.labels:
        return None
    service = destinations.labelled(ref.kind, _in_namespace(ref.labels, namespace))
    if service is None:
        return None
    section = ref.section_name or (str(ref.port) if ref.port else "")
    port = service.at(section)
    return port if port is None or not section else port.called(section)


def _in_namespace(labels: Labels, namespace: str) -> Labels:
    """A name without a namespace means one in the route's own."""
    return (
        labels | {NAMESPACE: namespace} if namespace and DISPLAY_NAME in labels and NAMESPACE not in labels else labels
    )
