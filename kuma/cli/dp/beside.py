"""What runs beside Envoy in kuma-dp's own process, as far as the control plane tells it what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twisted.application.service import MultiService

from kuma.cli.dp.dns import Names, nameserver
from kuma.cli.dp.dynamic import Dynamic, Take
from kuma.cli.dp.options import Options
from kuma.cli.dp.readiness import State
from kuma.cli.dp.resolver import NameServer, Resolver, Upstream

RESOLV_CONF = Path("/etc/resolv.conf")
NAMES_WITHIN = 15.0  # seconds after which a workload may start without names


def beside(reactor: Any, options: Options, folder: Path, state: State) -> MultiService:
    """The services of one proxy. Starting them raises CannotListenError."""
    services, takers = MultiService(), dict[str, Take]()
    if options.dns_enabled:
        resolver = _resolver(reactor)
        NameServer(reactor, resolver, options.dns_port, _hosts(options)).setServiceParent(services)
        takers["/dns"] = _naming(resolver, state)
        reactor.callLater(NAMES_WITHIN, _nameless, state, False)
    Dynamic(folder, takers).following(options.refresh_interval).setServiceParent(services)
    return services


def _resolver(reactor: Any) -> Resolver:
    try:
        host = nameserver(RESOLV_CONF.read_text())
    except OSError:
        host = None
    if host is None:
        return Resolver()
    upstream = Upstream(reactor, host)
    return Resolver(upstream.by_datagram, upstream.by_stream)


def _hosts(options: Options) -> tuple[str, ...]:
    """This machine only: an open resolver would be of use to those who attack others (RFC 5358)."""
    return ("127.0.0.1", "::1") if options.ipv6 else ("127.0.0.1",)


def _naming(resolver: Resolver, state: State) -> Take:
    def take(document: Any) -> None:
        resolver.names = Names.of(document)
        _nameless(state, False)

    return take


def _nameless(state: State, nameless: bool) -> None:
    state.nameless = nameless
