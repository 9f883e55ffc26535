"""A proxy's Envoy config while it is written, in parts. The only values a policy may write to; `freeze` closes them.

Each part is built from a small hashable key and the confs that matched it, so equal keys give equal bytes and a part is
built once for all the proxies that have it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import Factory, define, frozen
from frozendict import frozendict

from kuma.model import NO_LABELS, Kri, Labels
from kuma.telemetry import Collector

if TYPE_CHECKING:
    from kuma.envoy.api import Cluster, ClusterLoadAssignment, Listener

NO_ENVIRONMENT: frozendict[str, Any] = frozendict()


@frozen
class Identity:
    """How a proxy names itself, and whom it believes: what TLS parts need to know of it.

    `secret` is the name of its SDS secret (the MeshIdentity's KRI), `trust_domains` are sorted.
    """

    secret: str
    trust_domains: tuple[str, ...]


@frozen(cache_hash=True)
class Caller:
    """The proxy whose config it is. Outward parts see only what policies ask for (`Policy.asks`); the rest is blank.

    Parts are shared by all callers that look alike, so a policy asks for as little as it can.
    """

    name: str = ""
    mesh: str = ""
    zone: str = ""
    namespace: str = ""
    address: str = ""
    labels: Labels = NO_LABELS
    gateway: Labels = NO_LABELS  # the tags of the gateway that it stands beside
    workload: str = ""
    workdir: str = ""
    features: frozenset[str] = frozenset()
    ipv6: bool = True
    host_ip: str = ""  # of the machine, where the proxy knows it
    system_ca_path: str = ""
    metrics_tls: tuple[str, str] = ("", "")  # the files of a certificate and its key
    only_zone_proxy: bool = False
    otel_env: Mapping[str, Any] = NO_ENVIRONMENT
    collectors: tuple[Collector, ...] = ()  # of its mesh, oldest first

    @property
    def workload_kri(self) -> str:
        """The KRI of its workload; empty without one."""
        return str(Kri("wl", self.mesh, self.zone, self.namespace, self.workload)) if self.workload else ""


@define
class Inbound:
    """One port of the workload, as its proxy serves it. `section` is the inbound's name, or its port."""

    section: str
    address: str
    port: int
    protocol: str
    identity: Identity | None
    listener: Listener
    cluster: Cluster
    caller: Caller = Caller()


@define
class ZoneListener:
    """A zone proxy's ingress or egress listener; its filter chains are one per destination."""

    section: str
    address: str
    port: int
    egress: bool
    identity: Identity | None
    listener: Listener
    caller: Caller = Caller()


@define
class Outbound:
    """One destination port, as the proxy listens for it. Routes are named by the KRI of the rule they come from."""

    destination: Kri
    protocol: str
    listener: Listener
    caller: Caller = Caller()


@define
class Upstream:
    """The cluster of one destination port; `leaves` where it is an egress's, which leads out of the mesh."""

    destination: Kri
    protocol: str
    cluster: Cluster
    caller: Caller = Caller()
    leaves: bool = False


@define
class Endpoints:
    """The load assignment of one destination port, as seen from `zone`."""

    destination: Kri
    zone: str
    assignment: ClusterLoadAssignment
    caller: Caller = Caller()


@define
class System:
    """What serves the proxy itself, and what traffic goes through that is no inbound's and no outbound's.

    Policies may add to it. `networking` is the Dataplane's; `documents` is what kuma-dp is told, JSON by name; callers
    from the `internal` networks count as the mesh's own.
    """

    caller: Caller
    networking: Any
    listeners: list[Listener]
    clusters: list[Cluster]
    documents: dict[str, str] = Factory(dict)
    internal: tuple[str, ...] = ()
