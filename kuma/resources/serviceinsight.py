"""ServiceInsight: how services are, as control planes before v3 counted them. Nothing writes it any more."""

from __future__ import annotations

from typing import Literal

from attrs import frozen
from frozendict import frozendict

from kuma.model import Kind
from kuma.schema import Message, UInt32

ServiceType = Literal["internal", "external", "gateway_delegated"]

NO_BACKENDS: frozendict[str, UInt32] = frozendict()


@frozen
class DataplaneStat(Message):
    """How many proxies, and in which state."""

    total: UInt32 = 0
    online: UInt32 = 0
    offline: UInt32 = 0


@frozen
class Service(Message):
    """How one service is."""

    status: Literal["none", "offline", "partially_degraded", "online", "not_available"] = "none"
    dataplanes: DataplaneStat | None = None
    issued_backends: frozendict[str, UInt32] = NO_BACKENDS
    service_type: ServiceType = "internal"
    address_port: str = ""
    zones: tuple[str, ...] = ()


NO_SERVICES: frozendict[str, Service] = frozendict()


@frozen
class ServiceInsight(Message):
    """The services of one mesh by name."""

    services: frozendict[str, Service] = NO_SERVICES


KIND = Kind(
    "ServiceInsight",
    "service-insights",
    ServiceInsight,
    message="kuma.mesh.v1alpha1.ServiceInsight",
    global_to_zone=True,
    read_only=True,
    provided_by_zone=False,
    title="Service Insight",
)
