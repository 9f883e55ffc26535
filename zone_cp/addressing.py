"""Which virtual address and which hostnames each service has in this zone. For the leader only.

Both stand in the service's status, which every zone finds out for itself: addresses are never synced to other zones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from ipaddress import ip_network

import structlog
from attrs import define, field, frozen

from kuma.hostnames import Claim, claims, with_names
from kuma.mirror import Mirror
from kuma.model import Key, Labels, Resource
from kuma.settings import Settings
from kuma.vips import ADDRESSED, Pool, outline, vip_of, with_vip
from zone_cp.generated import Converging, Plan, Planner, Writing

log = structlog.get_logger()

GENERATOR = "HostnameGenerator"
SEEN = ("Mesh", GENERATOR, *ADDRESSED)
SWITCH = "meshservices"  # the name of the MeshServices among the enabled core resources
RANGES = {
    "MeshService": "mesh_service",
    "MeshExternalService": "mesh_external_service",
    "MeshMultiZoneService": "mesh_multi_zone_service",
}


def pools_of(settings: Settings) -> Mapping[str, Pool]:
    """Where the addresses of each kind come from; nowhere when MeshServices are switched off."""
    if SWITCH not in settings.core_resources.enabled:
        return {}
    cidrs = {kind: getattr(settings.ipam, RANGES[kind]).cidr for kind in ADDRESSED}
    return {kind: Pool(ip_network(cidr, strict=False)) for kind, cidr in cidrs.items()}


class Ledger:
    """Who has which address, and which addresses this leader has ever seen in use.

    What was planned is kept until it is seen to be written, so a write that failed is tried with the same address.
    The address of a service that is gone is not given to another while there are unused ones.
    """

    def __init__(self, pools: Mapping[str, Pool]) -> None:
        self._pools = dict(pools)
        self._used: set[str] = set()
        self._planned: dict[Key, str] = {}

    def assigned(self, services: Iterable[Resource]) -> Mapping[Key, str]:
        """A new address for each of the zone's services that has none, or has one that is another's."""
        services = tuple(services)
        held = _holders(services)
        self._used |= held.keys()
        without = {one.key: one for one in services if self._lacks(one, held)}
        self._planned = {key: ip for key, ip in self._planned.items() if key in without and ip not in held}
        for key, _ in sorted(without.items(), key=lambda item: _age(item[1])):
            if key not in self._planned and (ip := self._next(key.kind, held)):
                self._planned[key] = ip
        return self._planned

    def _lacks(self, service: Resource, held: Mapping[str, Resource]) -> bool:
        pool, vip = self._pools.get(service.kind), vip_of(service)
        return pool is not None and (not vip or (held[vip].key != service.key and pool.holds(vip)))

    def _next(self, kind: str, held: Mapping[str, Resource]) -> str | None:
        pool = self._pools[kind]
        found = pool.next(self._used) or pool.next(held.keys() | set(self._planned.values()))
        if found is None:
            log.error("no address left", kind=kind, network=str(pool.network))
            return None
        address, self._pools[kind] = found
        self._used.add(address)
        return address


def _holders(services: Iterable[Resource]) -> dict[str, Resource]:
    """Whose each address is. Where several have the same, as two leaders may have left it, the oldest keeps it."""
    held: dict[str, Resource] = {}
    for service in services:
        vip = vip_of(service)
        if vip and (vip not in held or _age(service) < _age(held[vip])):
            held[vip] = service
    return held


def _age(service: Resource) -> tuple[datetime, Key]:
    return service.created, service.key


@define
class Named:
    """The names of one kind of services in one mesh, as long as nothing changes that names are made of.

    `settled` are the services whose status says it already: most changes touch one service, and cost as much.
    """

    generators: Sequence[Resource] = ()
    makings: Mapping[Key, tuple[Labels, datetime]] = field(factory=dict)
    claims: Mapping[Key, tuple[Claim, ...]] = field(factory=dict)
    settled: dict[Key, Resource] = field(factory=dict)

    def look(self, generators: Sequence[Resource], services: Sequence[Resource], zone: str) -> None:
        """Claim anew, if there is anything new to claim."""
        makings = {service.key: (service.labels, service.created) for service in services}
        if makings == self.makings and generators == self.generators:
            return
        self.generators, self.makings = generators, makings
        self.claims, self.settled = claims(generators, services, zone), {}


@frozen
class Addressing:
    """Makes the service that keeps addresses and hostnames. `mirror` holds the kinds in `SEEN`."""

    mirror: Mirror
    zone: str
    ledger: Ledger
    _named: defaultdict[tuple[str, str], Named] = field(factory=lambda: defaultdict(Named))

    def service(self, writing: Writing) -> Converging:
        """An address for each service, and the names that the HostnameGenerators give it."""
        return Converging(Planner("addresses", frozenset(SEEN), self.plan), self.mirror, writing)

    def plan(self, mesh: str) -> Plan:
        """What to write so that every service of a mesh has its address and its names."""
        assigned = self.ledger.assigned(service for kind in ADDRESSED for service in self.mirror.all(kind))
        changed = (one for kind in ADDRESSED for one in self._changed(kind, mesh, assigned))
        return Plan(tuple(sorted(changed, key=_age)))

    def _changed(self, kind: str, mesh: str, assigned: Mapping[Key, str]) -> Iterator[Resource]:
        services, named = self.mirror.of(kind, mesh), self._named[kind, mesh]
        named.look(self.mirror.of(GENERATOR), services, self.zone)
        for before in services:
            if before is named.settled.get(before.key) and before.key not in assigned:
                continue
            addressed = with_vip(before, assigned[before.key]) if before.key in assigned else before
            after = with_names(addressed, outline(addressed), named.claims[before.key])
            if after.status != outline(before):
                yield after
            else:
                named.settled[before.key] = before
