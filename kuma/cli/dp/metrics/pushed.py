"""Metrics sent to collectors: over HTTP, or by gRPC, which Envoy makes of the HTTP/1.1 that is spoken to its socket.

A call of gRPC is a POST with a message behind five bytes (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md).
Envoy passes it on over HTTP/2; what it or the collector refuses at once stands in the headers of the answer.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from io import BytesIO
from typing import Any

from attrs import define, evolve, field
from frozendict import frozendict
from twisted.application.service import Service
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.endpoints import UNIXClientEndpoint
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.client import Agent, FileBodyProducer
from twisted.web.http_headers import Headers

from kuma.cli.dp.metrics.served import Metrics
from kuma.cli.dp.metrics.sources import There, Unavailable, body, ignore
from kuma.cli.dp.metrics.told import Collector, Told
from kuma.version import VERSION

log = Logger()

CALL = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
AGENT = {"user-agent": [f"kuma-dp/{VERSION}"]}
CALLED = Headers({**AGENT, "content-type": ["application/grpc"], "te": ["trailers"]})
POSTED = Headers({**AGENT, "content-type": ["application/x-protobuf"]})
PATIENCE = 30.0  # seconds until metrics are gathered and sent
ANSWER = 1024 * 1024  # bytes
OK = "0"


@define(eq=False)
class Exports(Service):
    """Sends metrics to each collector that the control plane tells of, at its interval. `now` in seconds since 1970."""

    reactor: Any
    metrics: Metrics
    now: Callable[[], float]
    _sending: dict[Collector, LoopingCall] = field(factory=dict)
    _failing: set[str] = field(factory=set)

    def follow(self, told: Told | None) -> None:
        """Begin with the collectors that are new, and end with those that are not told of any more."""
        wanted = () if told is None else told.collectors
        for gone in set(self._sending) - set(wanted):
            self._sending.pop(gone).stop()
        for new in set(wanted) - set(self._sending):
            self._sending[new] = looping = LoopingCall(self._send, new)
            looping.clock = self.reactor
            looping.start(new.interval)

    def stopService(self) -> None:
        super().stopService()
        self.follow(None)

    def _send(self, collector: Collector) -> Deferred[None]:
        sending = ensureDeferred(self._sent(collector))
        sending.addTimeout(min(collector.interval, PATIENCE), self.reactor)
        return sending.addCallbacks(self._good, self._bad, (collector.name,), errbackArgs=(collector.name,))

    async def _sent(self, collector: Collector) -> None:
        told = self.metrics.told
        if told is None:
            return
        # only who sends metrics pays for it
        from kuma.cli.dp.metrics.otlp import Export, measured  # noqa: PLC0415

        # the labels are attributes here, whose names need not be what Prometheus wants
        found = await self.metrics.asked(evolve(told, extra=frozendict()), {}, PATIENCE)
        workload = told.extra.get("kuma.workload", "")
        resource = {"service.name": workload} if workload else {}
        export = Export(resource, round(self.now() * 1e9), measured(found, told.extra))
        for request in export.requests():
            await send(self.reactor, collector, request)

    def _good(self, _: object, name: str) -> None:
        self._failing.discard(name)

    def _bad(self, reason: Failure, name: str) -> None:
        """Says what is wrong once, not each time."""
        if name not in self._failing:
            self._failing.add(name)
            log.warn("metrics not sent to {collector}: {reason}", collector=name, reason=repr(reason.value))


async def send(reactor: Any, collector: Collector, message: bytes) -> None:
    """Send one message. Raises Unavailable, and what Twisted raises of connections."""
    agent = Agent.usingEndpointFactory(reactor, There(UNIXClientEndpoint(reactor, collector.socket)))
    framed = message if collector.path else struct.pack("!?I", False, len(message)) + message
    url, headers = f"http://localhost{collector.path or CALL}".encode(), POSTED if collector.path else CALLED
    response = await agent.request(b"POST", url, headers, FileBodyProducer(BytesIO(framed)))
    await body(response, ignore, ANSWER)
    said = {name: (response.headers.getRawHeaders(name) or [""])[0] for name in ("grpc-status", "grpc-message")}
    if not 200 <= response.code < 300:
        raise Unavailable(f"status {response.code}")
    if said["grpc-status"] not in ("", OK):
        raise Unavailable(f"gRPC's {said['grpc-status']} {said['grpc-message']}".rstrip())
