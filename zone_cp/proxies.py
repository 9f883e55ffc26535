"""Connected proxies: each gets a new config when what it can see has changed, and nothing while it is the same."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog
from attrs import Factory, define, frozen
from twisted.application.service import Service
from twisted.internet.defer import Deferred

from kuma.clock import Clock
from kuma.loop import deferred
from kuma.mesh import AdminTls, Certificate, Mesh, Metadata, Proxy
from kuma.model import Key, Resource
from kuma.xds.config import Config
from zone_cp.generate import Workshop, generate, prepare
from zone_cp.generate.concern import EVERYBODY, Concern, Outlook, concern, outlook
from zone_cp.generate.rehearsal import rehearse
from zone_cp.journal import Journal
from zone_cp.meshes import Meshes
from zone_cp.metrics import Metrics
from zone_cp.session import Gone
from zone_cp.turns import Turns, Waiting

log = structlog.get_logger()

RETRY = 5.0  # seconds after which a config that could not be made is tried again
CROWD = 0.05  # seconds after an arrival in which more are expected
DONE = object()


class Peer(Protocol):
    """A connected proxy, as this module needs it."""

    @property
    def key(self) -> Key:
        """The key of its Dataplane."""

    @property
    def metadata(self) -> Metadata:
        """What it says of itself."""

    def dataplane(self, mesh: Mesh) -> Resource | None:
        """Its Dataplane: that of the mesh, or the one it brought along; None when there is none yet."""

    async def publish(self, config: Config) -> None:
        """Send what is new to it; returns when it was taken."""

    def identified(self, mesh: Mesh, certificate: Certificate | None) -> None:
        """This is its identity now."""


@frozen
class Materials:
    """What configs are made of besides the mesh: where key material comes from, and the parts built before."""

    identity: Callable[[Mesh, Resource], Awaitable[Certificate | None]]
    admin: Callable[[Resource], Awaitable[AdminTls | None]]
    workshop: Workshop = Factory(Workshop)


@define(eq=False)
class _Held:
    """One connected proxy and what it was sent."""

    peer: Peer
    due: bool = True
    waiting: Waiting | None = None
    proxy: Proxy | None = None
    outlook: Outlook | None = None
    config: Config | None = None
    failed: bool = False

    @property
    def new(self) -> bool:
        """Whether it has no config yet."""
        return self.config is None

    def concerned(self, changed: Concern) -> bool:
        """Whether its config may be another one after a change; it may while one is made, of an earlier mesh."""
        if self.failed or self.waiting is None or self.outlook is None:
            return True
        return changed.of(self.outlook)

    def as_made(self, now: Proxy) -> Proxy:
        """The very value that its config was made of, if it is still the same: comparing it then costs nothing."""
        old = self.proxy
        if old is None or old.dataplane is not now.dataplane or old.metadata is not now.metadata:
            return now
        return old if old.certificate is now.certificate and old.admin is now.admin else now


class Proxies(Service):
    """Makes and publishes the configs of all connected proxies.

    Every proxy has its own task, so that a slow one delays nobody. The tasks take turns in making configs, and a proxy
    whose turn comes looks at the newest mesh there is: what has changed while it waited is made and sent once.
    """

    def __init__(self, meshes: Meshes, materials: Materials, metrics: Metrics, clock: Clock) -> None:
        self._meshes = meshes
        self._materials = materials
        self._metrics = metrics
        self._clock = clock
        self._workshop = materials.workshop
        self._generated = metrics.generation.labels("dataplane", "success")
        self._journal = Journal(clock)
        self._arrived = -CROWD
        self._turns = Turns(clock, self._crowded)
        self._building = asyncio.Lock()
        self._tasks: dict[Peer, asyncio.Task[None]] = {}
        self._held: defaultdict[Key, dict[Peer, _Held]] = defaultdict(dict)
        self._seen: dict[str, Mesh] = {}
        self._rehearsed: asyncio.Future[None] | None = None
        meshes.subscribe(self._mesh_changed)

    @property
    def workshop(self) -> Workshop:
        """The memory of parts built, which all proxies share."""
        return self._workshop

    @property
    def metrics(self) -> Metrics:
        """What is counted about proxies and their configs."""
        return self._metrics

    async def rehearsed(self) -> None:
        """Wait until Envoy's vocabulary is there: whoever uses it before that holds everybody up."""
        if self._rehearsed is not None:
            await asyncio.shield(self._rehearsed)

    def connected(self, key: Key) -> bool:
        """Whether this Dataplane's proxy is connected here."""
        return key in self._held

    def arriving(self) -> None:
        """Somebody is at the door."""
        self._arrived = self._clock.monotonic()

    def join(self, peer: Peer) -> None:
        """Keep this proxy's config up to date from now on."""
        held = self._held[peer.key][peer] = _Held(peer)
        self._tasks[peer] = asyncio.ensure_future(self._serve(held))

    def leave(self, peer: Peer) -> None:
        """It is gone."""
        if (task := self._tasks.pop(peer, None)) is not None:
            task.cancel()
        self._held[peer.key].pop(peer, None)
        if not self._held[peer.key]:
            del self._held[peer.key]

    def stir(self, key: Key) -> None:
        """Something that is not in the mesh has changed for this proxy: a certificate is due."""
        for held in self._held.get(key, {}).values():
            self._stir(held)

    def _crowded(self) -> bool:
        return self._clock.monotonic() - self._arrived < CROWD

    def startService(self) -> None:
        super().startService()
        self._rehearsed = asyncio.ensure_future(asyncio.to_thread(rehearse))

    def stopService(self) -> Deferred[None]:
        super().stopService()
        return deferred(self._cancelled())

    async def _cancelled(self) -> None:
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._journal.tell()

    def _mesh_changed(self, mesh: Mesh) -> None:
        before, self._seen[mesh.name] = self._seen.get(mesh.name), mesh
        changed = EVERYBODY if before is None else concern(before, mesh)
        for key, peers in self._held.items():
            if key.mesh != mesh.name:
                continue
            for held in peers.values():
                if held.concerned(changed):
                    self._stir(held)

    def _stir(self, held: _Held) -> None:
        """There is a reason to look at it again; if it waits already, one look is enough for all reasons."""
        if not held.due and held.waiting is not None:
            self._turns.ask(held.waiting, held.new)
        held.due = True

    async def _serve(self, held: _Held) -> None:
        await self._meshes.completed()
        await self.rehearsed()
        while True:
            await self._turn(held)
            try:
                await self._refresh(held)
                held.failed = False
            except Gone:
                return
            except Exception:
                held.failed = True
                self._metrics.generation_errors.add()
                log.exception("config not made", proxy=held.peer.key.name, mesh=held.peer.key.mesh)

    async def _turn(self, held: _Held) -> None:
        """Wait until there is a reason to look again, and it is this proxy's turn."""
        held.waiting = asyncio.get_running_loop().create_future()
        if held.due:
            self._turns.ask(held.waiting, held.new)
        if held.failed:
            await asyncio.wait((held.waiting,), timeout=RETRY)
            held.waiting.cancel()
        else:
            await held.waiting
        held.waiting, held.due = None, False

    async def _refresh(self, held: _Held) -> None:
        """Bring one proxy up to date. It keeps the config it has when anything fails."""
        if (looked := self._look(held.peer)) is None:
            return
        certificate = await self._materials.identity(*looked)
        admin = await self._materials.admin(looked[1])
        config = await self._made(held, certificate, admin)
        if config is not None and self._journal.changed(held.peer.key, held.config, config):
            held.config = config
            self._metrics.regenerated.add(held.peer.key.mesh)
            await held.peer.publish(config)

    def _look(self, peer: Peer) -> tuple[Mesh, Resource] | None:
        """The newest mesh, and the proxy's Dataplane in it; None while there is one of them missing."""
        mesh = self._meshes.current(peer.key.mesh)
        dataplane = None if mesh is None else peer.dataplane(mesh)
        return None if mesh is None or dataplane is None else (mesh, dataplane)

    async def _made(self, held: _Held, certificate: Certificate | None, admin: AdminTls | None) -> Config | None:
        peer = held.peer
        if (looked := self._look(peer)) is None:
            return None
        proxy = held.as_made(Proxy(looked[1], peer.metadata, certificate, admin))
        await self._prepare(looked[0], proxy)
        began = self._clock.monotonic()
        config = generate(looked[0], proxy, self._workshop)
        held.proxy, held.outlook = proxy, outlook(proxy, config)
        self._generated.observe(1000 * (self._clock.monotonic() - began))
        peer.identified(looked[0], certificate)
        return config

    async def _prepare(self, mesh: Mesh, proxy: Proxy) -> None:
        """Build what all who look outward like this proxy share. The first one does it, in steps; the others wait."""
        if next(prepare(mesh, proxy, self._workshop), DONE) is DONE:
            return
        async with self._building:
            for _ in prepare(mesh, proxy, self._workshop):
                await asyncio.sleep(0)
