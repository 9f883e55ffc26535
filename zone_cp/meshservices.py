"""MeshServices and Workloads out of the Dataplanes of a zone: which there should be, and how they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Literal

from attrs import evolve, frozen

from kuma.insights import health
from kuma.model import DISPLAY_NAME, ENV, MANAGED_BY, MESH, ORIGIN, ORIGIN_ZONE, WORKLOAD, ZONE, Key, Labels, Resource
from kuma.protocols import forwarded
from kuma.resources.dataplane import Dataplane, Inbound, Networking
from kuma.resources.meshservice import (
    DataplaneProxies,
    Identity,
    MeshService,
    Port,
    Selector,
    Status,
    Tls,
)
from kuma.resources.parts import LabelSelector
from kuma.resources.workload import DataplaneProxies as WorkloadProxies
from kuma.resources.workload import Status as WorkloadStatus
from kuma.resources.workload import Workload
from kuma.spiffe import BadSpiffeId, Local, best, is_ready, names_only, selecting, spiffe_id, trust_domain
from zone_cp.workloads import by_workload

SERVICES = "meshservice-generator"
WORKLOADS = "workload-generator"


@frozen
class Place:
    """Which mesh, in which zone."""

    mesh: str
    zone: str


@frozen
class Disagreement:
    """A Dataplane that has other ports than its service."""

    dataplane: str
    service: str


def wanted_services(
    place: Place, dataplanes: Iterable[Resource], services: Iterable[Resource]
) -> tuple[Mapping[str, Resource], tuple[Disagreement, ...]]:
    """A MeshService for every workload; and the Dataplanes that don't have its ports.

    A service keeps its ports as long as one Dataplane still has them; else the Dataplane that came first decides.
    """
    kept = {service.name: service.spec.ports for service in services}
    wanted: dict[str, Resource] = {}
    disagreements: list[Disagreement] = []
    for workload, members in by_workload(dataplanes).items():
        offered = [(one.name, _ports(one.spec)) for one in members if _networking(one.spec).inbound]
        if not offered:
            continue
        agreed = kept.get(workload)
        ports = agreed if agreed is not None and any(agreed == ports for _, ports in offered) else offered[0][1]
        disagreements += (Disagreement(name, workload) for name, other in offered if other != ports)
        wanted[workload] = _service(place, workload, ports)
    return wanted, tuple(disagreements)


def wanted_workloads(place: Place, dataplanes: Iterable[Resource]) -> Mapping[str, Resource]:
    """A Workload for every workload label."""
    return {
        name: Resource(Key("Workload", place.mesh, name), Workload(), _labels(place, name, WORKLOADS))
        for name in by_workload(dataplanes)
    }


def _networking(dataplane: Dataplane) -> Networking:
    return dataplane.networking or Networking()


def _ports(dataplane: Dataplane) -> tuple[Port, ...]:
    return tuple(_port(inbound) for inbound in _networking(dataplane).inbound)


def _port(inbound: Inbound) -> Port:
    return Port(inbound.port, inbound.port, forwarded(inbound.protocol), inbound.section)


def _service(place: Place, name: str, ports: tuple[Port, ...]) -> Resource:
    selector = Selector(dataplane_labels=LabelSelector(Labels({WORKLOAD: name})))
    spec = MeshService(selector=selector, ports=ports)
    return Resource(Key("MeshService", place.mesh, name), spec, _labels(place, name, SERVICES))


def _labels(place: Place, name: str, maker: str) -> Labels:
    return Labels(
        {
            MESH: place.mesh,
            DISPLAY_NAME: name,
            MANAGED_BY: maker,
            ENV: "universal",
            ZONE: place.zone,
            ORIGIN: ORIGIN_ZONE,
        }
    )


def kept_by_control_plane(wanted: Resource, stored: Resource | None) -> Resource:
    """What is wanted of a service, with what the control plane itself fills in left as it is."""
    if stored is None:
        return wanted
    return evolve(wanted, spec=evolve(wanted.spec, state=stored.spec.state, identities=stored.spec.identities))


@frozen
class Names:
    """Who the Dataplanes of a mesh are: its identities, its trust domains, and where it is."""

    identities: Sequence[Resource]
    domains: frozenset[str]
    local: Local

    def of(self, dataplane: Resource) -> Iterable[str]:
        """Its SPIFFE IDs under every identity that selects it, not only the best: so identities can be replaced."""
        for identity in selecting(self.identities, dataplane):
            if is_ready(identity) or names_only(identity):
                with suppress(BadSpiffeId):
                    yield spiffe_id(identity, dataplane, self.local)

    def trusted(self, dataplane: Resource) -> bool:
        """Whether its identity is ready, and believed by others."""
        identity = best(self.identities, dataplane)
        if identity is None or not is_ready(identity):
            return False
        if identity.spec.provider is not None and identity.spec.provider.type == "Spire":
            return True
        with suppress(BadSpiffeId):
            return trust_domain(identity, self.local) in self.domains
        return False


@frozen
class Members:
    """The Dataplanes behind a service, and what is known of their proxies."""

    dataplanes: Sequence[Resource]
    insights: Mapping[str, Resource]


def service_now(service: Resource, members: Members, names: Names) -> Resource:
    """The service with its state, identities and counters as they are now.

    With nobody behind it, it keeps its identities: whoever comes back serves before anybody has said who it is.
    """
    counted = _counted(service.spec, members)
    state: Literal["Available", "Unavailable"] = "Available" if counted.healthy > 0 else "Unavailable"
    before: Status = service.status or Status()
    spec = evolve(service.spec, state=state, identities=_identities(service.spec, members, names))
    status = evolve(before, dataplane_proxies=counted, tls=Tls(_tls(before, members, names)))
    return evolve(service, spec=spec, status=status)


def _identities(before: MeshService, members: Members, names: Names) -> tuple[Identity, ...]:
    if not members.dataplanes:
        return before.identities
    return tuple(
        Identity("SpiffeID", one) for one in sorted({name for one in members.dataplanes for name in names.of(one)})
    )


def workload_now(workload: Resource, members: Members) -> Resource:
    """The workload with its counters as they are now."""
    online = [one for one in members.dataplanes if _online(one, members)]
    healthy = [one for one in online if health(one.spec, members.insights[one.name].spec).status == "Online"]
    counted = WorkloadProxies(len(online), len(healthy), len(members.dataplanes))
    return evolve(workload, status=WorkloadStatus(counted))


def _tls(before: Status, members: Members, names: Names) -> Literal["Ready", "NotReady"]:
    """Once ready it stays so: a new proxy without identity must not bring the others back to plaintext."""
    if not names.identities:
        return "NotReady"
    if before.tls.status == "Ready":
        return "Ready"
    ready = all(names.trusted(one) and _serves_tls(one, members) for one in members.dataplanes)
    return "Ready" if ready else "NotReady"


def _serves_tls(dataplane: Resource, members: Members) -> bool:
    """Whether its proxy, if there is one, has its certificate: callers that begin sooner would find plaintext."""
    if not _online(dataplane, members):
        return True
    mtls = members.insights[dataplane.name].spec.mtls
    return mtls is not None and bool(mtls.issued_backend)


def _counted(spec: MeshService, members: Members) -> DataplaneProxies:
    online = [one for one in members.dataplanes if _online(one, members)]
    healthy = [one for one in online if any(_ready(one.spec, port) for port in spec.ports)]
    return DataplaneProxies(len(online), len(healthy), len(members.dataplanes))


def _online(dataplane: Resource, members: Members) -> bool:
    insight = members.insights.get(dataplane.name)
    return insight is not None and bool(insight.spec.online)


def _ready(dataplane: Dataplane, port: Port) -> bool:
    """Whether something answers for this port."""
    target = port.port if port.target_port is None else port.target_port
    inbounds = (one for one in _networking(dataplane).inbound if target in (one.port, one.name))
    return any(one.state == "Ready" and (one.health is None or one.health.ready) for one in inbounds)
