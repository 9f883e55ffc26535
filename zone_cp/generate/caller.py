"""What policies may know of the proxy whose config it is."""

from __future__ import annotations

from kuma.envoy.draft import Caller
from kuma.mesh import Mesh, Proxy
from kuma.model import WORKLOAD

BLANK = Caller()


def caller_of(mesh: Mesh, proxy: Proxy) -> Caller:
    """All that policies may know of a proxy."""
    dataplane, metadata = proxy.dataplane, proxy.metadata
    return Caller(
        name=dataplane.name,
        mesh=mesh.name,
        zone=dataplane.zone,
        address=dataplane.spec.networking.address,
        labels=dataplane.labels,
        workload=dataplane.labels.get(WORKLOAD, ""),
        workdir=metadata.workdir,
        features=metadata.features,
        ipv6=metadata.ipv6,
    )


def asked_of(caller: Caller, asked: frozenset[str]) -> Caller:
    """The same proxy with only what was asked for: equal for all proxies that are alike in that."""
    if not asked:
        return BLANK
    return Caller(**{name: getattr(caller, name) for name in asked})
