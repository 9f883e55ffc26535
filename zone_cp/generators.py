"""The services that keep MeshServices, Workloads and their statuses as Dataplanes are. For the leader only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import structlog
from attrs import evolve, frozen

from kuma import members
from kuma.mirror import Mirror
from kuma.model import ORIGIN, ORIGIN_ZONE, WORKLOAD, Resource
from kuma.spiffe import Local
from zone_cp.generated import Converging, Maker, Plan, Planner, Writing, converge
from zone_cp.meshservices import (
    SERVICES,
    WORKLOADS,
    Members,
    Names,
    Place,
    by_workload,
    kept_by_control_plane,
    service_now,
    wanted_services,
    wanted_workloads,
    workload_now,
)
from zone_cp.multizoneservices import multizone_now
from zone_cp.propagation import NOTHING, Propagation

log = structlog.get_logger()

OF_THE_ZONE = ("Mesh", "Dataplane", "DataplaneInsight", "MeshService", "MeshIdentity", "MeshTrust", "Workload")
SEEN = (*OF_THE_ZONE, "MeshMultiZoneService")
HOUR = timedelta(hours=1)


@frozen
class Generators:
    """Makes the generating services. `mirror` holds the kinds in `SEEN`."""

    mirror: Mirror
    writing: Writing
    local: Local
    grace: timedelta = HOUR
    propagation: Propagation = NOTHING

    def services(self) -> Converging:
        """A MeshService for each workload label."""
        kinds = frozenset({"Mesh", "Dataplane", "MeshService"})
        return Converging(Planner(SERVICES, kinds, self._plan_services), self.mirror, self.writing)

    def workloads(self, interval: timedelta) -> Converging:
        """A Workload for each workload label."""
        writing = evolve(self.writing, interval=interval)
        kinds = frozenset({"Mesh", "Dataplane", "Workload"})
        return Converging(Planner(WORKLOADS, kinds, self._plan_workloads), self.mirror, writing)

    def status(self, interval: timedelta) -> Converging:
        """State, identities and counters of MeshServices and Workloads."""
        writing = evolve(self.writing, interval=interval)
        return Converging(Planner("status-updater", frozenset(OF_THE_ZONE), self._plan_status), self.mirror, writing)

    def multizones(self, interval: timedelta) -> Converging:
        """Which services stand behind each MeshMultiZoneService."""
        kinds = frozenset({"Mesh", "MeshService", "MeshMultiZoneService"})
        planner = Planner("multizone-status-updater", kinds, self._plan_multizones)
        return Converging(planner, self.mirror, evolve(self.writing, interval=interval))

    def _plan_services(self, mesh: str) -> Plan:
        place, dataplanes = Place(mesh, self.local.zone), self.mirror.of("Dataplane", mesh)
        stored = {service.name: service for service in self._ours("MeshService", mesh)}
        wanted, disagreements = wanted_services(place, dataplanes, stored.values())
        for one in disagreements:
            log.info("dataplane has other ports than its service", mesh=mesh, proxy=one.dataplane, service=one.service)
        behind = by_workload(dataplanes)
        filled = {
            name: self.propagation.applied(kept_by_control_plane(want, stored.get(name)), behind[name])
            for name, want in wanted.items()
        }
        return converge(filled, self.mirror.of("MeshService", mesh), Maker(SERVICES, self.grace), self._now)

    def _plan_workloads(self, mesh: str) -> Plan:
        wanted = wanted_workloads(Place(mesh, self.local.zone), self.mirror.of("Dataplane", mesh))
        return converge(wanted, self.mirror.of("Workload", mesh), Maker(WORKLOADS, self.grace), self._now)

    def _plan_status(self, mesh: str) -> Plan:
        dataplanes = {one.name: one for one in self.mirror.of("Dataplane", mesh)}
        insights = {one.name: one for one in self.mirror.of("DataplaneInsight", mesh)}
        services = {one.name: one for one in self._ours("MeshService", mesh)}
        behind, _ = members.Members().changed({}, services, dataplanes)
        names = self._names(mesh)
        pairs = [
            (service, service_now(service, Members(tuple(behind.of(name).values()), insights), names))
            for name, service in sorted(services.items())
        ]
        carrying = _by_workload(dataplanes.values())
        pairs += (
            (workload, workload_now(workload, Members(carrying[workload.name], insights)))
            for workload in self._ours("Workload", mesh)
        )
        return Plan(tuple(after for before, after in pairs if before != after))

    def _plan_multizones(self, mesh: str) -> Plan:
        services = self.mirror.of("MeshService", mesh)
        pairs = [(one, multizone_now(one, services)) for one in self.mirror.of("MeshMultiZoneService", mesh)]
        return Plan(tuple(after for before, after in pairs if before != after))

    def _ours(self, kind: str, mesh: str) -> Sequence[Resource]:
        """Those of this zone; copies from other zones are theirs to keep."""
        here = ("", self.local.zone)
        return [
            resource
            for resource in self.mirror.of(kind, mesh)
            if resource.labels.get(ORIGIN, ORIGIN_ZONE) == ORIGIN_ZONE and resource.zone in here
        ]

    def _names(self, mesh: str) -> Names:
        domains = frozenset(trust.spec.trust_domain for trust in self.mirror.of("MeshTrust", mesh))
        return Names(self.mirror.of("MeshIdentity", mesh), domains, self.local)

    @property
    def _now(self) -> datetime:
        return self.writing.clock.now()


def _by_workload(dataplanes: Iterable[Resource]) -> defaultdict[str, list[Resource]]:
    found: defaultdict[str, list[Resource]] = defaultdict(list)
    for one in dataplanes:
        found[one.labels.get(WORKLOAD, "")].append(one)
    return found
