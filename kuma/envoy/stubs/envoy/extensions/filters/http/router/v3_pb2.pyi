import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import wrappers_pb2 as _wrappers_pb2
from kuma.envoy.stubs.envoy.config.accesslog import v3_pb2 as _v3_pb2
from kuma.envoy.stubs.envoy.extensions.filters.network.http_connection_manager import v3_pb2 as _v3_pb2_1
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class Router(_message.Message):
    class UpstreamAccessLogOptions(_message.Message):
        flush_upstream_log_on_upstream_stream: bool
        upstream_log_flush_interval: _duration_pb2.Duration
        def __init__(self, flush_upstream_log_on_upstream_stream: _Optional[bool] = ..., upstream_log_flush_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ...) -> None: ...
    dynamic_stats: _wrappers_pb2.BoolValue
    start_child_span: bool
    upstream_log: _containers.RepeatedCompositeFieldContainer[_v3_pb2.AccessLog]
    upstream_log_options: Router.UpstreamAccessLogOptions
    suppress_envoy_headers: bool
    strict_check_headers: _containers.RepeatedScalarFieldContainer[str]
    respect_expected_rq_timeout: bool
    suppress_grpc_request_failure_code_stats: bool
    upstream_http_filters: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1.HttpFilter]
    reject_connect_request_early_data: _wrappers_pb2.BoolValue
    def __init__(self, dynamic_stats: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., start_child_span: _Optional[bool] = ..., upstream_log: _Optional[_Iterable[_Union[_v3_pb2.AccessLog, _Mapping[str, object]]]] = ..., upstream_log_options: _Optional[_Union[Router.UpstreamAccessLogOptions, _Mapping[str, object]]] = ..., suppress_envoy_headers: _Optional[bool] = ..., strict_check_headers: _Optional[_Iterable[str]] = ..., respect_expected_rq_timeout: _Optional[bool] = ..., suppress_grpc_request_failure_code_stats: _Optional[bool] = ..., upstream_http_filters: _Optional[_Iterable[_Union[_v3_pb2_1.HttpFilter, _Mapping[str, object]]]] = ..., reject_connect_request_early_data: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ...) -> None: ...
