"""Specs of the protobuf family as messages and back, by way of protobuf's JSON mapping."""

from __future__ import annotations

from typing import Any

from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message import DecodeError, Message

from kuma.model import Kind
from kuma.protos import dataplane_insight_pb2, dataplane_pb2, mesh_insight_pb2, mesh_pb2, system_pb2
from kuma.schema import Invalid, Violation, parse, show

MESSAGES: dict[str, type[Message]] = {
    message.DESCRIPTOR.full_name: message
    for message in (
        dataplane_pb2.Dataplane,
        dataplane_insight_pb2.DataplaneInsight,
        mesh_pb2.Mesh,
        mesh_insight_pb2.MeshInsight,
        mesh_insight_pb2.ServiceInsight,
        system_pb2.Config,
        system_pb2.Secret,
        system_pb2.Zone,
        system_pb2.ZoneInsight,
    )
}


def to_message(kind: Kind, spec: Any) -> Message:
    """A spec as its kind's message."""
    return ParseDict(show(spec), MESSAGES[kind.message]())


def from_message(kind: Kind, message: Message) -> Any:
    """A message as its kind's spec. Raises Invalid , say where an enum value is new."""
    return parse(kind.spec, MessageToDict(message), "")


def to_bytes(kind: Kind, spec: Any) -> bytes:
    """A spec as its kind's message, serialised so that equal specs are equal bytes."""
    return to_message(kind, spec).SerializeToString(deterministic=True)


def from_bytes(kind: Kind, data: bytes) -> Any:
    """A serialised message as its kind's spec. Raises Invalid."""
    message = MESSAGES[kind.message]()
    try:
        message.ParseFromString(data)
        document = MessageToDict(message)
    except (DecodeError, ValueError, RecursionError) as error:
        raise Invalid((Violation("", f"is not a {kind.message}: {error}"),)) from error
    return parse(kind.spec, document, "")
