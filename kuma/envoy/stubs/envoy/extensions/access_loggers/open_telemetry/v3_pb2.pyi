import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import wrappers_pb2 as _wrappers_pb2
from kuma.envoy.stubs.envoy.config.core import v3_pb2 as _v3_pb2
from kuma.envoy.stubs.envoy.extensions.access_loggers.grpc import v3_pb2 as _v3_pb2_1
from kuma.envoy.stubs.envoy.type.tracing import v3_pb2 as _v3_pb2_1_1
from kuma.envoy.stubs.opentelemetry.proto.common import v1_pb2 as _v1_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class OpenTelemetryAccessLogConfig(_message.Message):
    common_config: _v3_pb2_1.CommonGrpcAccessLogConfig
    http_service: _v3_pb2.HttpService
    grpc_service: _v3_pb2.GrpcService
    disable_builtin_labels: bool
    resource_attributes: _v1_pb2.KeyValueList
    body: _v1_pb2.AnyValue
    attributes: _v1_pb2.KeyValueList
    stat_prefix: str
    formatters: _containers.RepeatedCompositeFieldContainer[_v3_pb2.TypedExtensionConfig]
    log_name: str
    buffer_flush_interval: _duration_pb2.Duration
    buffer_size_bytes: _wrappers_pb2.UInt32Value
    filter_state_objects_to_log: _containers.RepeatedScalarFieldContainer[str]
    custom_tags: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1_1.CustomTag]
    def __init__(self, common_config: _Optional[_Union[_v3_pb2_1.CommonGrpcAccessLogConfig, _Mapping[str, object]]] = ..., http_service: _Optional[_Union[_v3_pb2.HttpService, _Mapping[str, object]]] = ..., grpc_service: _Optional[_Union[_v3_pb2.GrpcService, _Mapping[str, object]]] = ..., disable_builtin_labels: _Optional[bool] = ..., resource_attributes: _Optional[_Union[_v1_pb2.KeyValueList, _Mapping[str, object]]] = ..., body: _Optional[_Union[_v1_pb2.AnyValue, _Mapping[str, object]]] = ..., attributes: _Optional[_Union[_v1_pb2.KeyValueList, _Mapping[str, object]]] = ..., stat_prefix: _Optional[str] = ..., formatters: _Optional[_Iterable[_Union[_v3_pb2.TypedExtensionConfig, _Mapping[str, object]]]] = ..., log_name: _Optional[str] = ..., buffer_flush_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., buffer_size_bytes: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., filter_state_objects_to_log: _Optional[_Iterable[str]] = ..., custom_tags: _Optional[_Iterable[_Union[_v3_pb2_1_1.CustomTag, _Mapping[str, object]]]] = ...) -> None: ...
