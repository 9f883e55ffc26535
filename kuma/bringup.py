"""What a control plane must find in its store, brought into being by its leader: nothing twice, nothing changed."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable

import structlog
from twisted.application.service import MultiService

from certs import admin
from certs.tokens import USERS, ZONES, Ring, proxies
from kuma import defaults
from kuma.admission import Resources
from kuma.clock import Clock
from kuma.kinds import parse_document
from kuma.model import Key, Resource
from kuma.schema import Invalid
from kuma.settings import Settings
from kuma.store.api import AlreadyExists, NotFound, StoreError
from kuma.tasks import Running

log = structlog.get_logger()

AGAIN = 5.0  # seconds until what could not be done is tried again
DEFAULT_MESH = Key("Mesh", "", "default")
CLUSTER_ID = Key("Config", "", "kuma-cluster-id")
ADMIN_CA = Key("GlobalSecret", "", "envoy-admin-ca")


class Defaults(MultiService):
    """Brings up what is missing, once for each time this instance begins to lead."""

    def __init__(self, resources: Resources, settings: Settings, clock: Clock) -> None:
        super().__init__()
        self._resources = resources
        self._settings = settings
        self._clock = clock
        Running("defaults", self._bring_up, clock=clock).setServiceParent(self)

    async def _bring_up(self) -> None:
        while True:
            try:
                async for step in self._steps():
                    await step
            except (StoreError, Invalid) as problem:
                log.warning("defaults not there yet", reason=str(problem))
                await self._clock.sleep(AGAIN)
            else:
                return

    async def _steps(self) -> AsyncIterator[Awaitable[None]]:
        """What to do, in order, in this mode."""
        settings = self._settings
        if settings.mode == "zone":
            yield self._unless_there(ADMIN_CA, self._admin_ca)
            yield self._only_zone(settings.multizone.zone.name)
        if settings.api_server.authn.type == "tokens":
            yield self._signing_key(USERS)
        if settings.federated:
            return
        yield self._unless_there(CLUSTER_ID, self._cluster_id)
        if not settings.defaults.skip_mesh_creation:
            yield self._unless_there(DEFAULT_MESH, self._default_mesh)
        yield self._signing_key(ZONES)
        for mesh in await self._resources.list("Mesh"):
            yield self._signing_key(proxies(mesh.name), owner=mesh.key)

    async def _unless_there(self, key: Key, make: Callable[[], Awaitable[Resource]], owner: Key | None = None) -> None:
        try:
            await self._resources.get(key)
        except NotFound:
            await self._create(await make(), owner)

    async def _create(self, resource: Resource, owner: Key | None = None) -> None:
        try:
            await self._resources.create(resource, owner)
        except AlreadyExists:
            return  # another instance was quicker: that is as good
        log.info("default created", resource=str(resource.key))

    async def _signing_key(self, ring: Ring, owner: Key | None = None) -> None:
        """The first key of a ring, unless it has any."""
        first = ring.secret(1)
        secrets = await self._resources.list(first.kind, first.mesh or None)
        if any(ring.serial(secret.name) is not None for secret in secrets):
            return

        async def make() -> Resource:
            return defaults.secret(first, await self._resources.new_key())

        await self._unless_there(first, make, owner)

    async def _admin_ca(self) -> Resource:
        # making its key takes long enough to do it in a thread
        return defaults.secret(ADMIN_CA, await asyncio.to_thread(admin.new_ca, self._clock.now()))

    async def _cluster_id(self) -> Resource:
        return parse_document({"type": "Config", "name": CLUSTER_ID.name, "config": str(uuid.uuid4())})

    async def _default_mesh(self) -> Resource:
        return parse_document({"type": "Mesh", "name": DEFAULT_MESH.name})

    async def _only_zone(self, name: str) -> None:
        """A zone knows one Zone, itself: an earlier name must not stay behind."""
        for zone in await self._resources.list("Zone"):
            if zone.name != name:
                await self._resources.store.delete(zone.key)
        await self._unless_there(Key("Zone", "", name), lambda: _zone(name))


async def _zone(name: str) -> Resource:
    return parse_document({"type": "Zone", "name": name})
