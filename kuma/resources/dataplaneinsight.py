"""DataplaneInsight: what a proxy told its control planes: when it connected, what it acknowledged, what it runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from attrs import frozen
from frozendict import frozendict

from kuma.model import NO_LABELS, Kind
from kuma.schema import Message, UInt32, UInt64, field


@frozen
class ServiceStats(Message):
    """How many responses of one type were sent, and what the proxy thought of them."""

    responses_sent: UInt64 = 0
    responses_acknowledged: UInt64 = 0
    responses_rejected: UInt64 = 0


@frozen
class SubscriptionStatus(Message):
    """What became of the responses of one connection."""

    last_update_time: datetime | None = None
    total: ServiceStats | None = None
    cds: ServiceStats | None = None
    eds: ServiceStats | None = None
    lds: ServiceStats | None = None
    rds: ServiceStats | None = None


@frozen
class KumaDpVersion(Message):
    """The build of kuma-dp."""

    version: str = ""
    git_tag: str = ""
    git_commit: str = ""
    build_date: str = ""
    kuma_cp_compatible: bool = False


@frozen
class EnvoyVersion(Message):
    """The build of Envoy."""

    version: str = ""
    build: str = ""
    kuma_dp_compatible: bool = False


@frozen
class Version(Message):
    """The builds of everything beside the workload."""

    kuma_dp: KumaDpVersion | None = None
    envoy: EnvoyVersion | None = None
    dependencies: frozendict[str, str] = NO_LABELS


@frozen
class Subscription(Message):
    """One connection of a proxy to one instance of the control plane."""

    id: str = ""
    control_plane_instance_id: str = ""
    connect_time: datetime | None = None
    disconnect_time: datetime | None = None
    status: SubscriptionStatus | None = None
    version: Version | None = None
    generation: UInt32 = 0

    @property
    def holder(self) -> str:
        """The instance of the control plane that it leads to."""
        return self.control_plane_instance_id

    @property
    def online(self) -> bool:
        return self.connect_time is not None and self.disconnect_time is None


@frozen
class Mtls(Message):
    """The certificate that the proxy was given last."""

    certificate_expiration_time: datetime | None = None
    last_certificate_regeneration: datetime | None = None
    certificate_regenerations: UInt32 = 0
    issued_backend: str = ""
    supported_backends: tuple[str, ...] = ()


@frozen
class Signal(Message):
    """What the proxy does with one OpenTelemetry signal, and why."""

    enabled: bool = False
    env_allowed: bool = False
    env_input_present: bool = False
    state: str = ""
    override_kinds: tuple[str, ...] = ()
    missing_fields: tuple[str, ...] = ()
    blocked_reasons: tuple[str, ...] = ()


@frozen
class Backend(Message):
    """One OpenTelemetry backend as the proxy uses it."""

    name: str = ""
    traces: Signal | None = None
    logs: Signal | None = None
    metrics: Signal | None = None


@frozen
class OpenTelemetry(Message):
    """The OpenTelemetry backends of the proxy."""

    backends: tuple[Backend, ...] = ()


@frozen
class DataplaneInsight(Message):
    """Every connection that is still remembered, the last one last, and what the proxy said of itself."""

    subscriptions: tuple[Subscription, ...] = ()
    mtls: Mtls | None = field(default=None, json="mTLS")
    metadata: frozendict[str, Any] | None = field(default=None, doc="The metadata of the proxy's xDS node.")
    open_telemetry: OpenTelemetry | None = None

    @property
    def online(self) -> bool:
        """Whether the proxy is connected to any control plane."""
        return any(subscription.online for subscription in self.subscriptions)


KIND = Kind(
    "DataplaneInsight",
    "dataplane-insights",
    DataplaneInsight,
    message="kuma.mesh.v1alpha1.DataplaneInsight",
    zone_to_global=True,
    provided_by_global=False,
    read_only=True,
    singular="dataplane-insight",
    title="Dataplane Insight",
)
