"""What a zone control plane counts about its proxies, under the names that existing dashboards read."""

from __future__ import annotations

from functools import cache

from prometheus_client import CollectorRegistry, Gauge, Histogram

from kuma.tally import Tally
from zone_cp.breaker import Breaker

BYTES = tuple(float(1024 * 2**step) for step in range(16))
MILLISECONDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 1000.0, 5000.0)

ACK, NACK = "ACK", "NACK"


class Metrics:
    """All that is counted about ADS streams and the configs made for them."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.requests = Tally(
            "xds_requests_received",
            "Requests of proxies: answers to a response, and subscriptions.",
            ("type_url", "confirmation", "error_type"),
            registry,
        )
        self.responses = Tally("xds_responses_sent", "Responses to proxies.", ("type_url",), registry)
        self.bytes = Histogram(
            "xds_responses_sent_bytes", "Sizes of responses.", ("type_url",), buckets=BYTES, registry=registry
        )
        self._sizes = cache(self.bytes.labels)
        self.streams = Gauge("xds_streams_active", "Streams of proxies that were admitted.", registry=registry)
        self.refused = Tally("xds_streams_refused", "Streams that were not admitted.", ("code",), registry)
        self.generation = Histogram(
            "xds_generation",
            "Milliseconds to make one proxy's config.",
            ("proxy_type", "result"),
            buckets=MILLISECONDS,
            registry=registry,
        )
        self.generation_errors = Tally("xds_generation_errors", "Configs that could not be made.", (), registry)
        self.regenerated = Tally(
            "xds_dataplane_config_regenerated_total", "Configs that differed from the one before.", ("mesh",), registry
        )

    def sent(self, url: str, size: int) -> None:
        """A response of so many bytes went out."""
        self.responses.add(url)
        self._sizes(url).observe(size)


class HealthMetrics:
    """All that is counted about HDS streams."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.requests = Tally("hds_requests_received", "Envoys that asked what to check.", (), registry)
        # it is Envoy that responds: the name is how dashboards know it
        self.reports = Tally("hds_responses_sent", "Reports of Envoys on what they have checked.", (), registry)
        self.streams = Gauge("hds_streams_active", "Envoys that check for this control plane.", registry=registry)
        self.generation = Histogram(
            "hds_generation", "Milliseconds to make what one Envoy checks.", buckets=MILLISECONDS, registry=registry
        )
        self.generation_errors = Tally("hds_generation_errors", "Checks that could not be made.", (), registry)


def watch(breaker: Breaker, registry: CollectorRegistry) -> None:
    """Show how many proxies wait for an identity, and whether they are so many that all wait long."""
    waiting = Gauge(
        "cert_generation_backoff", "Proxies that wait for another try to get an identity.", registry=registry
    )
    waiting.set_function(lambda: breaker.failing)
    opened = Gauge("cert_generation_circuit_open", "1 while so many wait that all wait long.", registry=registry)
    opened.set_function(lambda: float(breaker.open))
