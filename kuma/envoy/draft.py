"""A proxy's Envoy config while it is written, in parts. The only values a policy may write to; `freeze` closes them.

Each part is built from a small hashable key and the confs that matched it, so equal keys give equal bytes and a part is
built once for all the proxies that have it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from attrs import define, frozen
from frozendict import frozendict

from kuma.model import Kri

if TYPE_CHECKING:
    from kuma.envoy.api import Cluster, ClusterLoadAssignment, Listener


@frozen
class Identity:
    """How a proxy names itself, and whom it believes: what TLS parts need to know of it.

    `secret` is the name of its SDS secret (the MeshIdentity's KRI), `trust_domains` are sorted.
    """

    secret: str
    trust_domains: tuple[str, ...]


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


@define
class ZoneListener:
    """A zone proxy's ingress or egress listener; its filter chains are one per destination."""

    section: str
    address: str
    port: int
    egress: bool
    identity: Identity | None
    listener: Listener


@define
class Outbound:
    """One destination port, as the proxy listens for it. Routes are named by the KRI of the rule they come from."""

    destination: Kri
    protocol: str
    listener: Listener


@define
class Upstream:
    """The cluster of one destination port, as proxies with these labels see it, where policies ask for labels."""

    destination: Kri
    protocol: str
    cluster: Cluster
    labels: Mapping[str, str] = frozendict()


@define
class Endpoints:
    """The load assignment of one destination port, as seen from `zone` by proxies with these labels, as above."""

    destination: Kri
    zone: str
    assignment: ClusterLoadAssignment
    labels: Mapping[str, str] = frozendict()
