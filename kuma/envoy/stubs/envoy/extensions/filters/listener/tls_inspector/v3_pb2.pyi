from google.protobuf import wrappers_pb2 as _wrappers_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class TlsInspector(_message.Message):
    enable_ja3_fingerprinting: _wrappers_pb2.BoolValue
    enable_ja4_fingerprinting: _wrappers_pb2.BoolValue
    initial_read_buffer_size: _wrappers_pb2.UInt32Value
    close_connection_on_client_hello_parsing_errors: bool
    max_client_hello_size: _wrappers_pb2.UInt32Value
    def __init__(self, enable_ja3_fingerprinting: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., enable_ja4_fingerprinting: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., initial_read_buffer_size: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., close_connection_on_client_hello_parsing_errors: _Optional[bool] = ..., max_client_hello_size: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ...) -> None: ...
