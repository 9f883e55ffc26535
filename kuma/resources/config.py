"""Config: what control planes note down for each other, such as the id of the deployment."""

from __future__ import annotations

from attrs import frozen

from kuma.model import Kind
from kuma.schema import Message, field


@frozen
class Config(Message):
    """One text."""

    config: str = field(default="", doc="The text noted down.")


KIND = Kind(
    "Config",
    "",
    Config,
    mesh_scoped=False,
    message="kuma.system.v1alpha1.Config",
    global_to_zone=True,
    renamed=False,
    title="Config",
)
