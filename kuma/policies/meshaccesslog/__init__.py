"""MeshAccessLog: who is told of every request and connection, and in which words.

Logs of a route that has its own take the place of those of its destination; those of rules all stand beside each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from attrs import evolve

from kuma.envoy import accesslog, collector, listeners, names
from kuma.envoy.draft import Inbound, Outbound, System, ZoneListener
from kuma.match import InboundRules, ToConfs
from kuma.model import DISPLAY_NAME, Kri
from kuma.policies.meshaccesslog import words
from kuma.policies.meshaccesslog.logs import SIGNAL, cluster_name, collectors, logs
from kuma.policies.meshaccesslog.spec import Conf, MeshAccessLog
from kuma.policies.meshaccesslog.words import UNKNOWN, Talk
from kuma.policy import Policy, Said, policy_kind
from kuma.telemetry import Status

if TYPE_CHECKING:
    from kuma.envoy.api import AccessLog, FilterChain, Listener

HTTP = frozenset({"http", "http2", "grpc"})
EXTERNAL = "external"
PASSTHROUGH = frozenset(names.passthrough("outbound", version) for version in (4, 6))


def edit_inbound(part: Inbound, rules: InboundRules) -> None:
    """Each rule tells of the traffic it matches."""
    talk = words.inbound(part.caller, called(part), part.protocol in HTTP)
    _tell_by_rule(part.listener, rules, talk)


def edit_zone_listener(part: ZoneListener, rules: InboundRules) -> None:
    """The same; long connections are told of at their beginning, too."""
    _tell_by_rule(part.listener, rules, words.between_others(part.caller))
    if rules.rules:
        for chain in part.listener.filter_chains:
            accesslog.tell_of_connecting(chain)


def called(part: Inbound) -> str:
    """What is called: an inbound that has a name by its KRI, else the workload."""
    caller = part.caller
    if part.section == str(part.port):
        return caller.workload or UNKNOWN
    name = caller.labels.get(DISPLAY_NAME) or caller.name
    return str(Kri("dp", caller.mesh, caller.zone, caller.namespace, name, part.section))


def _tell_by_rule(listener: Listener, rules: InboundRules, talk: Talk) -> None:
    made: list[AccessLog] = []
    for rule in rules.rules:
        of = None if rule.match is None else accesslog.of_client(rule.match)
        made.extend(logs(rule.conf, talk, of))
    if any(rule.match is not None and rule.match.sni is not None for rule in rules.rules):
        listeners.inspect_tls(listener)
    for chain in listener.filter_chains:
        accesslog.add(chain, made)


def edit_outbound(part: Outbound, confs: ToConfs) -> None:
    """The destination's logs, and in their place those of routes that have their own."""
    if not confs.confs:
        return
    talk = words.outbound(part.caller, part.destination.name, part.protocol in HTTP)
    conf: Conf = confs.conf(part.destination) or Conf()
    for chain in part.listener.filter_chains:
        routes = _routes_with_logs(chain, confs)
        of_others = accesslog.OF_OTHER_ROUTES if part.protocol in HTTP else None
        made = logs(conf, talk, of_others)
        for name, own in routes.items():
            made.extend(logs(own, talk, accesslog.of_route(name)))
        if made and routes:
            accesslog.tell_routes(chain, routes)
        accesslog.add(chain, made)


def _routes_with_logs(chain: FilterChain, confs: ToConfs) -> dict[str, Conf]:
    """What is said of each route by itself, in the order of their names; an empty list of backends: nothing is told."""
    named = ((name, confs.named(name)) for name in sorted(accesslog.routes_of(chain)))
    return {name: conf for name, conf in named if conf is not None and conf.backends is not None}


def edit_system(part: System, said: Said) -> None:
    """What leaves the mesh is told as the whole mesh's; collectors that anybody is told by need a cluster."""
    conf: Conf | None = said.outward.conf()
    for listener in part.listeners:
        talk = _leaving(part, listener.name)
        if conf is not None and talk is not None:
            for chain in listener.filter_chains:
                accesslog.add(chain, logs(conf, talk))
    told = collectors(_every_conf(said), part.caller)
    for one in told:
        part.clusters.append(collector.cluster(cluster_name(part.caller, one), part.caller, one))
    collector.tell_kuma_dp(part, SIGNAL, told)


def _leaving(part: System, listener: str) -> Talk | None:
    """What is told of the traffic of a listener through which traffic leaves the mesh; None for others."""
    if listener in PASSTHROUGH:
        return words.outbound(part.caller, EXTERNAL)
    if listener.startswith(names.DIRECT_ACCESS):
        return words.outbound(part.caller, listener)
    return None


def _every_conf(said: Said) -> Iterator[Conf]:
    for rules in said.listeners.values():
        yield from (rule.conf for rule in rules.rules)
    outward: Iterable[Conf | None] = (said.outward.conf(), *(said.outward.conf(one) for one in said.outward.named()))
    yield from (conf for conf in outward if conf is not None)


KIND = evolve(policy_kind("MeshAccessLog", MeshAccessLog, "mal"), status=Status)

POLICY = Policy(
    KIND,
    order=600,
    conf=Conf,
    accumulates=True,
    inbound=edit_inbound,
    zone_listener=edit_zone_listener,
    outbound=edit_outbound,
    system=edit_system,
    asks=frozenset({
        "name", "mesh", "zone", "namespace", "address", "workload", "workdir", "features", "host_ip", "collectors",
    }),
)  # fmt: skip
