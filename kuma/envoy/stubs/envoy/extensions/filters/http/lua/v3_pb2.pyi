from google.protobuf import wrappers_pb2 as _wrappers_pb2
from kuma.envoy.stubs.envoy.config.core import v3_pb2 as _v3_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class Lua(_message.Message):
    class SourceCodesEntry(_message.Message):
        key: str
        value: _v3_pb2.DataSource
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_v3_pb2.DataSource, _Mapping[str, object]]] = ...) -> None: ...
    inline_code: str
    source_codes: _containers.MessageMap[str, _v3_pb2.DataSource]
    default_source_code: _v3_pb2.DataSource
    stat_prefix: str
    clear_route_cache: _wrappers_pb2.BoolValue
    def __init__(self, inline_code: _Optional[str] = ..., source_codes: _Optional[_Mapping[str, _v3_pb2.DataSource]] = ..., default_source_code: _Optional[_Union[_v3_pb2.DataSource, _Mapping[str, object]]] = ..., stat_prefix: _Optional[str] = ..., clear_route_cache: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ...) -> None: ...
