"""GlobalSecret: bytes for the control planes themselves, such as keys that sign tokens."""

from __future__ import annotations

from kuma.model import Kind
from kuma.resources.secret import Secret

KIND = Kind(
    "GlobalSecret",
    "globalsecrets",
    Secret,
    mesh_scoped=False,
    message="kuma.system.v1alpha1.Secret",
    global_to_zone=True,
    renamed=False,
    admin_only=True,
    singular="globalsecret",
    title="Global Secret",
    aliases=("global-secrets",),
)
