"""The numbers of everything that a control plane knows, out of what it keeps. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from kuma.insights import Overview, Status, overviews
from kuma.kinds import KINDS
from kuma.model import WORKLOAD, Kind, Resource
from kuma.resources.meshinsight import DataplaneStat, MeshInsight

Json = dict[str, Any]
Found = Mapping[str, Sequence[Resource]]

SERVICE_TAG = "kuma.io/service"
NOT_COUNTED = frozenset({"Config", "Mesh", "Zone"})
NONE = {"online": 0, "total": 0}
NO_STAT = DataplaneStat()
WORDS: Mapping[Status, str] = {"Online": "online", "Offline": "offline", "Partially degraded": "partiallyDegraded"}


def counted(kind: Kind) -> bool:
    """Whether resources of a kind are counted one by one: those that belong to no mesh, and are for all to see."""
    if kind.mesh_scoped or kind.admin_only or not kind.path:
        return False
    return kind.name not in NOT_COUNTED and not kind.name.endswith("Insight")


COUNTED = tuple(kind.name for kind in KINDS.values() if counted(kind))
OF_SERVICES = tuple(name for name in ("MeshService", "MeshExternalService") if name in KINDS)
SEEN = ("Dataplane", "DataplaneInsight", "MeshInsight", "ZoneInsight", *OF_SERVICES, *COUNTED)
"""The kinds that the numbers are made of."""


def global_insight(found: Found) -> Json:
    """The numbers of all meshes and zones together; `found` holds what there is of each kind in `SEEN`."""
    meshes: list[MeshInsight] = [one.spec for one in found["MeshInsight"]]
    totals = Counter({kind: len(found[kind]) for kind in COUNTED if found[kind]})
    for mesh in meshes:
        totals.update({kind: stat.total for kind, stat in mesh.resources.items()})
    return {
        "meshes": {"total": len(meshes)},
        "zones": {"controlPlanes": _zones(found), "zoneEgresses": NONE, "zoneIngresses": NONE},
        "dataplanes": _dataplanes(meshes),
        "policies": {"total": sum(totals[kind] for kind in totals if kind in KINDS and KINDS[kind].policy)},
        "services": _services(found),
        "resources": {kind: {"total": total} for kind, total in sorted(totals.items())},
    }


def _zones(found: Found) -> Json:
    """Zones that have been here; a Zone that nobody has ever connected as has no control plane yet."""
    online = sum(one.spec.online for one in found["ZoneInsight"])
    return {"online": online, "total": len(found["ZoneInsight"])}


def _dataplanes(meshes: Iterable[MeshInsight]) -> Json:
    by_type = [mesh.dataplanes_by_type for mesh in meshes if mesh.dataplanes_by_type is not None]
    return {
        "standard": _summed(one.standard for one in by_type),
        "gatewayDelegated": _summed(one.gateway_delegated for one in by_type),
    }


def _summed(stats: Iterable[DataplaneStat | None]) -> Json:
    every = [one or NO_STAT for one in stats]
    return {
        "online": sum(one.online for one in every),
        "offline": sum(one.offline for one in every),
        "partiallyDegraded": sum(one.partially_degraded for one in every),
        "total": sum(one.total for one in every),
    }


def _services(found: Found) -> Json:
    internal = _by_status(_service_status(one) for one in found.get("MeshService", ()))
    gateways = _by_status(_gateways(overviews(found["Dataplane"], found["DataplaneInsight"]), found["Dataplane"]))
    external = len(found.get("MeshExternalService", ()))
    return {
        "total": internal["total"] + external + gateways["total"],
        "internal": internal,
        "external": {"total": external},
        "gatewayDelegated": gateways,
    }


def _by_status(statuses: Iterable[Status]) -> Json:
    every = Counter(statuses)
    return {**{word: every[status] for status, word in WORDS.items()}, "total": every.total()}


def _service_status(service: Resource) -> Status:
    proxies = service.status.dataplane_proxies if service.status is not None else None
    if proxies is None:
        return "Offline"
    return _status(min(proxies.connected, proxies.healthy), proxies.total)


def _status(online: int, total: int) -> Status:
    if not online or not total:
        return "Offline"
    return "Online" if online == total else "Partially degraded"


def _gateways(proxies: Iterable[Overview], dataplanes: Iterable[Resource]) -> Iterator[Status]:
    """How the services are that delegated gateways make; a gateway that serves none stands for itself."""
    groups: defaultdict[tuple[str, str], list[Status]] = defaultdict(list)
    for proxy, dataplane in zip(proxies, dataplanes, strict=True):
        if proxy.dataplane.is_delegated_gateway:
            groups[dataplane.mesh, _behind(dataplane)].append(proxy.health.status)
    for group in groups.values():
        yield _status(group.count("Online"), len(group))


def _behind(dataplane: Resource) -> str:
    tags = dataplane.spec.networking.gateway.tags or {}
    return tags.get(SERVICE_TAG) or dataplane.labels.get(WORKLOAD) or dataplane.name
