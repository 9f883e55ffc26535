"""Metrics of a proxy: Envoy's, its application's and kuma-dp's own, in one answer to whoever collects them."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from attrs import evolve, frozen
from prometheus_client.parser import text_string_to_metric_families

from kuma.cli.demo.http import ask
from kuma.cli.demo.world import MESH
from tests import otlp
from tests.certificates import server_pair
from tests.e2e.collectors import METRICS, Bodies, bodies, calls
from tests.e2e.traffic import Client, Zone, free_ports, lone_zone, wait_for, workload

ADDRESS, OTHER = "127.0.0.2", "127.0.0.3"
SHOP = """
# HELP shop_orders_total Orders
# TYPE shop_orders_total counter
shop_orders_total{service_name="the-shop",mesh="its own"} 7
"""

Samples = dict[str, list[dict[str, str]]]
"""The labels of the samples of each name."""


@frozen
class Scraped:
    """A server beside which an application has metrics, and the client that calls it."""

    zone: Zone
    client: Client

    def metrics(self, port: int, path: str = "/metrics") -> Samples:
        """What whoever collects gets at the Dataplane's address. Raises OSError."""
        answer = ask(f"http://{ADDRESS}:{port}{path}")
        if answer.status != 200:
            raise OSError(f"status {answer.status}")
        found: Samples = {}
        for family in text_string_to_metric_families(answer.body.decode()):
            for sample in family.samples:
                found.setdefault(sample.name, []).append(sample.labels)
        return found

    def shown(self, port: int, *names: str) -> Samples:
        """The metrics, as soon as all of these names are among them."""

        def found() -> Samples:
            metrics = self.metrics(port)
            return metrics if set(names) <= set(metrics) else {}

        return wait_for(f"{names} at port {port}", found)

    def published(self, *backends: dict[str, Any], **default: Any):
        """A MeshMetric of the server for a while."""
        spec = {"default": {"backends": backends, **default}, "target_ref": workload("server")}
        return self.zone.policy("MeshMetric", "metrics", **spec)


def prometheus(port: int, **more: Any) -> dict[str, Any]:
    return {"type": "Prometheus", "prometheus": {"port": port, **more}}


def profiles(*names: str, **more: Any) -> dict[str, Any]:
    return {"profiles": {"appendProfiles": [{"name": name} for name in names], **more}}


@pytest.fixture(scope="module")
def scraped() -> Iterator[Scraped]:
    with lone_zone() as zone:
        zone.serve("server", ADDRESS, {"http": "http"})
        client = zone.client("client", {"server": zone.backend("server")})
        zone.ready()
        wait_for("the server answers", lambda: client.status() == 200)
        yield Scraped(zone, client)


@contextmanager
def application(body: str) -> Iterator[int]:
    """An application that has this at each path, and the port where it has it."""

    class Telling(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer((ADDRESS, 0), Telling) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def listens(port: int) -> bool:
    try:
        ask(f"http://{ADDRESS}:{port}/metrics")
    except ConnectionRefusedError:
        return False
    return True


OWN = {"kuma_workload": "server", "kuma_proxy_role": "sidecar", "mesh": "default", "zone": "lone"}
BASIC, MORE, MOST = "envoy_server_live", "envoy_runtime_num_keys", "envoy_cluster_upstream_rq_timeout_total"
"""What Basic has, what only All has, and what Basic has but nothing has happened to."""


@pytest.mark.scenario("K-metrics-01")
def test_all_metrics_are_those_of_envoy_and_of_kuma_dp(scraped):
    (port,) = free_ports(1, ADDRESS)
    assert not listens(port)
    with scraped.published(prometheus(port, path="/all"), sidecar=profiles("All")):
        found = wait_for("metrics", lambda: scraped.metrics(port, "/all"))
        assert found[BASIC] == found[MORE] == found["kuma_dp_dns_entries_total"] == [OWN]
        (taken,) = (
            one for one in found["kuma_dp_envoyconfigfetcher_handler_call_count"] if one["path"] == "/meshmetric"
        )
        assert taken == {**OWN, "path": "/meshmetric"}
        assert MOST not in found
        told = {one.get("envoy_cluster_name"): one for one in found["envoy_cluster_upstream_cx_total"]}
        assert told["self_inbound_dp_http"]["kuma_io_mesh_traffic"] == "true"
        assert "kuma_io_mesh_traffic" not in told["system_ads"]
        assert ask(f"http://{ADDRESS}:{port}/metrics").status == 404, "only where the policy says"
    wait_for("nobody listens there any more", lambda: not listens(port))


@pytest.mark.scenario("K-metrics-02")
def test_of_several_profiles_the_broadest_counts_with_what_is_included_and_without_what_is_excluded(scraped):
    (port,) = free_ports(1, ADDRESS)
    chosen = profiles(
        *("Basic", "None"),
        include=[{"type": "Exact", "match": MORE}],
        exclude=[{"type": "Regex", "match": "envoy_cluster_external_upstream_rq.*"}],
    )
    with scraped.published(prometheus(port), sidecar={**chosen, "includeUnused": True}):
        found = scraped.shown(port, BASIC, MORE, MOST, "kuma_dp_dns_entries_total")
        assert not [name for name in found if name.startswith("envoy_cluster_external_upstream_rq")]
        assert "envoy_runtime_num_layers" not in found
        clusters = {one["envoy_cluster_name"] for one in found["envoy_cluster_upstream_cx_total"]}
        assert clusters == {"self_inbound_dp_http"}, "what a proxy does on its own behalf is not the mesh's traffic"


def test_without_a_word_on_it_metrics_are_basic_and_used(scraped):
    (port,) = free_ports(1, ADDRESS)
    with scraped.published(prometheus(port)):
        found = scraped.shown(port, BASIC, "envoy_cluster_external_upstream_rq_total")
        assert not {MORE, MOST} & set(found)


@pytest.mark.scenario("K-metrics-03")
def test_everybody_who_collects_has_a_port(scraped):
    one, other, nobody = free_ports(3, ADDRESS)
    with scraped.published(prometheus(one, clientId="first"), prometheus(other, clientId="second")):
        for port in (one, other):
            assert scraped.shown(port, BASIC)[BASIC] == [OWN]
        assert not listens(nobody)
    wait_for("nobody listens there any more", lambda: not (listens(one) or listens(other)))


@pytest.mark.scenario("K-metrics-04")
def test_metrics_of_applications_are_among_them_whatever_befalls_others(scraped):
    (port, nobody) = free_ports(2, ADDRESS)
    with application(SHOP) as shop, application("<html>no metrics</html>") as page:
        applications = [
            {"name": name, "path": "/shop/metrics", "port": where}
            for name, where in (("shop", shop), ("page", page), ("nobody", nobody))
        ]
        with scraped.published(prometheus(port), applications=applications):
            found = scraped.shown(port, BASIC, "shop_orders_total")
            (labels,) = found["shop_orders_total"]
            assert labels == {**OWN, "service_name": "the-shop", "mesh": "its own"}
            assert not [name for name in found if "html" in name]
    with scraped.published(prometheus(port)):
        assert "shop_orders_total" not in scraped.shown(port, BASIC)


@contextmanager
def collector(scraped: Scraped, name: str, protocol: str = "grpc") -> Iterator[tuple[dict[str, Any], Bodies]]:
    """A collector that takes OTLP, as policies name it, and what it has taken."""
    with bodies() if protocol == "http" else calls() as taking:
        path = {"path": "/otlp"} if protocol == "http" else {}
        spec = {"endpoint": {"address": "127.0.0.1", "port": taking.port, **path}, "protocol": protocol}
        scraped.zone.api.put({"type": "MeshOpenTelemetryBackend", "mesh": MESH, "name": name, "spec": spec})
        ref = {"kind": "MeshOpenTelemetryBackend", "labels": {"kuma.io/display-name": name}}
        yield {"type": "OpenTelemetry", "openTelemetry": {"backendRef": ref, "refreshInterval": "200ms"}}, taking
        scraped.zone.api.delete("MeshOpenTelemetryBackend", name, MESH)


HISTOGRAM = "envoy_cluster_upstream_rq_time"


def sent(taking: Bodies, name: str) -> Any:
    """A metric that a collector was sent, as soon as it was."""
    return wait_for(f"{name} arrives", lambda: otlp.metrics(*taking.at(METRICS)).get(name))


@pytest.mark.scenario("K-metrics-05")
def test_collectors_are_sent_metrics_whoever_else_gets_them(scraped):
    (port,) = free_ports(1, ADDRESS)
    with collector(scraped, "one") as (one, first), collector(scraped, "other") as (other, second):
        assert scraped.client.status() == 200
        with scraped.published(one):
            found = sent(first, HISTOGRAM)
            assert MOST.removesuffix("_total") not in otlp.metrics(*first.at(METRICS))
            points = {otlp.attributes(point)["envoy_cluster_name"]: point for point in found.histogram.data_points}
            point = points["self_inbound_dp_http"]
            told = {key: otlp.attributes(point)[key] for key in ("mesh", "zone", "kuma.workload", "kuma.proxy_role")}
            assert told == {"mesh": MESH, "zone": "lone", "kuma.workload": "server", "kuma.proxy_role": "sidecar"}
            assert point.count == sum(point.bucket_counts) > 0
            assert second.at(METRICS) == []
            assert not listens(port)
        with scraped.published(one, prometheus(port)):
            first.received.clear()
            assert sent(first, HISTOGRAM)
            assert BASIC in scraped.shown(port, BASIC)
        with scraped.published(one, other, sidecar={"includeUnused": True}):
            assert sent(first, MOST.removesuffix("_total"))
            assert sent(second, MOST.removesuffix("_total"))
            assert sent(second, HISTOGRAM)


def test_collectors_that_speak_http_are_posted_metrics(scraped):
    with collector(scraped, "posted", "http") as (backend, taking), scraped.published(backend):
        assert sent(taking, BASIC).gauge.data_points


SECURE = """
type: Dataplane
mesh: default
name: {{ name }}
labels: { kuma.io/workload: {{ workload }} }
networking: { address: {{ address }}, inbound: [{ port: {{ port }}, protocol: tcp }] }
"""


@pytest.fixture(scope="module")
def certificate(scraped, tmp_path_factory) -> str:
    """The certificate for metrics of one more proxy, whose workload is `secure`."""
    folder, pair = tmp_path_factory.mktemp("pair"), server_pair()
    (folder / "cert.pem").write_bytes(pair.cert)
    (folder / "key.pem").write_bytes(pair.key)
    files = {"CERT": "cert.pem", "KEY": "key.pem"}
    settings = {f"KUMA_DATAPLANE_RUNTIME_METRICS_{name}_PATH": str(folder / file) for name, file in files.items()}
    (port,) = free_ports(1, OTHER)
    variables = {"name": "secure", "workload": "secure", "address": OTHER, "port": str(port)}
    proxy = evolve(scraped.zone.sidecars, settings=settings).start(MESH, SECURE, variables)
    scraped.zone.world.proxies["secure"] = proxy
    proxy.wait()
    return pair.cert.decode()


def test_with_a_certificate_metrics_are_for_those_who_speak_tls(scraped, certificate):
    (port,) = free_ports(1, OTHER)
    spec = {"default": {"backends": [prometheus(port, tls={"mode": "ProvidedTLS"})]}, "target_ref": workload("secure")}
    context = ssl.create_default_context(cadata=certificate)

    def metrics() -> bytes:
        with socket.create_connection((OTHER, port), timeout=5) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as connection:
                connection.sendall(b"GET /metrics HTTP/1.1\r\nhost: secure\r\nconnection: close\r\n\r\n")
                return b"".join(iter(lambda: connection.recv(65536), b""))

    with scraped.zone.policy("MeshMetric", "metrics", **spec):
        wait_for("metrics over TLS", lambda: BASIC.encode() in metrics())
        with pytest.raises(OSError, match="http"):
            ask(f"http://{OTHER}:{port}/metrics")
