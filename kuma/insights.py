"""What insights say: who is online, how well, and how a mesh is. Pure: values in, values out."""

from __future__ import annotations

import re
from collections import Counter
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
class Standing:
    """All of a proxy that the numbers of its mesh are made of; many stand alike."""

    gateway: bool
    status: Status
    kuma_dp: str
    envoy: str
    issued: str
    supported: tuple[str, ...]


@frozen
class Overview:
    """A Dataplane, and what is known of its proxy."""

    dataplane: Dataplane
    insight: DataplaneInsight | None

    @cached_property
    def health(self) -> Health:
        """How the proxy is."""
        return health(self.dataplane, self.insight)

    @property
    def standing(self) -> Standing:
        """What the proxy counts as."""
        last = None if self.insight is None else newest(self.insight)
        mtls = None if self.insight is None else self.insight.mtls
        version = None if last is None else last.version
        return Standing(
            gateway=self.dataplane.is_delegated_gateway,
            status=self.health.status,
            kuma_dp=(version.kuma_dp.version if version is not None and version.kuma_dp is not None else "") or UNKNOWN,
            envoy=(version.envoy.version if version is not None and version.envoy is not None else "") or UNKNOWN,
            issued="" if mtls is None else mtls.issued_backend,
            supported=() if mtls is None else tuple(mtls.supported_backends),
        )


def overviews(dataplanes: Iterable[Resource], insights: Iterable[Resource]) -> tuple[Overview, ...]:
    """Dataplanes joined with their insights."""
    by_name = {(insight.mesh, insight.name): insight.spec for insight in insights}
    return tuple(Overview(one.spec, by_name.get((one.mesh, one.name))) for one in dataplanes)


Census = Mapping[Standing, int]
"""How many proxies stand so."""


def mesh_insight(proxies: Census, totals: Mapping[str, int]) -> MeshInsight:
    """The numbers of a mesh; `totals` says how many resources there are of each kind."""
    gateways = {one: many for one, many in proxies.items() if one.gateway}
    standard = {one: many for one, many in proxies.items() if not one.gateway}
    gateway = _stat(gateways)
    return MeshInsight(
        dataplanes=_stat(proxies),
        dp_versions=DpVersions(_versions(proxies, _kuma_dp), _versions(proxies, _envoy)),
        mtls=Mtls(_grouped(proxies, _issued), _grouped(proxies, _supported)),
        dataplanes_by_type=DataplanesByType(_stat(standard), gateway, gateway),
        resources=frozendict((kind, ResourceStat(total)) for kind, total in sorted(totals.items()) if total),
    )


def counts_as(insight: DataplaneInsight) -> object:
    """All of an insight that the state of services and workloads is made of: not the counters."""
    issued = None if insight.mtls is None else insight.mtls.issued_backend
    return insight.online, issued


def _stat(proxies: Census) -> DataplaneStat:
    found = Counter[Status]()
    for one, many in proxies.items():
        found[one.status] += many
    return DataplaneStat(found.total(), found["Online"], found["Offline"], found["Partially degraded"])


Groups = Callable[[Standing], Iterable[str]]


def _grouped(proxies: Census, groups: Groups) -> frozendict[str, DataplaneStat]:
    members: dict[str, dict[Standing, int]] = {}
    for one, many in proxies.items():
        for group in groups(one):
            members.setdefault(group, {})[one] = many
    return frozendict((group, _stat(of)) for group, of in sorted(members.items()))


def _versions(proxies: Census, groups: Groups) -> frozendict[str, DataplaneStat]:
    """By version; here the total leaves out the partially degraded, as readers of these numbers expect."""
    found = _grouped(proxies, groups)
    return frozendict((group, evolve(one, total=one.online + one.offline)) for group, one in found.items())


def _kuma_dp(one: Standing) -> Iterable[str]:
    return (one.kuma_dp,)


def _envoy(one: Standing) -> Iterable[str]:
    return (one.envoy,)


def _issued(one: Standing) -> Iterable[str]:
    return (one.issued,) if one.issued else ()


def _supported(one: Standing) -> Iterable[str]:
    return one.supported


def compatible(version: str, ours: str = VERSION) -> bool:
    """Whether a proxy's or zone's version is known to work with this one: two minor versions apart at most.

    A preview, and what is no version, is taken to be compatible.
    """
    theirs, mine = (RELEASE.fullmatch(one.removeprefix("v")) for one in (version, ours))
    if theirs is None or mine is None:
        return "-" not in version or "preview" in version or mine is None
    return theirs[1] == mine[1] and abs(int(theirs[2]) - int(mine[2])) <= 2
