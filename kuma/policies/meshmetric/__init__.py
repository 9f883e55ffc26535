"""MeshMetric: which metrics of a proxy and its applications there are, and who gets them.

Envoy only passes on what is asked for: kuma-dp gathers the metrics, as it is told by a document.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from attrs import evolve

from kuma import sockets
from kuma.envoy import api, clusters, collector, listeners, names, routes, tls
from kuma.envoy.draft import System
from kuma.envoy.endpoints import pipe
from kuma.policies.meshmetric import told
from kuma.policies.meshmetric.spec import OPEN_TELEMETRY, PROMETHEUS, Backend, Conf, MeshMetric, Prometheus
from kuma.policy import Policy, Said, policy_kind
from kuma.schema import go_duration
from kuma.telemetry import Collector, Status, host_and_port, resolved

if TYPE_CHECKING:
    from kuma.envoy.api import FilterChain, Listener, Route

SIGNAL = "metrics"
REUSE_PORT = "feature-reuse-port"
DEFAULT_CLIENT = "default-backend"
PROVIDED = "ProvidedTLS"
GATHERED = "/meshmetric"  # where kuma-dp answers with all metrics


def edit_system(part: System, said: Said) -> None:
    """Without anybody who gets metrics there are none."""
    conf: Conf | None = said.whole
    if conf is None or not conf.backends:
        return
    backends = [*_published(part, conf.backends), *_sent(part, conf.backends)]
    part.documents["meshmetric"] = told.document(part, conf, backends)


def _published(part: System, backends: tuple[Backend, ...]) -> Iterator[dict[str, Any]]:
    """A listener for each who collects; kuma-dp is told once."""
    found = [one.prometheus for one in backends if one.type == PROMETHEUS and one.prometheus is not None]
    for one in found:
        name = names.system("meshmetric", "prometheus", one.client_id or DEFAULT_CLIENT)
        socket = names.socket(part.caller.workdir, sockets.metrics(part.caller.name, part.caller.mesh))
        part.clusters.append(clusters.static(name, pipe(socket)))
        part.listeners.append(_listener(part, name, one))
    if found:
        yield told.prometheus()


def _listener(part: System, name: str, backend: Prometheus) -> Listener:
    made = listeners.listener(name, part.caller.address, backend.port, "INBOUND")
    made.enable_reuse_port.value = REUSE_PORT in part.caller.features
    chain = _chain(part, name, routes.rewritten(backend.path, name, GATHERED))
    if backend.tls is not None and backend.tls.mode == PROVIDED and all(part.caller.metrics_tls):
        open_chain = made.filter_chains.add()
        open_chain.CopyFrom(chain)
        open_chain.filter_chain_match.transport_protocol = "tls"
        tls.secure(chain, tls.from_files(*part.caller.metrics_tls))
    made.filter_chains.append(chain)
    return made


def _chain(part: System, name: str, route: Route, grpc: bool = False) -> FilterChain:
    config = routes.configuration(name, (route,))
    config.name = ""
    own = listeners.internal_addresses(listeners.LOOPBACK, part.caller.ipv6)
    return listeners.http_chain(name, config, own, grpc)


def _sent(part: System, backends: tuple[Backend, ...]) -> Iterator[dict[str, Any]]:
    """A way to each collector: through kuma-dp, or through a listener that kuma-dp sends to."""
    for backend, found in _collectors(part, backends):
        otel = backend.open_telemetry
        interval = None if otel is None else otel.refresh_interval
        if collector.through_kuma_dp(part.caller):
            more = {"refreshInterval": go_duration(interval)} if interval is not None else {}
            collector.tell_kuma_dp(part, SIGNAL, (found,), more)
            continue
        name, socket = names.system("meshmetric", "otel", found.name), collector.socket(part.caller, found)
        part.clusters.append(collector.cluster(name, part.caller, found))
        made = api.Listener(name=name, stat_prefix=name, address=pipe(socket))
        made.filter_chains.append(_chain(part, name, _passed_on(part, name, found), grpc=not found.http))
        part.listeners.append(made)
        yield told.open_telemetry(found, socket, interval)


def _passed_on(part: System, name: str, found: Collector) -> Route:
    """What kuma-dp sends to the listener is for the collector; over HTTP it says so."""
    route = routes.everything(name)
    if found.http:
        route.route.host_rewrite_literal = host_and_port(collector.address(part.caller, found), found.port)
    return route


def _collectors(part: System, backends: tuple[Backend, ...]) -> Iterator[tuple[Backend, Collector]]:
    """The collectors that are there."""
    for one in backends:
        otel = one.open_telemetry
        if one.type == OPEN_TELEMETRY and otel is not None and otel.backend_ref is not None:
            found = resolved(part.caller.collectors, otel.backend_ref.labels)
            if found is not None:
                yield one, found


KIND = evolve(policy_kind("MeshMetric", MeshMetric, "mm"), status=Status)

POLICY = Policy(KIND, order=1500, conf=Conf, system=edit_system, single=True)
