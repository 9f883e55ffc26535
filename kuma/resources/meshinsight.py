"""MeshInsight: how a mesh is: how many proxies, of which versions, how many resources."""

from __future__ import annotations

from attrs import frozen
from frozendict import frozendict

from kuma.model import Kind
from kuma.schema import Message, UInt32, field


@frozen
class DataplaneStat(Message):
    """How many proxies, and in which state."""

    total: UInt32 = 0
    online: UInt32 = 0
    offline: UInt32 = 0
    partially_degraded: UInt32 = 0


NO_STATS: frozendict[str, DataplaneStat] = frozendict()


@frozen
class DpVersions(Message):
    """Proxies by the version of their parts."""

    kuma_dp: frozendict[str, DataplaneStat] = NO_STATS
    envoy: frozendict[str, DataplaneStat] = NO_STATS


@frozen
class Mtls(Message):
    """Proxies by who issued their certificates."""

    issued_backends: frozendict[str, DataplaneStat] = NO_STATS
    supported_backends: frozendict[str, DataplaneStat] = NO_STATS


@frozen
class DataplanesByType(Message):
    """Proxies by what they do."""

    standard: DataplaneStat | None = None
    gateway: DataplaneStat | None = None
    gateway_delegated: DataplaneStat | None = None


@frozen
class ResourceStat(Message):
    """How many resources."""

    total: UInt32 = 0


NO_RESOURCES: frozendict[str, ResourceStat] = frozendict()


@frozen
class MeshInsight(Message):
    """The numbers of one mesh."""

    dataplanes: DataplaneStat | None = None
    dp_versions: DpVersions | None = None
    mtls: Mtls | None = field(default=None, json="mTLS")
    dataplanes_by_type: DataplanesByType | None = None
    resources: frozendict[str, ResourceStat] = field(default=NO_RESOURCES, doc="How many resources of each kind.")


KIND = Kind(
    "MeshInsight",
    "mesh-insights",
    MeshInsight,
    mesh_scoped=False,
    message="kuma.mesh.v1alpha1.MeshInsight",
    renamed=False,
    read_only=True,
    provided_by_zone=False,
    singular="mesh-insight",
    title="Mesh Insight",
)
