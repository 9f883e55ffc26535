"""Resources as `KumaResource` bytes, and back.

Kinds of the protobuf family travel as their message. Of all others the spec and status travel as JSON, in an Any
without a type.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import DecodeError

from kuma.kinds import KINDS, spec_of, status_of
from kuma.model import Key, Kind, Labels, Resource
from kuma.protos.codec import from_bytes, to_bytes
from kuma.protos.kds_pb2 import KumaResource
from kuma.schema import Invalid, Violation, show
from kuma.xds.config import Packed

GOOGLE = "type.googleapis.com/"
URL = f"{GOOGLE}kuma.mesh.v1alpha1.KumaResource"
NO_STATUS = b"{}"


class Undecodable(Exception):
    """What arrived is no resource at all."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name!r} is no resource: {reason}")


def pack(resource: Resource) -> Packed:
    """A resource as it travels. Its version is a hash of its bytes, so equal copies have equal versions."""
    kind = KINDS[resource.kind]
    message = KumaResource(
        meta=KumaResource.Meta(name=resource.name, mesh=resource.mesh, labels=resource.labels),
        spec=_spec(kind, resource),
    )
    if kind.status is not None:
        message.status.value = NO_STATUS if resource.status is None else _json(resource.status)
    body = message.SerializeToString(deterministic=True)
    return Packed(wire_name(resource.key), hashlib.sha256(body).hexdigest(), body, URL)


def unpack(kind: Kind, packed: Packed) -> tuple[Resource, tuple[Violation, ...]]:
    """A resource that arrived, and what keeps it from being understood: then only its key and labels count.

    Raises Undecodable.
    """
    message = KumaResource()
    try:
        message.ParseFromString(packed.body)
    except DecodeError as error:
        raise Undecodable(packed.name, str(error)) from error
    if packed.url != URL or not message.HasField("meta"):
        raise Undecodable(packed.name, f"it is a {packed.url!r}")
    key = Key(kind.name, message.meta.mesh, message.meta.name)
    labels = Labels(message.meta.labels)
    try:
        spec = _read_spec(kind, message.spec)
        status = status_of(kind, _document(message.status.value)) if message.HasField("status") else None
    except Invalid as invalid:
        return Resource(key, None, labels), tuple(invalid.violations)
    return Resource(key, spec, labels, status), ()


def wire_name(key: Key) -> str:
    """How a conversation calls a resource: `name.mesh`, with an empty mesh for kinds of global scope."""
    return f"{key.name}.{key.mesh}"


def key_of(kind: str, name: str) -> Key:
    """The key of a name in a conversation: the mesh stands after the last dot."""
    before, _, mesh = name.rpartition(".")
    return Key(kind, mesh, before) if before else Key(kind, "", name)


def _spec(kind: Kind, resource: Resource) -> AnyMessage:
    if kind.message:
        return AnyMessage(type_url=GOOGLE + kind.message, value=to_bytes(kind, resource.spec))
    return AnyMessage(value=_json(resource.spec))


def _read_spec(kind: Kind, spec: AnyMessage) -> Any:
    if not kind.message:
        return spec_of(kind, _document(spec.value))
    if spec.type_url.rpartition("/")[2] != kind.message:
        raise Invalid((Violation("spec", f"is a {spec.type_url!r}, not a {kind.message}"),))
    return from_bytes(kind, spec.value)


def _json(value: Any) -> bytes:
    # a fixed order of keys: equal values are equal bytes
    return json.dumps(show(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _document(data: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Invalid((Violation("", f"is no JSON: {error}"),)) from error
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise Invalid((Violation("", "must be an object"),))
    return document
