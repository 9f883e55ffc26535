import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import wrappers_pb2 as _wrappers_pb2
from kuma.envoy.stubs.envoy.config.core import v3_pb2 as _v3_pb2
from kuma.envoy.stubs.envoy.type.tracing import v3_pb2 as _v3_pb2_1
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class CommonGrpcAccessLogConfig(_message.Message):
    log_name: str
    grpc_service: _v3_pb2.GrpcService
    transport_api_version: _v3_pb2.ApiVersion
    buffer_flush_interval: _duration_pb2.Duration
    buffer_size_bytes: _wrappers_pb2.UInt32Value
    filter_state_objects_to_log: _containers.RepeatedScalarFieldContainer[str]
    grpc_stream_retry_policy: _v3_pb2.RetryPolicy
    custom_tags: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1.CustomTag]
    def __init__(self, log_name: _Optional[str] = ..., grpc_service: _Optional[_Union[_v3_pb2.GrpcService, _Mapping[str, object]]] = ..., transport_api_version: _Optional[_Union[_v3_pb2.ApiVersion, str]] = ..., buffer_flush_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., buffer_size_bytes: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., filter_state_objects_to_log: _Optional[_Iterable[str]] = ..., grpc_stream_retry_policy: _Optional[_Union[_v3_pb2.RetryPolicy, _Mapping[str, object]]] = ..., custom_tags: _Optional[_Iterable[_Union[_v3_pb2_1.CustomTag, _Mapping[str, object]]]] = ...) -> None: ...
