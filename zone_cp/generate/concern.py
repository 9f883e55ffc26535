"""Whom a change of the mesh concerns: the others' configs would be made of what they were made of before.

Only what a change is known to leave alone is left alone; of anything else all proxies are looked at again.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from weakref import WeakKeyDictionary

from attrs import Factory, define, field, frozen

from kuma.envoy.names import EDS
from kuma.match import applies
from kuma.mesh import Mesh, Proxy
from kuma.model import Resource
from kuma.policies import POLICIES
from kuma.redirection import redirection
from kuma.vips import ADDRESSED
from kuma.xds.config import Config, Layer, Layers

FAULTS, ROUTES = "MeshFaultInjection", "MeshHTTPRoute"
BY_TARGET = frozenset(policy.kind.name for policy in POLICIES) - {ROUTES}  # others point at routes, too
KNOWN = BY_TARGET | {"Dataplane", "Workload", *ADDRESSED}
NOBODY: frozenset[str] = frozenset()


@frozen(eq=False)
class Outlook:
    """What decides whether a change concerns a proxy: looked for when its config is made, not with each change.

    `anywhere` says that it passes connections on to every service, `directly` that it reaches Dataplanes past services.
    """

    dataplane: Resource
    name: str
    reached: Layers
    anywhere: bool
    directly: bool
    redirected: bool


def outlook(proxy: Proxy, config: Config) -> Outlook:
    """How a proxy with this config looks outward."""
    networking = proxy.dataplane.spec.networking
    redirected = networking.transparent_proxying
    return Outlook(
        dataplane=proxy.dataplane,
        name=proxy.dataplane.name,
        reached=config.by_type[EDS],
        anywhere=bool(networking.listeners),
        directly=redirected is not None and bool(redirected.direct_access_services),
        redirected=redirection(proxy) is not None,
    )


@frozen
class Concern:
    """What has changed, as far as it decides whose config may be another one now.

    `moved` are services whose endpoints are elsewhere, by their KRIs without a section. `named` says that the names or
    addresses of services may have changed. `policies` are those that there were or are.
    """

    everybody: bool = False
    dataplanes: frozenset[str] = NOBODY
    moved: frozenset[str] = NOBODY
    named: bool = False
    policies: tuple[Resource, ...] = ()
    _known: dict[Layers, bool] = field(factory=dict, eq=False, repr=False)

    def of(self, one: Outlook) -> bool:
        """Whether the config of who looks outward so may be another one now."""
        return (
            self.everybody
            or one.name in self.dataplanes
            or (bool(self.moved) and (one.anywhere or self._met(one.reached)))
            or (one.directly and bool(self.dataplanes))
            or (one.redirected and self.named)
            or (bool(self.policies) and any(applies(policy, one.dataplane) for policy in self.policies))
        )

    def _met(self, reached: Layers) -> bool:
        """Whether some of these services moved; found once for all proxies that share the layers."""
        if (known := self._known.get(reached)) is None:
            known = self._known[reached] = not all(self.moved.isdisjoint(_REACHED.by(layer)) for layer in reached)
        return known


EVERYBODY = Concern(everybody=True)


def concern(before: Mesh, after: Mesh) -> Concern:
    """What is different between a mesh and the one after it."""
    changed = {kind for kind in before.kinds.keys() | after.kinds.keys() if before.of(kind) is not after.of(kind)}
    if not changed <= KNOWN or not _alike(before, after):
        return EVERYBODY
    return Concern(
        dataplanes=frozenset(one.name for one in _different(before, after, "Dataplane")),
        moved=frozenset(_moved(before, after)),
        named=not changed.isdisjoint(ADDRESSED),
        policies=tuple(chain.from_iterable(_different(before, after, kind) for kind in changed & BY_TARGET)),
    )


def _alike(before: Mesh, after: Mesh) -> bool:
    """Whether everything that decides for all proxies at once is as it was."""
    faulty = before.policies.in_effect(FAULTS) == after.policies.in_effect(FAULTS)
    kept = before.destinations is after.destinations and before.trust is after.trust and before.outside is after.outside
    return faulty and kept


def _different(before: Mesh, after: Mesh, kind: str) -> Iterator[Resource]:
    """The resources of a kind that are not what they were, as they were and as they are."""
    old, new = before.of(kind), after.of(kind)
    if old is not new:
        yield from (one for name, one in old.items() if new.get(name) is not one)
        yield from (one for name, one in new.items() if old.get(name) is not one)


def _moved(before: Mesh, after: Mesh) -> Iterator[str]:
    old, new = before.places.by_name, after.places.by_name
    if old is not new:
        yield from (_service(name) for name in old.keys() | new.keys() if old.get(name) is not new.get(name))


def _service(name: str) -> str:
    """A KRI without its section: ports are called by their names or by their numbers."""
    return name.rpartition("_")[0]


@define
class _Reached:
    """The services of which layers have load assignments, for as long as the layers live."""

    _services: WeakKeyDictionary[Layer, frozenset[str]] = Factory(WeakKeyDictionary)

    def by(self, layer: Layer) -> frozenset[str]:
        if (known := self._services.get(layer)) is None:
            known = self._services[layer] = frozenset(map(_service, layer.resources))
        return known


_REACHED = _Reached()
