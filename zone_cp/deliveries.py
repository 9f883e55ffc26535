"""Whether a proxy holds what it should: what its Envoy says that it holds, beside what is made of the mesh now.

Every resource that Envoy has taken is told in its config dump with the version that it came with (Envoy admin v3,
`version_info`), and a version here is a hash of the content. So it does not matter which instance the proxy is
connected to, nor what was said to it before. Endpoints are not told with versions, and secrets not at all.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import frozen

from kuma.envoy import names
from kuma.kinds import BY_SHORT, kri_of
from kuma.mesh import Mesh
from kuma.model import Key, Kri, Resource
from kuma.rest.deliveries import Delivery, Stamps, digest
from kuma.rest.envoys import Envoys, Look, NotTold
from kuma.xds.config import Config
from zone_cp.inspection import Inspection
from zone_cp.session import CLUSTERS, LISTENERS, without_content

Json = Mapping[str, Any]

DUMP = Look("config_dump", as_json=True)
NOT_HERE = "the zone's control plane has not heard of it yet"
OWN = frozenset({names.ADMIN})
"""What is made for each proxy with keys of its own."""


@frozen
class Held:
    """What an Envoy holds of one type: versions by name, and why it did not take something newer."""

    versions: Mapping[str, str]
    refused: Mapping[str, str]


@frozen
class ZoneDeliveries:
    """Tells how far the proxies of this zone are. `refused` says why a proxy that is connected here refused a type."""

    inspection: Inspection
    envoys: Envoys
    refused: Callable[[Key], Mapping[str, str]]

    async def delivered(self, dataplane: Resource, stamps: Stamps) -> Delivery:
        """How far the proxy of a Dataplane is with resources that say this."""
        mesh = self.inspection.meshes.current(dataplane.mesh)
        if mesh is None or not all(_is_in(mesh, Kri.parse(kri), said) for kri, said in stamps.items()):
            return Delivery("pending", (NOT_HERE,))
        wanted = await self.inspection.made(mesh, dataplane.name)
        if wanted is None:
            return Delivery("pending", (NOT_HERE,))
        try:
            dump = await asyncio.to_thread(json.loads, await self.envoys.look(dataplane, DUMP))
        except (NotTold, ValueError) as reason:
            return Delivery("unknown", (str(reason),))
        return compared(wanted, dump, self.refused(dataplane.key))


def _is_in(mesh: Mesh, kri: Kri, said: str) -> bool:
    """Whether a mesh was made with a resource that says this."""
    every = mesh.of(BY_SHORT[kri.short].name).values()
    found = (mesh.resource,) if kri.short == "m" else (one for one in every if kri_of(one) == kri)
    return any(one is not None and digest(one) == said for one in found)


def compared(wanted: Config, dump: Json, refused: Mapping[str, str]) -> Delivery:
    """How far an Envoy with this config dump is. `refused` is what it was heard to say about types."""
    missing: list[str] = []
    reasons: list[str] = []
    for url, held in held_of(dump).items():
        resources = wanted.resources(url)
        behind = [name for name, packed in resources.items() if held.versions.get(name) != packed.version]
        missing.extend(name for name in behind if name not in OWN)
        said = {name: held.refused.get(name) or refused.get(url, "") for name in behind}
        reasons.extend(f"{name}: {without_content(why)}" for name, why in said.items() if why)
    if not missing:
        return Delivery("delivered")
    return Delivery("rejected", tuple(reasons)) if reasons else Delivery("pending", tuple(missing))


def held_of(dump: Json) -> Mapping[str, Held]:
    """What an Envoy holds, by type URL."""
    parts = dump.get("configs") or ()
    clusters = [one for part in parts for one in part.get("dynamic_active_clusters") or ()]
    listeners = [one for part in parts for one in part.get("dynamic_listeners") or ()]
    return {
        CLUSTERS: Held({one["cluster"]["name"]: one.get("version_info", "") for one in clusters}, {}),
        LISTENERS: Held(
            {one["name"]: one["active_state"].get("version_info", "") for one in listeners if "active_state" in one},
            dict(_refused(listeners)),
        ),
    }


def _refused(listeners: list[Json]) -> Iterator[tuple[str, str]]:
    """Why listeners were refused; one that there never was is only named in what was refused."""
    for one in listeners:
        error = one.get("error_state") or {}
        name = one.get("name") or error.get("failed_configuration", {}).get("name", "")
        if details := error.get("details"):
            yield name, details
