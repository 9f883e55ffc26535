"""MeshHealthCheck: asking endpoints how they are, before requests are sent to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from attrs import frozen

from kuma.envoy import api
from kuma.envoy.draft import Upstream
from kuma.envoy.headers import APPEND, OVERWRITE, options, tags
from kuma.envoy.typed import extension
from kuma.match import ToConfs
from kuma.policy import Policy, policy_kind
from kuma.schema import Int32, UInt32, Violation, field
from kuma.targetref import (
    DESTINATIONS,
    MUST_BE_DEFINED,
    HeaderModifier,
    OutboundTargetRef,
    TopLevelTargetRef,
    at_least_one,
    percent,
    positive_duration,
    to_items,
    top_target,
    under,
)

if TYPE_CHECKING:
    from kuma.envoy.api import Cluster


INTERVAL = timedelta(minutes=1)
TIMEOUT = timedelta(seconds=15)
UNHEALTHY, HEALTHY = 5, 1
STATUSES = range(100, 600)
FILE_SINK = "envoy.health_check.event_sinks.file"
PROTOCOLS = {"http": "http", "tcp": "tcp", "grpc": "grpc"}


@frozen
class Tcp:
    """A check by bytes; without any, connecting is the check."""

    disabled: bool | None = field(default=None, doc="Whether there is no such check.")
    send: str | None = field(default=None, doc="What is sent.")
    receive: tuple[str, ...] | None = field(default=None, doc="What is to be found in the answer.")


@frozen
class Http:
    """A check by an HTTP request."""

    disabled: bool | None = field(default=None, doc="Whether there is no such check.")
    path: str | None = field(default=None, doc="What is asked for; / if unsaid.")
    request_headers_to_add: HeaderModifier | None = field(default=None, doc="Headers of the request.")
    expected_statuses: tuple[Int32, ...] | None = field(default=None, doc="The good answers; 200 if unsaid.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        if self.path == "":
            yield Violation("path", MUST_BE_DEFINED)
        for index, status in enumerate(self.expected_statuses or ()):
            if status not in STATUSES:
                yield Violation(f"expectedStatuses[{index}]", "must be in inclusive range [100, 599]")


@frozen
class Grpc:
    """A check by gRPC's health service."""

    disabled: bool | None = field(default=None, doc="Whether there is no such check.")
    service_name: str | None = field(default=None, doc="The service that is asked for.")
    authority: str | None = field(default=None, doc="The :authority of the call; the cluster's name if unsaid.")


@frozen
class Conf:
    """How endpoints are asked, and what their answers mean."""

    interval: timedelta | None = field(default=None, doc="How often an endpoint is asked.")
    timeout: timedelta | None = field(default=None, doc="How long an answer may take.")
    unhealthy_threshold: Int32 | None = field(default=None, doc="So many bad answers in a row: nothing is sent there.")
    healthy_threshold: Int32 | None = field(default=None, doc="So many good answers in a row: it is used again.")
    initial_jitter: timedelta | None = field(default=None, doc="By how much the first question is put off.")
    interval_jitter: timedelta | None = field(default=None, doc="By how much each question is put off.")
    interval_jitter_percent: UInt32 | None = field(default=None, doc="The same, as a share of the interval.")
    fail_traffic_on_panic: bool | None = field(default=None, doc="Whether too few healthy endpoints get nothing.")
    event_log_path: str | None = field(default=None, doc="A file that tells who became healthy or unhealthy.")
    always_log_health_check_failures: bool | None = field(default=None, doc="Whether it tells of every bad answer.")
    no_traffic_interval: timedelta | None = field(default=None, doc="How often while nobody calls.")
    tcp: Tcp | None = field(default=None, doc="A check by bytes.")
    http: Http | None = field(default=None, doc="A check by an HTTP request.")
    grpc: Grpc | None = field(default=None, doc="A check by gRPC's health service.")
    reuse_connection: bool | None = field(default=None, doc="Whether one connection serves several questions.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        yield from positive_duration("interval", self.interval)
        yield from positive_duration("timeout", self.timeout)
        yield from _threshold("unhealthyThreshold", self.unhealthy_threshold)
        yield from _threshold("healthyThreshold", self.healthy_threshold)
        yield from positive_duration("initialJitter", self.initial_jitter)
        yield from positive_duration("intervalJitter", self.interval_jitter)
        yield from percent("intervalJitterPercent", self.interval_jitter_percent)
        if self.event_log_path is not None and not self.event_log_path.startswith("/"):
            yield Violation("eventLogPath", "must be a valid path when defined")
        yield from positive_duration("noTrafficInterval", self.no_traffic_interval)
        yield from at_least_one("", self, PROTOCOLS)
        if self.http is not None:
            yield from under("http", self.http.problems())


def _threshold(name: str, value: int | None) -> Iterator[Violation]:
    if value is not None and value <= 0:
        yield Violation(name, "must be greater than zero when defined")


@frozen
class To:
    """Checks of destinations."""

    target_ref: OutboundTargetRef = field(default=OutboundTargetRef(), doc="The destinations.")
    default: Conf = field(default=Conf(), doc="The checks.")


@frozen
class MeshHealthCheck:
    """How the endpoints of destinations are checked."""

    target_ref: TopLevelTargetRef | None = field(default=None, doc="The proxies that the policy is for.")
    to: tuple[To, ...] | None = field(default=None, doc="Checks of destinations.")

    def violations(self) -> Iterator[Violation]:
        """What is wrong with it."""
        yield from top_target(self.target_ref)
        yield from to_items(self.to, DESTINATIONS)


def edit_upstream(part: Upstream, confs: ToConfs) -> None:
    """One check, of the protocol that the destination speaks."""
    conf: Conf | None = confs.conf(part.destination)
    if conf is None:
        return
    _fail_on_panic(part.cluster, conf)
    check = _check(part.protocol, conf, part.caller.labels)
    if check is not None:
        part.cluster.health_checks.append(api.HealthCheck(**_judging(conf), **check))


def _fail_on_panic(cluster: Cluster, conf: Conf) -> None:
    """Envoy knows either this or weighted localities."""
    if conf.fail_traffic_on_panic is None:
        return
    specifier = cluster.common_lb_config.WhichOneof("locality_config_specifier")
    if specifier == "locality_weighted_lb_config":
        from structlog import get_logger  # noqa: PLC0415 - kumactl knows this kind too, and starts without it

        get_logger().error("fail_traffic_on_panic_left_out", cluster=cluster.name, reason="localities are weighted")
    elif specifier in (None, "zone_aware_lb_config"):
        cluster.common_lb_config.zone_aware_lb_config.fail_traffic_on_panic = conf.fail_traffic_on_panic


def _check(protocol: str, conf: Conf, labels: Mapping[str, str]) -> dict[str, Any] | None:
    """The protocol's own check; where that is switched off, the one by bytes."""
    own = {"http": conf.http, "http2": conf.http, "grpc": conf.grpc, "tcp": conf.tcp}.get(protocol)
    if own is None:
        return None
    if own.disabled:
        own = conf.tcp
    if own is None or own.disabled:
        return None
    if isinstance(own, Http):
        return {"http_health_check": _http(own, protocol, labels)}
    if isinstance(own, Grpc):
        return {"grpc_health_check": {"service_name": own.service_name, "authority": own.authority}}
    return {"tcp_health_check": _tcp(own)}


def _http(http: Http, protocol: str, labels: Mapping[str, str]) -> dict[str, Any]:
    headers = http.request_headers_to_add or HeaderModifier()
    added = (one for header in headers.add or () for one in options(header.name, header.value, APPEND))
    written = (one for header in headers.set or () for one in options(header.name, header.value, OVERWRITE))
    return {
        "path": "/" if http.path is None else http.path,
        "request_headers_to_add": [*tags(labels), *added, *written],
        "expected_statuses": [{"start": one, "end": one + 1} for one in http.expected_statuses or ()],
        "codec_client_type": "HTTP2" if protocol == "http2" else "HTTP1",
    }


def _tcp(tcp: Tcp) -> dict[str, Any]:
    """An empty text is in every answer, and no text to send: Envoy refuses it."""
    check: dict[str, Any] = {"receive": [{"text": one.encode().hex()} for one in tcp.receive or () if one]}
    if tcp.send:
        check["send"] = {"text": tcp.send.encode().hex()}
    return check


def _judging(conf: Conf) -> dict[str, Any]:
    """How often, how long, and how many answers count; None leaves a field unset."""
    check: dict[str, Any] = {
        "interval": conf.interval or INTERVAL,
        "timeout": conf.timeout or TIMEOUT,
        "unhealthy_threshold": {"value": conf.unhealthy_threshold or UNHEALTHY},
        "healthy_threshold": {"value": conf.healthy_threshold or HEALTHY},
        "initial_jitter": conf.initial_jitter,
        "interval_jitter": conf.interval_jitter,
        "interval_jitter_percent": conf.interval_jitter_percent,
        "no_traffic_interval": conf.no_traffic_interval,
        "always_log_health_check_failures": conf.always_log_health_check_failures,
    }
    if conf.reuse_connection is not None:
        check["reuse_connection"] = {"value": conf.reuse_connection}
    if conf.event_log_path is not None:
        sink = api.HealthCheckEventFileSink(event_log_path=conf.event_log_path)
        check["event_logger"] = [extension(FILE_SINK, sink)]
    return check


KIND = policy_kind("MeshHealthCheck", MeshHealthCheck, "mhc")

POLICY = Policy(KIND, order=1200, conf=Conf, upstream=edit_upstream, asks=frozenset({"labels"}))
