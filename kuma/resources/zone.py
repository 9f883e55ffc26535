"""Zone: one cluster or datacenter, as the global control plane knows it."""

from __future__ import annotations

from attrs import frozen

from kuma.model import Kind
from kuma.names import label_value
from kuma.schema import Message, field


@frozen
class Zone(Message):
    """Whether a zone takes part."""

    enabled: bool | None = field(
        default=None, doc="Whether other zones may send traffic there; yes if nothing is said."
    )

    @property
    def is_enabled(self) -> bool:
        return self.enabled is not False


KIND = Kind(
    "Zone",
    "zones",
    Zone,
    short="z",
    mesh_scoped=False,
    message="kuma.system.v1alpha1.Zone",
    renamed=False,
    singular="zone",
    title="Zone",
    name_problems=label_value,
)
