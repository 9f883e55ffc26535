import datetime

from google.protobuf import any_pb2 as _any_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import wrappers_pb2 as _wrappers_pb2
from kuma.envoy.stubs.envoy.config.core import v3_pb2 as _v3_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class DatadogConfig(_message.Message):
    collector_cluster: str
    service_name: str
    collector_hostname: str
    remote_config: DatadogRemoteConfig
    def __init__(self, collector_cluster: _Optional[str] = ..., service_name: _Optional[str] = ..., collector_hostname: _Optional[str] = ..., remote_config: _Optional[_Union[DatadogRemoteConfig, _Mapping[str, object]]] = ...) -> None: ...

class DatadogRemoteConfig(_message.Message):
    polling_interval: _duration_pb2.Duration
    def __init__(self, polling_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ...) -> None: ...

class OpenTelemetryConfig(_message.Message):
    grpc_service: _v3_pb2.GrpcService
    http_service: _v3_pb2.HttpService
    service_name: str
    resource_detectors: _containers.RepeatedCompositeFieldContainer[_v3_pb2.TypedExtensionConfig]
    sampler: _v3_pb2.TypedExtensionConfig
    max_cache_size: _wrappers_pb2.UInt32Value
    set_telemetry_sdk_resource_attributes: _wrappers_pb2.BoolValue
    set_service_name_resource_attribute: _wrappers_pb2.BoolValue
    def __init__(self, grpc_service: _Optional[_Union[_v3_pb2.GrpcService, _Mapping[str, object]]] = ..., http_service: _Optional[_Union[_v3_pb2.HttpService, _Mapping[str, object]]] = ..., service_name: _Optional[str] = ..., resource_detectors: _Optional[_Iterable[_Union[_v3_pb2.TypedExtensionConfig, _Mapping[str, object]]]] = ..., sampler: _Optional[_Union[_v3_pb2.TypedExtensionConfig, _Mapping[str, object]]] = ..., max_cache_size: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., set_telemetry_sdk_resource_attributes: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., set_service_name_resource_attribute: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ...) -> None: ...

class Tracing(_message.Message):
    class Http(_message.Message):
        name: str
        typed_config: _any_pb2.Any
        def __init__(self, name: _Optional[str] = ..., typed_config: _Optional[_Union[_any_pb2.Any, _Mapping[str, object]]] = ...) -> None: ...
    http: Tracing.Http
    def __init__(self, http: _Optional[_Union[Tracing.Http, _Mapping[str, object]]] = ...) -> None: ...

class ZipkinConfig(_message.Message):
    class CollectorEndpointVersion(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        DEPRECATED_AND_UNAVAILABLE_DO_NOT_USE: _ClassVar[ZipkinConfig.CollectorEndpointVersion]
        HTTP_JSON: _ClassVar[ZipkinConfig.CollectorEndpointVersion]
        HTTP_PROTO: _ClassVar[ZipkinConfig.CollectorEndpointVersion]
        GRPC: _ClassVar[ZipkinConfig.CollectorEndpointVersion]
    DEPRECATED_AND_UNAVAILABLE_DO_NOT_USE: ZipkinConfig.CollectorEndpointVersion
    HTTP_JSON: ZipkinConfig.CollectorEndpointVersion
    HTTP_PROTO: ZipkinConfig.CollectorEndpointVersion
    GRPC: ZipkinConfig.CollectorEndpointVersion
    class TraceContextOption(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        USE_B3: _ClassVar[ZipkinConfig.TraceContextOption]
        USE_B3_WITH_W3C_PROPAGATION: _ClassVar[ZipkinConfig.TraceContextOption]
    USE_B3: ZipkinConfig.TraceContextOption
    USE_B3_WITH_W3C_PROPAGATION: ZipkinConfig.TraceContextOption
    collector_cluster: str
    collector_endpoint: str
    trace_id_128bit: bool
    shared_span_context: _wrappers_pb2.BoolValue
    collector_endpoint_version: ZipkinConfig.CollectorEndpointVersion
    collector_hostname: str
    split_spans_for_request: bool
    trace_context_option: ZipkinConfig.TraceContextOption
    collector_service: _v3_pb2.HttpService
    timestamp_trace_ids: bool
    def __init__(self, collector_cluster: _Optional[str] = ..., collector_endpoint: _Optional[str] = ..., trace_id_128bit: _Optional[bool] = ..., shared_span_context: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., collector_endpoint_version: _Optional[_Union[ZipkinConfig.CollectorEndpointVersion, str]] = ..., collector_hostname: _Optional[str] = ..., split_spans_for_request: _Optional[bool] = ..., trace_context_option: _Optional[_Union[ZipkinConfig.TraceContextOption, str]] = ..., collector_service: _Optional[_Union[_v3_pb2.HttpService, _Mapping[str, object]]] = ..., timestamp_trace_ids: _Optional[bool] = ...) -> None: ...
