import datetime

from google.protobuf import any_pb2 as _any_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import wrappers_pb2 as _wrappers_pb2
from kuma.envoy.stubs.envoy.config.accesslog import v3_pb2 as _v3_pb2
from kuma.envoy.stubs.envoy.config.core import v3_pb2 as _v3_pb2_1
from kuma.envoy.stubs.envoy.type import v3_pb2 as _v3_pb2_1_1
from kuma.envoy.stubs.xds.type.matcher import v3_pb2 as _v3_pb2_1_1_1
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class AdditionalAddress(_message.Message):
    address: _v3_pb2_1.Address
    socket_options: _v3_pb2_1.SocketOptionsOverride
    tcp_keepalive: _v3_pb2_1.TcpKeepalive
    def __init__(self, address: _Optional[_Union[_v3_pb2_1.Address, _Mapping[str, object]]] = ..., socket_options: _Optional[_Union[_v3_pb2_1.SocketOptionsOverride, _Mapping[str, object]]] = ..., tcp_keepalive: _Optional[_Union[_v3_pb2_1.TcpKeepalive, _Mapping[str, object]]] = ...) -> None: ...

class ApiListener(_message.Message):
    api_listener: _any_pb2.Any
    def __init__(self, api_listener: _Optional[_Union[_any_pb2.Any, _Mapping[str, object]]] = ...) -> None: ...

class Filter(_message.Message):
    name: str
    typed_config: _any_pb2.Any
    config_discovery: _v3_pb2_1.ExtensionConfigSource
    def __init__(self, name: _Optional[str] = ..., typed_config: _Optional[_Union[_any_pb2.Any, _Mapping[str, object]]] = ..., config_discovery: _Optional[_Union[_v3_pb2_1.ExtensionConfigSource, _Mapping[str, object]]] = ...) -> None: ...

class FilterChain(_message.Message):
    filter_chain_match: FilterChainMatch
    filters: _containers.RepeatedCompositeFieldContainer[Filter]
    use_proxy_proto: _wrappers_pb2.BoolValue
    metadata: _v3_pb2_1.Metadata
    transport_socket: _v3_pb2_1.TransportSocket
    transport_socket_connect_timeout: _duration_pb2.Duration
    name: str
    def __init__(self, filter_chain_match: _Optional[_Union[FilterChainMatch, _Mapping[str, object]]] = ..., filters: _Optional[_Iterable[_Union[Filter, _Mapping[str, object]]]] = ..., use_proxy_proto: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., metadata: _Optional[_Union[_v3_pb2_1.Metadata, _Mapping[str, object]]] = ..., transport_socket: _Optional[_Union[_v3_pb2_1.TransportSocket, _Mapping[str, object]]] = ..., transport_socket_connect_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., name: _Optional[str] = ...) -> None: ...

class FilterChainMatch(_message.Message):
    class ConnectionSourceType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        ANY: _ClassVar[FilterChainMatch.ConnectionSourceType]
        SAME_IP_OR_LOOPBACK: _ClassVar[FilterChainMatch.ConnectionSourceType]
        EXTERNAL: _ClassVar[FilterChainMatch.ConnectionSourceType]
    ANY: FilterChainMatch.ConnectionSourceType
    SAME_IP_OR_LOOPBACK: FilterChainMatch.ConnectionSourceType
    EXTERNAL: FilterChainMatch.ConnectionSourceType
    destination_port: _wrappers_pb2.UInt32Value
    prefix_ranges: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1.CidrRange]
    address_suffix: str
    suffix_len: _wrappers_pb2.UInt32Value
    direct_source_prefix_ranges: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1.CidrRange]
    source_type: FilterChainMatch.ConnectionSourceType
    source_prefix_ranges: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1.CidrRange]
    source_ports: _containers.RepeatedScalarFieldContainer[int]
    server_names: _containers.RepeatedScalarFieldContainer[str]
    transport_protocol: str
    application_protocols: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, destination_port: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., prefix_ranges: _Optional[_Iterable[_Union[_v3_pb2_1.CidrRange, _Mapping[str, object]]]] = ..., address_suffix: _Optional[str] = ..., suffix_len: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., direct_source_prefix_ranges: _Optional[_Iterable[_Union[_v3_pb2_1.CidrRange, _Mapping[str, object]]]] = ..., source_type: _Optional[_Union[FilterChainMatch.ConnectionSourceType, str]] = ..., source_prefix_ranges: _Optional[_Iterable[_Union[_v3_pb2_1.CidrRange, _Mapping[str, object]]]] = ..., source_ports: _Optional[_Iterable[int]] = ..., server_names: _Optional[_Iterable[str]] = ..., transport_protocol: _Optional[str] = ..., application_protocols: _Optional[_Iterable[str]] = ...) -> None: ...

class Listener(_message.Message):
    class DrainType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        DEFAULT: _ClassVar[Listener.DrainType]
        MODIFY_ONLY: _ClassVar[Listener.DrainType]
    DEFAULT: Listener.DrainType
    MODIFY_ONLY: Listener.DrainType
    class ConnectionBalanceConfig(_message.Message):
        class CpuLocalityBalance(_message.Message):
            def __init__(self) -> None: ...
        class ExactBalance(_message.Message):
            def __init__(self) -> None: ...
        exact_balance: Listener.ConnectionBalanceConfig.ExactBalance
        extend_balance: _v3_pb2_1.TypedExtensionConfig
        cpu_locality_balance: Listener.ConnectionBalanceConfig.CpuLocalityBalance
        def __init__(self, exact_balance: _Optional[_Union[Listener.ConnectionBalanceConfig.ExactBalance, _Mapping[str, object]]] = ..., extend_balance: _Optional[_Union[_v3_pb2_1.TypedExtensionConfig, _Mapping[str, object]]] = ..., cpu_locality_balance: _Optional[_Union[Listener.ConnectionBalanceConfig.CpuLocalityBalance, _Mapping[str, object]]] = ...) -> None: ...
    class DeprecatedV1(_message.Message):
        bind_to_port: _wrappers_pb2.BoolValue
        def __init__(self, bind_to_port: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ...) -> None: ...
    class FcdsConfig(_message.Message):
        name: str
        config_source: _v3_pb2_1.ConfigSource
        def __init__(self, name: _Optional[str] = ..., config_source: _Optional[_Union[_v3_pb2_1.ConfigSource, _Mapping[str, object]]] = ...) -> None: ...
    class InternalListenerConfig(_message.Message):
        def __init__(self) -> None: ...
    name: str
    address: _v3_pb2_1.Address
    additional_addresses: _containers.RepeatedCompositeFieldContainer[AdditionalAddress]
    stat_prefix: str
    filter_chains: _containers.RepeatedCompositeFieldContainer[FilterChain]
    fcds_config: Listener.FcdsConfig
    filter_chain_matcher: _v3_pb2_1_1_1.Matcher
    use_original_dst: _wrappers_pb2.BoolValue
    default_filter_chain: FilterChain
    per_connection_buffer_limit_bytes: _wrappers_pb2.UInt32Value
    per_connection_buffer_high_watermark_timeout: _duration_pb2.Duration
    metadata: _v3_pb2_1.Metadata
    deprecated_v1: Listener.DeprecatedV1
    drain_type: Listener.DrainType
    listener_filters: _containers.RepeatedCompositeFieldContainer[ListenerFilter]
    listener_filters_timeout: _duration_pb2.Duration
    continue_on_listener_filters_timeout: bool
    transparent: _wrappers_pb2.BoolValue
    freebind: _wrappers_pb2.BoolValue
    socket_options: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1.SocketOption]
    tcp_fast_open_queue_length: _wrappers_pb2.UInt32Value
    traffic_direction: _v3_pb2_1.TrafficDirection
    udp_listener_config: UdpListenerConfig
    api_listener: ApiListener
    connection_balance_config: Listener.ConnectionBalanceConfig
    reuse_port: bool
    enable_reuse_port: _wrappers_pb2.BoolValue
    access_log: _containers.RepeatedCompositeFieldContainer[_v3_pb2.AccessLog]
    tcp_backlog_size: _wrappers_pb2.UInt32Value
    max_connections_to_accept_per_socket_event: _wrappers_pb2.UInt32Value
    bind_to_port: _wrappers_pb2.BoolValue
    internal_listener: Listener.InternalListenerConfig
    enable_mptcp: bool
    ignore_global_conn_limit: bool
    bypass_overload_manager: bool
    tcp_keepalive: _v3_pb2_1.TcpKeepalive
    def __init__(self, name: _Optional[str] = ..., address: _Optional[_Union[_v3_pb2_1.Address, _Mapping[str, object]]] = ..., additional_addresses: _Optional[_Iterable[_Union[AdditionalAddress, _Mapping[str, object]]]] = ..., stat_prefix: _Optional[str] = ..., filter_chains: _Optional[_Iterable[_Union[FilterChain, _Mapping[str, object]]]] = ..., fcds_config: _Optional[_Union[Listener.FcdsConfig, _Mapping[str, object]]] = ..., filter_chain_matcher: _Optional[_Union[_v3_pb2_1_1_1.Matcher, _Mapping[str, object]]] = ..., use_original_dst: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., default_filter_chain: _Optional[_Union[FilterChain, _Mapping[str, object]]] = ..., per_connection_buffer_limit_bytes: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., per_connection_buffer_high_watermark_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., metadata: _Optional[_Union[_v3_pb2_1.Metadata, _Mapping[str, object]]] = ..., deprecated_v1: _Optional[_Union[Listener.DeprecatedV1, _Mapping[str, object]]] = ..., drain_type: _Optional[_Union[Listener.DrainType, str]] = ..., listener_filters: _Optional[_Iterable[_Union[ListenerFilter, _Mapping[str, object]]]] = ..., listener_filters_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., continue_on_listener_filters_timeout: _Optional[bool] = ..., transparent: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., freebind: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., socket_options: _Optional[_Iterable[_Union[_v3_pb2_1.SocketOption, _Mapping[str, object]]]] = ..., tcp_fast_open_queue_length: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., traffic_direction: _Optional[_Union[_v3_pb2_1.TrafficDirection, str]] = ..., udp_listener_config: _Optional[_Union[UdpListenerConfig, _Mapping[str, object]]] = ..., api_listener: _Optional[_Union[ApiListener, _Mapping[str, object]]] = ..., connection_balance_config: _Optional[_Union[Listener.ConnectionBalanceConfig, _Mapping[str, object]]] = ..., reuse_port: _Optional[bool] = ..., enable_reuse_port: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., access_log: _Optional[_Iterable[_Union[_v3_pb2.AccessLog, _Mapping[str, object]]]] = ..., tcp_backlog_size: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., max_connections_to_accept_per_socket_event: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., bind_to_port: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., internal_listener: _Optional[_Union[Listener.InternalListenerConfig, _Mapping[str, object]]] = ..., enable_mptcp: _Optional[bool] = ..., ignore_global_conn_limit: _Optional[bool] = ..., bypass_overload_manager: _Optional[bool] = ..., tcp_keepalive: _Optional[_Union[_v3_pb2_1.TcpKeepalive, _Mapping[str, object]]] = ...) -> None: ...

class ListenerFilter(_message.Message):
    name: str
    typed_config: _any_pb2.Any
    config_discovery: _v3_pb2_1.ExtensionConfigSource
    filter_disabled: ListenerFilterChainMatchPredicate
    def __init__(self, name: _Optional[str] = ..., typed_config: _Optional[_Union[_any_pb2.Any, _Mapping[str, object]]] = ..., config_discovery: _Optional[_Union[_v3_pb2_1.ExtensionConfigSource, _Mapping[str, object]]] = ..., filter_disabled: _Optional[_Union[ListenerFilterChainMatchPredicate, _Mapping[str, object]]] = ...) -> None: ...

class ListenerFilterChainMatchPredicate(_message.Message):
    class MatchSet(_message.Message):
        rules: _containers.RepeatedCompositeFieldContainer[ListenerFilterChainMatchPredicate]
        def __init__(self, rules: _Optional[_Iterable[_Union[ListenerFilterChainMatchPredicate, _Mapping[str, object]]]] = ...) -> None: ...
    or_match: ListenerFilterChainMatchPredicate.MatchSet
    and_match: ListenerFilterChainMatchPredicate.MatchSet
    not_match: ListenerFilterChainMatchPredicate
    any_match: bool
    destination_port_range: _v3_pb2_1_1.Int32Range
    def __init__(self, or_match: _Optional[_Union[ListenerFilterChainMatchPredicate.MatchSet, _Mapping[str, object]]] = ..., and_match: _Optional[_Union[ListenerFilterChainMatchPredicate.MatchSet, _Mapping[str, object]]] = ..., not_match: _Optional[_Union[ListenerFilterChainMatchPredicate, _Mapping[str, object]]] = ..., any_match: _Optional[bool] = ..., destination_port_range: _Optional[_Union[_v3_pb2_1_1.Int32Range, _Mapping[str, object]]] = ...) -> None: ...

class QuicProtocolOptions(_message.Message):
    quic_protocol_options: _v3_pb2_1.QuicProtocolOptions
    idle_timeout: _duration_pb2.Duration
    crypto_handshake_timeout: _duration_pb2.Duration
    enabled: _v3_pb2_1.RuntimeFeatureFlag
    packets_to_read_to_connection_count_ratio: _wrappers_pb2.UInt32Value
    crypto_stream_config: _v3_pb2_1.TypedExtensionConfig
    proof_source_config: _v3_pb2_1.TypedExtensionConfig
    connection_id_generator_config: _v3_pb2_1.TypedExtensionConfig
    server_preferred_address_config: _v3_pb2_1.TypedExtensionConfig
    send_disable_active_migration: _wrappers_pb2.BoolValue
    connection_debug_visitor_config: _v3_pb2_1.TypedExtensionConfig
    save_cmsg_config: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1.SocketCmsgHeaders]
    reject_new_connections: bool
    max_sessions_per_event_loop: _wrappers_pb2.UInt32Value
    def __init__(self, quic_protocol_options: _Optional[_Union[_v3_pb2_1.QuicProtocolOptions, _Mapping[str, object]]] = ..., idle_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., crypto_handshake_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., enabled: _Optional[_Union[_v3_pb2_1.RuntimeFeatureFlag, _Mapping[str, object]]] = ..., packets_to_read_to_connection_count_ratio: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., crypto_stream_config: _Optional[_Union[_v3_pb2_1.TypedExtensionConfig, _Mapping[str, object]]] = ..., proof_source_config: _Optional[_Union[_v3_pb2_1.TypedExtensionConfig, _Mapping[str, object]]] = ..., connection_id_generator_config: _Optional[_Union[_v3_pb2_1.TypedExtensionConfig, _Mapping[str, object]]] = ..., server_preferred_address_config: _Optional[_Union[_v3_pb2_1.TypedExtensionConfig, _Mapping[str, object]]] = ..., send_disable_active_migration: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., connection_debug_visitor_config: _Optional[_Union[_v3_pb2_1.TypedExtensionConfig, _Mapping[str, object]]] = ..., save_cmsg_config: _Optional[_Iterable[_Union[_v3_pb2_1.SocketCmsgHeaders, _Mapping[str, object]]]] = ..., reject_new_connections: _Optional[bool] = ..., max_sessions_per_event_loop: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ...) -> None: ...

class UdpListenerConfig(_message.Message):
    downstream_socket_config: _v3_pb2_1.UdpSocketConfig
    quic_options: QuicProtocolOptions
    udp_packet_packet_writer_config: _v3_pb2_1.TypedExtensionConfig
    def __init__(self, downstream_socket_config: _Optional[_Union[_v3_pb2_1.UdpSocketConfig, _Mapping[str, object]]] = ..., quic_options: _Optional[_Union[QuicProtocolOptions, _Mapping[str, object]]] = ..., udp_packet_packet_writer_config: _Optional[_Union[_v3_pb2_1.TypedExtensionConfig, _Mapping[str, object]]] = ...) -> None: ...
