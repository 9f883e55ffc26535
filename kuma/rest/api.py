"""What the handlers stand on, given to them by whoever composes a control plane."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from attrs import field, frozen

from certs.secrets import SigningKeys
from kuma.admission import Resources, is_read_only
from kuma.labels import Where
from kuma.model import Key, Kind, Resource
from kuma.rest.calls import Call
from kuma.rest.envoys import Envoys
from kuma.rest.errors import Problem
from kuma.settings.access import StaticAccess
from kuma.store.api import NotFound

if TYPE_CHECKING:
    from kuma.rest.deliveries import Deliveries

GLOBAL_IS_READ_ONLY = (
    "On global control plane you can not modify dataplane resources with 'kumactl apply' or via the HTTP API. "
    "You can still use 'kumactl' or the HTTP API to modify them on the zone control plane.\n"
)
ZONE_IS_READ_ONLY = (
    "On zone control plane you can only modify zone resources with 'kumactl apply' or via the HTTP API. "
    "You can still use 'kumactl' or the HTTP API to modify the rest of the resource on the global control plane.\n"
)

DataplaneConfig = Callable[[Key, bool], Awaitable[dict[str, Any] | None]]
"""The config of a Dataplane's proxy by type URL and name; if so asked, with shadow policies in effect."""


@frozen
class About:
    """Which control plane this is. On Kubernetes its own objects, and copies, lie in its system namespace."""

    mode: Literal["global", "zone"]
    instance_id: str = ""
    cluster_id: Callable[[], str] = lambda: ""
    hostname: str = ""
    zone: str = ""
    federated: bool = False
    read_only: bool = False
    system_namespace: str = ""

    def is_read_only(self, kind: Kind) -> bool:
        """Whether resources of a kind can't be written here."""
        return self.read_only or is_read_only(kind, Where(self.mode, self.zone, federated=self.federated))


@frozen
class Api:
    """The parts that answers are made of.

    `keys` sign the tokens of the kinds in `issues`. `config` is this control plane's configuration without its secrets;
    `dataplane_config` shows the config of a connected proxy, on zones; `envoys` asks the proxies' Envoys themselves,
    and `deliveries` tells how far they are.
    """

    resources: Resources
    about: About
    access: StaticAccess = field(factory=StaticAccess)
    keys: SigningKeys | None = field(default=None, repr=False)
    issues: frozenset[str] = frozenset({"dataplane", "zone", "user"})
    config: Mapping[str, Any] = field(factory=dict, repr=False)
    dataplane_config: DataplaneConfig | None = None
    envoys: Envoys | None = None
    deliveries: Deliveries | None = None

    def writable(self, kind: Kind) -> None:
        """Raise a problem unless resources of a kind can be written here."""
        if not self.about.is_read_only(kind):
            return
        detail = GLOBAL_IS_READ_ONLY if self.about.mode == "global" else ZONE_IS_READ_ONLY
        raise Problem(405, "Method not allowed", detail)

    async def mesh(self, call: Call) -> str:
        """The mesh of a call's path, known to exist. Raises a problem."""
        name = call.args["mesh"]
        await self.found(Key("Mesh", "", name), "Failed to retrieve Mesh")
        return name

    async def found(self, key: Key, title: str) -> Resource:
        """A resource that must exist. Raises a problem with this title."""
        try:
            return await self.resources.get(key)
        except NotFound:
            raise Problem(404, title, "Not found") from None
