"""What a control plane does with resources that arrived from its peer: which to create, update, delete, and refuse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from attrs import evolve, frozen
from frozendict import frozendict

from kuma.kinds import KINDS, validate
from kuma.model import ORIGIN, ORIGIN_ZONE, ZONE, Key, Kind, Resource
from kuma.resources.dataplane import Dataplane
from kuma.schema import Violation
from kuma.store.api import AlreadyExists
from kuma.sync.packing import key_of, unpack
from kuma.xds.config import Packed
from kuma.xds.delta import Update

USER_ERROR = "user error"


@frozen
class Create:
    """Keep a resource that was not here; `owner` takes it along when it goes."""

    resource: Resource
    owner: Key | None = None


@frozen
class Delete:
    """Drop what the peer does not have any more."""

    key: Key


@frozen
class Replace:
    """Keep what the peer says now. The version is that of what was read here."""

    resource: Resource


@frozen
class Collide:
    """Another resource has this name, and it is not the peer's to write."""

    key: Key

    def __str__(self) -> str:
        return str(AlreadyExists(self.key))


Step = Create | Delete | Replace | Collide


@frozen
class Arrived:
    """One resource that arrived: as it may be kept, or why it may not. `rewritten`: it claimed to be of elsewhere."""

    key: Key
    resource: Resource | None
    problem: str = ""
    rewritten: bool = False


@frozen
class Incoming:
    """An update of one kind, understood. `problems` are resources that could not be, and why: they stay as they are."""

    kind: Kind
    resources: tuple[Resource, ...]
    removed: frozenset[Key]
    problems: Mapping[Key, str]
    complete: bool

    @property
    def keys(self) -> frozenset[Key]:
        """All that it speaks of."""
        return frozenset(resource.key for resource in self.resources) | self.removed


class Side(Protocol):
    """Which end of the sync receives, and so what belongs to its peer."""

    @property
    def compares_status(self) -> bool:
        """Whether the peer is who knows the status."""

    @property
    def owner(self) -> Key | None:
        """What owns the copies."""

    def received(self, resource: Resource) -> Resource:
        """The resource as it may be kept: who it is from is not for the peer to say."""

    def key(self, key: Key) -> Key:
        """The key under which it is kept."""

    def belongs(self, kind: Kind, resource: Resource) -> bool:
        """Whether the peer may write this resource."""


@frozen
class ZoneSide:
    """A zone, receiving from the global control plane."""

    compares_status: bool = False
    owner: Key | None = None

    def received(self, resource: Resource) -> Resource:
        return resource

    def key(self, key: Key) -> Key:
        return key

    def belongs(self, kind: Kind, resource: Resource) -> bool:
        """What can't be written in a zone is the global one's; of the rest, what says that it came from there."""
        return not kind.provided_by_zone or resource.origin not in ("", ORIGIN_ZONE)


@frozen
class GlobalSide:
    """The global control plane, receiving from a zone. A zone that does not hash its names gets its own prefix."""

    zone: str
    prefixed: bool = False
    compares_status: bool = True

    @property
    def owner(self) -> Key:
        return Key("Zone", "", self.zone)

    def received(self, resource: Resource) -> Resource:
        labels = resource.labels | {ZONE: self.zone, ORIGIN: ORIGIN_ZONE}
        return evolve(resource, key=self.key(resource.key), labels=labels, spec=_attributed(resource, self.zone))

    def key(self, key: Key) -> Key:
        return evolve(key, name=f"{self.zone}.{key.name}") if self.prefixed else key

    def belongs(self, kind: Kind, resource: Resource) -> bool:  # noqa: ARG002 - of a zone's resources the kind says nothing
        return resource.zone == self.zone or resource.name.startswith(f"{self.zone}.")


def _attributed(resource: Resource, zone: str) -> Any:
    """A gateway can't claim to stand in another zone."""
    if resource.kind != "Dataplane":
        return resource.spec
    dataplane: Dataplane = resource.spec
    networking = dataplane.networking
    gateway = networking.gateway if networking is not None else None
    if networking is None or gateway is None or gateway.tags.get(ZONE, zone) == zone:
        return dataplane
    tagged = evolve(gateway, tags=gateway.tags | {ZONE: zone})
    return evolve(dataplane, networking=evolve(networking, gateway=tagged))


def arrived(kind: Kind, packed: Packed, side: Side) -> Arrived:
    """One resource, decoded and checked. Raises `kuma.sync.packing.Undecodable`."""
    resource, violations = unpack(kind, packed)
    key = side.key(resource.key)
    violations = violations or validate(resource)
    if violations:
        return Arrived(key, None, f"{key}: {_text(violations)}")
    received = side.received(resource)
    return Arrived(key, received, rewritten=received.spec is not resource.spec)


def gathered(update: Update, read: Iterable[Arrived], side: Side) -> Incoming:
    """An update with its resources read. What is wrong with one of them does not hold up the others."""
    kind, read = KINDS[update.type_url], tuple(read)
    removed = frozenset(side.key(key_of(kind.name, name)) for name in update.removed)
    resources = tuple(one.resource for one in read if one.resource is not None)
    problems = frozendict((one.key, one.problem) for one in read if one.problem)
    return Incoming(kind, resources, removed, problems, update.complete)


def _text(violations: Iterable[Violation]) -> str:
    return "; ".join(f"{violation.field}: {violation.message}".removeprefix(": ") for violation in violations)


def plan(incoming: Incoming, downstream: Sequence[Resource], side: Side) -> tuple[Step, ...]:
    """What to do, in this order. `downstream` is what is kept of the kind, or at least of the keys it speaks of."""
    upstream = {one.key: one for one in incoming.resources if side.belongs(incoming.kind, one)}
    here = {one.key: one for one in downstream}
    theirs = {key for key, one in here.items() if side.belongs(incoming.kind, one) and key not in incoming.problems}
    gone = theirs - upstream.keys() if incoming.complete else theirs & incoming.removed - upstream.keys()
    news = [resource for key, resource in upstream.items() if key not in here]
    both = [(here[key], resource) for key, resource in upstream.items() if key in theirs]
    return (
        *(Create(resource, side.owner) for resource in news),
        *(Delete(key) for key in sorted(gone)),
        *(Replace(_replaced(old, new, side)) for old, new in both if not _same(old, new, side)),
        *(Collide(key) for key in upstream if key in here and key not in theirs),
    )


def _same(old: Resource, new: Resource, side: Side) -> bool:
    return old.spec == new.spec and old.labels == new.labels and (not side.compares_status or old.status == new.status)


def _replaced(old: Resource, new: Resource, side: Side) -> Resource:
    return evolve(old, spec=new.spec, labels=new.labels, status=new.status if side.compares_status else old.status)


def refusal(incoming: Incoming, collisions: Iterable[Collide]) -> str | None:
    """What to tell the peer about what was not kept; None when all was."""
    collided = [str(one) for one in collisions]
    errors = [*incoming.problems.values(), *collided]
    if not errors:
        return None
    return "\n".join([USER_ERROR, *errors] if collided else errors)


def is_user_error(message: str) -> bool:
    """Whether a refusal says that somebody wrote what can't be kept, and not that something is broken."""
    return message.startswith(USER_ERROR)
