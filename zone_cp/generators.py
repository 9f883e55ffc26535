"""The services that keep MeshServices, Workloads and their statuses as Dataplanes are. For the leader only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from attrs import evolve, field, frozen

from kuma import members
from kuma.insights import counts_as
from kuma.mirror import Mirror
from kuma.model import ORIGIN, ORIGIN_ZONE, Resource
from kuma.spiffe import Local
from zone_cp.generated import Converging, Maker, Plan, Planner, Writing, converge
from zone_cp.meshservices import (
    SERVICES,
    WORKLOADS,
    Members,
    Names,
    Place,
    kept_by_control_plane,
    service_now,
    wanted_services,
    wanted_workloads,
    workload_now,
)
from zone_cp.multizoneservices import multizone_now
from zone_cp.propagation import NOTHING, Propagation
from zone_cp.settled import Made, Noticed, Settled
from zone_cp.workloads import Workloads

log = structlog.get_logger()

OF_THE_ZONE = ("Mesh", "Dataplane", "DataplaneInsight", "MeshService", "MeshIdentity", "MeshTrust", "Workload")
SEEN = (*OF_THE_ZONE, "MeshMultiZoneService")
HOUR = timedelta(hours=1)

ByName = Mapping[str, Resource]
Behind = tuple[Resource, Sequence[Resource]]  # a service or workload, and its Dataplanes
After = Callable[[Resource, Members], Resource]


@frozen
class Generators:
    """Makes the generating services. `mirror` holds the kinds in `SEEN`."""

    mirror: Mirror
    writing: Writing
    local: Local
    grace: timedelta = HOUR
    propagation: Propagation = NOTHING
    _settled: defaultdict[tuple[str, str], Settled] = field(factory=lambda: defaultdict(Settled))
    _behind: dict[str, members.Members] = field(factory=dict)
    _connected: defaultdict[str, Noticed] = field(factory=lambda: defaultdict(lambda: Noticed(_seen)))
    _carried: defaultdict[str, Workloads] = field(factory=lambda: defaultdict(Workloads))

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
        planner = Planner("status-updater", frozenset(OF_THE_ZONE), self._plan_status, _seen)
        return Converging(planner, self.mirror, writing)

    def multizones(self, interval: timedelta) -> Converging:
        """Which services stand behind each MeshMultiZoneService."""
        kinds = frozenset({"Mesh", "MeshService", "MeshMultiZoneService"})
        planner = Planner("multizone-status-updater", kinds, self._plan_multizones)
        return Converging(planner, self.mirror, evolve(self.writing, interval=interval))

    def _plan_services(self, mesh: str) -> Plan:
        place, settled = Place(mesh, self.local.zone), self._settled[SERVICES, mesh]
        existing = self.mirror.named("MeshService", mesh)
        behind = self._carried[mesh].servable(self.mirror.named("Dataplane", mesh))
        made = {name: (existing.get(name), *members) for name, members in behind.items()}
        due = settled.due(made)
        stored = {service.name: service for service in self._ours("MeshService", mesh) if service.name in due}
        members = (one for name in due for one in behind[name])
        wanted, disagreements = wanted_services(place, members, stored.values())
        for one in disagreements:
            log.info("dataplane has other ports than its service", mesh=mesh, proxy=one.dataplane, service=one.service)
        filled = {
            name: self.propagation.applied(kept_by_control_plane(want, stored.get(name)), behind[name])
            for name, want in wanted.items()
        }
        left = [one for name, one in existing.items() if name in due or name not in behind]
        plan = converge(filled, left, Maker(SERVICES, self.grace), self._now)
        settled.settle(made, plan.names | (due - wanted.keys()))
        return plan

    def _plan_workloads(self, mesh: str) -> Plan:
        settled, existing = self._settled[WORKLOADS, mesh], self.mirror.named("Workload", mesh)
        behind = self._carried[mesh].servable(self.mirror.named("Dataplane", mesh))
        made = {name: (existing.get(name),) for name in behind}
        due = settled.due(made)
        wanted = wanted_workloads(Place(mesh, self.local.zone), (behind[name][0] for name in due))
        left = [one for name, one in existing.items() if name in due or name not in behind]
        plan = converge(wanted, left, Maker(WORKLOADS, self.grace), self._now)
        settled.settle(made, plan.names)
        return plan

    def _plan_status(self, mesh: str) -> Plan:
        dataplanes = self.mirror.named("Dataplane", mesh)
        services = {one.name: one for one in self._ours("MeshService", mesh)}
        behind, names = self._members(mesh, services, dataplanes), self._names(mesh)
        trusts = self.mirror.of("MeshTrust", mesh)

        def service_after(service: Resource, members: Members) -> Resource:
            return service_now(service, members, names)

        found = ((service, tuple(behind.of(name).values())) for name, service in sorted(services.items()))
        carrying = self._carried[mesh].all(dataplanes)
        workloads = ((workload, carrying.get(workload.name, ())) for workload in self._ours("Workload", mesh))
        return Plan(
            (
                *self._statuses(mesh, found, service_after, (*names.identities, *trusts)),
                *self._statuses(mesh, workloads, workload_now, ()),
            )
        )

    def _statuses(self, mesh: str, found: Iterable[Behind], after: After, beside: Made) -> Sequence[Resource]:
        """What is to be written of these, each with the Dataplanes behind it; `beside` is looked at for all of them."""
        insights = self._connected[mesh].of(self.mirror.named("DataplaneInsight", mesh))
        held = {one.name: (one, members) for one, members in found}
        made: dict[str, Made] = {
            name: (one, *members, *(insights.get(member.name) for member in members), *beside)
            for name, (one, members) in held.items()
        }
        settled = self._settled[after.__name__, mesh]
        pairs = [(held[name][0], after(held[name][0], Members(held[name][1], insights))) for name in settled.due(made)]
        puts = sorted((now for before, now in pairs if before != now), key=lambda one: one.name)
        settled.settle(made, {one.name for one in puts})
        return puts

    def _members(self, mesh: str, services: ByName, dataplanes: ByName) -> members.Members:
        """The Dataplanes behind each service, found again only for those that have changed."""
        before = self._behind.get(mesh, members.Members())
        changed = _news(before.dataplanes, dataplanes), _news(before.services, services)
        self._behind[mesh], _ = before.changed(*changed, dataplanes)
        return self._behind[mesh]

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


def _seen(resource: Resource) -> object:
    """Of connections only whether there is one, and of whom: their counters are in no status."""
    return counts_as(resource.spec) if resource.kind == "DataplaneInsight" else resource


def _news(before: ByName, now: ByName) -> dict[str, Resource | None]:
    """What is not the very same resource any more, and what it is now."""
    return {name: now.get(name) for name in before.keys() | now.keys() if before.get(name) is not now.get(name)}
