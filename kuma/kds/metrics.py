"""What the sync counts."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from kuma.sync.plan import is_user_error
from kuma.tally import Tally
from kuma.xds.delta import Request, Response


class Metrics:
    """The sync's metrics, in one registry."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        into = registry or CollectorRegistry()
        self._sent = Tally("kds_delta_responses_sent", "Responses sent", ("type_url",), into)
        self._received = Tally(
            "kds_delta_requests_received",
            "Requests received, and whether they accept",
            ("type_url", "confirmation", "error_type"),
            into,
        )
        self._streams = Gauge("kds_delta_streams_active", "Streams on which resources are offered", registry=into)
        self._connections = Gauge(
            "kds_zone_active_connections", "Sync streams of each zone", ["zone_name"], registry=into
        )
        self._generation = Histogram(
            "kds_delta_generation", "Milliseconds to bring an offer up to date", ["reason", "result"], registry=into
        )
        self._generation_errors = Tally("kds_delta_generation_errors", "Resources that could not be offered", (), into)
        self._nacks = Counter(
            "kds_nack_total", "Updates of zones that were refused", ["zone_name", "resource_type"], registry=into
        )
        self._rewrites = Counter(
            "kds_zone_attribution_rewrites_total",
            "Resources that claimed to be of another zone",
            ["resource_type"],
            registry=into,
        )
        self._sync = Histogram("kds_resources_sync", "Seconds to keep one update", registry=into)

    def opened(self) -> None:
        """A stream on which resources are offered."""
        self._streams.inc()

    def ended(self) -> None:
        """It is over."""
        self._streams.dec()

    def connected(self, zone: str, streams: int) -> None:
        """So many more (or fewer) sync streams of a zone."""
        self._connections.labels(zone).inc(streams)

    def sent(self, response: Response) -> None:
        """A response went out."""
        self._sent.add(response.type_url)

    def heard(self, request: Request) -> None:
        """A request came in."""
        if request.error is None:
            self._received.add(request.type_url, "ACK", "no_error")
            return
        kind = "user" if is_user_error(request.error) else "other"
        self._received.add(request.type_url, "NACK", kind)

    def generated(self, seconds: float, reason: str, changed: bool) -> None:
        """An offer was brought up to date."""
        self._generation.labels(reason, "changed" if changed else "no_changes").observe(seconds * 1000)

    def not_generated(self) -> None:
        """A resource could not be offered."""
        self._generation_errors.add()

    def refused(self, zone: str, kind: str) -> None:
        """Something that a zone sent was refused."""
        self._nacks.labels(zone, kind).inc()

    def rewritten(self, kind: str) -> None:
        """A zone's resource claimed to be of another zone."""
        self._rewrites.labels(kind).inc()

    def synced(self, seconds: float) -> None:
        """An update was kept."""
        self._sync.observe(seconds)
