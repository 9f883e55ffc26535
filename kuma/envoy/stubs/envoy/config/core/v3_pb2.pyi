import datetime

from google.protobuf import any_pb2 as _any_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import empty_pb2 as _empty_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import wrappers_pb2 as _wrappers_pb2
from kuma.envoy.stubs.envoy.type.matcher import v3_pb2 as _v3_pb2
from kuma.envoy.stubs.envoy.type import v3_pb2 as _v3_pb2_1
from kuma.envoy.stubs.xds.core import v3_pb2 as _v3_pb2_1_1
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class RoutingPriority(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    DEFAULT: _ClassVar[RoutingPriority]
    HIGH: _ClassVar[RoutingPriority]

class ApiVersion(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    AUTO: _ClassVar[ApiVersion]
    V2: _ClassVar[ApiVersion]
    V3: _ClassVar[ApiVersion]

class RequestMethod(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    METHOD_UNSPECIFIED: _ClassVar[RequestMethod]
    GET: _ClassVar[RequestMethod]
    HEAD: _ClassVar[RequestMethod]
    POST: _ClassVar[RequestMethod]
    PUT: _ClassVar[RequestMethod]
    DELETE: _ClassVar[RequestMethod]
    CONNECT: _ClassVar[RequestMethod]
    OPTIONS: _ClassVar[RequestMethod]
    TRACE: _ClassVar[RequestMethod]
    PATCH: _ClassVar[RequestMethod]

class HealthStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    UNKNOWN: _ClassVar[HealthStatus]
    HEALTHY: _ClassVar[HealthStatus]
    UNHEALTHY: _ClassVar[HealthStatus]
    DRAINING: _ClassVar[HealthStatus]
    TIMEOUT: _ClassVar[HealthStatus]
    DEGRADED: _ClassVar[HealthStatus]

class ProxyProtocolPassThroughTlVsPassTlVsMatchType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    INCLUDE_ALL: _ClassVar[ProxyProtocolPassThroughTlVsPassTlVsMatchType]
    INCLUDE: _ClassVar[ProxyProtocolPassThroughTlVsPassTlVsMatchType]

class TrafficDirection(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    UNSPECIFIED: _ClassVar[TrafficDirection]
    INBOUND: _ClassVar[TrafficDirection]
    OUTBOUND: _ClassVar[TrafficDirection]
DEFAULT: RoutingPriority
HIGH: RoutingPriority
AUTO: ApiVersion
V2: ApiVersion
V3: ApiVersion
METHOD_UNSPECIFIED: RequestMethod
GET: RequestMethod
HEAD: RequestMethod
POST: RequestMethod
PUT: RequestMethod
DELETE: RequestMethod
CONNECT: RequestMethod
OPTIONS: RequestMethod
TRACE: RequestMethod
PATCH: RequestMethod
UNKNOWN: HealthStatus
HEALTHY: HealthStatus
UNHEALTHY: HealthStatus
DRAINING: HealthStatus
TIMEOUT: HealthStatus
DEGRADED: HealthStatus
INCLUDE_ALL: ProxyProtocolPassThroughTlVsPassTlVsMatchType
INCLUDE: ProxyProtocolPassThroughTlVsPassTlVsMatchType
UNSPECIFIED: TrafficDirection
INBOUND: TrafficDirection
OUTBOUND: TrafficDirection

class Address(_message.Message):
    socket_address: SocketAddress
    pipe: Pipe
    envoy_internal_address: EnvoyInternalAddress
    def __init__(self, socket_address: _Optional[_Union[SocketAddress, _Mapping[str, object]]] = ..., pipe: _Optional[_Union[Pipe, _Mapping[str, object]]] = ..., envoy_internal_address: _Optional[_Union[EnvoyInternalAddress, _Mapping[str, object]]] = ...) -> None: ...

class AggregatedConfigSource(_message.Message):
    def __init__(self) -> None: ...

class AlternateProtocolsCacheOptions(_message.Message):
    class AlternateProtocolsCacheEntry(_message.Message):
        hostname: str
        port: int
        def __init__(self, hostname: _Optional[str] = ..., port: _Optional[int] = ...) -> None: ...
    name: str
    max_entries: _wrappers_pb2.UInt32Value
    key_value_store_config: TypedExtensionConfig
    prepopulated_entries: _containers.RepeatedCompositeFieldContainer[AlternateProtocolsCacheOptions.AlternateProtocolsCacheEntry]
    canonical_suffixes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., max_entries: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., key_value_store_config: _Optional[_Union[TypedExtensionConfig, _Mapping[str, object]]] = ..., prepopulated_entries: _Optional[_Iterable[_Union[AlternateProtocolsCacheOptions.AlternateProtocolsCacheEntry, _Mapping[str, object]]]] = ..., canonical_suffixes: _Optional[_Iterable[str]] = ...) -> None: ...

class ApiConfigSource(_message.Message):
    class ApiType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        DEPRECATED_AND_UNAVAILABLE_DO_NOT_USE: _ClassVar[ApiConfigSource.ApiType]
        REST: _ClassVar[ApiConfigSource.ApiType]
        GRPC: _ClassVar[ApiConfigSource.ApiType]
        DELTA_GRPC: _ClassVar[ApiConfigSource.ApiType]
        AGGREGATED_GRPC: _ClassVar[ApiConfigSource.ApiType]
        AGGREGATED_DELTA_GRPC: _ClassVar[ApiConfigSource.ApiType]
    DEPRECATED_AND_UNAVAILABLE_DO_NOT_USE: ApiConfigSource.ApiType
    REST: ApiConfigSource.ApiType
    GRPC: ApiConfigSource.ApiType
    DELTA_GRPC: ApiConfigSource.ApiType
    AGGREGATED_GRPC: ApiConfigSource.ApiType
    AGGREGATED_DELTA_GRPC: ApiConfigSource.ApiType
    api_type: ApiConfigSource.ApiType
    transport_api_version: ApiVersion
    cluster_names: _containers.RepeatedScalarFieldContainer[str]
    grpc_services: _containers.RepeatedCompositeFieldContainer[GrpcService]
    refresh_delay: _duration_pb2.Duration
    request_timeout: _duration_pb2.Duration
    rate_limit_settings: RateLimitSettings
    set_node_on_first_message_only: bool
    config_validators: _containers.RepeatedCompositeFieldContainer[TypedExtensionConfig]
    def __init__(self, api_type: _Optional[_Union[ApiConfigSource.ApiType, str]] = ..., transport_api_version: _Optional[_Union[ApiVersion, str]] = ..., cluster_names: _Optional[_Iterable[str]] = ..., grpc_services: _Optional[_Iterable[_Union[GrpcService, _Mapping[str, object]]]] = ..., refresh_delay: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., request_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., rate_limit_settings: _Optional[_Union[RateLimitSettings, _Mapping[str, object]]] = ..., set_node_on_first_message_only: _Optional[bool] = ..., config_validators: _Optional[_Iterable[_Union[TypedExtensionConfig, _Mapping[str, object]]]] = ...) -> None: ...

class BackoffStrategy(_message.Message):
    base_interval: _duration_pb2.Duration
    max_interval: _duration_pb2.Duration
    def __init__(self, base_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., max_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ...) -> None: ...

class BindConfig(_message.Message):
    source_address: SocketAddress
    freebind: _wrappers_pb2.BoolValue
    socket_options: _containers.RepeatedCompositeFieldContainer[SocketOption]
    extra_source_addresses: _containers.RepeatedCompositeFieldContainer[ExtraSourceAddress]
    additional_source_addresses: _containers.RepeatedCompositeFieldContainer[SocketAddress]
    local_address_selector: TypedExtensionConfig
    def __init__(self, source_address: _Optional[_Union[SocketAddress, _Mapping[str, object]]] = ..., freebind: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., socket_options: _Optional[_Iterable[_Union[SocketOption, _Mapping[str, object]]]] = ..., extra_source_addresses: _Optional[_Iterable[_Union[ExtraSourceAddress, _Mapping[str, object]]]] = ..., additional_source_addresses: _Optional[_Iterable[_Union[SocketAddress, _Mapping[str, object]]]] = ..., local_address_selector: _Optional[_Union[TypedExtensionConfig, _Mapping[str, object]]] = ...) -> None: ...

class BuildVersion(_message.Message):
    version: _v3_pb2_1.SemanticVersion
    metadata: _struct_pb2.Struct
    def __init__(self, version: _Optional[_Union[_v3_pb2_1.SemanticVersion, _Mapping[str, object]]] = ..., metadata: _Optional[_Union[_struct_pb2.Struct, _Mapping[str, object]]] = ...) -> None: ...

class CelExpressionConfig(_message.Message):
    enable_string_conversion: bool
    enable_string_concat: bool
    enable_string_functions: bool
    def __init__(self, enable_string_conversion: _Optional[bool] = ..., enable_string_concat: _Optional[bool] = ..., enable_string_functions: _Optional[bool] = ...) -> None: ...

class CidrRange(_message.Message):
    address_prefix: str
    prefix_len: _wrappers_pb2.UInt32Value
    def __init__(self, address_prefix: _Optional[str] = ..., prefix_len: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ...) -> None: ...

class ConfigSource(_message.Message):
    authorities: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1_1.Authority]
    path: str
    path_config_source: PathConfigSource
    api_config_source: ApiConfigSource
    ads: AggregatedConfigSource
    self: SelfConfigSource
    initial_fetch_timeout: _duration_pb2.Duration
    resource_api_version: ApiVersion
    def __init__(self_, authorities: _Optional[_Iterable[_Union[_v3_pb2_1_1.Authority, _Mapping[str, object]]]] = ..., path: _Optional[str] = ..., path_config_source: _Optional[_Union[PathConfigSource, _Mapping[str, object]]] = ..., api_config_source: _Optional[_Union[ApiConfigSource, _Mapping[str, object]]] = ..., ads: _Optional[_Union[AggregatedConfigSource, _Mapping[str, object]]] = ..., self: _Optional[_Union[SelfConfigSource, _Mapping[str, object]]] = ..., initial_fetch_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., resource_api_version: _Optional[_Union[ApiVersion, str]] = ...) -> None: ...

class ControlPlane(_message.Message):
    identifier: str
    def __init__(self, identifier: _Optional[str] = ...) -> None: ...

class DataSource(_message.Message):
    filename: str
    inline_bytes: bytes
    inline_string: str
    environment_variable: str
    watched_directory: WatchedDirectory
    def __init__(self, filename: _Optional[str] = ..., inline_bytes: _Optional[bytes] = ..., inline_string: _Optional[str] = ..., environment_variable: _Optional[str] = ..., watched_directory: _Optional[_Union[WatchedDirectory, _Mapping[str, object]]] = ...) -> None: ...

class DnsResolutionConfig(_message.Message):
    resolvers: _containers.RepeatedCompositeFieldContainer[Address]
    dns_resolver_options: DnsResolverOptions
    def __init__(self, resolvers: _Optional[_Iterable[_Union[Address, _Mapping[str, object]]]] = ..., dns_resolver_options: _Optional[_Union[DnsResolverOptions, _Mapping[str, object]]] = ...) -> None: ...

class DnsResolverOptions(_message.Message):
    use_tcp_for_dns_lookups: bool
    no_default_search_domain: bool
    def __init__(self, use_tcp_for_dns_lookups: _Optional[bool] = ..., no_default_search_domain: _Optional[bool] = ...) -> None: ...

class EnvoyInternalAddress(_message.Message):
    server_listener_name: str
    endpoint_id: str
    def __init__(self, server_listener_name: _Optional[str] = ..., endpoint_id: _Optional[str] = ...) -> None: ...

class EventServiceConfig(_message.Message):
    grpc_service: GrpcService
    def __init__(self, grpc_service: _Optional[_Union[GrpcService, _Mapping[str, object]]] = ...) -> None: ...

class Extension(_message.Message):
    name: str
    category: str
    type_descriptor: str
    version: BuildVersion
    disabled: bool
    type_urls: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., category: _Optional[str] = ..., type_descriptor: _Optional[str] = ..., version: _Optional[_Union[BuildVersion, _Mapping[str, object]]] = ..., disabled: _Optional[bool] = ..., type_urls: _Optional[_Iterable[str]] = ...) -> None: ...

class ExtensionConfigSource(_message.Message):
    config_source: ConfigSource
    default_config: _any_pb2.Any
    apply_default_config_without_warming: bool
    type_urls: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, config_source: _Optional[_Union[ConfigSource, _Mapping[str, object]]] = ..., default_config: _Optional[_Union[_any_pb2.Any, _Mapping[str, object]]] = ..., apply_default_config_without_warming: _Optional[bool] = ..., type_urls: _Optional[_Iterable[str]] = ...) -> None: ...

class ExtraSourceAddress(_message.Message):
    address: SocketAddress
    socket_options: SocketOptionsOverride
    def __init__(self, address: _Optional[_Union[SocketAddress, _Mapping[str, object]]] = ..., socket_options: _Optional[_Union[SocketOptionsOverride, _Mapping[str, object]]] = ...) -> None: ...

class GrpcMethodList(_message.Message):
    class Service(_message.Message):
        name: str
        method_names: _containers.RepeatedScalarFieldContainer[str]
        def __init__(self, name: _Optional[str] = ..., method_names: _Optional[_Iterable[str]] = ...) -> None: ...
    services: _containers.RepeatedCompositeFieldContainer[GrpcMethodList.Service]
    def __init__(self, services: _Optional[_Iterable[_Union[GrpcMethodList.Service, _Mapping[str, object]]]] = ...) -> None: ...

class GrpcService(_message.Message):
    class EnvoyGrpc(_message.Message):
        cluster_name: str
        authority: str
        retry_policy: RetryPolicy
        max_receive_message_length: _wrappers_pb2.UInt32Value
        skip_envoy_headers: bool
        def __init__(self, cluster_name: _Optional[str] = ..., authority: _Optional[str] = ..., retry_policy: _Optional[_Union[RetryPolicy, _Mapping[str, object]]] = ..., max_receive_message_length: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., skip_envoy_headers: _Optional[bool] = ...) -> None: ...
    class GoogleGrpc(_message.Message):
        class CallCredentials(_message.Message):
            class GoogleIAMCredentials(_message.Message):
                authorization_token: str
                authority_selector: str
                def __init__(self, authorization_token: _Optional[str] = ..., authority_selector: _Optional[str] = ...) -> None: ...
            class MetadataCredentialsFromPlugin(_message.Message):
                name: str
                typed_config: _any_pb2.Any
                def __init__(self, name: _Optional[str] = ..., typed_config: _Optional[_Union[_any_pb2.Any, _Mapping[str, object]]] = ...) -> None: ...
            class ServiceAccountJWTAccessCredentials(_message.Message):
                json_key: str
                token_lifetime_seconds: int
                def __init__(self, json_key: _Optional[str] = ..., token_lifetime_seconds: _Optional[int] = ...) -> None: ...
            class StsService(_message.Message):
                token_exchange_service_uri: str
                resource: str
                audience: str
                scope: str
                requested_token_type: str
                subject_token_path: str
                subject_token_type: str
                actor_token_path: str
                actor_token_type: str
                def __init__(self, token_exchange_service_uri: _Optional[str] = ..., resource: _Optional[str] = ..., audience: _Optional[str] = ..., scope: _Optional[str] = ..., requested_token_type: _Optional[str] = ..., subject_token_path: _Optional[str] = ..., subject_token_type: _Optional[str] = ..., actor_token_path: _Optional[str] = ..., actor_token_type: _Optional[str] = ...) -> None: ...
            access_token: str
            google_compute_engine: _empty_pb2.Empty
            google_refresh_token: str
            service_account_jwt_access: GrpcService.GoogleGrpc.CallCredentials.ServiceAccountJWTAccessCredentials
            google_iam: GrpcService.GoogleGrpc.CallCredentials.GoogleIAMCredentials
            from_plugin: GrpcService.GoogleGrpc.CallCredentials.MetadataCredentialsFromPlugin
            sts_service: GrpcService.GoogleGrpc.CallCredentials.StsService
            def __init__(self, access_token: _Optional[str] = ..., google_compute_engine: _Optional[_Union[_empty_pb2.Empty, _Mapping[str, object]]] = ..., google_refresh_token: _Optional[str] = ..., service_account_jwt_access: _Optional[_Union[GrpcService.GoogleGrpc.CallCredentials.ServiceAccountJWTAccessCredentials, _Mapping[str, object]]] = ..., google_iam: _Optional[_Union[GrpcService.GoogleGrpc.CallCredentials.GoogleIAMCredentials, _Mapping[str, object]]] = ..., from_plugin: _Optional[_Union[GrpcService.GoogleGrpc.CallCredentials.MetadataCredentialsFromPlugin, _Mapping[str, object]]] = ..., sts_service: _Optional[_Union[GrpcService.GoogleGrpc.CallCredentials.StsService, _Mapping[str, object]]] = ...) -> None: ...
        class ChannelArgs(_message.Message):
            class ArgsEntry(_message.Message):
                key: str
                value: GrpcService.GoogleGrpc.ChannelArgs.Value
                def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[GrpcService.GoogleGrpc.ChannelArgs.Value, _Mapping[str, object]]] = ...) -> None: ...
            class Value(_message.Message):
                string_value: str
                int_value: int
                def __init__(self, string_value: _Optional[str] = ..., int_value: _Optional[int] = ...) -> None: ...
            args: _containers.MessageMap[str, GrpcService.GoogleGrpc.ChannelArgs.Value]
            def __init__(self, args: _Optional[_Mapping[str, GrpcService.GoogleGrpc.ChannelArgs.Value]] = ...) -> None: ...
        class ChannelCredentials(_message.Message):
            ssl_credentials: GrpcService.GoogleGrpc.SslCredentials
            google_default: _empty_pb2.Empty
            local_credentials: GrpcService.GoogleGrpc.GoogleLocalCredentials
            def __init__(self, ssl_credentials: _Optional[_Union[GrpcService.GoogleGrpc.SslCredentials, _Mapping[str, object]]] = ..., google_default: _Optional[_Union[_empty_pb2.Empty, _Mapping[str, object]]] = ..., local_credentials: _Optional[_Union[GrpcService.GoogleGrpc.GoogleLocalCredentials, _Mapping[str, object]]] = ...) -> None: ...
        class GoogleLocalCredentials(_message.Message):
            def __init__(self) -> None: ...
        class SslCredentials(_message.Message):
            root_certs: DataSource
            private_key: DataSource
            cert_chain: DataSource
            def __init__(self, root_certs: _Optional[_Union[DataSource, _Mapping[str, object]]] = ..., private_key: _Optional[_Union[DataSource, _Mapping[str, object]]] = ..., cert_chain: _Optional[_Union[DataSource, _Mapping[str, object]]] = ...) -> None: ...
        target_uri: str
        channel_credentials: GrpcService.GoogleGrpc.ChannelCredentials
        channel_credentials_plugin: _containers.RepeatedCompositeFieldContainer[_any_pb2.Any]
        call_credentials: _containers.RepeatedCompositeFieldContainer[GrpcService.GoogleGrpc.CallCredentials]
        call_credentials_plugin: _containers.RepeatedCompositeFieldContainer[_any_pb2.Any]
        stat_prefix: str
        credentials_factory_name: str
        config: _struct_pb2.Struct
        per_stream_buffer_limit_bytes: _wrappers_pb2.UInt32Value
        channel_args: GrpcService.GoogleGrpc.ChannelArgs
        def __init__(self, target_uri: _Optional[str] = ..., channel_credentials: _Optional[_Union[GrpcService.GoogleGrpc.ChannelCredentials, _Mapping[str, object]]] = ..., channel_credentials_plugin: _Optional[_Iterable[_Union[_any_pb2.Any, _Mapping[str, object]]]] = ..., call_credentials: _Optional[_Iterable[_Union[GrpcService.GoogleGrpc.CallCredentials, _Mapping[str, object]]]] = ..., call_credentials_plugin: _Optional[_Iterable[_Union[_any_pb2.Any, _Mapping[str, object]]]] = ..., stat_prefix: _Optional[str] = ..., credentials_factory_name: _Optional[str] = ..., config: _Optional[_Union[_struct_pb2.Struct, _Mapping[str, object]]] = ..., per_stream_buffer_limit_bytes: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., channel_args: _Optional[_Union[GrpcService.GoogleGrpc.ChannelArgs, _Mapping[str, object]]] = ...) -> None: ...
    envoy_grpc: GrpcService.EnvoyGrpc
    google_grpc: GrpcService.GoogleGrpc
    timeout: _duration_pb2.Duration
    initial_metadata: _containers.RepeatedCompositeFieldContainer[HeaderValue]
    retry_policy: RetryPolicy
    def __init__(self, envoy_grpc: _Optional[_Union[GrpcService.EnvoyGrpc, _Mapping[str, object]]] = ..., google_grpc: _Optional[_Union[GrpcService.GoogleGrpc, _Mapping[str, object]]] = ..., timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., initial_metadata: _Optional[_Iterable[_Union[HeaderValue, _Mapping[str, object]]]] = ..., retry_policy: _Optional[_Union[RetryPolicy, _Mapping[str, object]]] = ...) -> None: ...

class HeaderValue(_message.Message):
    key: str
    value: str
    raw_value: bytes
    def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ..., raw_value: _Optional[bytes] = ...) -> None: ...

class HeaderValueOption(_message.Message):
    class HeaderAppendAction(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        APPEND_IF_EXISTS_OR_ADD: _ClassVar[HeaderValueOption.HeaderAppendAction]
        ADD_IF_ABSENT: _ClassVar[HeaderValueOption.HeaderAppendAction]
        OVERWRITE_IF_EXISTS_OR_ADD: _ClassVar[HeaderValueOption.HeaderAppendAction]
        OVERWRITE_IF_EXISTS: _ClassVar[HeaderValueOption.HeaderAppendAction]
    APPEND_IF_EXISTS_OR_ADD: HeaderValueOption.HeaderAppendAction
    ADD_IF_ABSENT: HeaderValueOption.HeaderAppendAction
    OVERWRITE_IF_EXISTS_OR_ADD: HeaderValueOption.HeaderAppendAction
    OVERWRITE_IF_EXISTS: HeaderValueOption.HeaderAppendAction
    header: HeaderValue
    append: _wrappers_pb2.BoolValue
    append_action: HeaderValueOption.HeaderAppendAction
    keep_empty_value: bool
    def __init__(self, header: _Optional[_Union[HeaderValue, _Mapping[str, object]]] = ..., append: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., append_action: _Optional[_Union[HeaderValueOption.HeaderAppendAction, str]] = ..., keep_empty_value: _Optional[bool] = ...) -> None: ...

class HealthCheck(_message.Message):
    class CustomHealthCheck(_message.Message):
        name: str
        typed_config: _any_pb2.Any
        def __init__(self, name: _Optional[str] = ..., typed_config: _Optional[_Union[_any_pb2.Any, _Mapping[str, object]]] = ...) -> None: ...
    class GrpcHealthCheck(_message.Message):
        service_name: str
        authority: str
        initial_metadata: _containers.RepeatedCompositeFieldContainer[HeaderValueOption]
        def __init__(self, service_name: _Optional[str] = ..., authority: _Optional[str] = ..., initial_metadata: _Optional[_Iterable[_Union[HeaderValueOption, _Mapping[str, object]]]] = ...) -> None: ...
    class HttpHealthCheck(_message.Message):
        host: str
        path: str
        send: HealthCheck.Payload
        receive: _containers.RepeatedCompositeFieldContainer[HealthCheck.Payload]
        response_buffer_size: _wrappers_pb2.UInt64Value
        request_headers_to_add: _containers.RepeatedCompositeFieldContainer[HeaderValueOption]
        request_headers_to_remove: _containers.RepeatedScalarFieldContainer[str]
        expected_statuses: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1.Int64Range]
        retriable_statuses: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1.Int64Range]
        codec_client_type: _v3_pb2_1.CodecClientType
        service_name_matcher: _v3_pb2.StringMatcher
        method: RequestMethod
        def __init__(self, host: _Optional[str] = ..., path: _Optional[str] = ..., send: _Optional[_Union[HealthCheck.Payload, _Mapping[str, object]]] = ..., receive: _Optional[_Iterable[_Union[HealthCheck.Payload, _Mapping[str, object]]]] = ..., response_buffer_size: _Optional[_Union[_wrappers_pb2.UInt64Value, _Mapping[str, object]]] = ..., request_headers_to_add: _Optional[_Iterable[_Union[HeaderValueOption, _Mapping[str, object]]]] = ..., request_headers_to_remove: _Optional[_Iterable[str]] = ..., expected_statuses: _Optional[_Iterable[_Union[_v3_pb2_1.Int64Range, _Mapping[str, object]]]] = ..., retriable_statuses: _Optional[_Iterable[_Union[_v3_pb2_1.Int64Range, _Mapping[str, object]]]] = ..., codec_client_type: _Optional[_Union[_v3_pb2_1.CodecClientType, str]] = ..., service_name_matcher: _Optional[_Union[_v3_pb2.StringMatcher, _Mapping[str, object]]] = ..., method: _Optional[_Union[RequestMethod, str]] = ...) -> None: ...
    class Payload(_message.Message):
        text: str
        binary: bytes
        def __init__(self, text: _Optional[str] = ..., binary: _Optional[bytes] = ...) -> None: ...
    class TcpHealthCheck(_message.Message):
        send: HealthCheck.Payload
        receive: _containers.RepeatedCompositeFieldContainer[HealthCheck.Payload]
        proxy_protocol_config: ProxyProtocolConfig
        def __init__(self, send: _Optional[_Union[HealthCheck.Payload, _Mapping[str, object]]] = ..., receive: _Optional[_Iterable[_Union[HealthCheck.Payload, _Mapping[str, object]]]] = ..., proxy_protocol_config: _Optional[_Union[ProxyProtocolConfig, _Mapping[str, object]]] = ...) -> None: ...
    class TlsOptions(_message.Message):
        alpn_protocols: _containers.RepeatedScalarFieldContainer[str]
        def __init__(self, alpn_protocols: _Optional[_Iterable[str]] = ...) -> None: ...
    timeout: _duration_pb2.Duration
    interval: _duration_pb2.Duration
    initial_jitter: _duration_pb2.Duration
    interval_jitter: _duration_pb2.Duration
    interval_jitter_percent: int
    unhealthy_threshold: _wrappers_pb2.UInt32Value
    healthy_threshold: _wrappers_pb2.UInt32Value
    alt_port: _wrappers_pb2.UInt32Value
    reuse_connection: _wrappers_pb2.BoolValue
    http_health_check: HealthCheck.HttpHealthCheck
    tcp_health_check: HealthCheck.TcpHealthCheck
    grpc_health_check: HealthCheck.GrpcHealthCheck
    custom_health_check: HealthCheck.CustomHealthCheck
    no_traffic_interval: _duration_pb2.Duration
    no_traffic_healthy_interval: _duration_pb2.Duration
    unhealthy_interval: _duration_pb2.Duration
    unhealthy_edge_interval: _duration_pb2.Duration
    healthy_edge_interval: _duration_pb2.Duration
    event_log_path: str
    event_logger: _containers.RepeatedCompositeFieldContainer[TypedExtensionConfig]
    event_service: EventServiceConfig
    always_log_health_check_failures: bool
    always_log_health_check_success: bool
    tls_options: HealthCheck.TlsOptions
    transport_socket_match_criteria: _struct_pb2.Struct
    def __init__(self, timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., initial_jitter: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., interval_jitter: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., interval_jitter_percent: _Optional[int] = ..., unhealthy_threshold: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., healthy_threshold: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., alt_port: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., reuse_connection: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., http_health_check: _Optional[_Union[HealthCheck.HttpHealthCheck, _Mapping[str, object]]] = ..., tcp_health_check: _Optional[_Union[HealthCheck.TcpHealthCheck, _Mapping[str, object]]] = ..., grpc_health_check: _Optional[_Union[HealthCheck.GrpcHealthCheck, _Mapping[str, object]]] = ..., custom_health_check: _Optional[_Union[HealthCheck.CustomHealthCheck, _Mapping[str, object]]] = ..., no_traffic_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., no_traffic_healthy_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., unhealthy_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., unhealthy_edge_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., healthy_edge_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., event_log_path: _Optional[str] = ..., event_logger: _Optional[_Iterable[_Union[TypedExtensionConfig, _Mapping[str, object]]]] = ..., event_service: _Optional[_Union[EventServiceConfig, _Mapping[str, object]]] = ..., always_log_health_check_failures: _Optional[bool] = ..., always_log_health_check_success: _Optional[bool] = ..., tls_options: _Optional[_Union[HealthCheck.TlsOptions, _Mapping[str, object]]] = ..., transport_socket_match_criteria: _Optional[_Union[_struct_pb2.Struct, _Mapping[str, object]]] = ...) -> None: ...

class HealthStatusSet(_message.Message):
    statuses: _containers.RepeatedScalarFieldContainer[HealthStatus]
    def __init__(self, statuses: _Optional[_Iterable[_Union[HealthStatus, str]]] = ...) -> None: ...

class Http1ProtocolOptions(_message.Message):
    class HeaderKeyFormat(_message.Message):
        class ProperCaseWords(_message.Message):
            def __init__(self) -> None: ...
        proper_case_words: Http1ProtocolOptions.HeaderKeyFormat.ProperCaseWords
        stateful_formatter: TypedExtensionConfig
        def __init__(self, proper_case_words: _Optional[_Union[Http1ProtocolOptions.HeaderKeyFormat.ProperCaseWords, _Mapping[str, object]]] = ..., stateful_formatter: _Optional[_Union[TypedExtensionConfig, _Mapping[str, object]]] = ...) -> None: ...
    allow_absolute_url: _wrappers_pb2.BoolValue
    accept_http_10: bool
    default_host_for_http_10: str
    header_key_format: Http1ProtocolOptions.HeaderKeyFormat
    enable_trailers: bool
    allow_chunked_length: bool
    override_stream_error_on_invalid_http_message: _wrappers_pb2.BoolValue
    send_fully_qualified_url: bool
    use_balsa_parser: _wrappers_pb2.BoolValue
    allow_custom_methods: bool
    ignore_http_11_upgrade: _containers.RepeatedCompositeFieldContainer[_v3_pb2.StringMatcher]
    def __init__(self, allow_absolute_url: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., accept_http_10: _Optional[bool] = ..., default_host_for_http_10: _Optional[str] = ..., header_key_format: _Optional[_Union[Http1ProtocolOptions.HeaderKeyFormat, _Mapping[str, object]]] = ..., enable_trailers: _Optional[bool] = ..., allow_chunked_length: _Optional[bool] = ..., override_stream_error_on_invalid_http_message: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., send_fully_qualified_url: _Optional[bool] = ..., use_balsa_parser: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., allow_custom_methods: _Optional[bool] = ..., ignore_http_11_upgrade: _Optional[_Iterable[_Union[_v3_pb2.StringMatcher, _Mapping[str, object]]]] = ...) -> None: ...

class Http2ProtocolOptions(_message.Message):
    class SettingsParameter(_message.Message):
        identifier: _wrappers_pb2.UInt32Value
        value: _wrappers_pb2.UInt32Value
        def __init__(self, identifier: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., value: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ...) -> None: ...
    hpack_table_size: _wrappers_pb2.UInt32Value
    max_concurrent_streams: _wrappers_pb2.UInt32Value
    initial_stream_window_size: _wrappers_pb2.UInt32Value
    initial_connection_window_size: _wrappers_pb2.UInt32Value
    allow_connect: bool
    allow_metadata: bool
    max_outbound_frames: _wrappers_pb2.UInt32Value
    max_outbound_control_frames: _wrappers_pb2.UInt32Value
    max_consecutive_inbound_frames_with_empty_payload: _wrappers_pb2.UInt32Value
    max_inbound_priority_frames_per_stream: _wrappers_pb2.UInt32Value
    max_inbound_window_update_frames_per_data_frame_sent: _wrappers_pb2.UInt32Value
    stream_error_on_invalid_http_messaging: bool
    override_stream_error_on_invalid_http_message: _wrappers_pb2.BoolValue
    custom_settings_parameters: _containers.RepeatedCompositeFieldContainer[Http2ProtocolOptions.SettingsParameter]
    connection_keepalive: KeepaliveSettings
    use_oghttp2_codec: _wrappers_pb2.BoolValue
    max_metadata_size: _wrappers_pb2.UInt64Value
    enable_huffman_encoding: _wrappers_pb2.BoolValue
    max_header_field_size_kb: _wrappers_pb2.UInt32Value
    disallow_obs_text: _wrappers_pb2.BoolValue
    stream_reset_burst: _wrappers_pb2.UInt64Value
    stream_reset_rate: _wrappers_pb2.UInt64Value
    def __init__(self, hpack_table_size: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., max_concurrent_streams: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., initial_stream_window_size: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., initial_connection_window_size: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., allow_connect: _Optional[bool] = ..., allow_metadata: _Optional[bool] = ..., max_outbound_frames: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., max_outbound_control_frames: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., max_consecutive_inbound_frames_with_empty_payload: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., max_inbound_priority_frames_per_stream: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., max_inbound_window_update_frames_per_data_frame_sent: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., stream_error_on_invalid_http_messaging: _Optional[bool] = ..., override_stream_error_on_invalid_http_message: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., custom_settings_parameters: _Optional[_Iterable[_Union[Http2ProtocolOptions.SettingsParameter, _Mapping[str, object]]]] = ..., connection_keepalive: _Optional[_Union[KeepaliveSettings, _Mapping[str, object]]] = ..., use_oghttp2_codec: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., max_metadata_size: _Optional[_Union[_wrappers_pb2.UInt64Value, _Mapping[str, object]]] = ..., enable_huffman_encoding: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., max_header_field_size_kb: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., disallow_obs_text: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., stream_reset_burst: _Optional[_Union[_wrappers_pb2.UInt64Value, _Mapping[str, object]]] = ..., stream_reset_rate: _Optional[_Union[_wrappers_pb2.UInt64Value, _Mapping[str, object]]] = ...) -> None: ...

class Http3ProtocolOptions(_message.Message):
    quic_protocol_options: QuicProtocolOptions
    override_stream_error_on_invalid_http_message: _wrappers_pb2.BoolValue
    allow_extended_connect: bool
    allow_metadata: bool
    disable_qpack: bool
    disable_connection_flow_control_for_streams: bool
    disallow_obs_text: _wrappers_pb2.BoolValue
    def __init__(self, quic_protocol_options: _Optional[_Union[QuicProtocolOptions, _Mapping[str, object]]] = ..., override_stream_error_on_invalid_http_message: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., allow_extended_connect: _Optional[bool] = ..., allow_metadata: _Optional[bool] = ..., disable_qpack: _Optional[bool] = ..., disable_connection_flow_control_for_streams: _Optional[bool] = ..., disallow_obs_text: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ...) -> None: ...

class HttpProtocolOptions(_message.Message):
    class HeadersWithUnderscoresAction(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        ALLOW: _ClassVar[HttpProtocolOptions.HeadersWithUnderscoresAction]
        REJECT_REQUEST: _ClassVar[HttpProtocolOptions.HeadersWithUnderscoresAction]
        DROP_HEADER: _ClassVar[HttpProtocolOptions.HeadersWithUnderscoresAction]
    ALLOW: HttpProtocolOptions.HeadersWithUnderscoresAction
    REJECT_REQUEST: HttpProtocolOptions.HeadersWithUnderscoresAction
    DROP_HEADER: HttpProtocolOptions.HeadersWithUnderscoresAction
    idle_timeout: _duration_pb2.Duration
    max_connection_duration: _duration_pb2.Duration
    max_connection_duration_jitter: _v3_pb2_1.Percent
    max_headers_count: _wrappers_pb2.UInt32Value
    max_response_headers_kb: _wrappers_pb2.UInt32Value
    max_stream_duration: _duration_pb2.Duration
    headers_with_underscores_action: HttpProtocolOptions.HeadersWithUnderscoresAction
    max_requests_per_connection: _wrappers_pb2.UInt32Value
    def __init__(self, idle_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., max_connection_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., max_connection_duration_jitter: _Optional[_Union[_v3_pb2_1.Percent, _Mapping[str, object]]] = ..., max_headers_count: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., max_response_headers_kb: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., max_stream_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., headers_with_underscores_action: _Optional[_Union[HttpProtocolOptions.HeadersWithUnderscoresAction, str]] = ..., max_requests_per_connection: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ...) -> None: ...

class HttpService(_message.Message):
    http_uri: HttpUri
    request_headers_to_add: _containers.RepeatedCompositeFieldContainer[HeaderValueOption]
    formatters: _containers.RepeatedCompositeFieldContainer[TypedExtensionConfig]
    def __init__(self, http_uri: _Optional[_Union[HttpUri, _Mapping[str, object]]] = ..., request_headers_to_add: _Optional[_Iterable[_Union[HeaderValueOption, _Mapping[str, object]]]] = ..., formatters: _Optional[_Iterable[_Union[TypedExtensionConfig, _Mapping[str, object]]]] = ...) -> None: ...

class HttpUri(_message.Message):
    uri: str
    cluster: str
    timeout: _duration_pb2.Duration
    def __init__(self, uri: _Optional[str] = ..., cluster: _Optional[str] = ..., timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ...) -> None: ...

class JsonFormatOptions(_message.Message):
    sort_properties: bool
    def __init__(self, sort_properties: _Optional[bool] = ...) -> None: ...

class KeepaliveSettings(_message.Message):
    interval: _duration_pb2.Duration
    timeout: _duration_pb2.Duration
    interval_jitter: _v3_pb2_1.Percent
    connection_idle_interval: _duration_pb2.Duration
    def __init__(self, interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., interval_jitter: _Optional[_Union[_v3_pb2_1.Percent, _Mapping[str, object]]] = ..., connection_idle_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ...) -> None: ...

class Locality(_message.Message):
    region: str
    zone: str
    sub_zone: str
    def __init__(self, region: _Optional[str] = ..., zone: _Optional[str] = ..., sub_zone: _Optional[str] = ...) -> None: ...

class Metadata(_message.Message):
    class FilterMetadataEntry(_message.Message):
        key: str
        value: _struct_pb2.Struct
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_struct_pb2.Struct, _Mapping[str, object]]] = ...) -> None: ...
    class TypedFilterMetadataEntry(_message.Message):
        key: str
        value: _any_pb2.Any
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_any_pb2.Any, _Mapping[str, object]]] = ...) -> None: ...
    filter_metadata: _containers.MessageMap[str, _struct_pb2.Struct]
    typed_filter_metadata: _containers.MessageMap[str, _any_pb2.Any]
    def __init__(self, filter_metadata: _Optional[_Mapping[str, _struct_pb2.Struct]] = ..., typed_filter_metadata: _Optional[_Mapping[str, _any_pb2.Any]] = ...) -> None: ...

class Node(_message.Message):
    class DynamicParametersEntry(_message.Message):
        key: str
        value: _v3_pb2_1_1.ContextParams
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_v3_pb2_1_1.ContextParams, _Mapping[str, object]]] = ...) -> None: ...
    id: str
    cluster: str
    metadata: _struct_pb2.Struct
    dynamic_parameters: _containers.MessageMap[str, _v3_pb2_1_1.ContextParams]
    locality: Locality
    user_agent_name: str
    user_agent_version: str
    user_agent_build_version: BuildVersion
    extensions: _containers.RepeatedCompositeFieldContainer[Extension]
    client_features: _containers.RepeatedScalarFieldContainer[str]
    listening_addresses: _containers.RepeatedCompositeFieldContainer[Address]
    def __init__(self, id: _Optional[str] = ..., cluster: _Optional[str] = ..., metadata: _Optional[_Union[_struct_pb2.Struct, _Mapping[str, object]]] = ..., dynamic_parameters: _Optional[_Mapping[str, _v3_pb2_1_1.ContextParams]] = ..., locality: _Optional[_Union[Locality, _Mapping[str, object]]] = ..., user_agent_name: _Optional[str] = ..., user_agent_version: _Optional[str] = ..., user_agent_build_version: _Optional[_Union[BuildVersion, _Mapping[str, object]]] = ..., extensions: _Optional[_Iterable[_Union[Extension, _Mapping[str, object]]]] = ..., client_features: _Optional[_Iterable[str]] = ..., listening_addresses: _Optional[_Iterable[_Union[Address, _Mapping[str, object]]]] = ...) -> None: ...

class PathConfigSource(_message.Message):
    path: str
    watched_directory: WatchedDirectory
    def __init__(self, path: _Optional[str] = ..., watched_directory: _Optional[_Union[WatchedDirectory, _Mapping[str, object]]] = ...) -> None: ...

class Pipe(_message.Message):
    path: str
    mode: int
    def __init__(self, path: _Optional[str] = ..., mode: _Optional[int] = ...) -> None: ...

class ProxyProtocolConfig(_message.Message):
    class Version(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        V1: _ClassVar[ProxyProtocolConfig.Version]
        V2: _ClassVar[ProxyProtocolConfig.Version]
    V1: ProxyProtocolConfig.Version
    V2: ProxyProtocolConfig.Version
    version: ProxyProtocolConfig.Version
    pass_through_tlvs: ProxyProtocolPassThroughTLVs
    added_tlvs: _containers.RepeatedCompositeFieldContainer[TlvEntry]
    def __init__(self, version: _Optional[_Union[ProxyProtocolConfig.Version, str]] = ..., pass_through_tlvs: _Optional[_Union[ProxyProtocolPassThroughTLVs, _Mapping[str, object]]] = ..., added_tlvs: _Optional[_Iterable[_Union[TlvEntry, _Mapping[str, object]]]] = ...) -> None: ...

class ProxyProtocolPassThroughTLVs(_message.Message):
    match_type: ProxyProtocolPassThroughTlVsPassTlVsMatchType
    tlv_type: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, match_type: _Optional[_Union[ProxyProtocolPassThroughTlVsPassTlVsMatchType, str]] = ..., tlv_type: _Optional[_Iterable[int]] = ...) -> None: ...

class QuicKeepAliveSettings(_message.Message):
    max_interval: _duration_pb2.Duration
    initial_interval: _duration_pb2.Duration
    def __init__(self, max_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., initial_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ...) -> None: ...

class QuicProtocolOptions(_message.Message):
    class ConnectionMigrationSettings(_message.Message):
        class MigrateIdleConnectionSettings(_message.Message):
            max_idle_time_before_migration: _duration_pb2.Duration
            def __init__(self, max_idle_time_before_migration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ...) -> None: ...
        migrate_idle_connections: QuicProtocolOptions.ConnectionMigrationSettings.MigrateIdleConnectionSettings
        max_time_on_non_default_network: _duration_pb2.Duration
        def __init__(self, migrate_idle_connections: _Optional[_Union[QuicProtocolOptions.ConnectionMigrationSettings.MigrateIdleConnectionSettings, _Mapping[str, object]]] = ..., max_time_on_non_default_network: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ...) -> None: ...
    max_concurrent_streams: _wrappers_pb2.UInt32Value
    initial_stream_window_size: _wrappers_pb2.UInt32Value
    initial_connection_window_size: _wrappers_pb2.UInt32Value
    num_timeouts_to_trigger_port_migration: _wrappers_pb2.UInt32Value
    connection_keepalive: QuicKeepAliveSettings
    connection_options: str
    client_connection_options: str
    idle_network_timeout: _duration_pb2.Duration
    max_packet_length: _wrappers_pb2.UInt64Value
    client_packet_writer: TypedExtensionConfig
    connection_migration: QuicProtocolOptions.ConnectionMigrationSettings
    memory_reduction_timeout: _duration_pb2.Duration
    enable_scone: _wrappers_pb2.BoolValue
    def __init__(self, max_concurrent_streams: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., initial_stream_window_size: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., initial_connection_window_size: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., num_timeouts_to_trigger_port_migration: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., connection_keepalive: _Optional[_Union[QuicKeepAliveSettings, _Mapping[str, object]]] = ..., connection_options: _Optional[str] = ..., client_connection_options: _Optional[str] = ..., idle_network_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., max_packet_length: _Optional[_Union[_wrappers_pb2.UInt64Value, _Mapping[str, object]]] = ..., client_packet_writer: _Optional[_Union[TypedExtensionConfig, _Mapping[str, object]]] = ..., connection_migration: _Optional[_Union[QuicProtocolOptions.ConnectionMigrationSettings, _Mapping[str, object]]] = ..., memory_reduction_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., enable_scone: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ...) -> None: ...

class RateLimitSettings(_message.Message):
    max_tokens: _wrappers_pb2.UInt32Value
    fill_rate: _wrappers_pb2.DoubleValue
    def __init__(self, max_tokens: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., fill_rate: _Optional[_Union[_wrappers_pb2.DoubleValue, _Mapping[str, object]]] = ...) -> None: ...

class RetryPolicy(_message.Message):
    class RetryHostPredicate(_message.Message):
        name: str
        typed_config: _any_pb2.Any
        def __init__(self, name: _Optional[str] = ..., typed_config: _Optional[_Union[_any_pb2.Any, _Mapping[str, object]]] = ...) -> None: ...
    class RetryPriority(_message.Message):
        name: str
        typed_config: _any_pb2.Any
        def __init__(self, name: _Optional[str] = ..., typed_config: _Optional[_Union[_any_pb2.Any, _Mapping[str, object]]] = ...) -> None: ...
    retry_back_off: BackoffStrategy
    num_retries: _wrappers_pb2.UInt32Value
    retry_on: str
    retry_priority: RetryPolicy.RetryPriority
    retry_host_predicate: _containers.RepeatedCompositeFieldContainer[RetryPolicy.RetryHostPredicate]
    host_selection_retry_max_attempts: int
    def __init__(self, retry_back_off: _Optional[_Union[BackoffStrategy, _Mapping[str, object]]] = ..., num_retries: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., retry_on: _Optional[str] = ..., retry_priority: _Optional[_Union[RetryPolicy.RetryPriority, _Mapping[str, object]]] = ..., retry_host_predicate: _Optional[_Iterable[_Union[RetryPolicy.RetryHostPredicate, _Mapping[str, object]]]] = ..., host_selection_retry_max_attempts: _Optional[int] = ...) -> None: ...

class RuntimeDouble(_message.Message):
    default_value: float
    runtime_key: str
    def __init__(self, default_value: _Optional[float] = ..., runtime_key: _Optional[str] = ...) -> None: ...

class RuntimeFeatureFlag(_message.Message):
    default_value: _wrappers_pb2.BoolValue
    runtime_key: str
    def __init__(self, default_value: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., runtime_key: _Optional[str] = ...) -> None: ...

class RuntimeFractionalPercent(_message.Message):
    default_value: _v3_pb2_1.FractionalPercent
    runtime_key: str
    def __init__(self, default_value: _Optional[_Union[_v3_pb2_1.FractionalPercent, _Mapping[str, object]]] = ..., runtime_key: _Optional[str] = ...) -> None: ...

class RuntimeUInt32(_message.Message):
    default_value: int
    runtime_key: str
    def __init__(self, default_value: _Optional[int] = ..., runtime_key: _Optional[str] = ...) -> None: ...

class SchemeHeaderTransformation(_message.Message):
    scheme_to_overwrite: str
    match_upstream: bool
    def __init__(self, scheme_to_overwrite: _Optional[str] = ..., match_upstream: _Optional[bool] = ...) -> None: ...

class SelfConfigSource(_message.Message):
    transport_api_version: ApiVersion
    def __init__(self, transport_api_version: _Optional[_Union[ApiVersion, str]] = ...) -> None: ...

class SocketAddress(_message.Message):
    class Protocol(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        TCP: _ClassVar[SocketAddress.Protocol]
        UDP: _ClassVar[SocketAddress.Protocol]
    TCP: SocketAddress.Protocol
    UDP: SocketAddress.Protocol
    protocol: SocketAddress.Protocol
    address: str
    port_value: int
    named_port: str
    resolver_name: str
    ipv4_compat: bool
    network_namespace_filepath: str
    def __init__(self, protocol: _Optional[_Union[SocketAddress.Protocol, str]] = ..., address: _Optional[str] = ..., port_value: _Optional[int] = ..., named_port: _Optional[str] = ..., resolver_name: _Optional[str] = ..., ipv4_compat: _Optional[bool] = ..., network_namespace_filepath: _Optional[str] = ...) -> None: ...

class SocketCmsgHeaders(_message.Message):
    level: _wrappers_pb2.UInt32Value
    type: _wrappers_pb2.UInt32Value
    expected_size: int
    def __init__(self, level: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., type: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., expected_size: _Optional[int] = ...) -> None: ...

class SocketOption(_message.Message):
    class SocketState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        STATE_PREBIND: _ClassVar[SocketOption.SocketState]
        STATE_BOUND: _ClassVar[SocketOption.SocketState]
        STATE_LISTENING: _ClassVar[SocketOption.SocketState]
    STATE_PREBIND: SocketOption.SocketState
    STATE_BOUND: SocketOption.SocketState
    STATE_LISTENING: SocketOption.SocketState
    class SocketIpVersion(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        UNSPECIFIED: _ClassVar[SocketOption.SocketIpVersion]
        IPV4: _ClassVar[SocketOption.SocketIpVersion]
        IPV6: _ClassVar[SocketOption.SocketIpVersion]
    UNSPECIFIED: SocketOption.SocketIpVersion
    IPV4: SocketOption.SocketIpVersion
    IPV6: SocketOption.SocketIpVersion
    class SocketType(_message.Message):
        class Datagram(_message.Message):
            def __init__(self) -> None: ...
        class Stream(_message.Message):
            def __init__(self) -> None: ...
        stream: SocketOption.SocketType.Stream
        datagram: SocketOption.SocketType.Datagram
        def __init__(self, stream: _Optional[_Union[SocketOption.SocketType.Stream, _Mapping[str, object]]] = ..., datagram: _Optional[_Union[SocketOption.SocketType.Datagram, _Mapping[str, object]]] = ...) -> None: ...
    description: str
    level: int
    name: int
    int_value: int
    buf_value: bytes
    state: SocketOption.SocketState
    type: SocketOption.SocketType
    ip_version: SocketOption.SocketIpVersion
    def __init__(self, description: _Optional[str] = ..., level: _Optional[int] = ..., name: _Optional[int] = ..., int_value: _Optional[int] = ..., buf_value: _Optional[bytes] = ..., state: _Optional[_Union[SocketOption.SocketState, str]] = ..., type: _Optional[_Union[SocketOption.SocketType, _Mapping[str, object]]] = ..., ip_version: _Optional[_Union[SocketOption.SocketIpVersion, str]] = ...) -> None: ...

class SocketOptionsOverride(_message.Message):
    socket_options: _containers.RepeatedCompositeFieldContainer[SocketOption]
    def __init__(self, socket_options: _Optional[_Iterable[_Union[SocketOption, _Mapping[str, object]]]] = ...) -> None: ...

class SubstitutionFormatString(_message.Message):
    text_format: str
    json_format: _struct_pb2.Struct
    text_format_source: DataSource
    omit_empty_values: bool
    content_type: str
    formatters: _containers.RepeatedCompositeFieldContainer[TypedExtensionConfig]
    json_format_options: JsonFormatOptions
    def __init__(self, text_format: _Optional[str] = ..., json_format: _Optional[_Union[_struct_pb2.Struct, _Mapping[str, object]]] = ..., text_format_source: _Optional[_Union[DataSource, _Mapping[str, object]]] = ..., omit_empty_values: _Optional[bool] = ..., content_type: _Optional[str] = ..., formatters: _Optional[_Iterable[_Union[TypedExtensionConfig, _Mapping[str, object]]]] = ..., json_format_options: _Optional[_Union[JsonFormatOptions, _Mapping[str, object]]] = ...) -> None: ...

class TcpKeepalive(_message.Message):
    keepalive_probes: _wrappers_pb2.UInt32Value
    keepalive_time: _wrappers_pb2.UInt32Value
    keepalive_interval: _wrappers_pb2.UInt32Value
    def __init__(self, keepalive_probes: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., keepalive_time: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., keepalive_interval: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ...) -> None: ...

class TlvEntry(_message.Message):
    type: int
    value: bytes
    format_string: SubstitutionFormatString
    def __init__(self, type: _Optional[int] = ..., value: _Optional[bytes] = ..., format_string: _Optional[_Union[SubstitutionFormatString, _Mapping[str, object]]] = ...) -> None: ...

class TransportSocket(_message.Message):
    name: str
    typed_config: _any_pb2.Any
    def __init__(self, name: _Optional[str] = ..., typed_config: _Optional[_Union[_any_pb2.Any, _Mapping[str, object]]] = ...) -> None: ...

class TypedExtensionConfig(_message.Message):
    name: str
    typed_config: _any_pb2.Any
    def __init__(self, name: _Optional[str] = ..., typed_config: _Optional[_Union[_any_pb2.Any, _Mapping[str, object]]] = ...) -> None: ...

class UdpSocketConfig(_message.Message):
    max_rx_datagram_size: _wrappers_pb2.UInt64Value
    prefer_gro: _wrappers_pb2.BoolValue
    def __init__(self, max_rx_datagram_size: _Optional[_Union[_wrappers_pb2.UInt64Value, _Mapping[str, object]]] = ..., prefer_gro: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ...) -> None: ...

class UpstreamHttpProtocolOptions(_message.Message):
    auto_sni: bool
    auto_san_validation: bool
    override_auto_sni_header: str
    def __init__(self, auto_sni: _Optional[bool] = ..., auto_san_validation: _Optional[bool] = ..., override_auto_sni_header: _Optional[str] = ...) -> None: ...

class WatchedDirectory(_message.Message):
    path: str
    watch_modify: bool
    def __init__(self, path: _Optional[str] = ..., watch_modify: _Optional[bool] = ...) -> None: ...
