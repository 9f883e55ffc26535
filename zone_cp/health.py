"""What Envoys report of themselves and of their workloads, and what becomes of it in their Dataplanes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from attrs import evolve, frozen
from frozendict import frozendict

from kuma.envoy import names
from kuma.model import Resource
from kuma.resources.dataplane import Health, Inbound, Networking
from kuma.xds.wire import Malformed
from zone_cp.generate.health import WORKLOAD

if TYPE_CHECKING:
    from kuma.envoy.api import HealthMessage

ENVOY = frozenset({names.ADMIN, "kuma:envoy:admin"})  # the latter is what earlier versions call it
WELL = frozenset({0, 1})  # envoy.config.core.v3.HealthStatus: UNKNOWN, HEALTHY


@frozen
class Report:
    """What an Envoy has found out: whether it takes requests itself, and whether workloads answer, by their port."""

    envoy: bool = True
    workloads: Mapping[int, bool] = frozendict()

    def of(self, inbound: Inbound, port: int) -> bool | None:
        """Whether an inbound is healthy whose workload is at this port; None where that is not known yet."""
        if not self.envoy or inbound.service_probe is None:
            return self.envoy
        return self.workloads.get(port)


def report_of(message: HealthMessage) -> Report:
    """What a message says. Raises Malformed for a cluster that nobody was asked to check."""
    envoy, workloads = True, {}
    for cluster in message.endpoint_health_response.cluster_endpoints_health:
        found = [one for locality in cluster.locality_endpoints_health for one in locality.endpoints_health]
        if not found:
            continue
        is_well = found[0].health_status in WELL
        if cluster.cluster_name in ENVOY:
            envoy = is_well
        else:
            workloads[_port(cluster.cluster_name)] = is_well
    return Report(envoy, frozendict(workloads))


def _port(name: str) -> int:
    port = name.removeprefix(WORKLOAD)
    if port == name or not (port.isascii() and port.isdecimal()):
        raise Malformed(f"cluster {name[:100]!r} of a health report is not known")
    return int(port)


def measured(dataplane: Resource, report: Report) -> Resource | None:
    """The Dataplane as it is according to a report; None where it says so already."""
    networking = dataplane.spec.networking
    return _with(dataplane, (_measured(one, report.of(one, _workload(networking, one))) for one in networking.inbound))


def _measured(inbound: Inbound, healthy: bool | None) -> Inbound:
    if inbound.state == "NotReady" and healthy is True:
        return evolve(inbound, state="Ready", health=Health(ready=True))
    if inbound.state == "Ready" and healthy is False:
        return _unready(inbound)
    return inbound


def brought_again(brought: Resource, stored: Resource) -> Resource:
    """A Dataplane whose proxy brings it once more, with what was measured since it first did.

    Nobody knows yet how the workload behind a probed inbound is that was not there before.
    """
    before, after = stored.spec.networking, brought.spec.networking
    known = {_identity(before, one): one for one in before.inbound if one.state != "Ignored"}
    inbounds = (_remembered(one, known.get(_identity(after, one))) for one in after.inbound)
    return _with(brought, inbounds) or brought


def _remembered(inbound: Inbound, before: Inbound | None) -> Inbound:
    if inbound.state == "Ignored":
        return inbound
    if before is not None:
        return evolve(inbound, state=before.state, health=before.health)
    return inbound if inbound.service_probe is None else _unready(inbound)


def _unready(inbound: Inbound) -> Inbound:
    return evolve(inbound, state="NotReady", health=Health(ready=False))


def _identity(networking: Networking, inbound: Inbound) -> object:
    """What is measured of an inbound: the workload that is there, if it is probed."""
    return inbound.port, networking.serves(inbound), inbound.service_probe is None


def _workload(networking: Networking, inbound: Inbound) -> int:
    return networking.serves(inbound)[1]


def _with(dataplane: Resource, inbounds: Iterable[Inbound]) -> Resource | None:
    networking, changed = dataplane.spec.networking, tuple(inbounds)
    if changed == networking.inbound:
        return None
    return evolve(dataplane, spec=evolve(dataplane.spec, networking=evolve(networking, inbound=changed)))
