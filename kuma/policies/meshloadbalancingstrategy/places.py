"""Where endpoints are, as seen from one zone: which come first, which get more, and which are left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING

from attrs import frozen

from kuma.envoy import api
from kuma.envoy.draft import Endpoints
from kuma.envoy.names import ENVOY_LB
from kuma.policies.meshloadbalancingstrategy.spec import CrossZone, Failover, LocalityAwareness, LocalZone
from kuma.targetref import decimal

if TYPE_CHECKING:
    from kuma.envoy.api import LbEndpoint, LocalityLbEndpoints

ZONE = "kuma.io/zone"
OVERPROVISIONING = 200
LARGEST = 2**32 - 1  # that Envoy can count
MOST_ZEROS = 8  # of a weight: Envoy counts those of all groups together
HEAVIEST_TAG = 9  # of the last tag; each one before weighs ten times as much


@frozen
class Group:
    """Endpoints of one's own zone that share a label's value with the caller."""

    key: str
    value: str
    weight: int


@frozen
class Place:
    """Where an endpoint counts as being."""

    priority: int
    zone: str
    sub_zone: str = ""
    weight: int = 0  # 0: unsaid


def put_own_zone_first(part: Endpoints, awareness: LocalityAwareness) -> None:
    """Other zones come after one's own, unless places do not count."""
    for group in part.assignment.endpoints:
        if group.locality.zone and group.locality.zone != part.zone:
            group.priority = 0 if awareness.disabled else 1


def arrange(part: Endpoints, awareness: LocalityAwareness) -> None:
    """Put every endpoint where these wishes have it."""
    caller = part.caller
    groups = tuple(_groups(awareness.local_zone or LocalZone(), {**caller.labels, **caller.gateway}))
    cross = awareness.cross_zone or CrossZone()
    placed: list[tuple[Place, LbEndpoint]] = []
    for group in part.assignment.endpoints:
        for endpoint in group.lb_endpoints:
            tags = _tags(endpoint)
            zone = tags.get(ZONE) or group.locality.zone or part.zone
            place = _near(part.zone, tags, groups) if zone == part.zone else _far(part.zone, zone, cross)
            if place is not None:
                placed.append((place, endpoint))
    made = list(_localities(placed))
    del part.assignment.endpoints[:]
    part.assignment.endpoints.extend(made)
    part.assignment.policy.overprovisioning_factor.value = _factor(cross)


def _tags(endpoint: LbEndpoint) -> dict[str, str]:
    fields = endpoint.metadata.filter_metadata[ENVOY_LB].fields if endpoint.HasField("metadata") else {}
    return {key: value.string_value for key, value in fields.items()}


def _groups(local: LocalZone, labels: Mapping[str, str]) -> Iterator[Group]:
    every = local.affinity_tags or ()
    for index, tag in enumerate(every):
        if tag.key in labels:
            unsaid = HEAVIEST_TAG * 10 ** min(len(every) - index - 1, MOST_ZEROS)
            yield Group(tag.key, labels[tag.key], tag.weight or unsaid)


def _near(zone: str, tags: Mapping[str, str], groups: Iterable[Group]) -> Place:
    for group in groups:
        if tags.get(group.key) == group.value:
            return Place(0, zone, f"{group.key}={group.value}", group.weight)
    return Place(0, zone, weight=1)


def _far(own: str, zone: str, cross: CrossZone) -> Place | None:
    """The place of the first wish that takes the zone; priorities count all wishes, also those of other callers."""
    for index, one in enumerate(cross.failover or ()):
        if (one.from_ is None or own in one.from_.zones) and _takes(one, zone):
            return Place(index + 1, zone)
    return None


def _takes(failover: Failover, zone: str) -> bool:
    listed = zone in (failover.to.zones or ())
    return {"Any": True, "AnyExcept": not listed, "Only": listed}.get(failover.to.type, False)


def _localities(placed: Iterable[tuple[Place, LbEndpoint]]) -> Iterator[LocalityLbEndpoints]:
    ordered = sorted(placed, key=lambda one: (_place_order(one[0]), _address(one[1])))
    for place, found in groupby(ordered, key=lambda one: one[0]):
        made = api.LocalityLbEndpoints(priority=place.priority)
        made.locality.zone = place.zone
        made.locality.sub_zone = place.sub_zone
        if place.weight:
            made.load_balancing_weight.value = place.weight
        made.lb_endpoints.extend(endpoint for _, endpoint in found)
        yield made


def _place_order(place: Place) -> tuple[str, str, str, int, int]:
    """By zone and what is below it as one text; then by what else tells places apart, which must stand together."""
    return place.zone + place.sub_zone, place.zone, place.sub_zone, place.priority, place.weight


def _address(endpoint: LbEndpoint) -> tuple[str, int]:
    address = endpoint.endpoint.address.socket_address
    return address.address, address.port_value


def _factor(cross: CrossZone) -> int:
    """How many percent of what is needed a zone counts as having: so a share of healthy endpoints is enough."""
    threshold = decimal(cross.failover_threshold.percentage) if cross.failover_threshold else None
    return min(int(100 / threshold) * 100, LARGEST) if threshold else OVERPROVISIONING
