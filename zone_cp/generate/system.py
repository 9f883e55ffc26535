"""What serves the proxy itself, and what traffic goes through that is no inbound's and no outbound's."""

from __future__ import annotations

from attrs import frozen

from kuma.dns import dns_document
from kuma.envoy.draft import Caller, System
from kuma.mesh import Proxy
from kuma.policy import Policy
from kuma.xds.config import Packed, pack
from zone_cp.generate import admin, transparent
from zone_cp.generate.dynamic import dynamic_config
from zone_cp.generate.matched import Rules


@frozen
class Packs:
    """Listeners and clusters, closed."""

    listeners: tuple[Packed, ...]
    clusters: tuple[Packed, ...]


@frozen
class Around:
    """What a proxy's system side has to know of the mesh: DNS records for kuma-dp, and whom to call by address.

    `internal` are the networks whose callers count as the mesh's own.
    """

    records: str | None = None
    direct: tuple[transparent.Place, ...] = ()
    internal: tuple[str, ...] = ()


def system(proxy: Proxy, caller: Caller, around: Around, said: tuple[Rules, tuple[Policy, ...]]) -> Packs:
    """The proxy's system side, after every policy has had its say."""
    draft, (rules, policies) = _draft(proxy, caller, around), said
    for place, policy in enumerate(policies):
        if policy.system is not None:
            policy.system(draft, rules.said(policy, place))
        if policy.cluster is not None:
            for cluster in draft.clusters:
                policy.cluster(cluster)
    told = dynamic_config(caller, draft.documents)
    every = [*draft.listeners, *([] if told is None else [told])]
    return Packs(
        tuple(pack(listener.name, listener) for listener in every),
        tuple(pack(cluster.name, cluster) for cluster in draft.clusters),
    )


def _draft(proxy: Proxy, caller: Caller, around: Around) -> System:
    """The system side before any policy."""
    made = System(
        caller,
        proxy.dataplane.spec.networking,
        [
            *admin.listeners_of(proxy),
            *transparent.passing_listeners(proxy),
            *transparent.direct_listeners(around.direct),
        ],
        [
            *admin.clusters_of(proxy),
            *transparent.passing_clusters(proxy),
            *transparent.direct_clusters(proxy),
        ],
        internal=around.internal,
    )
    if around.records is not None:
        made.documents["dns"] = dns_document(around.records, proxy.dataplane)
    return made
