"""What a control plane makes sure of when it begins to lead: its own resources, the default mesh, signing keys."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial

import structlog
from attrs import evolve, frozen
from twisted.application.service import MultiService

from certs import admin, peers
from certs.secrets import NoSigningKey, SigningKeys
from certs.tokens import USERS, ZONES, Ring, UserClaims, proxies
from kuma import defaults
from kuma.admission import Resources
from kuma.clock import Clock
from kuma.kinds import parse_document
from kuma.model import Key, Resource
from kuma.schema import Invalid
from kuma.settings import Settings
from kuma.store.api import AlreadyExists, NotFound, Reader, StoreError, Unavailable
from kuma.tasks import Running

log = structlog.get_logger()

AGAIN = 5.0  # seconds
ADMIN = "mesh-system:admin"
ADMIN_TOKEN = Key("GlobalSecret", "", "admin-user-token")
ADMIN_TOKEN_LIVES = timedelta(hours=24 * 365 * 10)
ADMIN_CA = Key("GlobalSecret", "", admin.SECRET)
PEERS_CA = Key("GlobalSecret", "", peers.SECRET)
CLUSTER_ID = Key("Config", "", "kuma-cluster-id")
DEFAULT_MESH = Key("Mesh", "", "default")


@frozen
class Beginning:
    """What the steps work on."""

    resources: Resources
    settings: Settings
    clock: Clock

    async def sure(self, key: Key, make: Callable[[], Awaitable[Resource]]) -> None:
        """Make the resource unless there is one."""
        try:
            await self.resources.get(key)
        except NotFound:
            await self._created(await make())

    async def sure_of_key(self, ring: Ring) -> None:
        """Make the first signing key of a ring unless it has any."""
        secrets = await self.resources.list(ring.kind, ring.mesh)
        if any(ring.serial(secret.name) is not None for secret in secrets):
            return
        secret = defaults.secret(ring.secret(1), await self.resources.new_key())
        await self._created(secret, Key("Mesh", "", ring.mesh) if ring.mesh else None)

    async def _created(self, resource: Resource, owner: Key | None = None) -> None:
        try:
            await self.resources.create(resource, owner)
        except AlreadyExists:
            return
        log.info("default created", kind=resource.kind, mesh=resource.mesh, name=resource.name)


async def admin_authority(beginning: Beginning) -> None:
    """The authority of Envoys' admin ports."""

    async def make() -> Resource:
        return defaults.secret(ADMIN_CA, admin.new_ca(beginning.clock.now()))

    await beginning.sure(ADMIN_CA, make)


async def peers_authority(beginning: Beginning) -> None:
    """The authority by which instances of this control plane know each other."""

    async def make() -> Resource:
        return defaults.secret(PEERS_CA, peers.new_ca(beginning.clock.now()))

    await beginning.sure(PEERS_CA, make)


async def own_zone(beginning: Beginning) -> None:
    """The zone itself, and no other: one that was renamed leaves its old name behind."""
    name = beginning.settings.multizone.zone.name
    for other in await beginning.resources.list("Zone"):
        if other.name != name:
            await beginning.resources.store.delete(other.key)
            log.info("zone of another name removed", zone=other.name)

    async def make() -> Resource:
        return parse_document({"type": "Zone", "name": name})

    await beginning.sure(Key("Zone", "", name), make)


async def default_mesh(beginning: Beginning) -> None:
    """The first mesh, with all that a mesh starts with."""

    async def make() -> Resource:
        return parse_document({"type": "Mesh", "name": DEFAULT_MESH.name})

    await beginning.sure(DEFAULT_MESH, make)


async def every_mesh(beginning: Beginning) -> None:
    """A signing key for each mesh, and the labels of its default policies; deleted policies stay deleted."""
    for mesh in await beginning.resources.list("Mesh"):
        await beginning.sure_of_key(proxies(mesh.name))
        for policy in defaults.policies(mesh):
            await _labelled(beginning.resources, policy)
        for key in defaults.outdated(mesh):
            await _gone(beginning.resources, key)


async def _labelled(resources: Resources, policy: Resource) -> None:
    def labelled(stored: Resource | None) -> Resource | None:
        return stored and evolve(stored, labels=resources.labels(stored), spec=defaults.apart(policy, stored.spec))

    await resources.upsert(policy.key, labelled)


async def _gone(resources: Resources, key: Key) -> None:
    with suppress(NotFound):
        await resources.delete(key)


async def zone_token_key(beginning: Beginning) -> None:
    """The key that signs zones' tokens."""
    await beginning.sure_of_key(ZONES)


async def hostname_generators(beginning: Beginning) -> None:
    """What services are called unless somebody says otherwise. Those that were edited stay as they are."""
    for generator in defaults.hostname_generators(beginning.settings.mode, beginning.settings.environment):
        await beginning.sure(generator.key, partial(_already, generator))


async def _already(made: Resource) -> Resource:
    return made


async def user_token_key(beginning: Beginning) -> None:
    """The key that signs users' tokens."""
    await beginning.sure_of_key(USERS)


async def admin_token(beginning: Beginning) -> None:
    """A token for the first admin."""

    async def make() -> Resource:
        keys = SigningKeys(beginning.resources, beginning.clock)
        token = await keys.issue(USERS, UserClaims(ADMIN, (ADMIN,)), ADMIN_TOKEN_LIVES)
        return defaults.secret(ADMIN_TOKEN, token.encode())

    await beginning.sure(ADMIN_TOKEN, make)


async def cluster_id(beginning: Beginning) -> None:
    """The id of the whole deployment."""

    async def make() -> Resource:
        return parse_document({"type": "Config", "name": CLUSTER_ID.name, "config": str(uuid.uuid4())})

    await beginning.sure(CLUSTER_ID, make)


Step = Callable[[Beginning], Awaitable[None]]


def _always(_: Settings) -> bool:
    return True


def _is_zone(settings: Settings) -> bool:
    return settings.mode == "zone"


def _decides(settings: Settings) -> bool:
    """What a global control plane decides, zones under it are told."""
    return not settings.federated


def _makes_meshes(settings: Settings) -> bool:
    return _decides(settings) and not settings.defaults.skip_mesh_creation


def _names_services(settings: Settings) -> bool:
    return not settings.defaults.skip_hostname_generators


def _knows_users(settings: Settings) -> bool:
    return settings.api_server.authn.type == "tokens"


def _greets_admin(settings: Settings) -> bool:
    return _knows_users(settings) and settings.api_server.authn.tokens.bootstrap_admin_token


STEPS: tuple[tuple[Step, Callable[[Settings], bool]], ...] = (
    (peers_authority, _always),
    (admin_authority, _is_zone),
    (own_zone, _is_zone),
    (default_mesh, _makes_meshes),
    (every_mesh, _makes_meshes),
    (zone_token_key, _decides),
    (hostname_generators, _names_services),
    (user_token_key, _knows_users),
    (admin_token, _greets_admin),
    (cluster_id, _decides),
)


def wanted_steps(settings: Settings) -> list[Step]:
    """The steps that the settings ask for, in order."""
    if settings.defaults.skip_tenant_resources:
        return []
    return [step for step, wanted in STEPS if wanted(settings)]


class Defaults(MultiService):
    """Takes all steps that the settings ask for, again until each has succeeded; then it is `finished`. For leaders."""

    def __init__(self, resources: Resources, settings: Settings, clock: Clock) -> None:
        super().__init__()
        self.setName("defaults")
        self._beginning = Beginning(resources, settings, clock)
        self.finished = False
        Running("defaults", self._until_done, clock=clock).setServiceParent(self)

    async def _until_done(self) -> None:
        due = wanted_steps(self._beginning.settings)
        while due := [step for step in due if not await self._done(step)]:
            await self._beginning.clock.sleep(AGAIN)
        self.finished = True

    async def _done(self, step: Step) -> bool:
        try:
            await step(self._beginning)
        except (StoreError, Invalid, NoSigningKey) as problem:
            log.warning("default not created yet", step=step.__name__, reason=str(problem))
            return False
        return True


class ClusterId(MultiService):
    """The id of the deployment, known once it has been found: `ClusterId()` answers it, or nothing until then."""

    def __init__(self, store: Reader, clock: Clock) -> None:
        super().__init__()
        self._store = store
        self._clock = clock
        self._id = ""
        Running("cluster id", self._find, clock=clock).setServiceParent(self)

    def __call__(self) -> str:
        return self._id

    async def _find(self) -> None:
        while not self._id:
            try:
                self._id = (await self._store.get(CLUSTER_ID)).spec.config
            except (NotFound, Unavailable):
                await self._clock.sleep(1.0)
