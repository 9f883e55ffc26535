"""MeshTimeout: how long each hop may wait before it gives up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from attrs import frozen

from kuma.envoy.draft import Inbound, Outbound, Upstream, ZoneListener
from kuma.envoy.matched import route_by_client
from kuma.envoy.typed import edit_http, edit_http_options, edit_tcp
from kuma.match import InboundRules, ToConfs
from kuma.matched import by_identity, by_server_name
from kuma.policy import Policy, policy_kind
from kuma.schema import Violation, field
from kuma.targetref import (
    DESTINATIONS_AND_ROUTES,
    Match,
    OutboundTargetRef,
    TopLevelTargetRef,
    duration,
    positive_duration,
    some_match,
    target,
    top_target,
    under,
)

if TYPE_CHECKING:
    from kuma.envoy.api import (
        Cluster,
        FilterChain,
        HttpConnectionManager,
        HttpProtocolOptions,
        Route,
        RouteAction,
        TcpProxy,
    )

NO = timedelta(0)
CONNECT = timedelta(seconds=5)
IDLE = timedelta(hours=1)
REQUEST = timedelta(seconds=15)
STREAM_IDLE = timedelta(minutes=30)

FOR_HTTP_CLUSTERS = frozenset({"http", "http2"})
FILTER_STATE = "kuma.mesh_timeout.match"


@frozen
class Http:
    """Timeouts of HTTP; 0s disables one."""

    request_timeout: timedelta | None = field(default=None, doc="From the request's end to the response's end.")
    stream_idle_timeout: timedelta | None = field(default=None, doc="How long a stream may be silent.")
    max_stream_duration: timedelta | None = field(default=None, doc="How long a stream may last at all.")
    max_connection_duration: timedelta | None = field(default=None, doc="How long a connection may last at all.")
    request_headers_timeout: timedelta | None = field(default=None, doc="How long request headers may take to come.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        said = (self.request_timeout, self.stream_idle_timeout, self.max_stream_duration, self.max_connection_duration)
        if all(one is None for one in said):
            yield Violation("", "at least one timeout in this section should be configured")
        yield from duration("requestTimeout", self.request_timeout)
        yield from duration("streamIdleTimeout", self.stream_idle_timeout)
        yield from duration("maxStreamDuration", self.max_stream_duration)
        yield from duration("maxConnectionDuration", self.max_connection_duration)
        yield from duration("requestHeadersTimeout", self.request_headers_timeout)


@frozen
class Conf:
    """Timeouts."""

    connection_timeout: timedelta | None = field(default=None, doc="How long connecting may take.")
    idle_timeout: timedelta | None = field(default=None, doc="How long a connection may be silent; 0s: forever.")
    http: Http | None = field(default=None, doc="Timeouts of HTTP.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        if self.connection_timeout is None and self.idle_timeout is None and self.http is None:
            yield Violation("", "at least one timeout should be configured")
        yield from positive_duration("connectionTimeout", self.connection_timeout)
        yield from duration("idleTimeout", self.idle_timeout)
        if self.http is not None:
            yield from under("http", self.http.problems())

    def of_connections(self) -> Iterator[str]:
        """The fields that are said and concern connections: they can't depend on a request."""
        http = self.http or Http()
        said = {
            "connectionTimeout": self.connection_timeout,
            "idleTimeout": self.idle_timeout,
            "http.maxStreamDuration": http.max_stream_duration,
            "http.maxConnectionDuration": http.max_connection_duration,
            "http.requestHeadersTimeout": http.request_headers_timeout,
        }
        return (name for name, value in said.items() if value is not None)


@frozen
class Rule:
    """Timeouts of traffic that arrives."""

    matches: tuple[Match, ...] | None = field(default=None, doc="Whose traffic is meant; without any, all of it.")
    default: Conf = field(default=Conf(), doc="The timeouts.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        for index, one in enumerate(self.matches or ()):
            yield from under(f"matches[{index}]", some_match(one))
        yield from under("default", self.default.problems())
        if any(one.spiffe_id is not None for one in self.matches or ()):
            for name in self.default.of_connections():
                yield Violation(f"default.{name}", NOT_BY_IDENTITY)


@frozen
class To:
    """Timeouts of traffic to destinations."""

    target_ref: OutboundTargetRef = field(default=OutboundTargetRef(), doc="The destinations.")
    default: Conf = field(default=Conf(), doc="The timeouts.")


NOT_BY_IDENTITY = (
    "can't be specified when matches contain spiffeID because this field cannot be conditioned on source identity"
)
NOT_BY_ROUTE = "can't be specified when top-level TargetRef is referencing MeshHTTPRoute"


@frozen
class MeshTimeout:
    """How long to wait for traffic that arrives (`rules`) or leaves (`to`)."""

    target_ref: TopLevelTargetRef | None = field(default=None, doc="The proxies that the policy is for.")
    to: tuple[To, ...] | None = field(default=None, doc="Timeouts of traffic to destinations.")
    rules: tuple[Rule, ...] | None = field(default=None, doc="Timeouts of traffic that arrives.")

    def violations(self) -> Iterator[Violation]:
        """What is wrong with it."""
        yield from top_target(self.target_ref, inbound=bool(self.rules))
        if self.rules and self.to:
            yield Violation("", "fields 'to' must be empty when 'rules' is defined")
        if not self.rules and not self.to:
            yield Violation("", "at least one of 'to' or 'rules' has to be defined")
        for index, rule in enumerate(self.rules or ()):
            yield from under(f"rules[{index}]", rule.problems())
        for index, item in enumerate(self.to or ()):
            yield from under(f"to[{index}]", self._of_item(item))

    def _of_item(self, item: To) -> Iterator[Violation]:
        by_route = self.target_ref is not None and self.target_ref.kind == "MeshHTTPRoute"
        yield from under("targetRef", target(item.target_ref, ("Mesh",) if by_route else DESTINATIONS_AND_ROUTES))
        yield from under("default", item.default.problems())
        if by_route:
            for name in item.default.of_connections():
                yield Violation(f"default.{name}", NOT_BY_ROUTE)


def edit_inbound(part: Inbound, rules: InboundRules) -> None:
    """Rules for some clients only leave everyone else's timeouts as they are."""
    if rules.has_catch_all or not rules.rules:
        conf = rules.catch_all(Conf)
        for chain in part.listener.filter_chains:
            _time_chain(chain, conf)
        _time_cluster(part.cluster, part.protocol, conf)
    for chain in part.listener.filter_chains:
        _time_clients(chain, rules)


def edit_zone_listener(part: ZoneListener, rules: InboundRules) -> None:
    """Each chain leads to one destination, which rules name by its server name. Without rules it is as it was."""
    for chain in part.listener.filter_chains:
        if rules.has_catch_all:
            _time_chain(chain, rules.catch_all(Conf))
        conf = by_server_name(rules, chain.filter_chain_match.server_names, Conf)
        if conf != Conf():
            _time_chain(chain, conf)
        _time_clients(chain, rules)


def edit_outbound(part: Outbound, confs: ToConfs) -> None:
    """The destination's timeouts for the listener, and a route's own for the route."""
    conf = confs.conf(part.destination) or Conf()
    for chain in part.listener.filter_chains:
        _time_chain(chain, conf)
        edit_http(chain, partial(_time_routes, confs=confs))


def edit_upstream(part: Upstream, confs: ToConfs) -> None:
    """The destination's timeouts for its cluster. An egress has its timeouts for all HTTP, gRPC too."""
    protocol = "http2" if part.leaves and part.protocol == "grpc" else part.protocol
    _time_cluster(part.cluster, protocol, confs.conf(part.destination) or Conf())


def _or(value: timedelta | None, otherwise: timedelta) -> timedelta:
    return otherwise if value is None else value


def _time_chain(chain: FilterChain, conf: Conf) -> None:
    http = conf.http or Http()

    def manage(manager: HttpConnectionManager) -> None:
        manager.common_http_protocol_options.idle_timeout.FromTimedelta(NO)
        manager.request_headers_timeout.FromTimedelta(_or(http.request_headers_timeout, NO))
        for route in _routes(manager):
            _time_route(route.route, http)

    def proxy(tcp: TcpProxy) -> None:
        tcp.idle_timeout.FromTimedelta(_or(conf.idle_timeout, IDLE))

    edit_http(chain, manage)
    edit_tcp(chain, proxy)


def _routes(manager: HttpConnectionManager) -> Iterator[Route]:
    """The routes that forward."""
    every = (route for host in manager.route_config.virtual_hosts for route in host.routes)
    return (route for route in every if route.HasField("route"))


def _time_routes(manager: HttpConnectionManager, confs: ToConfs) -> None:
    for route in _routes(manager):
        conf = confs.named(route.name)
        if conf is not None:
            _time_route(route.route, conf.http or Http())


def _time_route(action: RouteAction, http: Http) -> None:
    action.timeout.FromTimedelta(_or(http.request_timeout, REQUEST))
    if http.stream_idle_timeout is not None or not action.HasField("idle_timeout"):
        action.idle_timeout.FromTimedelta(_or(http.stream_idle_timeout, STREAM_IDLE))


def _time_cluster(cluster: Cluster, protocol: str, conf: Conf) -> None:
    http = conf.http or Http()

    def speak(options: HttpProtocolOptions) -> None:
        common = options.common_http_protocol_options
        common.idle_timeout.FromTimedelta(_or(conf.idle_timeout, IDLE))
        common.max_stream_duration.FromTimedelta(_or(http.max_stream_duration, NO))
        common.max_connection_duration.FromTimedelta(_or(http.max_connection_duration, NO))

    cluster.connect_timeout.FromTimedelta(_or(conf.connection_timeout, CONNECT))
    if protocol in FOR_HTTP_CLUSTERS:
        edit_http_options(cluster, speak)


def _time_clients(chain: FilterChain, rules: InboundRules) -> None:
    confs: tuple[tuple[Match, Conf], ...] = by_identity(rules, _concerns_requests)
    route_by_client(chain, FILTER_STATE, [(match, _timing(conf.http or Http())) for match, conf in confs])


def _concerns_requests(conf: Conf) -> bool:
    http = conf.http or Http()
    return http.request_timeout is not None or http.stream_idle_timeout is not None


def _timing(http: Http) -> Callable[[Route], None]:
    """What is not said stays as it is for everyone."""

    def change(route: Route) -> None:
        if http.request_timeout is not None:
            route.route.timeout.FromTimedelta(http.request_timeout)
        if http.stream_idle_timeout is not None:
            route.route.idle_timeout.FromTimedelta(http.stream_idle_timeout)

    return change


KIND = policy_kind("MeshTimeout", MeshTimeout, "mt")

POLICY = Policy(
    KIND,
    order=1000,
    conf=Conf,
    inbound=edit_inbound,
    zone_listener=edit_zone_listener,
    outbound=edit_outbound,
    upstream=edit_upstream,
)
