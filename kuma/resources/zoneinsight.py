"""ZoneInsight: what the global control plane saw of a zone: connected since when, synced what, configured how."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen
from frozendict import frozendict

from kuma.model import Kind
from kuma.schema import Message, UInt32, UInt64, field


@frozen
class ServiceStats(Message):
    """How many responses were sent, and what the other side thought of them."""

    responses_sent: UInt64 = 0
    responses_acknowledged: UInt64 = 0
    responses_rejected: UInt64 = 0


NO_STATS: frozendict[str, ServiceStats] = frozendict()


@frozen
class SubscriptionStatus(Message):
    """What became of the responses of one connection, in total and by kind."""

    last_update_time: datetime | None = None
    total: ServiceStats | None = None
    stat: frozendict[str, ServiceStats] = NO_STATS


@frozen
class KumaCpVersion(Message):
    """The build of the zone's control plane."""

    version: str = ""
    git_tag: str = ""
    git_commit: str = ""
    build_date: str = ""
    kuma_cp_global_compatible: bool = False


@frozen
class Version(Message):
    """What runs in the zone."""

    kuma_cp: KumaCpVersion | None = None


@frozen
class Subscription(Message):
    """One connection of a zone to one instance of the global control plane."""

    id: str = ""
    global_instance_id: str = ""
    connect_time: datetime | None = None
    disconnect_time: datetime | None = None
    status: SubscriptionStatus | None = None
    version: Version | None = None
    generation: UInt32 = 0
    config: str = field(default="", doc="The settings of the zone's control plane, as JSON.")
    auth_token_provided: bool = False
    zone_instance_id: str = ""

    @property
    def holder(self) -> str:
        """The instance of the global control plane that it leads to."""
        return self.global_instance_id

    @property
    def online(self) -> bool:
        return self.connect_time is not None and self.disconnect_time is None


@frozen
class EnvoyAdminStreams(Message):
    """Which global instance holds which stream to the zone's proxies' admin interfaces."""

    config_dump_global_instance_id: str = ""
    stats_global_instance_id: str = ""
    clusters_global_instance_id: str = ""


@frozen
class HealthCheck(Message):
    """When the zone last said that it is there."""

    time: datetime | None = None


@frozen
class KdsStream(Message):
    """Which global instance holds a stream, since when."""

    global_instance_id: str = ""
    connect_time: datetime | None = None


@frozen
class KdsStreams(Message):
    """Every stream between the zone and the global control plane."""

    clusters: KdsStream | None = None
    config_dump: KdsStream | None = None
    stats: KdsStream | None = None
    global_to_zone: KdsStream | None = None
    zone_to_global: KdsStream | None = None


@frozen
class ZoneInsight(Message):
    """Every connection that is still remembered, the last one last."""

    subscriptions: tuple[Subscription, ...] = ()
    envoy_admin_streams: EnvoyAdminStreams | None = None
    health_check: HealthCheck | None = None
    kds_streams: KdsStreams | None = None

    @property
    def online(self) -> bool:
        """Whether the zone is connected to any instance of the global control plane."""
        return any(subscription.online for subscription in self.subscriptions)


KIND = Kind(
    "ZoneInsight",
    "zone-insights",
    ZoneInsight,
    mesh_scoped=False,
    message="kuma.system.v1alpha1.ZoneInsight",
    renamed=False,
    read_only=True,
    singular="zone-insight",
    title="Zone Insight",
)
