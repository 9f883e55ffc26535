"""What a proxy's Envoy is to hold, for people to look at: made by the same function as what is sent, without keys."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from attrs import evolve, frozen

from kuma.envoy import api
from kuma.kinds import kri_of
from kuma.mesh import AdminTls, Certificate, Mesh, Metadata, Proxy
from kuma.model import EFFECT, Key, Resource
from kuma.store.api import NotFound, Reader
from kuma.xds.config import URL, Config
from zone_cp.generate import Workshop, generate, prepare
from zone_cp.identities import ready_identity
from zone_cp.meshes import Meshes

NO_KEYS = AdminTls(b"", b"", b"")
"""An admin listener as it is shown: there, and with nothing to serve with."""
REDACTED = "[redacted]"
DATA = ("inlineBytes", "inlineString")


@frozen
class Inspection:
    """Shows configs of this zone's proxies, connected or not; what was built for those that are is not built again."""

    meshes: Meshes
    store: Reader
    workshop: Callable[[], Workshop] = Workshop

    async def config(self, key: Key, shadow: bool = False) -> dict[str, Any] | None:
        """The config of one Dataplane's proxy by type URL and name; None for a Dataplane of another zone.

        With `shadow` it is what the proxy would hold if the policies that only cast their shadow were in effect.
        """
        mesh = self.meshes.current(key.mesh)
        if mesh is None:
            return None
        made = await (self._shadowed(mesh, key.name) if shadow else self.made(mesh, key.name))
        return None if made is None else shown(made)

    async def made(self, mesh: Mesh, name: str) -> Config | None:
        """The config that is made of a mesh for one Dataplane's proxy; None where there is no such Dataplane."""
        return await self._made(mesh, name, self.workshop())

    async def _shadowed(self, mesh: Mesh, name: str) -> Config | None:
        """Made with a memory of its own: what nobody is sent is soon forgotten."""
        return await self._made(in_effect(mesh), name, Workshop(internal=self.workshop().internal))

    async def _made(self, mesh: Mesh, name: str, workshop: Workshop) -> Config | None:
        dataplane = mesh.get("Dataplane", name)
        if dataplane is None:
            return None
        proxy = Proxy(dataplane, await self._metadata(dataplane.key), _identity(mesh, dataplane), NO_KEYS)
        for _ in prepare(mesh, proxy, workshop):
            await asyncio.sleep(0)  # others have their turns while much is built
        return generate(mesh, proxy, workshop)

    async def _metadata(self, key: Key) -> Metadata:
        """What the proxy last said of itself."""
        try:
            insight = await self.store.get(Key("DataplaneInsight", key.mesh, key.name))
        except NotFound:
            return Metadata()
        return Metadata.of(insight.spec.metadata or {})


def in_effect(mesh: Mesh) -> Mesh:
    """The mesh if its shadow policies were in effect."""
    shadows = (one for found in mesh.policies.by_kind.values() for one in found if one.labels.get(EFFECT) == "shadow")
    return mesh.changed([evolve(one, labels=one.labels.delete(EFFECT)) for one in shadows])


def _identity(mesh: Mesh, dataplane: Resource) -> Certificate | None:
    """Which identity the proxy has; without a chain no Secret is generated, so no key can be shown."""
    identity = ready_identity(mesh, dataplane)
    return None if identity is None else Certificate(str(kri_of(identity)))


def shown(config: Config) -> dict[str, Any]:
    """A config as JSON, without private keys; types without resources are left out."""
    found = {
        url: {
            name: _without_keys(api.document(api.message_class(url.removeprefix(URL)).FromString(packed.body)))
            for name, packed in config.resources(url).items()
        }
        for url in config.by_type
    }
    return {url: resources for url, resources in found.items() if resources}


def _without_keys(found: Any) -> Any:
    """The same document, in which no private key can be read (Envoy: TlsCertificate.private_key)."""
    if isinstance(found, list):
        return [_without_keys(one) for one in found]
    if not isinstance(found, dict):
        return found
    return {name: _hidden(one) if name == "privateKey" else _without_keys(one) for name, one in found.items()}


def _hidden(source: Any) -> Any:
    """A data source of which only its kind can be seen."""
    if not isinstance(source, dict):
        return REDACTED
    return {name: REDACTED if name in DATA and data else data for name, data in source.items()}
