from google.protobuf import any_pb2 as _any_pb2
from google.protobuf import wrappers_pb2 as _wrappers_pb2
from kuma.envoy.stubs.envoy.config.core import v3_pb2 as _v3_pb2
from kuma.envoy.stubs.envoy.config.route import v3_pb2 as _v3_pb2_1
from kuma.envoy.stubs.envoy.data.accesslog import v3_pb2 as _v3_pb2_1_1
from kuma.envoy.stubs.envoy.type.matcher import v3_pb2 as _v3_pb2_1_1_1
from kuma.envoy.stubs.envoy.type import v3_pb2 as _v3_pb2_1_1_1_1
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class AccessLog(_message.Message):
    name: str
    filter: AccessLogFilter
    typed_config: _any_pb2.Any
    def __init__(self, name: _Optional[str] = ..., filter: _Optional[_Union[AccessLogFilter, _Mapping[str, object]]] = ..., typed_config: _Optional[_Union[_any_pb2.Any, _Mapping[str, object]]] = ...) -> None: ...

class AccessLogFilter(_message.Message):
    status_code_filter: StatusCodeFilter
    duration_filter: DurationFilter
    not_health_check_filter: NotHealthCheckFilter
    traceable_filter: TraceableFilter
    runtime_filter: RuntimeFilter
    and_filter: AndFilter
    or_filter: OrFilter
    header_filter: HeaderFilter
    response_flag_filter: ResponseFlagFilter
    grpc_status_filter: GrpcStatusFilter
    extension_filter: ExtensionFilter
    metadata_filter: MetadataFilter
    log_type_filter: LogTypeFilter
    def __init__(self, status_code_filter: _Optional[_Union[StatusCodeFilter, _Mapping[str, object]]] = ..., duration_filter: _Optional[_Union[DurationFilter, _Mapping[str, object]]] = ..., not_health_check_filter: _Optional[_Union[NotHealthCheckFilter, _Mapping[str, object]]] = ..., traceable_filter: _Optional[_Union[TraceableFilter, _Mapping[str, object]]] = ..., runtime_filter: _Optional[_Union[RuntimeFilter, _Mapping[str, object]]] = ..., and_filter: _Optional[_Union[AndFilter, _Mapping[str, object]]] = ..., or_filter: _Optional[_Union[OrFilter, _Mapping[str, object]]] = ..., header_filter: _Optional[_Union[HeaderFilter, _Mapping[str, object]]] = ..., response_flag_filter: _Optional[_Union[ResponseFlagFilter, _Mapping[str, object]]] = ..., grpc_status_filter: _Optional[_Union[GrpcStatusFilter, _Mapping[str, object]]] = ..., extension_filter: _Optional[_Union[ExtensionFilter, _Mapping[str, object]]] = ..., metadata_filter: _Optional[_Union[MetadataFilter, _Mapping[str, object]]] = ..., log_type_filter: _Optional[_Union[LogTypeFilter, _Mapping[str, object]]] = ...) -> None: ...

class AndFilter(_message.Message):
    filters: _containers.RepeatedCompositeFieldContainer[AccessLogFilter]
    def __init__(self, filters: _Optional[_Iterable[_Union[AccessLogFilter, _Mapping[str, object]]]] = ...) -> None: ...

class ComparisonFilter(_message.Message):
    class Op(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        EQ: _ClassVar[ComparisonFilter.Op]
        GE: _ClassVar[ComparisonFilter.Op]
        LE: _ClassVar[ComparisonFilter.Op]
        NE: _ClassVar[ComparisonFilter.Op]
    EQ: ComparisonFilter.Op
    GE: ComparisonFilter.Op
    LE: ComparisonFilter.Op
    NE: ComparisonFilter.Op
    op: ComparisonFilter.Op
    value: _v3_pb2.RuntimeUInt32
    def __init__(self, op: _Optional[_Union[ComparisonFilter.Op, str]] = ..., value: _Optional[_Union[_v3_pb2.RuntimeUInt32, _Mapping[str, object]]] = ...) -> None: ...

class DurationFilter(_message.Message):
    comparison: ComparisonFilter
    def __init__(self, comparison: _Optional[_Union[ComparisonFilter, _Mapping[str, object]]] = ...) -> None: ...

class ExtensionFilter(_message.Message):
    name: str
    typed_config: _any_pb2.Any
    def __init__(self, name: _Optional[str] = ..., typed_config: _Optional[_Union[_any_pb2.Any, _Mapping[str, object]]] = ...) -> None: ...

class GrpcStatusFilter(_message.Message):
    class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        OK: _ClassVar[GrpcStatusFilter.Status]
        CANCELED: _ClassVar[GrpcStatusFilter.Status]
        UNKNOWN: _ClassVar[GrpcStatusFilter.Status]
        INVALID_ARGUMENT: _ClassVar[GrpcStatusFilter.Status]
        DEADLINE_EXCEEDED: _ClassVar[GrpcStatusFilter.Status]
        NOT_FOUND: _ClassVar[GrpcStatusFilter.Status]
        ALREADY_EXISTS: _ClassVar[GrpcStatusFilter.Status]
        PERMISSION_DENIED: _ClassVar[GrpcStatusFilter.Status]
        RESOURCE_EXHAUSTED: _ClassVar[GrpcStatusFilter.Status]
        FAILED_PRECONDITION: _ClassVar[GrpcStatusFilter.Status]
        ABORTED: _ClassVar[GrpcStatusFilter.Status]
        OUT_OF_RANGE: _ClassVar[GrpcStatusFilter.Status]
        UNIMPLEMENTED: _ClassVar[GrpcStatusFilter.Status]
        INTERNAL: _ClassVar[GrpcStatusFilter.Status]
        UNAVAILABLE: _ClassVar[GrpcStatusFilter.Status]
        DATA_LOSS: _ClassVar[GrpcStatusFilter.Status]
        UNAUTHENTICATED: _ClassVar[GrpcStatusFilter.Status]
    OK: GrpcStatusFilter.Status
    CANCELED: GrpcStatusFilter.Status
    UNKNOWN: GrpcStatusFilter.Status
    INVALID_ARGUMENT: GrpcStatusFilter.Status
    DEADLINE_EXCEEDED: GrpcStatusFilter.Status
    NOT_FOUND: GrpcStatusFilter.Status
    ALREADY_EXISTS: GrpcStatusFilter.Status
    PERMISSION_DENIED: GrpcStatusFilter.Status
    RESOURCE_EXHAUSTED: GrpcStatusFilter.Status
    FAILED_PRECONDITION: GrpcStatusFilter.Status
    ABORTED: GrpcStatusFilter.Status
    OUT_OF_RANGE: GrpcStatusFilter.Status
    UNIMPLEMENTED: GrpcStatusFilter.Status
    INTERNAL: GrpcStatusFilter.Status
    UNAVAILABLE: GrpcStatusFilter.Status
    DATA_LOSS: GrpcStatusFilter.Status
    UNAUTHENTICATED: GrpcStatusFilter.Status
    statuses: _containers.RepeatedScalarFieldContainer[GrpcStatusFilter.Status]
    exclude: bool
    def __init__(self, statuses: _Optional[_Iterable[_Union[GrpcStatusFilter.Status, str]]] = ..., exclude: _Optional[bool] = ...) -> None: ...

class HeaderFilter(_message.Message):
    header: _v3_pb2_1.HeaderMatcher
    def __init__(self, header: _Optional[_Union[_v3_pb2_1.HeaderMatcher, _Mapping[str, object]]] = ...) -> None: ...

class LogTypeFilter(_message.Message):
    types: _containers.RepeatedScalarFieldContainer[_v3_pb2_1_1.AccessLogType]
    exclude: bool
    def __init__(self, types: _Optional[_Iterable[_Union[_v3_pb2_1_1.AccessLogType, str]]] = ..., exclude: _Optional[bool] = ...) -> None: ...

class MetadataFilter(_message.Message):
    matcher: _v3_pb2_1_1_1.MetadataMatcher
    match_if_key_not_found: _wrappers_pb2.BoolValue
    def __init__(self, matcher: _Optional[_Union[_v3_pb2_1_1_1.MetadataMatcher, _Mapping[str, object]]] = ..., match_if_key_not_found: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ...) -> None: ...

class NotHealthCheckFilter(_message.Message):
    def __init__(self) -> None: ...

class OrFilter(_message.Message):
    filters: _containers.RepeatedCompositeFieldContainer[AccessLogFilter]
    def __init__(self, filters: _Optional[_Iterable[_Union[AccessLogFilter, _Mapping[str, object]]]] = ...) -> None: ...

class ResponseFlagFilter(_message.Message):
    flags: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, flags: _Optional[_Iterable[str]] = ...) -> None: ...

class RuntimeFilter(_message.Message):
    runtime_key: str
    percent_sampled: _v3_pb2_1_1_1_1.FractionalPercent
    use_independent_randomness: bool
    def __init__(self, runtime_key: _Optional[str] = ..., percent_sampled: _Optional[_Union[_v3_pb2_1_1_1_1.FractionalPercent, _Mapping[str, object]]] = ..., use_independent_randomness: _Optional[bool] = ...) -> None: ...

class StatusCodeFilter(_message.Message):
    comparison: ComparisonFilter
    def __init__(self, comparison: _Optional[_Union[ComparisonFilter, _Mapping[str, object]]] = ...) -> None: ...

class TraceableFilter(_message.Message):
    def __init__(self) -> None: ...
