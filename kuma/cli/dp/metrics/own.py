"""kuma-dp's own metrics."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest

from kuma.cli.dp.metrics.exposition import Families, Reader, View
from kuma.tally import Tally

MESH, UPSTREAM = "mesh", "upstream"  # whose answer it was
QTYPES = {1: "A", 28: "AAAA"}
RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}
QUICK = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1.0, 5.0)  # seconds


class DnsMetrics:
    """What the name server does."""

    def __init__(self, registry: CollectorRegistry) -> None:
        disable_created_metrics()
        self.took = Histogram(
            "kuma_dp_dns_request_duration_seconds", "Until a query was answered", buckets=QUICK, registry=registry
        )
        self.upstream_took = Histogram(
            "kuma_dp_dns_upstream_request_duration_seconds", "Until the upstream answered", registry=registry
        )
        name = "kuma_dp_dns_upstream_request_failure_count"
        self.upstream_failures = Tally(name, "Queries that the upstream did not answer", (), registry)
        self.upstream_failures.add(count=0)
        self.queries = Counter("kuma_dp_dns_queries", "Queries", ("qtype", "source"), registry=registry)
        self.codes = Counter("kuma_dp_dns_response_codes", "Answers", ("rcode",), registry=registry)
        self.entries = Gauge("kuma_dp_dns_entries_total", "Names of the mesh", registry=registry)
        self.waited = Gauge(
            "kuma_dp_dns_config_ready_wait_seconds", "Until the names of the mesh were there", registry=registry
        )

    def answered(self, qtype: int, rcode: int, source: str, took: float) -> None:
        """A query was answered, out of the mesh's names or by the upstream."""
        self.took.observe(took)
        self.queries.labels(QTYPES.get(qtype, "OTHER"), source).inc()
        self.codes.labels(RCODES.get(rcode, str(rcode))).inc()


def documents_taken(registry: CollectorRegistry) -> Tally:
    """How often each document of the control plane was made use of, or was to be."""
    name = "kuma_dp_envoyconfigfetcher_handler_call_count"
    return Tally(name, "Documents of the control plane that were new", ("path",), registry)


def families(registry: CollectorRegistry, view: View) -> Families:
    """All of a registry's metrics."""
    reader = Reader(view)
    for line in generate_latest(registry).split(b"\n"):
        reader.take(line)
    return reader.families
