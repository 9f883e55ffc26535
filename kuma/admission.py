"""Writing with rules: what must hold before a resource is kept, and what comes and goes with it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress

from attrs import evolve, field, frozen

from certs.tokens import new_signing_key
from kuma import defaults
from kuma.clock import Clock
from kuma.kinds import KINDS, validate
from kuma.labels import MixedRoles, Where, Written, changed_labels, computed_labels, wrong_labels, wrong_workload
from kuma.model import ORIGIN, ZONE, Key, Kind, Labels, Resource
from kuma.resources.dataplane import Health
from kuma.schema import Invalid, Violation
from kuma.store.api import AlreadyExists, Changes, Conflict, NotFound, Reader, Store, Writer
from kuma.tasks import Backoff

LONGEST_MESH_NAME = 63
Change = Callable[[Resource | None], Resource | None]
WRONG_ORIGIN = f'labels["{ORIGIN}"]'


class Forbidden(Exception):
    """The rules do not allow this write at all; the message says why."""


def is_read_only(kind: Kind, where: Where) -> bool:
    """Whether users may not write resources of a kind on such a control plane."""
    if kind.read_only:
        return True
    if where.mode == "global":
        return not kind.provided_by_global
    return where.federated and not kind.provided_by_zone


@frozen
class Rules:
    """What an operator may set about writing. The limits are numbers of subscriptions that insights keep."""

    unsafe_delete: bool = False
    dataplane_subscriptions: int = 2
    zone_subscriptions: int = 10
    retries: int = 10
    """How often a write that met another one is tried again."""


async def _signing_key() -> bytes:
    """A new key; making one takes long enough to do it in a thread."""
    return await asyncio.to_thread(new_signing_key)


@frozen
class Resources:
    """The store, with the rules for writing to it. `by_users` holds what is written to what users may write."""

    store: Store
    where: Where
    clock: Clock
    rules: Rules = Rules()
    by_users: bool = False
    new_key: Callable[[], Awaitable[bytes]] = _signing_key
    retries: Backoff = field(factory=lambda: Backoff(first=0.2, most=10.0, jitter=0.3, chance=random.random))

    async def get(self, key: Key) -> Resource:
        """The resource with this key. Raises NotFound."""
        return await self.store.get(key)

    async def list(self, kind: str, mesh: str | None = None) -> Sequence[Resource]:
        """Every resource of a kind, of one mesh or of all."""
        return await self.store.list(kind, mesh)

    def changes(self, kinds: Iterable[str] | None = None) -> Changes:
        """Follow what happens from now on."""
        return self.store.changes(kinds)

    async def create(self, resource: Resource, owner: Key | None = None) -> Resource:
        """Keep a new resource. Raises Invalid, AlreadyExists."""
        self._check(resource)
        prepared = CREATE.get(resource.kind, _as_it_is)(self._labelled(resource), self.rules)
        owned_by = owner or await self._owner(prepared)
        now = self.clock.now()
        written = evolve(prepared, created=now, modified=now, version="")
        if resource.kind == "Mesh":
            return await self._create_mesh(written)
        try:
            return await self.store.create(written, owned_by)
        except NotFound as missing:
            raise _without(missing.key) from None

    async def update(self, resource: Resource) -> Resource:
        """Replace a resource whose `version` is the stored one. Raises Invalid, Conflict."""
        self._check(resource)
        written = UPDATE.get(resource.kind, _as_it_is)(self._labelled(resource), self.rules)
        if self.by_users:
            stored = await self.store.get(resource.key)
            _raise(tuple(changed_labels(stored.labels, written.labels)))
        return await self.store.update(evolve(written, modified=self.clock.now()))

    async def upsert(self, key: Key, change: Change, known: Resource | None = None) -> Resource | None:
        """Write what `change` makes of the stored resource (None: there is none yet); None from it writes nothing.

        Asked again with what is stored then when somebody else was quicker. Whoever wrote it last may say what is
        `known` to be stored, which saves a question. Raises Invalid, Conflict after many tries.
        """
        if known is not None:
            with suppress(Conflict):
                return await self._changed(known, change)
        waits = self.retries.waits()
        for _ in range(self.rules.retries):
            try:
                return await self._changed(await self._stored(key), change)
            except (AlreadyExists, Conflict):
                await self.clock.sleep(next(waits))
        return await self._changed(await self._stored(key), change)

    async def _stored(self, key: Key) -> Resource | None:
        try:
            return await self.store.get(key)
        except NotFound:
            return None

    async def _changed(self, stored: Resource | None, change: Change) -> Resource | None:
        changed = change(stored)
        if changed is None or changed == stored:
            return stored
        if stored is None:
            return await self.create(changed)
        return await self.update(evolve(changed, version=stored.version))

    async def delete(self, key: Key) -> None:
        """Remove a resource and what it owns. Raises NotFound, Invalid when something still needs it."""
        if self.by_users:
            self._check_writable(key)
            problems = wrong_labels(KINDS[key.kind], await self.store.get(key), self.where)
            _raise(tuple(problem for problem in problems if problem.field == WRONG_ORIGIN))
        if not self.rules.unsafe_delete and key.kind in GUARDS:
            _raise(await GUARDS[key.kind](self.store, key))
        await self.store.delete(key)

    def _check(self, resource: Resource) -> None:
        problems = validate(resource)
        if self.by_users:
            self._check_writable(resource.key)
            problems += tuple(wrong_labels(KINDS[resource.kind], resource, self.where))
            if resource.kind == "Dataplane" and not resource.version:
                problems += tuple(wrong_workload(resource, self.where))
        if resource.kind == "Mesh" and len(resource.name) > LONGEST_MESH_NAME:
            problems += (Violation("name", f"cannot be longer than {LONGEST_MESH_NAME} characters"),)
        _raise(problems)

    def _check_writable(self, key: Key) -> None:
        if is_read_only(KINDS[key.kind], self.where):
            raise Forbidden(f"resources of type {key.kind} can't be written on this control plane")

    def labels(self, resource: Resource) -> Labels:
        """The labels that it has once it is kept here. Raises Invalid."""
        kind = KINDS[resource.kind]
        if kind.read_only:
            return resource.labels
        try:
            return computed_labels(kind, resource, self.where, Written(privileged=not self.by_users))
        except MixedRoles as mixed:
            raise Invalid((Violation("spec.to", str(mixed)),)) from None

    def _labelled(self, resource: Resource) -> Resource:
        """With the labels that it has here. A delegated gateway that has tags says its zone in them, too."""
        labelled = evolve(resource, labels=self.labels(resource))
        networking = resource.spec.networking if resource.kind == "Dataplane" else None
        if not self.where.zone or networking is None or networking.gateway is None or not networking.gateway.tags:
            return labelled
        gateway = evolve(networking.gateway, tags=networking.gateway.tags | {ZONE: self.where.zone})
        return evolve(labelled, spec=evolve(resource.spec, networking=evolve(networking, gateway=gateway)))

    async def _owner(self, resource: Resource) -> Key | None:
        """What must exist for this resource, and takes it along when it goes: the store sees to both.

        What nobody takes along needs its mesh when it is made.
        """
        owner = OWNERS.get(resource.kind, _mesh_of)(resource.key)
        if owner is None or resource.kind not in OWNED_BY_NOBODY:
            return owner
        try:
            await self.store.get(owner)
        except NotFound as missing:
            raise _without(missing.key) from None
        return None

    async def _create_mesh(self, mesh: Resource) -> Resource:
        """A mesh and what it starts with, or nothing."""
        key = await self.new_key()
        async with self.store.transaction() as writer:
            created = await writer.create(mesh)
            for resource in (*defaults.policies(mesh), defaults.signing_key(mesh.name, key)):
                labelled = evolve(self._labelled(resource), created=mesh.created, modified=mesh.created)
                await _create_unless_there(writer, labelled, mesh.key)
        return created


def _without(owner: Key) -> Exception:
    """Why nothing is kept that belongs to what is not there."""
    if owner.kind != "Mesh":
        return NotFound(owner)
    return Invalid((Violation("mesh", f"mesh of name {owner.name} is not found"),))


async def _create_unless_there(writer: Writer, resource: Resource, owner: Key) -> None:
    try:
        await writer.create(resource, owner)
    except AlreadyExists:
        return


def _raise(problems: Sequence[Violation]) -> None:
    if problems:
        raise Invalid(tuple(problems))


def _as_it_is(resource: Resource, _: Rules) -> Resource:
    return resource


def _new_dataplane(resource: Resource, _: Rules) -> Resource:
    """Inbounds that are probed are not ready before the first probe says so."""
    networking = resource.spec.networking
    inbounds = tuple(
        evolve(inbound, state="NotReady", health=Health(ready=False)) if inbound.service_probe else inbound
        for inbound in networking.inbound
    )
    if inbounds == networking.inbound:
        return resource
    return evolve(resource, spec=evolve(resource.spec, networking=evolve(networking, inbound=inbounds)))


def _keeping(limit: Callable[[Rules], int]) -> Callable[[Resource, Rules], Resource]:
    """Insights remember so many of the latest subscriptions."""

    def keep(resource: Resource, rules: Rules) -> Resource:
        subscriptions = resource.spec.subscriptions
        kept = subscriptions[max(0, len(subscriptions) - limit(rules)) :]
        return evolve(resource, spec=evolve(resource.spec, subscriptions=kept))

    return keep


INSIGHTS = {
    "DataplaneInsight": _keeping(lambda rules: rules.dataplane_subscriptions),
    "ZoneInsight": _keeping(lambda rules: rules.zone_subscriptions),
}
UPDATE: Mapping[str, Callable[[Resource, Rules], Resource]] = INSIGHTS
CREATE: Mapping[str, Callable[[Resource, Rules], Resource]] = {**INSIGHTS, "Dataplane": _new_dataplane}

# A mesh is not deleted while it has Dataplanes, and its secrets outlive it, unless they were made for it.
OWNED_BY_NOBODY = frozenset({"Dataplane", "Secret"})
OWNERS: Mapping[str, Callable[[Key], Key | None]] = {
    "DataplaneInsight": lambda key: Key("Dataplane", key.mesh, key.name),
    "ZoneInsight": lambda key: Key("Zone", "", key.name),
    "MeshInsight": lambda key: Key("Mesh", "", key.name),
}


def _mesh_of(key: Key) -> Key | None:
    return Key("Mesh", "", key.mesh) if key.mesh else None


async def _mesh_is_empty(store: Reader, key: Key) -> tuple[Violation, ...]:
    if not await store.list("Dataplane", key.name):
        return ()
    return (Violation("mesh", "unable to delete mesh, there are still some dataplanes attached"),)


async def _zone_is_offline(store: Reader, key: Key) -> tuple[Violation, ...]:
    try:
        insight = await store.get(Key("ZoneInsight", "", key.name))
    except NotFound:
        return ()
    if not insight.spec.online:
        return ()
    return (Violation("zone", "unable to delete Zone, Zone CP is still connected, please shut it down first"),)


GUARDS: Mapping[str, Callable[[Reader, Key], Awaitable[tuple[Violation, ...]]]] = {
    "Mesh": _mesh_is_empty,
    "Zone": _zone_is_offline,
}
