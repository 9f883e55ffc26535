"""Delta xDS messages as bytes, and back.

The few message types of the conversation are described here, field by field, as far as they are used: `Node` and
`Status` have more fields, which a peer may send and which are skipped. So a control plane that serves no Envoy carries
none of Envoy's vocabulary. Resources are not encoded here: they come as ready bytes (`Packed.entry`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from frozendict import frozendict
from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, json_format, message_factory, struct_pb2
from google.protobuf.message import DecodeError

from kuma.xds.config import Packed
from kuma.xds.delta import NONE_HELD, Node, Request, Response

Field = descriptor_pb2.FieldDescriptorProto
ANY, STRUCT, STRING, INT32 = ".google.protobuf.Any", ".google.protobuf.Struct", "string", "int32"
REPEATED = "repeated "

PACKAGE = "kuma.xds.wire"
MESSAGES: Mapping[str, Mapping[int, tuple[str, str]]] = {
    # envoy/config/core/v3/base.proto, google/rpc/status.proto
    "Node": {1: ("id", STRING), 3: ("metadata", STRUCT)},
    "ControlPlane": {1: ("identifier", STRING)},
    "Status": {1: ("code", INT32), 2: ("message", STRING)},
    # envoy/service/discovery/v3/discovery.proto
    "Version": {1: ("key", STRING), 2: ("value", STRING)},
    "Resource": {1: ("version", STRING), 2: ("resource", ANY), 3: ("name", STRING)},
    "Request": {
        1: ("node", "Node"),
        2: ("type_url", STRING),
        3: ("resource_names_subscribe", REPEATED + STRING),
        4: ("resource_names_unsubscribe", REPEATED + STRING),
        5: ("initial_resource_versions", REPEATED + "Version"),  # a map is a list of pairs
        6: ("response_nonce", STRING),
        7: ("error_detail", "Status"),
    },
    "Response": {
        1: ("system_version_info", STRING),
        2: ("resources", REPEATED + "Resource"),
        4: ("type_url", STRING),
        5: ("nonce", STRING),
        6: ("removed_resources", REPEATED + STRING),
        7: ("control_plane", "ControlPlane"),
    },
}


class Malformed(Exception):
    """Bytes that are not a message of the conversation."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"malformed discovery message: {reason}")


def request_bytes(request: Request) -> bytes:
    """A `DeltaDiscoveryRequest`."""
    message = _CLASSES["Request"](
        type_url=request.type_url,
        resource_names_subscribe=request.subscribe,
        resource_names_unsubscribe=request.unsubscribe,
        initial_resource_versions=[{"key": k, "value": v} for k, v in sorted(request.initial_versions.items())],
        response_nonce=request.nonce,
    )
    if request.node is not None:
        message.node.id = request.node.id
        if request.node.metadata:
            message.node.metadata.update(request.node.metadata)
    if request.error is not None:
        message.error_detail.message = request.error
        message.error_detail.SetInParent()
    return _bytes(message)


def parse_request(data: bytes) -> Request:
    """A `DeltaDiscoveryRequest` that came in. Raises Malformed."""
    message = _parsed("Request", data)
    return Request(
        type_url=message.type_url,
        subscribe=tuple(message.resource_names_subscribe),
        unsubscribe=tuple(message.resource_names_unsubscribe),
        initial_versions=_versions(message.initial_resource_versions)
        if message.initial_resource_versions
        else NONE_HELD,
        nonce=message.response_nonce,
        error=message.error_detail.message if message.HasField("error_detail") else None,
        node=node_of(message.node) if message.HasField("node") else None,
    )


def _versions(pairs: Iterable[Any]) -> Mapping[str, str]:
    return frozendict((pair.key, pair.value) for pair in pairs)


def response_bytes(response: Response, control_plane: str) -> bytes:
    """A `DeltaDiscoveryResponse`: its head, and the ready bytes of its resources."""
    head = _CLASSES["Response"](type_url=response.type_url, nonce=response.nonce, removed_resources=response.removed)
    head.control_plane.identifier = control_plane
    return b"".join((_bytes(head), *(packed.entry for packed in response.resources)))


def parse_response(data: bytes) -> Response:
    """A `DeltaDiscoveryResponse` that came in. Raises Malformed."""
    message = _parsed("Response", data)
    resources = (
        Packed(resource.name, resource.version, resource.resource.value, resource.resource.type_url)
        for resource in message.resources
    )
    return Response(message.type_url, message.nonce, tuple(resources), tuple(message.removed_resources))


def node_of(message: Any) -> Node:
    """Who speaks, according to a message of the type `Node`. Raises Malformed."""
    try:
        metadata = json_format.MessageToDict(message.metadata)
    except (json_format.SerializeToJsonError, ValueError) as error:  # a Struct can hold infinity, JSON can't
        raise Malformed(f"node metadata: {error}") from error
    return Node(message.id, frozendict(metadata))


def _parsed(name: str, data: bytes) -> Any:
    try:
        return _CLASSES[name].FromString(data)
    except DecodeError as error:
        raise Malformed(str(error)) from error


def _bytes(message: Any) -> bytes:
    encoded: bytes = message.SerializeToString(deterministic=True)
    return encoded


def _classes() -> dict[str, Any]:
    pool = descriptor_pool.DescriptorPool()
    for known in (any_pb2, struct_pb2):
        pool.AddSerializedFile(known.DESCRIPTOR.serialized_pb)
    file = descriptor_pb2.FileDescriptorProto(
        name="kuma/xds/wire.proto",
        package=PACKAGE,
        syntax="proto3",
        dependency=[any_pb2.DESCRIPTOR.name, struct_pb2.DESCRIPTOR.name],
    )
    file.message_type.extend(_described(name, fields) for name, fields in MESSAGES.items())
    pool.AddSerializedFile(file.SerializeToString())
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{name}")) for name in MESSAGES}


def _described(name: str, fields: Mapping[int, tuple[str, str]]) -> descriptor_pb2.DescriptorProto:
    return descriptor_pb2.DescriptorProto(name=name, field=_fields(fields))


def _fields(fields: Mapping[int, tuple[str, str]]) -> Iterator[descriptor_pb2.FieldDescriptorProto]:
    for number, (name, said) in fields.items():
        label = Field.LABEL_REPEATED if said.startswith(REPEATED) else Field.LABEL_OPTIONAL
        kind = said.removeprefix(REPEATED)
        described = Field(name=name, number=number, label=label)
        if kind in (STRING, INT32):
            described.type = Field.TYPE_STRING if kind == STRING else Field.TYPE_INT32
        else:
            described.type = Field.TYPE_MESSAGE
            described.type_name = kind if kind.startswith(".") else f".{PACKAGE}.{kind}"
        yield described


_CLASSES = _classes()
