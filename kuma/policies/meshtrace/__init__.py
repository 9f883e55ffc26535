"""MeshTrace: which requests are traced, and where the spans of all proxies on their way are sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from attrs import evolve

from kuma.envoy import collector, tracing
from kuma.envoy.draft import Caller, Inbound, Outbound, System, ZoneListener
from kuma.envoy.endpoints import Fields
from kuma.match import InboundRules, ToConfs
from kuma.policies.meshtrace.backends import SIGNAL, backend_of, cluster, collector_of, provider
from kuma.policies.meshtrace.spec import Conf, MeshTrace, Sampling, Tag
from kuma.policy import Policy, Said, policy_kind
from kuma.targetref import decimal
from kuma.telemetry import Status

if TYPE_CHECKING:
    from kuma.envoy.api import Listener

UNKNOWN = "unknown"
OF_THE_MESH = frozenset({"msvc", "mzsvc"})  # what leaves the mesh is traced by the egress


def edit_inbound(part: Inbound, rules: InboundRules) -> None:
    """What arrives at the workload."""
    _trace(part.listener, rules.catch_all(Conf), part.caller, "_INBOUND")


def edit_zone_listener(part: ZoneListener, rules: InboundRules) -> None:
    """What passes through a zone proxy, where it can see requests."""
    _trace(part.listener, rules.catch_all(Conf), part.caller, "")


def edit_outbound(part: Outbound, confs: ToConfs) -> None:
    """What the workload asks of services of the mesh."""
    if part.destination.short in OF_THE_MESH:
        _trace(part.listener, confs.conf(part.destination), part.caller, f"_OUTBOUND_{part.destination}")


def edit_system(part: System, said: Said) -> None:
    """Spans need a cluster that they are sent to."""
    backend = backend_of(said.whole)
    if backend is None:
        return
    made, told = cluster(backend, part.caller), collector_of(backend, part.caller)
    if made is not None:
        part.clusters.append(made)
    if told is not None:
        collector.tell_kuma_dp(part, SIGNAL, (told,))


def _trace(listener: Listener, conf: Conf | None, caller: Caller, side: str) -> None:
    backend = backend_of(conf)
    if conf is None or backend is None:
        return
    traced: Fields = {
        "spawn_upstream_span": {"value": False},
        **_sampled(conf.sampling or Sampling()),
        "custom_tags": [*_tags(conf.tags or (), caller)],
        **provider(backend, caller, _service(caller), side),
    }
    for chain in listener.filter_chains:
        tracing.trace(chain, traced)


def _service(caller: Caller) -> str:
    if caller.workload or not caller.only_zone_proxy:
        return caller.workload or UNKNOWN
    return caller.name or UNKNOWN


def _sampled(sampling: Sampling) -> Fields:
    """What is not said is Envoy's to decide: every request."""
    said = {
        "overall_sampling": sampling.overall,
        "client_sampling": sampling.client,
        "random_sampling": sampling.random,
    }
    return {name: tracing.share(decimal(value) or 0) for name, value in said.items() if value is not None}


def _tags(tags: tuple[Tag, ...], caller: Caller) -> Iterator[Fields]:
    """Those that are wanted, then those that say where a span comes from, unless they are among the wanted."""
    for tag in tags:
        if tag.header is not None:
            yield tracing.from_header(tag.name, tag.header.name, tag.header.default)
        elif tag.literal is not None:
            yield tracing.literal(tag.name, tag.literal)
    wanted = {tag.name for tag in tags}
    where = {"kuma.mesh": caller.mesh, "kuma.zone": caller.zone, "kuma.workload": caller.workload_kri}
    yield from (tracing.literal(name, value) for name, value in where.items() if value and name not in wanted)


KIND = evolve(policy_kind("MeshTrace", MeshTrace, "mtr"), status=Status)

POLICY = Policy(
    KIND,
    order=700,
    conf=Conf,
    inbound=edit_inbound,
    zone_listener=edit_zone_listener,
    outbound=edit_outbound,
    system=edit_system,
    single=True,
    asks=frozenset({"mesh", "zone", "namespace", "workload", "only_zone_proxy", "features", "host_ip", "collectors"}),
)
