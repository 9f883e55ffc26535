"""What the status of a MeshMultiZoneService says: which services stand behind it, seen from this zone.

It is for people to read. Configs are generated from the selector itself, and do not wait for it.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import astuple, evolve

from kuma.model import Resource
from kuma.resources.meshmultizoneservice import MatchedService, Status
from kuma.resources.parts import Condition
from zone_cp.conditions import with_condition

MATCHED = "MeshServicesMatched"


def multizone_now(service: Resource, services: Iterable[Resource]) -> Resource:
    """The destination with the services behind it as they are now; the rest of its status stays as it is."""
    selector, before = service.spec.selector.mesh_service, service.status or Status()
    matched = tuple(sorted((_matched(one) for one in services if selector.matches(one.labels)), key=astuple))
    conditions = with_condition(before.conditions, _condition(len(matched)))
    return evolve(service, status=evolve(before, mesh_services=matched, conditions=conditions))


def _matched(service: Resource) -> MatchedService:
    return MatchedService(service.display_name, service.namespace, service.zone, service.mesh)


def _condition(number: int) -> Condition:
    if not number:
        return Condition(MATCHED, "False", "NoMatchesFound", "No MeshService carries these labels")
    return Condition(MATCHED, "True", "MatchesFound", f"MeshServices that carry these labels: {number}")
