"""Whether a proxy holds what it should: what its Envoy says that it holds, beside what is made of the mesh now.

Every resource that Envoy has taken is told in its config dump with the version that it came with (Envoy admin v3,
`version_info`), and a version here is a hash of the content. So it does not matter which instance the proxy is
connected to, nor what was said to it before. Endpoints are not told with versions, and secrets not at all.

A listener of which only filter chains are replaced goes on showing the version that it began with, so listeners with
another version than the wanted one are compared by what is in them.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import field, frozen

from kuma.envoy import api, names
from kuma.kinds import BY_SHORT, kri_of
from kuma.mesh import Mesh
from kuma.model import Key, Kri, Resource
from kuma.rest.deliveries import Delivery, Stamps, digest
from kuma.rest.envoys import Envoys, Look, NotTold
from kuma.xds.config import URL, Config, Packed
from zone_cp.inspection import Inspection
from zone_cp.session import CLUSTERS, LISTENERS, without_content

Json = Mapping[str, Any]

DUMP = Look("config_dump", as_json=True)
NOT_HERE = "the zone's control plane has not heard of it yet"
OWN = frozenset({names.ADMIN})
"""What is made for each proxy with keys of its own."""


@frozen
class Refused:
    """What an Envoy refused and why; it goes on telling until it takes something else of this name."""

    why: str
    content: Json


@frozen
class Held:
    """What an Envoy holds of one type: versions by name, what it refused and why, and what is in those that it holds.

    `content` is kept where versions may be those of something older.
    """

    versions: Mapping[str, str]
    refused: Mapping[str, Refused]
    content: Mapping[str, Json] = field(factory=dict)

    def has(self, wanted: Packed) -> bool:
        """Whether this is what is held under its name."""
        if self.versions.get(wanted.name) == wanted.version:
            return True
        content = self.content.get(wanted.name)
        return content is not None and _same(content, wanted)

    def against(self, wanted: Packed) -> str | None:
        """Why just this was refused; None where nothing was, and nothing where it was something else."""
        refused = self.refused.get(wanted.name)
        if refused is None:
            return None
        return refused.why if not refused.content or _same(refused.content, wanted) else ""


def _same(content: Json, wanted: Packed) -> bool:
    """Whether Envoy shows the same message. Both are written in one way first: Envoy has another for some numbers."""
    full_name = wanted.url.removeprefix(URL)
    try:
        shown = api.message_of(full_name, {name: said for name, said in content.items() if name != "@type"})
    except ValueError:
        return False  # of a newer Envoy, or of somebody else
    return api.document(shown) == api.document(api.message_class(full_name).FromString(wanted.body))


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
        return await asyncio.to_thread(compared, wanted, dump, self.refused(dataplane.key))


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
        behind = {name: packed for name, packed in resources.items() if name not in OWN and not held.has(packed)}
        missing.extend(behind)
        against = {name: held.against(packed) for name, packed in behind.items()}
        said = {name: refused.get(url, "") if why is None else why for name, why in against.items()}
        reasons.extend(f"{name}: {without_content(why)}" for name, why in said.items() if why)
    if not missing:
        return Delivery("delivered")
    return Delivery("rejected", tuple(reasons)) if reasons else Delivery("pending", tuple(missing))


def held_of(dump: Json) -> Mapping[str, Held]:
    """What an Envoy holds, by type URL."""
    parts = dump.get("configs") or ()
    clusters = [one for part in parts for one in part.get("dynamic_active_clusters") or ()]
    listeners = [one for part in parts for one in part.get("dynamic_listeners") or ()]
    active = {one["name"]: one["active_state"] for one in listeners if "active_state" in one}
    return {
        CLUSTERS: Held({one["cluster"]["name"]: one.get("version_info", "") for one in clusters}, {}),
        LISTENERS: Held(
            {name: state.get("version_info", "") for name, state in active.items()},
            dict(_refused(listeners)),
            {name: state["listener"] for name, state in active.items() if "listener" in state},
        ),
    }


def _refused(listeners: list[Json]) -> Iterator[tuple[str, Refused]]:
    """Why listeners were refused; one that there never was is only named in what was refused."""
    for one in listeners:
        error = one.get("error_state") or {}
        content = error.get("failed_configuration", {})
        if details := error.get("details"):
            yield one.get("name") or content.get("name", ""), Refused(details, content)
