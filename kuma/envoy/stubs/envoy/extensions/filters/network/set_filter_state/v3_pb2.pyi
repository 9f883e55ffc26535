from kuma.envoy.stubs.envoy.extensions.filters.common.set_filter_state import v3_pb2 as _v3_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class Config(_message.Message):
    on_new_connection: _containers.RepeatedCompositeFieldContainer[_v3_pb2.FilterStateValue]
    on_downstream_tls_handshake: _containers.RepeatedCompositeFieldContainer[_v3_pb2.FilterStateValue]
    on_downstream_data: _containers.RepeatedCompositeFieldContainer[_v3_pb2.FilterStateValue]
    def __init__(self, on_new_connection: _Optional[_Iterable[_Union[_v3_pb2.FilterStateValue, _Mapping[str, object]]]] = ..., on_downstream_tls_handshake: _Optional[_Iterable[_Union[_v3_pb2.FilterStateValue, _Mapping[str, object]]]] = ..., on_downstream_data: _Optional[_Iterable[_Union[_v3_pb2.FilterStateValue, _Mapping[str, object]]]] = ...) -> None: ...
