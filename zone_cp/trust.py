"""Setting identities up: authorities made where they are missing, trust in them published, and how far that came.

For the leader only: two control planes of a zone would make two authorities.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog
from attrs import evolve
from twisted.application.service import MultiService

from certs.ca import CertificateAuthority, new_authority
from certs.trust import new_trust, with_authority
from kuma import spiffe
from kuma.clock import Clock
from kuma.kinds import KINDS
from kuma.labels import Where, Written, computed_labels
from kuma.model import Key, Resource, kri
from kuma.resources import meshidentity, meshtrust
from kuma.resources.parts import Condition
from kuma.resources.secret import Secret
from kuma.spiffe import BadSpiffeId, Local
from kuma.store.api import AlreadyExists, Changes, Conflict, NotFound, Store, StoreError
from kuma.tasks import Running
from zone_cp.authorities import (
    NOT_FOUND,
    NOT_INITIALIZED,
    Unusable,
    authority,
    bundled,
    ca_secrets,
    is_generated,
    reads_outside,
    secrets_of,
)

log = structlog.get_logger()

KINDS_SEEN = ("MeshIdentity", "MeshTrust", "Secret")
PAUSE = 0.1  # seconds in which changes gather after one was taken
RESYNC = 5.0  # seconds after which files and the like are looked at again, and what did not work is tried again
RARELY = 60.0  # seconds after which the rest is: authorities come to their end without anything changing

PROVIDED = Condition("Provider", "True", "ProviderInitialized", "Provider successfully initialized")
TRUSTED = Condition("MeshTrustCreated", "True", "MeshTrustCreated", "MeshTrust has been successfully created")
READY = Condition("Ready", "True", "Ready", "Successfully initialized")
FAILED = Condition("Ready", "False", "Failure", "One of initialization steps failed")
NAMES = Condition("SpiffeIDProvider", "True", "SpiffeIDProvided", "Providing only SpiffeIDs for services.")
# Envoy believes no path that does not end in a root: everybody would refuse everybody
NO_ROOT = (
    "the certificates of the authority do not end with a root: add those that vouch for it, "
    "or set meshTrustCreation to Disabled and write a MeshTrust that has the root"
)
PARTIAL = Condition("Ready", "False", "PartiallyReady", "Running in SpiffeID providing only mode.")


class Trusts(MultiService):
    """Keeps every MeshIdentity's authority, MeshTrust and status as they should be, whenever one of them changes."""

    def __init__(self, store: Store, local: Local, clock: Clock, resync: float = RESYNC) -> None:
        super().__init__()
        self._store = store
        self._local = local
        self._clock = clock
        self._resync = resync
        Running("identity status", self._run, clock=clock).setServiceParent(self)

    async def _run(self) -> None:
        changes = self._store.changes(KINDS_SEEN)
        try:
            await self._follow(changes)
        finally:
            changes.close()

    async def _follow(self, changes: Changes) -> None:
        changed = asyncio.ensure_future(anext(changes))
        try:
            while True:
                all_told = await self._settle_all()
                await self._clock.sleep(PAUSE)
                await self._wait(changed, max(RARELY, self._resync) if all_told else self._resync)
                if changed.done():
                    changed.result()
                    changed = asyncio.ensure_future(anext(changes))
        finally:
            changed.cancel()

    async def _wait(self, changed: asyncio.Future[Any], longest: float) -> None:
        """Until something has changed, or everything should be looked at again."""
        resync = asyncio.ensure_future(self._clock.sleep(longest))
        try:
            await asyncio.wait((changed, resync), return_when=asyncio.FIRST_COMPLETED)
        finally:
            resync.cancel()

    async def _settle_all(self) -> bool:
        """Settle every identity; whether the store tells of all that could make them another."""
        try:
            identities = await self._store.list("MeshIdentity")
            for identity in identities:
                await self._say(identity, await self._settled(identity))
        except Conflict as conflict:
            log.info("identity changed meanwhile", identity=str(conflict.key))
            return False
        except StoreError as problem:
            log.warning("identities not set up", reason=str(problem))
            return False
        return not any(map(reads_outside, identities))

    async def _settled(self, identity: Resource) -> tuple[Condition, ...]:
        """Do what is to do for an identity, and say how far that came; the first failure is the last step."""
        provider, said = identity.spec.provider, bundled(identity)
        if provider is None:
            return (NAMES, PARTIAL)
        if provider.type == "Spire":
            return (PROVIDED, READY)
        if said is None:
            return (_no("Provider", NOT_FOUND, f'there is no provider of type "{provider.type}"'), FAILED)
        return await self._settled_here(identity, publish=said.mesh_trust_creation != "Disabled")

    async def _settled_here(self, identity: Resource, publish: bool) -> tuple[Condition, ...]:
        try:
            found = await self._authority(identity)
        except Unusable as problem:
            return (_no("Provider", problem.reason, str(problem)), FAILED)
        if not publish:
            return (PROVIDED, READY)
        if not found.root:
            return (PROVIDED, _no("MeshTrustCreated", "MeshTrustCreationError", NO_ROOT), FAILED)
        try:
            await self._trust(identity, found)
        except BadSpiffeId as problem:
            return (PROVIDED, _no("MeshTrustCreated", "MeshTrustCreationError", str(problem)), FAILED)
        return (PROVIDED, TRUSTED, READY)

    async def _authority(self, identity: Resource) -> CertificateAuthority:
        """The identity's authority, made now if the control plane is to make it. Raises Unusable."""
        said = bundled(identity)
        known = await self._known(identity)
        if said is not None and said.insecure_allow_self_signed and _to_generate(identity, known):
            await self._generate(identity)
            known = await self._known(identity)
        return authority(identity, known, self._clock.now())

    async def _known(self, identity: Resource) -> Mapping[Key, Resource]:
        found = {}
        for key in secrets_of(identity):
            try:
                found[key] = await self._store.get(key)
            except NotFound:
                continue  # authority() says which one is missing
        return found

    async def _generate(self, identity: Resource) -> None:
        try:
            domain = spiffe.trust_domain(identity, self._local)
        except BadSpiffeId as problem:
            raise Unusable(NOT_INITIALIZED, str(problem)) from None
        made, where = new_authority(domain, self._clock.now()), ca_secrets(identity)
        try:
            async with self._store.transaction() as writer:
                await writer.create(self._ours(Resource(where.certificate, Secret(made.pem))), owner=identity.key)
                await writer.create(self._ours(Resource(where.key, Secret(made.key_pem))), owner=identity.key)
        except AlreadyExists as exists:
            log.info("authority exists already", secret=str(exists.key))
        else:
            log.info("authority created", identity=identity.name, mesh=identity.mesh, domain=domain)

    async def _trust(self, identity: Resource, found: CertificateAuthority) -> None:
        """Publish the authority in the MeshTrust of the identity's name. Raises BadSpiffeId."""
        key = Key("MeshTrust", identity.mesh, identity.name)
        status = meshtrust.Status(meshtrust.Origin(str(kri("mid", identity))))
        try:
            stored = await self._store.get(key)
        except NotFound:
            spec = new_trust(spiffe.trust_domain(identity, self._local), found.trusted)
            resource = self._ours(Resource(key, spec, status=status))
            await self._store.create(resource, owner=Key("Mesh", "", identity.mesh))
            log.info("trust created", trust=key.name, mesh=key.mesh, domain=spec.trust_domain)
            return
        wanted = evolve(stored, spec=with_authority(stored.spec, found.trusted), status=status)
        if wanted != stored:
            await self._store.update(evolve(wanted, modified=self._clock.now()))
            log.info("trust extended", trust=key.name, mesh=key.mesh)

    async def _say(self, identity: Resource, conditions: tuple[Condition, ...]) -> None:
        status = meshidentity.Status(conditions)
        if identity.status == status:
            return
        await self._store.update(evolve(identity, status=status, modified=self._clock.now()))
        log.info("identity settled", identity=identity.name, mesh=identity.mesh, reason=conditions[-1].reason)

    def _ours(self, resource: Resource) -> Resource:
        where = Where("zone", self._local.zone, self._local.environment)
        labels = computed_labels(KINDS[resource.kind], resource, where, Written(privileged=True))
        now = self._clock.now()
        return evolve(resource, labels=labels, created=now, modified=now)


def _to_generate(identity: Resource, known: Mapping[Key, Resource]) -> bool:
    """Whether it wants an authority made, and there is none; half of one is not ours to mend."""
    said = bundled(identity)
    generated = said is not None and is_generated(said)
    return generated and not known


def _no(step: str, reason: str, message: str) -> Condition:
    return Condition(step, "False", reason, message)
