"""MeshLoadBalancingStrategy: which of a destination's endpoints gets a request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from kuma.envoy import api
from kuma.envoy.draft import Endpoints, Outbound, Upstream
from kuma.envoy.typed import edit_http
from kuma.match import ToConfs
from kuma.policies.meshloadbalancingstrategy.places import arrange, put_own_zone_first
from kuma.policies.meshloadbalancingstrategy.spec import (
    Conf,
    HashPolicy,
    LoadBalancer,
    LocalityAwareness,
    MeshLoadBalancingStrategy,
)
from kuma.policy import Policy, policy_kind
from kuma.targetref import decimal

if TYPE_CHECKING:
    from kuma.envoy.api import Cluster, HttpConnectionManager

LB_POLICIES = {
    "RoundRobin": "ROUND_ROBIN",
    "LeastRequest": "LEAST_REQUEST",
    "RingHash": "RING_HASH",
    "Random": "RANDOM",
    "Maglev": "MAGLEV",
}
BIAS_KEY = "active_request_bias"  # Envoy refuses a runtime value without a key
HASH_FUNCTIONS = {"XXHash": "XX_HASH", "MurmurHash2": "MURMUR_HASH_2"}


def edit_outbound(part: Outbound, confs: ToConfs) -> None:
    """What is hashed is said route by route."""
    general: Conf | None = confs.conf(part.destination)

    def change(manager: HttpConnectionManager) -> None:
        for host in manager.route_config.virtual_hosts:
            for route in host.routes:
                conf: Conf | None = confs.named(route.name) or general
                if conf is not None and route.HasField("route"):
                    route.route.MergeFrom(api.RouteAction(hash_policy=_hashes(conf.hash_policies or ())))

    for chain in part.listener.filter_chains if confs.confs else ():
        edit_http(chain, change)


def edit_upstream(part: Upstream, confs: ToConfs) -> None:
    """How one endpoint is chosen, and whether groups of them have weights."""
    conf: Conf | None = confs.conf(part.destination)
    if conf is None:
        return
    awareness = conf.locality_awareness
    if part.leaves:
        awareness = None  # what is outside is in no zone
    if awareness is not None and awareness.local_zone is not None and awareness.local_zone.affinity_tags:
        part.cluster.common_lb_config.locality_weighted_lb_config.SetInParent()
    if conf.load_balancer is not None and conf.load_balancer.type in LB_POLICIES:
        _balance(part.cluster, conf.load_balancer)


def edit_endpoints(part: Endpoints, confs: ToConfs) -> None:
    """One's own zone comes first, with a policy or without."""
    conf: Conf = confs.conf(part.destination) or Conf()
    awareness = conf.locality_awareness or LocalityAwareness()
    put_own_zone_first(part, awareness)
    if awareness.local_zone is not None or awareness.cross_zone is not None:
        arrange(part, awareness)


def _hashes(policies: Iterable[HashPolicy]) -> list[dict[str, Any]]:
    return [{**_hashed(one), **({} if one.terminal is None else {"terminal": one.terminal})} for one in policies]


def _hashed(one: HashPolicy) -> dict[str, Any]:
    if one.type == "Header" and one.header is not None:
        return {"header": {"header_name": one.header.name}}
    if one.type == "Cookie" and one.cookie is not None:
        return {"cookie": {"name": one.cookie.name, "path": one.cookie.path, "ttl": one.cookie.ttl}}
    if one.type == "Connection" and one.connection is not None:
        return {"connection_properties": {"source_ip": one.connection.source_ip}}
    if one.type == "QueryParameter" and one.query_parameter is not None:
        return {"query_parameter": {"name": one.query_parameter.name}}
    if one.type == "FilterState" and one.filter_state is not None:
        return {"filter_state": {"key": one.filter_state.key}}
    return {}


def _balance(cluster: Cluster, balancer: LoadBalancer) -> None:
    settings: dict[str, Any] = {"lb_policy": LB_POLICIES[balancer.type]}
    if balancer.type == "LeastRequest" and balancer.least_request is not None:
        least = balancer.least_request
        bias = None if least.active_request_bias is None else decimal(least.active_request_bias)
        settings["least_request_lb_config"] = {
            "choice_count": _number(least.choice_count),
            "active_request_bias": None if bias is None else {"default_value": bias, "runtime_key": BIAS_KEY},
        }
    if balancer.type == "RingHash" and balancer.ring_hash is not None:
        ring = balancer.ring_hash
        settings["ring_hash_lb_config"] = {
            "hash_function": HASH_FUNCTIONS.get(ring.hash_function or "XXHash"),
            "minimum_ring_size": _number(ring.min_ring_size),
            "maximum_ring_size": _number(ring.max_ring_size),
        }
    if balancer.type == "Maglev" and balancer.maglev is not None:
        settings["maglev_lb_config"] = {"table_size": _number(balancer.maglev.table_size)}
    cluster.MergeFrom(api.Cluster(**settings))


def _number(value: int | None) -> dict[str, int] | None:
    return None if value is None else {"value": value}


KIND = policy_kind("MeshLoadBalancingStrategy", MeshLoadBalancingStrategy, "mlbs")

POLICY = Policy(
    KIND,
    order=400,
    conf=Conf,
    outbound=edit_outbound,
    exit=edit_outbound,
    upstream=edit_upstream,
    endpoints=edit_endpoints,
    asks=frozenset({"gateway", "labels"}),
)
