"""MeshProxyPatch: changes to a complete config. What proxies shared, they share when patched alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import evolve, frozen

from kuma.envoy import api
from kuma.envoy.names import CDS, EDS, LDS
from kuma.policies import meshproxypatch
from kuma.policies.meshproxypatch import Modifications, Place
from kuma.policy import Policy
from kuma.xds.config import Config, Layer, Layers, Packed, digest, layer, pack
from zone_cp.generate.matched import Rules
from zone_cp.generate.workshop import Shelf

CLUSTER, LISTENER = "Cluster", "Listener"
THROUGH = 1  # the place, among the layers of a config, of what a zone proxy passes on

ORIGINS = {
    "self_inbound_dp_": "inbound",
    "self_zoneingress_dp_": "ingress",
    "self_zoneegress_dp_": "egress",
    "self_transparentproxy_": "transparent",
    "direct_access": "direct-access",
    "meshpassthrough_": "meshpassthrough",
    "system_envoy_admin": "admin",
    "system_probe_readiness": "admin",
    "system_dynamicconfig": "dynamic-config",
    "system_meshmetric_prometheus_": "prometheus",
    "system_meshmetric_otel_": "open-telemetry",
    "system_meshtrace_": "mesh-trace",
    "system_meshaccesslog_": "meshaccesslog",
}  # by how a name begins; what is named for a destination is in none


def modifications_of(rules: Rules, policies: tuple[Policy, ...]) -> Modifications:
    """What the MeshProxyPatches of a proxy change."""
    conf = rules.whole(meshproxypatch.POLICY, policies.index(meshproxypatch.POLICY))
    return () if conf is None else conf.append_modifications or ()


@frozen
class Patcher:
    """Applies one proxy's modifications."""

    modifications: Modifications
    shelf: Shelf

    def patched(self, config: Config) -> Config:
        """The config after all modifications. Raises PatchFailed where one can't be applied."""
        clusters = self._layers(CLUSTER, config.by_type[CDS])
        assignments = tuple(map(self._warmed, config.by_type[EDS], clusters))
        listeners = self._layers(LISTENER, config.by_type[LDS])
        return Config({**config.by_type, CDS: clusters, EDS: assignments, LDS: listeners})

    def _layers(self, root: str, before: Layers) -> Layers:
        """The layers of one type after all modifications; what is added stands in the last of them."""
        *shared, own = (self._layer(root, one, zoned=place == THROUGH) for place, one in enumerate(before))
        more = meshproxypatch.added(self.modifications, root)
        return (*shared, layer((*own.resources.values(), *(pack(name, message) for name, message in more))))

    def _warmed(self, assignments: Layer, clusters: Layer) -> Layer:
        """Assignments of the clusters that are left. Envoy waits for those of a cluster that was patched."""
        key = (assignments.version, clusters.version)
        return self.shelf.part("warmed", key, lambda: layer(_follow(assignments, clusters.resources)))

    def _layer(self, root: str, before: Layer, zoned: bool) -> Layer:
        key = (root, before.version, zoned, self.modifications)
        return self.shelf.part("patched layer", key, lambda: layer(self._each(root, before, zoned)))

    def _each(self, root: str, before: Layer, zoned: bool) -> Iterator[Packed]:
        for packed in before.resources.values():
            place = Place(packed.name, origin_of(packed.name, zoned))
            key = (root, packed.version, place, self.modifications)
            after = self.shelf.part("patched", key, self._one(root, packed, place))
            if after is not None:
                yield after

    def _one(self, root: str, packed: Packed, place: Place) -> Callable[[], Packed | None]:
        def build() -> Packed | None:
            message: Any = getattr(api, root).FromString(packed.body)
            after = meshproxypatch.modified(self.modifications, place, message)
            return None if after is None else pack(packed.name, after)

        return build


def _follow(assignments: Layer, clusters: Mapping[str, Packed]) -> Iterator[Packed]:
    for name, packed in assignments.resources.items():
        if name in clusters:
            yield evolve(packed, version=digest(clusters[name].version.encode(), packed.body))


def origin_of(name: str, zoned: bool) -> str:
    """What a cluster or listener was generated for, which its name says."""
    found = next((origin for beginning, origin in ORIGINS.items() if name.startswith(beginning)), None)
    if found is not None:
        return found
    if not zoned:
        return "outbound"
    return "egress" if name.startswith("kri_extsvc_") else "ingress"
