"""A global control plane and its zones in one process: only the sync, over real sockets, on stores in memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from attrs import evolve, frozen
from twisted.application.service import Service

from global_cp.kds import KdsServer
from kuma.clock import SystemClock
from kuma.kds.instance import Instance
from kuma.kinds import parse_document
from kuma.loop import future
from kuma.model import Key, Resource
from kuma.rest.envoys import Look, NotTold
from kuma.settings import Settings
from kuma.store.api import NotFound
from kuma.store.memory import MemoryStore
from tests.certificates import server_pair
from zone_cp.kds import Here, KdsClient

CLOCK = SystemClock()
SOON = timedelta(milliseconds=20)


@frozen
class World:
    """The address and certificate of a global control plane, and its store."""

    store: MemoryStore
    server: KdsServer
    ca: Path

    @property
    def url(self) -> str:
        return f"grpcs://localhost:{self.server.port}"


def settings(zone: str = "west", url: str = "") -> Settings:
    """Settings that hurry."""
    basic = Settings()
    general = evolve(basic.general, resilient_component_base_backoff=SOON, resilient_component_max_backoff=4 * SOON)
    kds = evolve(basic.multizone.global_.kds, grpc_port=0, zone_insight_flush_interval=SOON)
    multizone = evolve(
        basic.multizone,
        global_=evolve(basic.multizone.global_, kds=kds),
        zone=evolve(basic.multizone.zone, name=zone, global_address=url),
    )
    return evolve(basic, general=general, multizone=multizone)


def with_server(basic: Settings, **changes: object) -> Settings:
    """Other settings of the server."""
    kds = evolve(basic.multizone.global_.kds, **changes)
    multizone = evolve(basic.multizone, global_=evolve(basic.multizone.global_, kds=kds))
    return evolve(basic, multizone=multizone)


def with_client(basic: Settings, **changes: object) -> Settings:
    """Other settings of the zone's end."""
    zone = evolve(basic.multizone.zone, kds=evolve(basic.multizone.zone.kds, **changes))
    return evolve(basic, multizone=evolve(basic.multizone, zone=zone))


def global_cp(folder: Path, store: MemoryStore, port: int = 0, **changes: object) -> World:
    """A global control plane that serves TLS; started already."""
    pair = server_pair()
    cert, key = folder / "global.crt", folder / "global.key"
    if not cert.exists():
        cert.write_bytes(pair.cert)
        key.write_bytes(pair.key)
    told = with_server(
        settings(), **{"tls_cert_file": str(cert), "tls_key_file": str(key), "grpc_port": port} | changes
    )
    server = KdsServer(store, told, CLOCK, Instance("global-1234"))
    server.zones._spread = 0.0  # nobody comes in a herd
    server.startService()
    return World(store, server, cert)


@frozen
class Envoys:
    """Envoys that tell what they were asked."""

    refused: str = ""

    async def look(self, dataplane: Resource, look: Look) -> bytes:
        """The name of the Dataplane, and where the page stands."""
        if self.refused:
            raise NotTold(self.refused)
        return f"{dataplane.name} {look.target}".encode()


def zone_cp(world: World, name: str, here: MemoryStore | Here, **changes: object) -> KdsClient:
    """A zone of that global control plane; started already."""
    told = with_client(settings(name, world.url), **{"root_ca_file": str(world.ca)} | changes)
    here = here if isinstance(here, Here) else Here(here, CLOCK, Envoys())
    client = KdsClient(here, told, Instance(f"{name}-1234", config='{"store":{"type":"memory"}}'))
    client.startService()
    return client


async def stop(*services: Service) -> None:
    """Stop them, and wait."""
    for service in services:
        stopping = service.stopService()
        if stopping is not None:
            await future(stopping)


def resource(kind: str, name: str, mesh: str = "", labels: Mapping[str, str] | None = None, **said: object) -> Resource:
    """A resource from the fields of its document; those of kinds with a `spec` are its fields."""
    document = {"type": kind, "name": name, **({"mesh": mesh} if mesh else {}), "labels": dict(labels or {}), **said}
    return parse_document(document)


async def put(store: MemoryStore, one: Resource) -> Resource:
    """Create it, or replace what it says."""
    try:
        stored = await store.get(one.key)
    except NotFound:
        return await store.create(evolve(one, created=CLOCK.now(), modified=CLOCK.now()))
    return await store.update(evolve(stored, spec=one.spec, labels=one.labels, status=one.status))


async def found(store: MemoryStore, kind: str, name: str, mesh: str = "") -> Resource | None:
    """The resource, if it is there."""
    try:
        return await store.get(Key(kind, mesh, name))
    except NotFound:
        return None


async def names(store: MemoryStore, kind: str) -> list[str]:
    """The names of all resources of a kind."""
    return [one.name for one in await store.list(kind)]
