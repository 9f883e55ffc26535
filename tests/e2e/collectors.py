"""Those who are told: a server that takes lines over TCP, and one that takes spans and records over HTTP."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import grpc
from attrs import define, field

from tests.e2e.traffic import HOST

# Envoy writes a file when 64 KiB have gathered, and after ten seconds: a few long lines need not wait.
LONG = "." * 20_000
ENOUGH = 5


@define(eq=False)
class Lines:
    """A server that keeps the lines it is sent."""

    address: str = ""
    received: list[str] = field(factory=list)

    def fields(self, begin: str = "") -> list[list[str]]:
        """The lines that begin so, cut at their commas."""
        return [line.split(",") for line in list(self.received) if line.startswith(begin)]


@contextmanager
def lines() -> Iterator[Lines]:
    """Run one."""
    kept = Lines()

    class Taking(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            for line in self.rfile:
                kept.received.append(line.decode().rstrip("\n"))

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server((HOST, 0), Taking) as server:
        kept.address = f"{HOST}:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield kept
        server.shutdown()


@define(eq=False)
class Bodies:
    """A server that keeps what is posted to each of its paths."""

    port: int = 0
    received: list[tuple[str, bytes]] = field(factory=list)

    def at(self, path: str) -> list[bytes]:
        """What was posted there."""
        return [body for where, body in list(self.received) if where == path]

    def spans(self) -> list[dict[str, Any]]:
        """All spans of Zipkin's that came as JSON."""
        return [span for body in self.at("/api/v2/spans") for span in json.loads(body)]


@contextmanager
def bodies() -> Iterator[Bodies]:
    """Run one."""
    kept = Bodies()

    class Taking(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            kept.received.append((self.path, self._body()))
            self.send_response(202)
            self.send_header("content-length", "0")
            self.end_headers()

        def _body(self) -> bytes:
            if "content-length" in self.headers:
                return self.rfile.read(int(self.headers["content-length"]))
            return b"".join(iter(self._chunk, b""))

        def _chunk(self) -> bytes:
            chunk = self.rfile.read(int(self.rfile.readline(), 16))
            self.rfile.readline()
            return chunk

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer((HOST, 0), Taking) as server:
        server.daemon_threads = True
        kept.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield kept
        server.shutdown()


METRICS = "/otlp/v1/metrics"
OTLP = {
    "/opentelemetry.proto.collector.trace.v1.TraceService/Export": "/otlp/v1/traces",
    "/opentelemetry.proto.collector.logs.v1.LogsService/Export": "/otlp/v1/logs",
    "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export": METRICS,
}
"""What is called by gRPC, and where the same would be posted."""


@define(eq=False)
class Calls(grpc.GenericRpcHandler):
    """Takes calls of OTLP as if they had been posted."""

    kept: Bodies

    def service(self, call: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        """How a call is answered; None where there is nobody."""
        path = OTLP.get(call.method)
        if path is None:
            return None

        def take(body: bytes, _: grpc.ServicerContext) -> bytes:
            self.kept.received.append((path, body))
            return b""

        return grpc.unary_unary_rpc_method_handler(take)


@contextmanager
def calls() -> Iterator[Bodies]:
    """Run a collector that is called by gRPC."""
    kept = Bodies()
    server = grpc.server(ThreadPoolExecutor(2), handlers=(Calls(kept),))
    kept.port = server.add_insecure_port(f"{HOST}:0")
    server.start()
    yield kept
    server.stop(None)
