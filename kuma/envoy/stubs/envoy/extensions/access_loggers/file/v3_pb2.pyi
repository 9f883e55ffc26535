from google.protobuf import struct_pb2 as _struct_pb2
from kuma.envoy.stubs.envoy.config.core import v3_pb2 as _v3_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class FileAccessLog(_message.Message):
    path: str
    format: str
    json_format: _struct_pb2.Struct
    typed_json_format: _struct_pb2.Struct
    log_format: _v3_pb2.SubstitutionFormatString
    def __init__(self, path: _Optional[str] = ..., format: _Optional[str] = ..., json_format: _Optional[_Union[_struct_pb2.Struct, _Mapping[str, object]]] = ..., typed_json_format: _Optional[_Union[_struct_pb2.Struct, _Mapping[str, object]]] = ..., log_format: _Optional[_Union[_v3_pb2.SubstitutionFormatString, _Mapping[str, object]]] = ...) -> None: ...
