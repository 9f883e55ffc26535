"""Metrics that are sent: to whom, how often, and what happens when nobody takes them."""

import socketserver
import tempfile
import threading
from http.server import BaseHTTPRequestHandler

import pytest
from prometheus_client import CollectorRegistry
from twisted.internet import reactor
from twisted.internet.defer import ensureDeferred

from kuma.cli.dp.metrics.own import DnsMetrics
from kuma.cli.dp.metrics.pushed import Exports, send
from kuma.cli.dp.metrics.served import Metrics, Place
from kuma.cli.dp.metrics.sources import Unavailable
from kuma.cli.dp.metrics.told import Collector
from kuma.loop import future
from tests import otlp
from tests.plugin import eventually


class Envoy:
    """Takes calls on a Unix socket."""

    def __init__(self, path):
        envoy = self
        self.path, self.calls, self.answers, self.status = path, [], {"grpc-status": "0"}, 200

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                headers = {name.lower(): value for name, value in self.headers.items()}
                envoy.calls.append((self.path, headers, self.rfile.read(int(headers["content-length"]))))
                self.send_response(envoy.status)
                for name, value in envoy.answers.items():
                    self.send_header(name, value)
                self.end_headers()

            def address_string(self):
                return "kuma-dp"

            def log_message(self, *arguments):
                pass

        self.server = socketserver.ThreadingUnixStreamServer(path, Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(prefix="k-") as folder:
        yield folder


@pytest.fixture
def envoys(folder):
    made = [Envoy(f"{folder}/{name}.sock") for name in ("one", "other")]
    yield made
    for envoy in made:
        envoy.close()


@pytest.fixture
def exports(folder):
    registry = CollectorRegistry()
    DnsMetrics(registry)
    exports = Exports(reactor, Metrics(reactor, Place(f"{folder}/admin.sock", "127.0.0.1"), registry), lambda: 7.0)
    exports.startService()
    yield exports
    exports.stopService()


def tell(exports, *envoys):
    def backend(envoy):
        return {
            "type": "OpenTelemetry",
            "name": envoy.path,
            "openTelemetry": {"endpoint": envoy.path, "refreshInterval": "10ms"},
        }

    backends = [{"type": "Prometheus", "name": None}, *map(backend, envoys)]
    told = {"backends": backends, "extraLabels": {"kuma.workload": "web"}}
    exports.metrics.take({"observability": {"metrics": told}})
    exports.follow(exports.metrics.told)


async def test_metrics_are_sent_again_and_again(exports, envoys):
    one, other = envoys
    tell(exports, one)
    await eventually(lambda: len(one.calls) > 1)
    path, headers, body = one.calls[0]
    assert path == "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
    assert headers["content-type"] == "application/grpc"
    assert headers["te"] == "trailers"
    assert body[:5] == b"\0" + len(body[5:]).to_bytes(4, "big")
    (point,) = otlp.metrics(body[5:])["kuma_dp_dns_entries_total"].gauge.data_points
    assert otlp.attributes(point) == {"kuma.workload": "web"}
    assert point.time_unix_nano == 7_000_000_000
    assert otlp.attributes(otlp.read(body[5:]).resource_metrics[0].resource) == {"service.name": "web"}
    assert other.calls == []


async def test_who_is_no_more_told_of_is_sent_nothing(exports, envoys):
    one, other = envoys
    tell(exports, one)
    await eventually(lambda: one.calls)
    tell(exports, other)
    before = len(one.calls)
    await eventually(lambda: len(other.calls) > 3)
    assert len(one.calls) <= before + 1, "one may have been on its way"
    exports.follow(None)
    assert exports._sending == {}


async def test_what_is_refused_is_tried_again(exports, envoys):
    one, _ = envoys
    one.answers = {"grpc-status": "14", "grpc-message": "nobody there"}
    tell(exports, one)
    await eventually(lambda: exports._failing == {one.path})
    one.answers = {}
    await eventually(lambda: not exports._failing)


async def test_what_is_refused_is_told(envoys, folder):
    one, _ = envoys
    one.answers = {"grpc-status": "14", "grpc-message": "nobody there"}
    with pytest.raises(Unavailable, match="gRPC's 14 nobody there"):
        await future(ensureDeferred(send(reactor, Collector("one", one.path), b"x")))


async def test_who_takes_metrics_over_http_is_posted_them(envoys):
    one, _ = envoys
    one.answers = {}
    posted = Collector("one", one.path, path="/otlp/v1/metrics")
    await future(ensureDeferred(send(reactor, posted, b"x")))
    ((path, headers, body),) = one.calls
    assert (path, headers["content-type"], body) == ("/otlp/v1/metrics", "application/x-protobuf", b"x")
    one.status = 503
    with pytest.raises(Unavailable, match="status 503"):
        await future(ensureDeferred(send(reactor, posted, b"x")))
