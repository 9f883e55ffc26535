"""One connected proxy: its conversation, and what it told us. The only writer to its stream."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping

import structlog
from attrs import evolve, frozen
from frozendict import frozendict

from kuma.clock import Clock
from kuma.mesh import Certificate, Mesh, Metadata
from kuma.model import Key, Resource
from kuma.names import is_ip
from kuma.xds.config import Config, Layers, alike
from kuma.xds.delta import Request, Response, Sender, make_before_break
from kuma.xds.wire import response_bytes
from zone_cp.admit import Admitted
from zone_cp.insights import Record
from zone_cp.metrics import ACK, NACK, Metrics

log = structlog.get_logger()

ENVOY = "type.googleapis.com/envoy."
CLUSTERS = ENVOY + "config.cluster.v3.Cluster"
ENDPOINTS = ENVOY + "config.endpoint.v3.ClusterLoadAssignment"
LISTENERS = ENVOY + "config.listener.v3.Listener"
SECRETS = ENVOY + "extensions.transport_sockets.tls.v3.Secret"
TYPES = (CLUSTERS, ENDPOINTS, LISTENERS, SECRETS)

ORDER = make_before_break(CLUSTERS, ENDPOINTS, LISTENERS)

Write = Callable[[bytes], Awaitable[None]]


class Gone(Exception):
    """The proxy's stream has ended."""


@frozen
class Speech:
    """How a conversation is held: who speaks, how long a type rests after a refusal, and who counts."""

    control_plane: str
    rest: float
    clock: Clock
    metrics: Metrics


class Session:
    """Speaks with one proxy. Whoever has something to say waits until what was said before is on its way.

    So a proxy that does not read holds up nobody but itself, and at most one config waits for it: the newest. A type
    whose content was refused rests for a while before something new of it is sent; the others go on.
    """

    def __init__(self, admitted: Admitted, write: Write, record: Record, speech: Speech) -> None:
        self._admitted = admitted
        self._brought = _placed(admitted.brought)
        self._write = write
        self._record = record
        self._speech = speech
        self._sender = Sender(order=ORDER)
        self._voice = asyncio.Lock()
        self._wanted: Config | None = None
        self._said: dict[str, Layers] = {}
        self._resting: dict[str, Layers] = {}
        self._rests: set[asyncio.Task[None]] = set()

    @property
    def key(self) -> Key:
        """The key of the proxy's Dataplane."""
        return self._admitted.key

    @property
    def metadata(self) -> Metadata:
        """What the proxy says of itself."""
        return self._admitted.metadata

    @property
    def record(self) -> Record:
        """What is kept of this connection."""
        return self._record

    @property
    def refused(self) -> Mapping[str, str]:
        """Why the proxy refused what it was last sent, by type; not where something newer is about to be sent."""
        return {url: why for url, why in self._sender.refused.items() if not self._has_newer(url)}

    def _has_newer(self, url: str) -> bool:
        resting = self._resting.get(url)
        return (
            resting is not None and self._wanted is not None and not alike(resting, self._wanted.by_type.get(url, ()))
        )

    def dataplane(self, mesh: Mesh) -> Resource | None:
        """The proxy's Dataplane: the one it brought as long as the mesh has none that is as new."""
        brought, stored = self._brought, mesh.get("Dataplane", self.key.name)
        if brought is None:
            return stored
        return brought if stored is None or stored.modified < brought.modified else stored

    def identified(self, mesh: Mesh, certificate: Certificate | None) -> None:
        """This is the proxy's identity now."""
        self._record.identified(mesh, certificate)

    async def hear(self, request: Request) -> None:
        """A request came in."""
        if request.nonce:
            self._count(request)
        async with self._voice:
            if request.error is not None:
                self._rest(request.type_url)
            await self._say(self._sender.receive(request))

    async def publish(self, config: Config) -> None:
        """The proxy should hold this now; returns when what is due of it was taken."""
        self._wanted = config
        async with self._voice:
            await self._say(self._sender.publish(self._allowed(self._wanted)))

    def close(self) -> None:
        """The stream has ended."""
        for rest in self._rests:
            rest.cancel()

    def _allowed(self, config: Config) -> Config:
        return evolve(config, by_type=frozendict({**config.by_type, **self._resting})) if self._resting else config

    def _rest(self, url: str) -> None:
        """Keep to what this type was last told, until it has rested."""
        said = self._said.get(url)
        if said is None or url in self._resting or self._sender.config is None:
            return
        self._resting[url] = said
        self._sender.config = self._allowed(self._sender.config)
        rest = asyncio.ensure_future(self._resume(url))
        self._rests.add(rest)
        rest.add_done_callback(self._rests.discard)

    async def _resume(self, url: str) -> None:
        await self._speech.clock.sleep(self._speech.rest)
        self._resting.pop(url, None)
        if self._wanted is not None:
            await self.publish(self._wanted)

    async def _say(self, responses: Iterable[Response]) -> None:
        metrics = self._speech.metrics
        for response in responses:
            if self._sender.config is not None:
                self._said[response.type_url] = self._sender.config.by_type.get(response.type_url, ())
            message = response_bytes(response, self._speech.control_plane)
            self._record.sent(response.type_url)
            metrics.sent(_known(response.type_url), len(message))
            await self._write(message)

    def _count(self, request: Request) -> None:
        url, known = request.type_url, _known(request.type_url)
        if request.error is None:
            self._record.acknowledged(url)
            self._speech.metrics.requests.add(known, ACK, "no_error")
            return
        self._record.rejected(url)
        self._speech.metrics.requests.add(known, NACK, "other")
        where = {"proxy": self.key.name, "mesh": self.key.mesh}
        log.warning("config refused by proxy", type=known, reason=without_content(request.error), **where)


def _placed(brought: Resource | None) -> Resource | None:
    """A Dataplane whose address is a name waits until the mesh has found out what it means."""
    return brought if brought is not None and is_ip(brought.spec.networking.address) else None


def _known(url: str) -> str:
    """The type URL as a label value: a peer must not make up series."""
    return url if url in TYPES else "other"


def without_content(reason: str) -> str:
    """Why Envoy refused something, without the thing itself: it may show all of it, private keys too."""
    return reason.partition("goo.gle/debugstr")[0][:1000]
