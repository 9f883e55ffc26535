from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import wrappers_pb2 as _wrappers_pb2
from kuma.envoy.stubs.envoy.config.route import v3_pb2 as _v3_pb2
from kuma.envoy.stubs.envoy.extensions.filters.common.fault import v3_pb2 as _v3_pb2_1
from kuma.envoy.stubs.envoy.type import v3_pb2 as _v3_pb2_1_1
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class FaultAbort(_message.Message):
    class HeaderAbort(_message.Message):
        def __init__(self) -> None: ...
    http_status: int
    grpc_status: int
    header_abort: FaultAbort.HeaderAbort
    percentage: _v3_pb2_1_1.FractionalPercent
    def __init__(self, http_status: _Optional[int] = ..., grpc_status: _Optional[int] = ..., header_abort: _Optional[_Union[FaultAbort.HeaderAbort, _Mapping[str, object]]] = ..., percentage: _Optional[_Union[_v3_pb2_1_1.FractionalPercent, _Mapping[str, object]]] = ...) -> None: ...

class HTTPFault(_message.Message):
    delay: _v3_pb2_1.FaultDelay
    abort: FaultAbort
    upstream_cluster: str
    headers: _containers.RepeatedCompositeFieldContainer[_v3_pb2.HeaderMatcher]
    downstream_nodes: _containers.RepeatedScalarFieldContainer[str]
    max_active_faults: _wrappers_pb2.UInt32Value
    response_rate_limit: _v3_pb2_1.FaultRateLimit
    delay_percent_runtime: str
    abort_percent_runtime: str
    delay_duration_runtime: str
    abort_http_status_runtime: str
    max_active_faults_runtime: str
    response_rate_limit_percent_runtime: str
    abort_grpc_status_runtime: str
    disable_downstream_cluster_stats: bool
    filter_metadata: _struct_pb2.Struct
    def __init__(self, delay: _Optional[_Union[_v3_pb2_1.FaultDelay, _Mapping[str, object]]] = ..., abort: _Optional[_Union[FaultAbort, _Mapping[str, object]]] = ..., upstream_cluster: _Optional[str] = ..., headers: _Optional[_Iterable[_Union[_v3_pb2.HeaderMatcher, _Mapping[str, object]]]] = ..., downstream_nodes: _Optional[_Iterable[str]] = ..., max_active_faults: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., response_rate_limit: _Optional[_Union[_v3_pb2_1.FaultRateLimit, _Mapping[str, object]]] = ..., delay_percent_runtime: _Optional[str] = ..., abort_percent_runtime: _Optional[str] = ..., delay_duration_runtime: _Optional[str] = ..., abort_http_status_runtime: _Optional[str] = ..., max_active_faults_runtime: _Optional[str] = ..., response_rate_limit_percent_runtime: _Optional[str] = ..., abort_grpc_status_runtime: _Optional[str] = ..., disable_downstream_cluster_stats: _Optional[bool] = ..., filter_metadata: _Optional[_Union[_struct_pb2.Struct, _Mapping[str, object]]] = ...) -> None: ...
