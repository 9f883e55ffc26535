from kuma.envoy.stubs.envoy.type.metadata import v3_pb2 as _v3_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class CustomTag(_message.Message):
    class Environment(_message.Message):
        name: str
        default_value: str
        def __init__(self, name: _Optional[str] = ..., default_value: _Optional[str] = ...) -> None: ...
    class Header(_message.Message):
        name: str
        default_value: str
        def __init__(self, name: _Optional[str] = ..., default_value: _Optional[str] = ...) -> None: ...
    class Literal(_message.Message):
        value: str
        def __init__(self, value: _Optional[str] = ...) -> None: ...
    class Metadata(_message.Message):
        kind: _v3_pb2.MetadataKind
        metadata_key: _v3_pb2.MetadataKey
        default_value: str
        def __init__(self, kind: _Optional[_Union[_v3_pb2.MetadataKind, _Mapping[str, object]]] = ..., metadata_key: _Optional[_Union[_v3_pb2.MetadataKey, _Mapping[str, object]]] = ..., default_value: _Optional[str] = ...) -> None: ...
    tag: str
    literal: CustomTag.Literal
    environment: CustomTag.Environment
    request_header: CustomTag.Header
    metadata: CustomTag.Metadata
    value: str
    def __init__(self, tag: _Optional[str] = ..., literal: _Optional[_Union[CustomTag.Literal, _Mapping[str, object]]] = ..., environment: _Optional[_Union[CustomTag.Environment, _Mapping[str, object]]] = ..., request_header: _Optional[_Union[CustomTag.Header, _Mapping[str, object]]] = ..., metadata: _Optional[_Union[CustomTag.Metadata, _Mapping[str, object]]] = ..., value: _Optional[str] = ...) -> None: ...
