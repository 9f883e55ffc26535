from kuma.envoy.stubs.envoy.config.common.matcher import v3_pb2 as _v3_pb2
from kuma.envoy.stubs.envoy.config.core import v3_pb2 as _v3_pb2_1
from kuma.envoy.stubs.envoy.config.route import v3_pb2 as _v3_pb2_1_1
from kuma.envoy.stubs.envoy.extensions.filters.network.http_connection_manager import v3_pb2 as _v3_pb2_1_1_1
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class HttpProtocolOptions(_message.Message):
    class AutoHttpConfig(_message.Message):
        http_protocol_options: _v3_pb2_1.Http1ProtocolOptions
        http2_protocol_options: _v3_pb2_1.Http2ProtocolOptions
        http3_protocol_options: _v3_pb2_1.Http3ProtocolOptions
        alternate_protocols_cache_options: _v3_pb2_1.AlternateProtocolsCacheOptions
        def __init__(self, http_protocol_options: _Optional[_Union[_v3_pb2_1.Http1ProtocolOptions, _Mapping[str, object]]] = ..., http2_protocol_options: _Optional[_Union[_v3_pb2_1.Http2ProtocolOptions, _Mapping[str, object]]] = ..., http3_protocol_options: _Optional[_Union[_v3_pb2_1.Http3ProtocolOptions, _Mapping[str, object]]] = ..., alternate_protocols_cache_options: _Optional[_Union[_v3_pb2_1.AlternateProtocolsCacheOptions, _Mapping[str, object]]] = ...) -> None: ...
    class ExplicitHttpConfig(_message.Message):
        http_protocol_options: _v3_pb2_1.Http1ProtocolOptions
        http2_protocol_options: _v3_pb2_1.Http2ProtocolOptions
        http3_protocol_options: _v3_pb2_1.Http3ProtocolOptions
        def __init__(self, http_protocol_options: _Optional[_Union[_v3_pb2_1.Http1ProtocolOptions, _Mapping[str, object]]] = ..., http2_protocol_options: _Optional[_Union[_v3_pb2_1.Http2ProtocolOptions, _Mapping[str, object]]] = ..., http3_protocol_options: _Optional[_Union[_v3_pb2_1.Http3ProtocolOptions, _Mapping[str, object]]] = ...) -> None: ...
    class OutlierDetection(_message.Message):
        error_matcher: _v3_pb2.MatchPredicate
        def __init__(self, error_matcher: _Optional[_Union[_v3_pb2.MatchPredicate, _Mapping[str, object]]] = ...) -> None: ...
    class UseDownstreamHttpConfig(_message.Message):
        http_protocol_options: _v3_pb2_1.Http1ProtocolOptions
        http2_protocol_options: _v3_pb2_1.Http2ProtocolOptions
        http3_protocol_options: _v3_pb2_1.Http3ProtocolOptions
        def __init__(self, http_protocol_options: _Optional[_Union[_v3_pb2_1.Http1ProtocolOptions, _Mapping[str, object]]] = ..., http2_protocol_options: _Optional[_Union[_v3_pb2_1.Http2ProtocolOptions, _Mapping[str, object]]] = ..., http3_protocol_options: _Optional[_Union[_v3_pb2_1.Http3ProtocolOptions, _Mapping[str, object]]] = ...) -> None: ...
    common_http_protocol_options: _v3_pb2_1.HttpProtocolOptions
    upstream_http_protocol_options: _v3_pb2_1.UpstreamHttpProtocolOptions
    explicit_http_config: HttpProtocolOptions.ExplicitHttpConfig
    use_downstream_protocol_config: HttpProtocolOptions.UseDownstreamHttpConfig
    auto_config: HttpProtocolOptions.AutoHttpConfig
    http_filters: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1_1_1.HttpFilter]
    header_validation_config: _v3_pb2_1.TypedExtensionConfig
    outlier_detection: HttpProtocolOptions.OutlierDetection
    request_mirror_policies: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1_1.RouteAction.RequestMirrorPolicy]
    hash_policy: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1_1.RouteAction.HashPolicy]
    retry_policy: _v3_pb2_1_1.RetryPolicy
    def __init__(self, common_http_protocol_options: _Optional[_Union[_v3_pb2_1.HttpProtocolOptions, _Mapping[str, object]]] = ..., upstream_http_protocol_options: _Optional[_Union[_v3_pb2_1.UpstreamHttpProtocolOptions, _Mapping[str, object]]] = ..., explicit_http_config: _Optional[_Union[HttpProtocolOptions.ExplicitHttpConfig, _Mapping[str, object]]] = ..., use_downstream_protocol_config: _Optional[_Union[HttpProtocolOptions.UseDownstreamHttpConfig, _Mapping[str, object]]] = ..., auto_config: _Optional[_Union[HttpProtocolOptions.AutoHttpConfig, _Mapping[str, object]]] = ..., http_filters: _Optional[_Iterable[_Union[_v3_pb2_1_1_1.HttpFilter, _Mapping[str, object]]]] = ..., header_validation_config: _Optional[_Union[_v3_pb2_1.TypedExtensionConfig, _Mapping[str, object]]] = ..., outlier_detection: _Optional[_Union[HttpProtocolOptions.OutlierDetection, _Mapping[str, object]]] = ..., request_mirror_policies: _Optional[_Iterable[_Union[_v3_pb2_1_1.RouteAction.RequestMirrorPolicy, _Mapping[str, object]]]] = ..., hash_policy: _Optional[_Iterable[_Union[_v3_pb2_1_1.RouteAction.HashPolicy, _Mapping[str, object]]]] = ..., retry_policy: _Optional[_Union[_v3_pb2_1_1.RetryPolicy, _Mapping[str, object]]] = ...) -> None: ...
