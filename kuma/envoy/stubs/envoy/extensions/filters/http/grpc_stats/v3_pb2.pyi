from google.protobuf import wrappers_pb2 as _wrappers_pb2
from kuma.envoy.stubs.envoy.config.core import v3_pb2 as _v3_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class FilterConfig(_message.Message):
    emit_filter_state: bool
    individual_method_stats_allowlist: _v3_pb2.GrpcMethodList
    stats_for_all_methods: _wrappers_pb2.BoolValue
    enable_upstream_stats: bool
    replace_dots_in_grpc_service_name: bool
    def __init__(self, emit_filter_state: _Optional[bool] = ..., individual_method_stats_allowlist: _Optional[_Union[_v3_pb2.GrpcMethodList, _Mapping[str, object]]] = ..., stats_for_all_methods: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., enable_upstream_stats: _Optional[bool] = ..., replace_dots_in_grpc_service_name: _Optional[bool] = ...) -> None: ...
