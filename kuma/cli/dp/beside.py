"""What runs beside Envoy in kuma-dp's own process, as far as the control plane tells it what to do."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from attrs import frozen
from prometheus_client import CollectorRegistry
from twisted.application.service import MultiService

from kuma import sockets
from kuma.cli.dp.dataplane import Proxy
from kuma.cli.dp.dns import Names, nameserver
from kuma.cli.dp.dynamic import Dynamic, Take
from kuma.cli.dp.metrics import own
from kuma.cli.dp.metrics.own import DnsMetrics
from kuma.cli.dp.metrics.pushed import Exports
from kuma.cli.dp.metrics.served import Metrics, MetricsServer, Place
from kuma.cli.dp.options import Options
from kuma.cli.dp.readiness import State
from kuma.cli.dp.resolver import NameServer, Resolver, Upstream

ADMIN_SOCKET = "kuma-envoy-admin.sock"
LOOPBACK = "127.0.0.1"
RESOLV_CONF = Path("/etc/resolv.conf")
NAMES_WITHIN = 15.0  # seconds after which a workload may start without names


@frozen
class Here:
    """Which proxy this is, where it works and has its address, and what it was told."""

    options: Options
    folder: Path
    proxy: Proxy
    address: str = LOOPBACK

    def socket(self, name: str) -> str:
        """The path of a socket of this proxy."""
        return sockets.path(str(self.folder), name)

    @property
    def admin(self) -> str:
        """The socket of Envoy's admin interface, as its bootstrap says."""
        return str(self.folder / ADMIN_SOCKET)


def beside(reactor: Any, here: Here, state: State) -> MultiService:
    """The services of one proxy. Starting them raises CannotListenError."""
    services, registry = MultiService(), CollectorRegistry()
    metrics = Metrics(reactor, Place(here.admin, here.address, here.proxy.is_transparent), registry)
    socket = here.socket(sockets.metrics(here.proxy.name, here.proxy.mesh))
    MetricsServer(reactor, socket, metrics).setServiceParent(services)
    exports = Exports(reactor, metrics, time.time)
    exports.setServiceParent(services)
    takers: dict[str, Take] = {"/meshmetric": _metering(metrics, exports)}
    if here.options.dns_enabled:
        resolver = _resolver(reactor, DnsMetrics(registry))
        NameServer(reactor, resolver, here.options.dns_port, _hosts(here.options)).setServiceParent(services)
        takers["/dns"] = _naming(reactor, resolver, state)
        reactor.callLater(NAMES_WITHIN, _nameless, state, False)
    dynamic = Dynamic(here.folder, takers, own.documents_taken(registry))
    dynamic.following(here.options.refresh_interval).setServiceParent(services)
    return services


def _metering(metrics: Metrics, exports: Exports) -> Take:
    def take(document: Any) -> None:
        metrics.take(document)
        exports.follow(metrics.told)

    return take


def _resolver(reactor: Any, metrics: DnsMetrics) -> Resolver:
    try:
        host = nameserver(RESOLV_CONF.read_text())
    except OSError:
        host = None
    if host is None:
        return Resolver(metrics=metrics)
    upstream = Upstream(reactor, host)
    return Resolver(upstream.by_datagram, upstream.by_stream, metrics=metrics)


def _hosts(options: Options) -> tuple[str, ...]:
    """This machine only: an open resolver would be of use to those who attack others (RFC 5358)."""
    return ("127.0.0.1", "::1") if options.ipv6 else ("127.0.0.1",)


def _naming(reactor: Any, resolver: Resolver, state: State) -> Take:
    began = reactor.seconds()

    def take(document: Any) -> None:
        if document is None:
            return  # names are kept: who knows none at all calls nobody
        if not resolver.names.addresses:
            resolver.metrics.waited.set(reactor.seconds() - began)
        resolver.names = Names.of(document)
        resolver.metrics.entries.set(len(resolver.names.addresses))
        _nameless(state, False)

    return take


def _nameless(state: State, nameless: bool) -> None:
    state.nameless = nameless
