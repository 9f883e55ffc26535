"""Secret: bytes that only the control plane and those it trusts may read, inside one mesh."""

from __future__ import annotations

from attrs import frozen

from kuma.model import Kind
from kuma.schema import Message, field


@frozen
class Secret(Message):
    """The bytes; documents carry them as base64."""

    data: bytes | None = field(default=None, repr=False, doc="What is kept secret, as base64.")


KIND = Kind(
    "Secret",
    "secrets",
    Secret,
    message="kuma.system.v1alpha1.Secret",
    global_to_zone=True,
    renamed=False,
    admin_only=True,
    singular="secret",
    title="Secret",
)
