"""What insights say: who is online, how well, and how a mesh is. Pure: values in, values out."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Literal, TypeVar

from attrs import evolve, frozen
from frozendict import frozendict

from kuma.model import Resource
from kuma.resources.dataplane import Dataplane, Networking
from kuma.resources.dataplaneinsight import DataplaneInsight, Subscription
from kuma.resources.meshinsight import (
    DataplanesByType,
    DataplaneStat,
    DpVersions,
    MeshInsight,
    Mtls,
    ResourceStat,
)
from kuma.resources.zoneinsight import Subscription as ZoneSubscription
from kuma.resources.zoneinsight import ZoneInsight
from kuma.version import VERSION

Status = Literal["Online", "Offline", "Partially degraded"]
Insight = TypeVar("Insight", DataplaneInsight, ZoneInsight)
AnySubscription = TypeVar("AnySubscription", Subscription, ZoneSubscription)

UNKNOWN = "unknown"
RELEASE = re.compile(r"(\d+)\.(\d+)\.\d+(\+.*)?")


@frozen
class Health:
    """How a proxy is, and which of its parts are the reason."""

    status: Status
    reasons: tuple[str, ...] = ()


def health(dataplane: Dataplane, insight: DataplaneInsight | None) -> Health:
    """How a proxy is: connected, and ready to serve on every port."""
    online = insight is not None and insight.online
    networking = dataplane.networking or Networking()
    if networking.gateway is not None:
        return Health("Online" if online else "Offline")
    reasons = tuple(_reasons(networking))
    total = len(networking.inbound) + len(networking.listeners)
    if not online or len(reasons) == total:
        return Health("Offline", reasons)
    return Health("Partially degraded" if reasons else "Online", reasons)


def _reasons(networking: Networking) -> Iterable[str]:
    for inbound in networking.inbound:
        if (inbound.health is not None and not inbound.health.ready) or inbound.state == "NotReady":
            yield f"inbound[port={inbound.port}] is not ready"
    for listener in networking.listeners:
        if listener.state != "Ready":
            yield f"listener[port={listener.port},type={listener.type}] is not ready"


def newest(insight: DataplaneInsight) -> Subscription | None:
    """The subscription that began last."""
    return insight.subscriptions[-1] if insight.subscriptions else None


def recorded(
    subscriptions: Sequence[AnySubscription], subscription: AnySubscription, limit: int, now: datetime
) -> tuple[AnySubscription, ...]:
    """A connection's latest state among those remembered: it replaces itself, or ends all earlier ones."""
    if any(one.id == subscription.id for one in subscriptions):
        kept = [subscription if one.id == subscription.id else one for one in subscriptions]
    else:
        kept = [ended(one, now) for one in subscriptions] + [subscription]
    return tuple(kept[-limit:]) if limit > 0 else ()


def ended(subscription: AnySubscription, now: datetime) -> AnySubscription:
    """The subscription, disconnected now unless it was before."""
    return evolve(subscription, disconnect_time=now) if subscription.online else subscription


Generations = Mapping[str, int]


def generations(insight: DataplaneInsight | ZoneInsight, living: Collection[str] = ()) -> Generations:
    """How far every online subscription has counted, whose control plane is not known to be among the `living`."""
    return {one.id: one.generation for one in insight.subscriptions if one.online and one.holder not in living}


def finalized(insight: Insight, before: Generations, now: datetime, living: Collection[str] = ()) -> Insight:
    """Without the subscriptions that have not counted since: the control plane that held them is gone."""
    silent = {id_ for id_, counted in generations(insight, living).items() if before.get(id_) == counted}
    subscriptions = tuple(ended(one, now) if one.id in silent else one for one in insight.subscriptions)
    return evolve(insight, subscriptions=subscriptions)


@frozen
class Overview:
    """A Dataplane, and what is known of its proxy."""

    dataplane: Dataplane
    insight: DataplaneInsight | None

    @cached_property
    def health(self) -> Health:
        """How the proxy is."""
        return health(self.dataplane, self.insight)


def overviews(dataplanes: Iterable[Resource], insights: Iterable[Resource]) -> tuple[Overview, ...]:
    """Dataplanes joined with their insights."""
    by_name = {(insight.mesh, insight.name): insight.spec for insight in insights}
    return tuple(Overview(one.spec, by_name.get((one.mesh, one.name))) for one in dataplanes)


def mesh_insight(proxies: Sequence[Overview], totals: Mapping[str, int]) -> MeshInsight:
    """The numbers of a mesh; `totals` says how many resources there are of each kind."""
    gateways = [one for one in proxies if one.dataplane.is_delegated_gateway]
    standard = [one for one in proxies if not one.dataplane.is_delegated_gateway]
    gateway = _stat(gateways)
    return MeshInsight(
        dataplanes=_stat(proxies),
        dp_versions=DpVersions(_versions(proxies, _kuma_dp), _versions(proxies, _envoy)),
        mtls=Mtls(_grouped(proxies, _issued), _grouped(proxies, _supported)),
        dataplanes_by_type=DataplanesByType(_stat(standard), gateway, gateway),
        resources=frozendict((kind, ResourceStat(total)) for kind, total in sorted(totals.items()) if total),
    )


def counts_as(resource: Resource) -> object:
    """All of a resource that the numbers of its mesh are made of, besides that it is there."""
    if resource.kind == "Dataplane":
        return resource.spec
    if resource.kind != "DataplaneInsight":
        return None
    insight: DataplaneInsight = resource.spec
    last, mtls = newest(insight), insight.mtls
    issued = None if mtls is None else (mtls.issued_backend, mtls.supported_backends)
    return insight.online, None if last is None else last.version, issued


def _stat(proxies: Iterable[Overview]) -> DataplaneStat:
    found = [one.health.status for one in proxies]
    counts = {status: found.count(status) for status in ("Online", "Offline", "Partially degraded")}
    return DataplaneStat(len(found), *counts.values())


Groups = Callable[[Overview], Iterable[str]]


def _grouped(proxies: Iterable[Overview], groups: Groups) -> frozendict[str, DataplaneStat]:
    members: dict[str, list[Overview]] = {}
    for one in proxies:
        for group in groups(one):
            members.setdefault(group, []).append(one)
    return frozendict((group, _stat(of)) for group, of in sorted(members.items()))


def _versions(proxies: Iterable[Overview], groups: Groups) -> frozendict[str, DataplaneStat]:
    """By version; here the total leaves out the partially degraded, as readers of these numbers expect."""
    found = _grouped(proxies, groups)
    return frozendict((group, evolve(one, total=one.online + one.offline)) for group, one in found.items())


def _kuma_dp(one: Overview) -> Iterable[str]:
    last = None if one.insight is None else newest(one.insight)
    known = None if last is None or last.version is None else last.version.kuma_dp
    yield (known.version if known is not None else "") or UNKNOWN


def _envoy(one: Overview) -> Iterable[str]:
    last = None if one.insight is None else newest(one.insight)
    known = None if last is None or last.version is None else last.version.envoy
    yield (known.version if known is not None else "") or UNKNOWN


def _issued(one: Overview) -> Iterable[str]:
    if one.insight is not None and one.insight.mtls is not None and one.insight.mtls.issued_backend:
        yield one.insight.mtls.issued_backend


def _supported(one: Overview) -> Iterable[str]:
    if one.insight is not None and one.insight.mtls is not None:
        yield from one.insight.mtls.supported_backends


def compatible(version: str, ours: str = VERSION) -> bool:
    """Whether a proxy's or zone's version is known to work with this one: two minor versions apart at most.

    A preview, and what is no version, is taken to be compatible.
    """
    theirs, mine = (RELEASE.fullmatch(one.removeprefix("v")) for one in (version, ours))
    if theirs is None or mine is None:
        return "-" not in version or "preview" in version or mine is None
    return theirs[1] == mine[1] and abs(int(theirs[2]) - int(mine[2])) <= 2
