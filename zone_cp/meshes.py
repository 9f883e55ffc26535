"""What comes from the store becomes a new immutable Mesh, and everybody who needs it is told."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import structlog
from attrs import evolve
from twisted.application.service import MultiService

from kuma.clock import Clock
from kuma.external import secrets_of, unreachable
from kuma.kinds import KINDS
from kuma.mesh import INSIGHTS, Mesh, mesh_of
from kuma.mirror import Difference, Mirror
from kuma.model import Key, Resource
from kuma.names import is_ip
from kuma.store.api import Store
from zone_cp.addresses import Addresses

log = structlog.get_logger()

Follower = Callable[[Mesh], None]


class Meshes(MultiService):
    """Keeps a Mesh for every mesh of the store, as its proxies see it from this zone.

    Nothing is published before the store was read once as a whole. While the store is away everything stays as it was.
    """

    def __init__(self, store: Store, zone: str, clock: Clock, addresses: Addresses) -> None:
        super().__init__()
        self._zone = zone
        self._meshes: dict[str, Mesh] = {}
        self._followers: list[Follower] = []
        self._named: dict[Key, Resource] = {}  # resources whose address is a DNS name, as the store has them
        self._addresses = addresses
        self._mirror = Mirror(store, _kinds(), clock)
        addresses.follow(self._moved)
        addresses.setServiceParent(self)
        self._mirror.subscribe(self._take)
        self._mirror.setServiceParent(self)

    @property
    def ready(self) -> bool:
        """Whether everything was read once: before that a mesh may look emptier than it is."""
        return self._mirror.complete

    async def completed(self) -> None:
        """Wait until everything was read once."""
        await self._mirror.completed()

    def names(self) -> tuple[str, ...]:
        """The meshes there are, sorted."""
        return tuple(sorted(name for name in self._meshes if self.current(name) is not None))

    def current(self, name: str) -> Mesh | None:
        """The mesh of this name as it is now; None when there is none."""
        mesh = self._meshes.get(name)
        return None if mesh is None or mesh.resource is None else mesh

    async def settled(self, name: str, enough: Callable[[Mesh], bool], patience: float) -> Mesh | None:
        """The mesh of this name, once it is `enough`; as it is, when that does not happen within `patience` seconds.

        What was written a moment ago, maybe through another control plane, is on its way here.
        """
        found = asyncio.Event()

        def look(mesh: Mesh) -> None:
            if mesh.name == name and enough(mesh):
                found.set()

        stop = self.subscribe(look)
        try:
            async with asyncio.timeout(patience):
                await found.wait()
        except TimeoutError:
            log.debug("mesh not settled", mesh=name)
        finally:
            stop()
        return self.current(name)

    def subscribe(self, follower: Follower) -> Callable[[], None]:
        """Be told every new Mesh, first of all those there are; call the answer to stop."""
        self._followers.append(follower)
        for name in self.names():
            follower(self._meshes[name])
        return lambda: self._followers.remove(follower)

    def _take(self, difference: Difference) -> None:
        puts: defaultdict[str, list[Resource]] = defaultdict(list)
        deletes: defaultdict[str, list[Key]] = defaultdict(list)
        for key in difference.deletes:
            self._named.pop(key, None)
            deletes[_mesh_of(key)].append(key)
        for put in difference.puts:
            if (placed := self._place(put)) is not None:
                puts[put.mesh or put.name] += (placed, *self._secrets_of(put))
            else:
                deletes[_mesh_of(put.key)].append(put.key)
        for name in dict.fromkeys((*puts, *deletes)):
            self._change(name, puts[name], deletes[name])
        self._addresses.keep({_address(resource) for resource in self._named.values()})

    def _change(self, name: str, puts: Iterable[Resource], deletes: Iterable[Key]) -> None:
        before = self._meshes.get(name) or mesh_of(name, self._zone, ())
        news = [put for put in puts if not _alike(before.get(put.kind, put.name), put)]
        after = before.changed(news, deletes)
        if after is before:
            return
        self._meshes[name] = after
        log.debug("mesh changed", mesh=name, changed=len(news))
        _tell_of_unreachable(before, after)
        if after.resource is None:
            return
        for follower in tuple(self._followers):
            follower(after)

    def _place(self, resource: Resource) -> Resource | None:
        """The resource with an IP for its address; None while its name is unknown."""
        address = _address(resource)
        if not address or is_ip(address):
            self._named.pop(resource.key, None)
            return resource
        self._named[resource.key] = resource
        ip = self._addresses.ip(address)
        return None if ip is None else _at(resource, ip)

    def _secrets_of(self, resource: Resource) -> Iterable[Resource]:
        """The Secrets that a service names, which its mesh did not need before."""
        names = secrets_of(resource) if resource.kind == "MeshExternalService" else ()
        found = (self._mirror.get(Key("Secret", resource.mesh, name)) for name in names)
        return (secret for secret in found if secret is not None)

    def _moved(self, name: str) -> None:
        self._take(Difference(tuple(one for one in self._named.values() if _address(one) == name)))


def _kinds() -> tuple[str, ...]:
    scoped = (kind for kind in KINDS.values() if kind.mesh_scoped and kind.name not in INSIGHTS)
    return ("Mesh", *(kind.name for kind in scoped))


def _tell_of_unreachable(before: Mesh, after: Mesh) -> None:
    """No egress leads to a service whose certificates or keys are not there: better than without them."""
    if before.outside is after.outside and before.of("MeshExternalService") is after.of("MeshExternalService"):
        return
    known = set(unreachable(before.of("MeshExternalService"), before.of("Secret")))
    for service, reason in unreachable(after.of("MeshExternalService"), after.of("Secret")):
        if (service, reason) not in known:
            log.warning("service unreachable", service=str(service), reason=reason)


def _mesh_of(key: Key) -> str:
    return key.mesh or key.name


def _address(resource: Resource) -> str:
    if resource.kind == "Dataplane":
        return resource.spec.networking.address or ""
    return str(resource.spec.address) if resource.kind == "MeshZoneAddress" else ""


def _at(resource: Resource, ip: str) -> Resource:
    if resource.kind == "Dataplane":
        networking = _networking_at(resource.spec.networking, ip)
        return evolve(resource, spec=evolve(resource.spec, networking=networking))
    return evolve(resource, spec=evolve(resource.spec, address=ip))


def _networking_at(networking: Any, ip: str) -> Any:
    """What listens under the name that the Dataplane has listens under its address."""
    listeners = (evolve(one, address=ip) if one.address == networking.address else one for one in networking.listeners)
    return evolve(networking, address=ip, listeners=tuple(listeners))


def _without_counters(status: Any) -> Any:
    return status and evolve(status, dataplane_proxies=None)


def _nothing(_: Any) -> None:
    return None


# What of a status no proxy's config depends on: counters change often, and must not wake everybody.
SEEN_OF_STATUS: Mapping[str, Callable[[Any], Any]] = {
    "MeshService": _without_counters,
    "MeshTrust": _nothing,
    "Workload": _nothing,
}


def _whole(status: Any) -> Any:
    return status


def _alike(before: Resource | None, after: Resource) -> bool:
    """Whether the two say the same to every proxy; versions and times say nothing to them."""
    if before is None or (before.spec, before.labels) != (after.spec, after.labels):
        return False
    seen = SEEN_OF_STATUS.get(after.kind, _whole)
    return bool(seen(before.status) == seen(after.status))
