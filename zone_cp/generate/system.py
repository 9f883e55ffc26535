"""What serves the proxy itself, and what traffic goes through that is no inbound's and no outbound's."""

from __future__ import annotations

from attrs import frozen

from kuma.envoy.draft import Caller, System
from kuma.mesh import Proxy
from kuma.policy import Policy
from kuma.xds.config import Packed, pack
from zone_cp.generate import admin
from zone_cp.generate.matched import Rules


@frozen
class Packs:
    """Listeners and clusters, closed."""

    listeners: tuple[Packed, ...]
    clusters: tuple[Packed, ...]


def system(proxy: Proxy, caller: Caller, rules: Rules, policies: tuple[Policy, ...]) -> Packs:
    """The proxy's system side, after every policy has had its say."""
    draft = System(caller, proxy.dataplane.spec.networking, admin.listeners_of(proxy), admin.clusters_of(proxy))
    for place, policy in enumerate(policies):
        if policy.system is not None:
            policy.system(draft, rules.said(policy, place))
        if policy.cluster is not None:
            for cluster in draft.clusters:
                policy.cluster(cluster)
    return Packs(
        tuple(pack(listener.name, listener) for listener in draft.listeners),
        tuple(pack(cluster.name, cluster) for cluster in draft.clusters),
    )
