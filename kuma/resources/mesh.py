"""Mesh: a set of proxies that trust one another, and the space in which their resources have names."""

from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from kuma.model import Kind
from kuma.names import dns1035
from kuma.schema import Message, field


@frozen
class Mesh(Message):
    """What can be said of a mesh as a whole; all else are resources inside it."""

    REMOVED: ClassVar = frozenset(
        {"mtls", "tracing", "logging", "metrics", "networking", "routing", "constraints", "meshServices"}
    )

    skip_creating_initial_policies: tuple[str, ...] = field(
        default=(), doc="Kinds of default policies not to create with the mesh, or `*` for none at all."
    )


KIND = Kind(
    "Mesh",
    "meshes",
    Mesh,
    short="m",
    mesh_scoped=False,
    message="kuma.mesh.v1alpha1.Mesh",
    global_to_zone=True,
    provided_by_zone=False,
    renamed=False,
    singular="mesh",
    title="Mesh",
    name_problems=dns1035,
)
