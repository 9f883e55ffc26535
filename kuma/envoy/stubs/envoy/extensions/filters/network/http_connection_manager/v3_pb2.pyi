import datetime

from google.protobuf import any_pb2 as _any_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import wrappers_pb2 as _wrappers_pb2
from kuma.envoy.stubs.envoy.config.accesslog import v3_pb2 as _v3_pb2
from kuma.envoy.stubs.envoy.config.core import v3_pb2 as _v3_pb2_1
from kuma.envoy.stubs.envoy.config.route import v3_pb2 as _v3_pb2_1_1
from kuma.envoy.stubs.envoy.config.trace import v3_pb2 as _v3_pb2_1_1_1
from kuma.envoy.stubs.envoy.type.http import v3_pb2 as _v3_pb2_1_1_1_1
from kuma.envoy.stubs.envoy.type.tracing import v3_pb2 as _v3_pb2_1_1_1_1_1
from kuma.envoy.stubs.envoy.type import v3_pb2 as _v3_pb2_1_1_1_1_1_1
from kuma.envoy.stubs.xds.type.matcher import v3_pb2 as _v3_pb2_1_1_1_1_1_1_1
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class ForwardProtoConfig(_message.Message):
    https_destination_ports: _containers.RepeatedScalarFieldContainer[int]
    http_destination_ports: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, https_destination_ports: _Optional[_Iterable[int]] = ..., http_destination_ports: _Optional[_Iterable[int]] = ...) -> None: ...

class HttpConnectionManager(_message.Message):
    class CodecType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        AUTO: _ClassVar[HttpConnectionManager.CodecType]
        HTTP1: _ClassVar[HttpConnectionManager.CodecType]
        HTTP2: _ClassVar[HttpConnectionManager.CodecType]
        HTTP3: _ClassVar[HttpConnectionManager.CodecType]
    AUTO: HttpConnectionManager.CodecType
    HTTP1: HttpConnectionManager.CodecType
    HTTP2: HttpConnectionManager.CodecType
    HTTP3: HttpConnectionManager.CodecType
    class ServerHeaderTransformation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        OVERWRITE: _ClassVar[HttpConnectionManager.ServerHeaderTransformation]
        APPEND_IF_ABSENT: _ClassVar[HttpConnectionManager.ServerHeaderTransformation]
        PASS_THROUGH: _ClassVar[HttpConnectionManager.ServerHeaderTransformation]
    OVERWRITE: HttpConnectionManager.ServerHeaderTransformation
    APPEND_IF_ABSENT: HttpConnectionManager.ServerHeaderTransformation
    PASS_THROUGH: HttpConnectionManager.ServerHeaderTransformation
    class ForwardClientCertDetails(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        SANITIZE: _ClassVar[HttpConnectionManager.ForwardClientCertDetails]
        FORWARD_ONLY: _ClassVar[HttpConnectionManager.ForwardClientCertDetails]
        APPEND_FORWARD: _ClassVar[HttpConnectionManager.ForwardClientCertDetails]
        SANITIZE_SET: _ClassVar[HttpConnectionManager.ForwardClientCertDetails]
        ALWAYS_FORWARD_ONLY: _ClassVar[HttpConnectionManager.ForwardClientCertDetails]
    SANITIZE: HttpConnectionManager.ForwardClientCertDetails
    FORWARD_ONLY: HttpConnectionManager.ForwardClientCertDetails
    APPEND_FORWARD: HttpConnectionManager.ForwardClientCertDetails
    SANITIZE_SET: HttpConnectionManager.ForwardClientCertDetails
    ALWAYS_FORWARD_ONLY: HttpConnectionManager.ForwardClientCertDetails
    class PathWithEscapedSlashesAction(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        IMPLEMENTATION_SPECIFIC_DEFAULT: _ClassVar[HttpConnectionManager.PathWithEscapedSlashesAction]
        KEEP_UNCHANGED: _ClassVar[HttpConnectionManager.PathWithEscapedSlashesAction]
        REJECT_REQUEST: _ClassVar[HttpConnectionManager.PathWithEscapedSlashesAction]
        UNESCAPE_AND_REDIRECT: _ClassVar[HttpConnectionManager.PathWithEscapedSlashesAction]
        UNESCAPE_AND_FORWARD: _ClassVar[HttpConnectionManager.PathWithEscapedSlashesAction]
    IMPLEMENTATION_SPECIFIC_DEFAULT: HttpConnectionManager.PathWithEscapedSlashesAction
    KEEP_UNCHANGED: HttpConnectionManager.PathWithEscapedSlashesAction
    REJECT_REQUEST: HttpConnectionManager.PathWithEscapedSlashesAction
    UNESCAPE_AND_REDIRECT: HttpConnectionManager.PathWithEscapedSlashesAction
    UNESCAPE_AND_FORWARD: HttpConnectionManager.PathWithEscapedSlashesAction
    class ForwardClientCertFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        TEXT: _ClassVar[HttpConnectionManager.ForwardClientCertFormat]
        JSON: _ClassVar[HttpConnectionManager.ForwardClientCertFormat]
    TEXT: HttpConnectionManager.ForwardClientCertFormat
    JSON: HttpConnectionManager.ForwardClientCertFormat
    class HcmAccessLogOptions(_message.Message):
        access_log_flush_interval: _duration_pb2.Duration
        flush_access_log_on_new_request: bool
        flush_log_on_tunnel_successfully_established: bool
        def __init__(self, access_log_flush_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., flush_access_log_on_new_request: _Optional[bool] = ..., flush_log_on_tunnel_successfully_established: _Optional[bool] = ...) -> None: ...
    class InternalAddressConfig(_message.Message):
        unix_sockets: bool
        cidr_ranges: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1.CidrRange]
        def __init__(self, unix_sockets: _Optional[bool] = ..., cidr_ranges: _Optional[_Iterable[_Union[_v3_pb2_1.CidrRange, _Mapping[str, object]]]] = ...) -> None: ...
    class PathNormalizationOptions(_message.Message):
        forwarding_transformation: _v3_pb2_1_1_1_1.PathTransformation
        http_filter_transformation: _v3_pb2_1_1_1_1.PathTransformation
        def __init__(self, forwarding_transformation: _Optional[_Union[_v3_pb2_1_1_1_1.PathTransformation, _Mapping[str, object]]] = ..., http_filter_transformation: _Optional[_Union[_v3_pb2_1_1_1_1.PathTransformation, _Mapping[str, object]]] = ...) -> None: ...
    class ProxyStatusConfig(_message.Message):
        remove_details: bool
        remove_connection_termination_details: bool
        remove_response_flags: bool
        set_recommended_response_code: bool
        use_node_id: bool
        literal_proxy_name: str
        def __init__(self, remove_details: _Optional[bool] = ..., remove_connection_termination_details: _Optional[bool] = ..., remove_response_flags: _Optional[bool] = ..., set_recommended_response_code: _Optional[bool] = ..., use_node_id: _Optional[bool] = ..., literal_proxy_name: _Optional[str] = ...) -> None: ...
    class SetCurrentClientCertDetails(_message.Message):
        subject: _wrappers_pb2.BoolValue
        cert: bool
        chain: bool
        dns: bool
        uri: bool
        format: HttpConnectionManager.ForwardClientCertFormat
        def __init__(self, subject: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., cert: _Optional[bool] = ..., chain: _Optional[bool] = ..., dns: _Optional[bool] = ..., uri: _Optional[bool] = ..., format: _Optional[_Union[HttpConnectionManager.ForwardClientCertFormat, str]] = ...) -> None: ...
    class Tracing(_message.Message):
        client_sampling: _v3_pb2_1_1_1_1_1_1.Percent
        random_sampling: _v3_pb2_1_1_1_1_1_1.Percent
        overall_sampling: _v3_pb2_1_1_1_1_1_1.Percent
        verbose: bool
        max_path_tag_length: _wrappers_pb2.UInt32Value
        custom_tags: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1_1_1_1_1.CustomTag]
        provider: _v3_pb2_1_1_1.Tracing.Http
        spawn_upstream_span: _wrappers_pb2.BoolValue
        operation: str
        upstream_operation: str
        no_context_propagation: bool
        def __init__(self, client_sampling: _Optional[_Union[_v3_pb2_1_1_1_1_1_1.Percent, _Mapping[str, object]]] = ..., random_sampling: _Optional[_Union[_v3_pb2_1_1_1_1_1_1.Percent, _Mapping[str, object]]] = ..., overall_sampling: _Optional[_Union[_v3_pb2_1_1_1_1_1_1.Percent, _Mapping[str, object]]] = ..., verbose: _Optional[bool] = ..., max_path_tag_length: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., custom_tags: _Optional[_Iterable[_Union[_v3_pb2_1_1_1_1_1.CustomTag, _Mapping[str, object]]]] = ..., provider: _Optional[_Union[_v3_pb2_1_1_1.Tracing.Http, _Mapping[str, object]]] = ..., spawn_upstream_span: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., operation: _Optional[str] = ..., upstream_operation: _Optional[str] = ..., no_context_propagation: _Optional[bool] = ...) -> None: ...
    class UpgradeConfig(_message.Message):
        upgrade_type: str
        filters: _containers.RepeatedCompositeFieldContainer[HttpFilter]
        enabled: _wrappers_pb2.BoolValue
        def __init__(self, upgrade_type: _Optional[str] = ..., filters: _Optional[_Iterable[_Union[HttpFilter, _Mapping[str, object]]]] = ..., enabled: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ...) -> None: ...
    codec_type: HttpConnectionManager.CodecType
    stat_prefix: str
    rds: Rds
    route_config: _v3_pb2_1_1.RouteConfiguration
    scoped_routes: ScopedRoutes
    http_filters: _containers.RepeatedCompositeFieldContainer[HttpFilter]
    add_user_agent: _wrappers_pb2.BoolValue
    tracing: HttpConnectionManager.Tracing
    common_http_protocol_options: _v3_pb2_1.HttpProtocolOptions
    http1_safe_max_connection_duration: bool
    http_protocol_options: _v3_pb2_1.Http1ProtocolOptions
    http2_protocol_options: _v3_pb2_1.Http2ProtocolOptions
    http3_protocol_options: _v3_pb2_1.Http3ProtocolOptions
    server_name: str
    server_header_transformation: HttpConnectionManager.ServerHeaderTransformation
    scheme_header_transformation: _v3_pb2_1.SchemeHeaderTransformation
    max_request_headers_kb: _wrappers_pb2.UInt32Value
    stream_idle_timeout: _duration_pb2.Duration
    stream_flush_timeout: _duration_pb2.Duration
    request_timeout: _duration_pb2.Duration
    request_headers_timeout: _duration_pb2.Duration
    drain_timeout: _duration_pb2.Duration
    drain_timeout_jitter: _v3_pb2_1_1_1_1_1_1.Percent
    delayed_close_timeout: _duration_pb2.Duration
    access_log: _containers.RepeatedCompositeFieldContainer[_v3_pb2.AccessLog]
    access_log_flush_interval: _duration_pb2.Duration
    flush_access_log_on_new_request: bool
    access_log_options: HttpConnectionManager.HcmAccessLogOptions
    use_remote_address: _wrappers_pb2.BoolValue
    xff_num_trusted_hops: int
    original_ip_detection_extensions: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1.TypedExtensionConfig]
    early_header_mutation_extensions: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1.TypedExtensionConfig]
    internal_address_config: HttpConnectionManager.InternalAddressConfig
    skip_xff_append: bool
    via: str
    generate_request_id: _wrappers_pb2.BoolValue
    preserve_external_request_id: bool
    always_set_request_id_in_response: bool
    forward_client_cert_details: HttpConnectionManager.ForwardClientCertDetails
    set_current_client_cert_details: HttpConnectionManager.SetCurrentClientCertDetails
    forward_client_cert_matcher: _v3_pb2_1_1_1_1_1_1_1.Matcher
    proxy_100_continue: bool
    represent_ipv4_remote_address_as_ipv4_mapped_ipv6: bool
    upgrade_configs: _containers.RepeatedCompositeFieldContainer[HttpConnectionManager.UpgradeConfig]
    normalize_path: _wrappers_pb2.BoolValue
    merge_slashes: bool
    path_with_escaped_slashes_action: HttpConnectionManager.PathWithEscapedSlashesAction
    request_id_extension: RequestIDExtension
    local_reply_config: LocalReplyConfig
    strip_matching_host_port: bool
    strip_any_host_port: bool
    stream_error_on_invalid_http_message: _wrappers_pb2.BoolValue
    path_normalization_options: HttpConnectionManager.PathNormalizationOptions
    strip_trailing_host_dot: bool
    proxy_status_config: HttpConnectionManager.ProxyStatusConfig
    typed_header_validation_config: _v3_pb2_1.TypedExtensionConfig
    append_x_forwarded_port: bool
    append_local_overload: bool
    add_proxy_protocol_connection_state: _wrappers_pb2.BoolValue
    forward_proto_config: ForwardProtoConfig
    def __init__(self, codec_type: _Optional[_Union[HttpConnectionManager.CodecType, str]] = ..., stat_prefix: _Optional[str] = ..., rds: _Optional[_Union[Rds, _Mapping[str, object]]] = ..., route_config: _Optional[_Union[_v3_pb2_1_1.RouteConfiguration, _Mapping[str, object]]] = ..., scoped_routes: _Optional[_Union[ScopedRoutes, _Mapping[str, object]]] = ..., http_filters: _Optional[_Iterable[_Union[HttpFilter, _Mapping[str, object]]]] = ..., add_user_agent: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., tracing: _Optional[_Union[HttpConnectionManager.Tracing, _Mapping[str, object]]] = ..., common_http_protocol_options: _Optional[_Union[_v3_pb2_1.HttpProtocolOptions, _Mapping[str, object]]] = ..., http1_safe_max_connection_duration: _Optional[bool] = ..., http_protocol_options: _Optional[_Union[_v3_pb2_1.Http1ProtocolOptions, _Mapping[str, object]]] = ..., http2_protocol_options: _Optional[_Union[_v3_pb2_1.Http2ProtocolOptions, _Mapping[str, object]]] = ..., http3_protocol_options: _Optional[_Union[_v3_pb2_1.Http3ProtocolOptions, _Mapping[str, object]]] = ..., server_name: _Optional[str] = ..., server_header_transformation: _Optional[_Union[HttpConnectionManager.ServerHeaderTransformation, str]] = ..., scheme_header_transformation: _Optional[_Union[_v3_pb2_1.SchemeHeaderTransformation, _Mapping[str, object]]] = ..., max_request_headers_kb: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., stream_idle_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., stream_flush_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., request_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., request_headers_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., drain_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., drain_timeout_jitter: _Optional[_Union[_v3_pb2_1_1_1_1_1_1.Percent, _Mapping[str, object]]] = ..., delayed_close_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., access_log: _Optional[_Iterable[_Union[_v3_pb2.AccessLog, _Mapping[str, object]]]] = ..., access_log_flush_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., flush_access_log_on_new_request: _Optional[bool] = ..., access_log_options: _Optional[_Union[HttpConnectionManager.HcmAccessLogOptions, _Mapping[str, object]]] = ..., use_remote_address: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., xff_num_trusted_hops: _Optional[int] = ..., original_ip_detection_extensions: _Optional[_Iterable[_Union[_v3_pb2_1.TypedExtensionConfig, _Mapping[str, object]]]] = ..., early_header_mutation_extensions: _Optional[_Iterable[_Union[_v3_pb2_1.TypedExtensionConfig, _Mapping[str, object]]]] = ..., internal_address_config: _Optional[_Union[HttpConnectionManager.InternalAddressConfig, _Mapping[str, object]]] = ..., skip_xff_append: _Optional[bool] = ..., via: _Optional[str] = ..., generate_request_id: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., preserve_external_request_id: _Optional[bool] = ..., always_set_request_id_in_response: _Optional[bool] = ..., forward_client_cert_details: _Optional[_Union[HttpConnectionManager.ForwardClientCertDetails, str]] = ..., set_current_client_cert_details: _Optional[_Union[HttpConnectionManager.SetCurrentClientCertDetails, _Mapping[str, object]]] = ..., forward_client_cert_matcher: _Optional[_Union[_v3_pb2_1_1_1_1_1_1_1.Matcher, _Mapping[str, object]]] = ..., proxy_100_continue: _Optional[bool] = ..., represent_ipv4_remote_address_as_ipv4_mapped_ipv6: _Optional[bool] = ..., upgrade_configs: _Optional[_Iterable[_Union[HttpConnectionManager.UpgradeConfig, _Mapping[str, object]]]] = ..., normalize_path: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., merge_slashes: _Optional[bool] = ..., path_with_escaped_slashes_action: _Optional[_Union[HttpConnectionManager.PathWithEscapedSlashesAction, str]] = ..., request_id_extension: _Optional[_Union[RequestIDExtension, _Mapping[str, object]]] = ..., local_reply_config: _Optional[_Union[LocalReplyConfig, _Mapping[str, object]]] = ..., strip_matching_host_port: _Optional[bool] = ..., strip_any_host_port: _Optional[bool] = ..., stream_error_on_invalid_http_message: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., path_normalization_options: _Optional[_Union[HttpConnectionManager.PathNormalizationOptions, _Mapping[str, object]]] = ..., strip_trailing_host_dot: _Optional[bool] = ..., proxy_status_config: _Optional[_Union[HttpConnectionManager.ProxyStatusConfig, _Mapping[str, object]]] = ..., typed_header_validation_config: _Optional[_Union[_v3_pb2_1.TypedExtensionConfig, _Mapping[str, object]]] = ..., append_x_forwarded_port: _Optional[bool] = ..., append_local_overload: _Optional[bool] = ..., add_proxy_protocol_connection_state: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., forward_proto_config: _Optional[_Union[ForwardProtoConfig, _Mapping[str, object]]] = ...) -> None: ...

class HttpFilter(_message.Message):
    name: str
    typed_config: _any_pb2.Any
    config_discovery: _v3_pb2_1.ExtensionConfigSource
    is_optional: bool
    disabled: bool
    def __init__(self, name: _Optional[str] = ..., typed_config: _Optional[_Union[_any_pb2.Any, _Mapping[str, object]]] = ..., config_discovery: _Optional[_Union[_v3_pb2_1.ExtensionConfigSource, _Mapping[str, object]]] = ..., is_optional: _Optional[bool] = ..., disabled: _Optional[bool] = ...) -> None: ...

class LocalReplyConfig(_message.Message):
    mappers: _containers.RepeatedCompositeFieldContainer[ResponseMapper]
    body_format: _v3_pb2_1.SubstitutionFormatString
    def __init__(self, mappers: _Optional[_Iterable[_Union[ResponseMapper, _Mapping[str, object]]]] = ..., body_format: _Optional[_Union[_v3_pb2_1.SubstitutionFormatString, _Mapping[str, object]]] = ...) -> None: ...

class Rds(_message.Message):
    config_source: _v3_pb2_1.ConfigSource
    route_config_name: str
    def __init__(self, config_source: _Optional[_Union[_v3_pb2_1.ConfigSource, _Mapping[str, object]]] = ..., route_config_name: _Optional[str] = ...) -> None: ...

class RequestIDExtension(_message.Message):
    typed_config: _any_pb2.Any
    def __init__(self, typed_config: _Optional[_Union[_any_pb2.Any, _Mapping[str, object]]] = ...) -> None: ...

class ResponseMapper(_message.Message):
    filter: _v3_pb2.AccessLogFilter
    status_code: _wrappers_pb2.UInt32Value
    body: _v3_pb2_1.DataSource
    body_format_override: _v3_pb2_1.SubstitutionFormatString
    headers_to_add: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1.HeaderValueOption]
    def __init__(self, filter: _Optional[_Union[_v3_pb2.AccessLogFilter, _Mapping[str, object]]] = ..., status_code: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., body: _Optional[_Union[_v3_pb2_1.DataSource, _Mapping[str, object]]] = ..., body_format_override: _Optional[_Union[_v3_pb2_1.SubstitutionFormatString, _Mapping[str, object]]] = ..., headers_to_add: _Optional[_Iterable[_Union[_v3_pb2_1.HeaderValueOption, _Mapping[str, object]]]] = ...) -> None: ...

class ScopedRds(_message.Message):
    scoped_rds_config_source: _v3_pb2_1.ConfigSource
    srds_resources_locator: str
    def __init__(self, scoped_rds_config_source: _Optional[_Union[_v3_pb2_1.ConfigSource, _Mapping[str, object]]] = ..., srds_resources_locator: _Optional[str] = ...) -> None: ...

class ScopedRouteConfigurationsList(_message.Message):
    scoped_route_configurations: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1_1.ScopedRouteConfiguration]
    def __init__(self, scoped_route_configurations: _Optional[_Iterable[_Union[_v3_pb2_1_1.ScopedRouteConfiguration, _Mapping[str, object]]]] = ...) -> None: ...

class ScopedRoutes(_message.Message):
    class ScopeKeyBuilder(_message.Message):
        class FragmentBuilder(_message.Message):
            class HeaderValueExtractor(_message.Message):
                class KvElement(_message.Message):
                    separator: str
                    key: str
                    def __init__(self, separator: _Optional[str] = ..., key: _Optional[str] = ...) -> None: ...
                name: str
                element_separator: str
                index: int
                element: ScopedRoutes.ScopeKeyBuilder.FragmentBuilder.HeaderValueExtractor.KvElement
                def __init__(self, name: _Optional[str] = ..., element_separator: _Optional[str] = ..., index: _Optional[int] = ..., element: _Optional[_Union[ScopedRoutes.ScopeKeyBuilder.FragmentBuilder.HeaderValueExtractor.KvElement, _Mapping[str, object]]] = ...) -> None: ...
            header_value_extractor: ScopedRoutes.ScopeKeyBuilder.FragmentBuilder.HeaderValueExtractor
            def __init__(self, header_value_extractor: _Optional[_Union[ScopedRoutes.ScopeKeyBuilder.FragmentBuilder.HeaderValueExtractor, _Mapping[str, object]]] = ...) -> None: ...
        fragments: _containers.RepeatedCompositeFieldContainer[ScopedRoutes.ScopeKeyBuilder.FragmentBuilder]
        def __init__(self, fragments: _Optional[_Iterable[_Union[ScopedRoutes.ScopeKeyBuilder.FragmentBuilder, _Mapping[str, object]]]] = ...) -> None: ...
    name: str
    scope_key_builder: ScopedRoutes.ScopeKeyBuilder
    rds_config_source: _v3_pb2_1.ConfigSource
    scoped_route_configurations_list: ScopedRouteConfigurationsList
    scoped_rds: ScopedRds
    def __init__(self, name: _Optional[str] = ..., scope_key_builder: _Optional[_Union[ScopedRoutes.ScopeKeyBuilder, _Mapping[str, object]]] = ..., rds_config_source: _Optional[_Union[_v3_pb2_1.ConfigSource, _Mapping[str, object]]] = ..., scoped_route_configurations_list: _Optional[_Union[ScopedRouteConfigurationsList, _Mapping[str, object]]] = ..., scoped_rds: _Optional[_Union[ScopedRds, _Mapping[str, object]]] = ...) -> None: ...
