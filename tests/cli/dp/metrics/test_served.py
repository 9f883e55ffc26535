"""Metrics gathered from an Envoy and applications that are there, late, wrong or endless."""

import os
import socket
import socketserver
import tempfile
import threading
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from prometheus_client import CollectorRegistry
from twisted.internet import reactor
from twisted.internet.defer import ensureDeferred
from twisted.internet.threads import deferToThread

from kuma.cli.dp.metrics import sources
from kuma.cli.dp.metrics.own import DnsMetrics
from kuma.cli.dp.metrics.served import Metrics, MetricsServer, Place, patience
from kuma.cli.dp.unix import UnixConnection
from kuma.loop import future
from tests.plugin import eventually

HOST = "127.0.0.1"
ENVOY = b"# TYPE envoy_server_live gauge\nenvoy_server_live{} 1"


class Asked:
    """What is served, and what was asked."""

    def __init__(self, body=ENVOY, status=200, kind="text/plain"):
        self.body, self.status, self.kind = body, status, kind
        self.paths, self.headers, self.go = [], [], threading.Event()
        self.go.set()


def handler(asked):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.paths.append(self.path)
            asked.headers.append({name.lower(): value for name, value in self.headers.items()})
            self.send_response(asked.status)
            self.send_header("content-type", asked.kind)
            self.end_headers()
            self.wfile.flush()
            asked.go.wait(20)
            self.wfile.write(asked.body)

        def address_string(self):
            return "kuma-dp"

        def log_message(self, *arguments):
            pass

    return Handler


class Unix(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


class Web(ThreadingHTTPServer):
    def handle_error(self, *arguments):
        """Who hangs up is no error."""


@contextmanager
def serving(server):
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def stack():
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def envoy(short, stack):
    asked = Asked()
    stack.enter_context(serving(Unix(f"{short}/admin.sock", handler(asked))))
    return asked


@pytest.fixture
def short(stack):
    """A folder whose sockets' paths are short."""
    return stack.enter_context(tempfile.TemporaryDirectory(prefix="k-"))


@pytest.fixture
def application(stack):
    def start(**said):
        asked = Asked(**said)
        server = stack.enter_context(serving(Web((HOST, 0), handler(asked))))
        stack.callback(asked.go.set)
        asked.port = server.server_address[1]
        return asked

    return start


@pytest.fixture
async def server(short, envoy):
    registry = CollectorRegistry()
    DnsMetrics(registry)
    metrics = Metrics(reactor, Place(f"{short}/admin.sock", HOST), registry)
    server = MetricsServer(reactor, f"{short}/metrics.sock", metrics)
    server.startService()
    yield server
    await future(server.stopService())


def tell(server, *ports, **more):
    applications = [{"path": "metrics", "port": port} for port in ports]
    told = {"applications": applications, "extraLabels": {"mesh": "shop"}, **more}
    server.metrics.take({"observability": {"metrics": told}})


async def ask(server, path="/meshmetric", **headers):
    def asked():
        connection = UnixConnection(server.path, 20)
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        body = response.read()
        connection.close()
        return response.status, body

    return await future(deferToThread(asked))


async def test_metrics_of_all_are_one_answer(server, envoy, application):
    shop = application(body=b"shop_orders 7\n")
    tell(server, shop.port)
    status, body = await ask(server, user_agent="Prometheus", x_prometheus_scrape_timeout_seconds="5")
    assert status == 200
    assert body.startswith(
        b'# TYPE envoy_server_live gauge\nenvoy_server_live{mesh="shop"} 1\nshop_orders{mesh="shop"} 7'
    )
    assert b'kuma_dp_dns_entries_total{mesh="shop"} 0.0' in body
    assert envoy.paths == ["/stats?format=prometheus&text_readouts=&usedonly="]
    assert shop.paths == ["/metrics"]
    (said,) = shop.headers
    assert said["user-agent"] == "Prometheus"
    assert said["x-prometheus-scrape-timeout-seconds"] == "5"
    assert said["accept"].startswith("text/plain;version=0.0.4")


async def test_the_unused_are_asked_for_where_they_are_wanted(server, envoy):
    tell(server, sidecar={"includeUnused": True})
    await ask(server)
    assert envoy.paths == ["/stats?format=prometheus&text_readouts="]


@pytest.mark.parametrize(
    "said",
    [
        {"status": 500, "body": b"shop_orders 1"},
        {"body": b"shop_orders 1\n<html>"},
        {"body": b"shop_orders 1\n" * 100},
    ],
    ids=["status", "page", "long"],
)
async def test_what_befalls_one_application_does_not_touch_others(server, application, monkeypatch, said):
    monkeypatch.setattr(sources, "APPLICATIONS_HAVE", 1000)
    bad, good = application(**said), application(body=b"good 1")
    tell(server, bad.port, good.port)
    status, body = await ask(server)
    assert status == 200
    assert b"shop_orders" not in body
    assert b'good{mesh="shop"} 1\n' in body
    assert b"envoy_server_live" in body


async def test_who_is_late_is_not_waited_for(server, application):
    late, good = application(body=b"late 1"), application(body=b"good 1")
    late.go.clear()
    tell(server, late.port, good.port)
    status, body = await ask(server, x_prometheus_scrape_timeout_seconds="0.1")
    assert status == 200
    assert b"late" not in body
    assert b"good" in body


async def test_an_envoy_that_is_gone_takes_nobody_with_it(server, application):
    os.unlink(server.metrics.place.admin)
    tell(server, application(body=b"good 1").port)
    status, body = await ask(server)
    assert status == 200
    assert b"good" in body


async def test_applications_that_speak_open_metrics_are_understood(server, application):
    body = b'# TYPE orders counter\norders_total 7 # {trace_id="x"} 1\n# EOF\n'
    tell(server, application(body=body, kind="application/openmetrics-text; version=1.0.0; charset=utf-8").port)
    _, body = await ask(server)
    assert b'orders_total{mesh="shop"} 7\n' in body


async def test_without_a_word_of_the_control_plane_there_are_none(server, envoy):
    assert await ask(server) == (503, b"")
    tell(server)
    assert (await ask(server))[0] == 200
    assert (await ask(server, "/else"))[0] == 404
    server.metrics.take(None)
    assert (await ask(server))[0] == 503
    assert len(envoy.paths) == 1


async def test_who_has_gone_is_not_answered(server, application):
    late = application(body=b"late 1")
    late.go.clear()
    tell(server, late.port)
    connection = UnixConnection(server.path, 20)
    connection.request("GET", "/meshmetric")
    await eventually(lambda: late.paths)
    connection.close()
    late.go.set()
    assert (await ask(server))[0] == 200


async def test_a_socket_that_was_left_is_replaced(server, short):
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(f"{short}/left.sock")
    again = MetricsServer(reactor, f"{short}/left.sock", server.metrics)
    again.startService()
    tell(again)
    assert (await ask(again))[0] == 200
    assert os.stat(again.path).st_mode & 0o777 == 0o600
    await future(again.stopService())


async def test_several_may_ask_at_once(server, application):
    tell(server, application(body=b"good 1").port)
    answers = [ensureDeferred(server.metrics.gathered({}, 10)) for _ in range(5)]
    assert len({await future(answer) for answer in answers}) == 1


@pytest.mark.parametrize(
    ("said", "seconds"), [(None, 9), ("5", 4.5), ("0", 0.9), ("1e9", 54), ("soon", 9), ("nan", 0.9)]
)
def test_patience(said, seconds):
    assert patience(said) == pytest.approx(seconds)
