from google.protobuf import wrappers_pb2 as _wrappers_pb2
from kuma.envoy.stubs.envoy.config.core import v3_pb2 as _v3_pb2
from kuma.envoy.stubs.envoy.config.route import v3_pb2 as _v3_pb2_1
from kuma.envoy.stubs.envoy.extensions.common.ratelimit import v3_pb2 as _v3_pb2_1_1
from kuma.envoy.stubs.envoy.type import v3_pb2 as _v3_pb2_1_1_1
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class LocalRateLimit(_message.Message):
    stat_prefix: str
    status: _v3_pb2_1_1_1.HttpStatus
    token_bucket: _v3_pb2_1_1_1.TokenBucket
    filter_enabled: _v3_pb2.RuntimeFractionalPercent
    filter_enforced: _v3_pb2.RuntimeFractionalPercent
    request_headers_to_add_when_not_enforced: _containers.RepeatedCompositeFieldContainer[_v3_pb2.HeaderValueOption]
    response_headers_to_add: _containers.RepeatedCompositeFieldContainer[_v3_pb2.HeaderValueOption]
    descriptors: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1_1.LocalRateLimitDescriptor]
    stage: int
    local_rate_limit_per_downstream_connection: bool
    local_cluster_rate_limit: _v3_pb2_1_1.LocalClusterRateLimit
    enable_x_ratelimit_headers: _v3_pb2_1_1.XRateLimitHeadersRfcVersion
    vh_rate_limits: _v3_pb2_1_1.VhRateLimitsOptions
    always_consume_default_token_bucket: _wrappers_pb2.BoolValue
    rate_limited_as_resource_exhausted: bool
    rate_limits: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1.RateLimit]
    max_dynamic_descriptors: _wrappers_pb2.UInt32Value
    def __init__(self, stat_prefix: _Optional[str] = ..., status: _Optional[_Union[_v3_pb2_1_1_1.HttpStatus, _Mapping[str, object]]] = ..., token_bucket: _Optional[_Union[_v3_pb2_1_1_1.TokenBucket, _Mapping[str, object]]] = ..., filter_enabled: _Optional[_Union[_v3_pb2.RuntimeFractionalPercent, _Mapping[str, object]]] = ..., filter_enforced: _Optional[_Union[_v3_pb2.RuntimeFractionalPercent, _Mapping[str, object]]] = ..., request_headers_to_add_when_not_enforced: _Optional[_Iterable[_Union[_v3_pb2.HeaderValueOption, _Mapping[str, object]]]] = ..., response_headers_to_add: _Optional[_Iterable[_Union[_v3_pb2.HeaderValueOption, _Mapping[str, object]]]] = ..., descriptors: _Optional[_Iterable[_Union[_v3_pb2_1_1.LocalRateLimitDescriptor, _Mapping[str, object]]]] = ..., stage: _Optional[int] = ..., local_rate_limit_per_downstream_connection: _Optional[bool] = ..., local_cluster_rate_limit: _Optional[_Union[_v3_pb2_1_1.LocalClusterRateLimit, _Mapping[str, object]]] = ..., enable_x_ratelimit_headers: _Optional[_Union[_v3_pb2_1_1.XRateLimitHeadersRfcVersion, str]] = ..., vh_rate_limits: _Optional[_Union[_v3_pb2_1_1.VhRateLimitsOptions, str]] = ..., always_consume_default_token_bucket: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., rate_limited_as_resource_exhausted: _Optional[bool] = ..., rate_limits: _Optional[_Iterable[_Union[_v3_pb2_1.RateLimit, _Mapping[str, object]]]] = ..., max_dynamic_descriptors: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ...) -> None: ...
