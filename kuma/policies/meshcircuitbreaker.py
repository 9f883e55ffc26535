"""MeshCircuitBreaker: how much a destination gets at once, and when one of its endpoints is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from attrs import frozen

from kuma.envoy.draft import Inbound, Upstream
from kuma.match import InboundRules, ToConfs
from kuma.policy import Policy, policy_kind
from kuma.schema import UInt32, Violation, field
from kuma.targetref import (
    DESTINATIONS,
    MUST_BE_DEFINED,
    OutboundTargetRef,
    TopLevelTargetRef,
    at_least_one,
    decimal,
    decimal_percent,
    percent,
    positive,
    positive_duration,
    to_items,
    top_target,
    under,
)

if TYPE_CHECKING:
    from google.protobuf.wrappers_pb2 import UInt32Value

    from kuma.envoy.api import Cluster
    from kuma.envoy.stubs.envoy.config.cluster.v3_pb2 import CircuitBreakers
    from kuma.envoy.stubs.envoy.config.cluster.v3_pb2 import OutlierDetection as Outlier

LARGEST = 2**32 - 1  # that Envoy's numbers hold


@frozen
class ConnectionLimits:
    """How much there may be at once."""

    max_connections: UInt32 | None = field(default=None, doc="Connections to all endpoints.")
    max_connection_pools: UInt32 | None = field(default=None, doc="Connection pools at once.")
    max_pending_requests: UInt32 | None = field(default=None, doc="Requests that wait for a connection.")
    max_retries: UInt32 | None = field(default=None, doc="Retries at once.")
    max_requests: UInt32 | None = field(default=None, doc="Requests at once.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        yield from positive("maxConnections", self.max_connections)
        yield from positive("maxConnectionPools", self.max_connection_pools)
        yield from positive("maxPendingRequests", self.max_pending_requests)
        yield from positive("maxRetries", self.max_retries)
        yield from positive("maxRequests", self.max_requests)


@frozen
class Consecutive:
    """Failures in a row."""

    consecutive: UInt32 | None = field(default=None, doc="So many failures in a row eject an endpoint.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        yield from positive("consecutive", self.consecutive)


@frozen
class SuccessRate:
    """An endpoint that succeeds much less often than the others."""

    minimum_hosts: UInt32 | None = field(default=None, doc="Compare when there are so many endpoints.")
    request_volume: UInt32 | None = field(default=None, doc="Compare endpoints with so many requests.")
    standard_deviation_factor: int | str | None = field(default=None, doc="How many standard deviations are too far.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        yield from positive("minimumHosts", self.minimum_hosts)
        yield from positive("requestVolume", self.request_volume)
        if self.standard_deviation_factor is None:
            return
        factor = decimal(self.standard_deviation_factor)
        if factor is None:
            yield Violation("standardDeviationFactor", "invalid number")
        elif factor <= 0:
            yield Violation("standardDeviationFactor", "must be greater than 0")


@frozen
class FailurePercentage:
    """An endpoint that fails too often."""

    minimum_hosts: UInt32 | None = field(default=None, doc="Judge when there are so many endpoints.")
    request_volume: UInt32 | None = field(default=None, doc="Judge endpoints with so many requests.")
    threshold: UInt32 | None = field(default=None, doc="The percentage of failures that ejects an endpoint.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        yield from positive("minimumHosts", self.minimum_hosts)
        yield from positive("requestVolume", self.request_volume)
        yield from percent("threshold", self.threshold)


@frozen
class Detectors:
    """What counts as being unhealthy."""

    total_failures: Consecutive | None = field(default=None, doc="Any failure in a row.")
    gateway_failures: Consecutive | None = field(default=None, doc="Gateway errors (502, 503, 504) in a row.")
    local_origin_failures: Consecutive | None = field(default=None, doc="Failures to reach the endpoint, in a row.")
    success_rate: SuccessRate | None = field(default=None, doc="Success far below the others'.")
    failure_percentage: FailurePercentage | None = field(default=None, doc="Too many failures.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        yield from at_least_one("", self, DETECTORS)
        for attribute, name in DETECTORS.items():
            detector = getattr(self, attribute)
            if detector is not None:
                yield from under(name, detector.problems())


DETECTORS = {
    "total_failures": "totalFailures",
    "gateway_failures": "gatewayFailures",
    "local_origin_failures": "localOriginFailures",
    "success_rate": "successRate",
    "failure_percentage": "failurePercentage",
}


@frozen
class OutlierDetection:
    """When an endpoint is left alone for a while."""

    disabled: bool | None = field(default=None, doc="Whether endpoints are never left alone.")
    interval: timedelta | None = field(default=None, doc="How often endpoints are judged.")
    base_ejection_time: timedelta | None = field(default=None, doc="How long for, times how often it happened.")
    max_ejection_percent: UInt32 | None = field(default=None, doc="How many endpoints may be left alone at once.")
    split_external_and_local_errors: bool | None = field(default=None, doc="Whether unreachable and failing differ.")
    detectors: Detectors | None = field(default=None, doc="What counts as being unhealthy.")
    healthy_panic_threshold: int | str | None = field(
        default=None, doc="With fewer healthy endpoints than this percentage, all are used."
    )

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        yield from positive_duration("interval", self.interval)
        yield from positive_duration("baseEjectionTime", self.base_ejection_time)
        yield from percent("maxEjectionPercent", self.max_ejection_percent)
        yield from decimal_percent("healthyPanicThreshold", self.healthy_panic_threshold)
        if self.detectors is None:
            yield Violation("detectors", MUST_BE_DEFINED)
        else:
            yield from under("detectors", self.detectors.problems())


@frozen
class Conf:
    """Limits, and when an endpoint is left alone."""

    connection_limits: ConnectionLimits | None = field(default=None, doc="How much there may be at once.")
    outlier_detection: OutlierDetection | None = field(default=None, doc="When an endpoint is left alone.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        if self.connection_limits is None and self.outlier_detection is None:
            yield Violation("", "at least one of: 'connectionLimits' or 'outlierDetection' should be configured")
        if self.connection_limits is not None:
            yield from under("connectionLimits", self.connection_limits.problems())
        if self.outlier_detection is not None:
            yield from under("outlierDetection", self.outlier_detection.problems())


@frozen
class Rule:
    """Limits of traffic that arrives."""

    default: Conf = field(default=Conf(), doc="The limits.")


@frozen
class To:
    """Limits of traffic to destinations."""

    target_ref: OutboundTargetRef = field(default=OutboundTargetRef(), doc="The destinations.")
    default: Conf = field(default=Conf(), doc="The limits.")


@frozen
class MeshCircuitBreaker:
    """How much a destination gets, of traffic that leaves (`to`) or arrives (`rules`)."""

    target_ref: TopLevelTargetRef | None = field(default=None, doc="The proxies that the policy is for.")
    to: tuple[To, ...] | None = field(default=None, doc="Limits of traffic to destinations.")
    rules: tuple[Rule, ...] | None = field(default=None, doc="Limits of traffic that arrives.")

    def violations(self) -> Iterator[Violation]:
        """What is wrong with it."""
        yield from top_target(self.target_ref, inbound=bool(self.rules))
        if not self.rules and not self.to:
            yield Violation("", "at least one of 'to' or 'rules' has to be defined")
        for index, rule in enumerate(self.rules or ()):
            # the field's name before it was `rules`; scripts that read these messages know it by that
            yield from under(f"from[{index}].default", rule.default.problems())
        yield from to_items(self.to, DESTINATIONS)


def edit_inbound(part: Inbound, rules: InboundRules) -> None:
    """The limits of what reaches the workload."""
    _limit(part.cluster, rules.catch_all(Conf))


def edit_upstream(part: Upstream, confs: ToConfs) -> None:
    """The limits of what leaves for the destination."""
    _limit(part.cluster, confs.conf(part.destination) or Conf())


def edit_cluster(cluster: Cluster) -> None:
    """Every cluster tells what is left, with a policy or without."""
    _thresholds(cluster).track_remaining = True


def _limit(cluster: Cluster, conf: Conf) -> None:
    edit_cluster(cluster)
    if conf.connection_limits is not None:
        _limit_connections(_thresholds(cluster), conf.connection_limits)
    if conf.outlier_detection is not None:
        _detect(cluster, conf.outlier_detection)


def _thresholds(cluster: Cluster) -> CircuitBreakers.Thresholds:
    """The limits of usual traffic."""
    every = cluster.circuit_breakers.thresholds
    default = next((one for one in every if one.priority == 0), None)  # RoutingPriority.DEFAULT
    return every.add() if default is None else default


def _limit_connections(thresholds: CircuitBreakers.Thresholds, limits: ConnectionLimits) -> None:
    _say(thresholds.max_connections, limits.max_connections)
    _say(thresholds.max_connection_pools, limits.max_connection_pools)
    _say(thresholds.max_pending_requests, limits.max_pending_requests)
    _say(thresholds.max_retries, limits.max_retries)
    _say(thresholds.max_requests, limits.max_requests)


def _detect(cluster: Cluster, conf: OutlierDetection) -> None:
    cluster.ClearField("outlier_detection")
    if conf.disabled:
        return
    outlier = cluster.outlier_detection
    if conf.interval is not None:
        outlier.interval.FromTimedelta(conf.interval)
    if conf.base_ejection_time is not None:
        outlier.base_ejection_time.FromTimedelta(conf.base_ejection_time)
    _say(outlier.max_ejection_percent, conf.max_ejection_percent)
    if conf.split_external_and_local_errors is not None:
        outlier.split_external_local_origin_errors = conf.split_external_and_local_errors
    if conf.healthy_panic_threshold is not None:
        threshold = decimal(conf.healthy_panic_threshold)
        if threshold is not None:
            cluster.common_lb_config.healthy_panic_threshold.value = threshold
    detectors = conf.detectors or Detectors()
    _detect_in_a_row(outlier, detectors)
    if conf.detectors is not None:
        _detect_success_rate(outlier, detectors.success_rate)
        _detect_failure_percentage(outlier, detectors.failure_percentage)


def _detect_in_a_row(outlier: Outlier, detectors: Detectors) -> None:
    """What nobody wants detected must be said to be not enforced: Envoy would enforce it."""
    total, gateway, local = detectors.total_failures, detectors.gateway_failures, detectors.local_origin_failures
    outlier.enforcing_consecutive_5xx.value = _enforced(total)
    outlier.enforcing_consecutive_gateway_failure.value = _enforced(gateway)
    outlier.enforcing_consecutive_local_origin_failure.value = _enforced(local)
    _say(outlier.consecutive_5xx, total.consecutive if total else None)
    _say(outlier.consecutive_gateway_failure, gateway.consecutive if gateway else None)
    _say(outlier.consecutive_local_origin_failure, local.consecutive if local else None)


def _detect_success_rate(outlier: Outlier, detector: SuccessRate | None) -> None:
    outlier.enforcing_success_rate.value = _enforced(detector)
    outlier.enforcing_local_origin_success_rate.value = _enforced(detector)
    if detector is None:
        return
    _say(outlier.success_rate_minimum_hosts, detector.minimum_hosts)
    _say(outlier.success_rate_request_volume, detector.request_volume)
    if detector.standard_deviation_factor is not None:
        factor = decimal(detector.standard_deviation_factor)
        _say(outlier.success_rate_stdev_factor, None if factor is None else min(int(factor * 1000), LARGEST))


def _detect_failure_percentage(outlier: Outlier, detector: FailurePercentage | None) -> None:
    outlier.enforcing_failure_percentage.value = _enforced(detector)
    outlier.enforcing_failure_percentage_local_origin.value = _enforced(detector)
    if detector is None:
        return
    _say(outlier.failure_percentage_minimum_hosts, detector.minimum_hosts)
    _say(outlier.failure_percentage_request_volume, detector.request_volume)
    _say(outlier.failure_percentage_threshold, detector.threshold)


def _enforced(detector: object | None) -> int:
    return 0 if detector is None else 100


def _say(number: UInt32Value, value: int | None) -> None:
    if value is not None:
        number.value = value


KIND = policy_kind("MeshCircuitBreaker", MeshCircuitBreaker, "mcb")

POLICY = Policy(KIND, order=1300, conf=Conf, inbound=edit_inbound, upstream=edit_upstream, cluster=edit_cluster)
