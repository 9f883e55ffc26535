import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import wrappers_pb2 as _wrappers_pb2
from kuma.envoy.stubs.envoy.config.accesslog import v3_pb2 as _v3_pb2
from kuma.envoy.stubs.envoy.config.core import v3_pb2 as _v3_pb2_1
from kuma.envoy.stubs.envoy.extensions.filters.network.http_connection_manager import v3_pb2 as _v3_pb2_1_1
from kuma.envoy.stubs.envoy.type import v3_pb2 as _v3_pb2_1_1_1
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class ProxyProtocolTlvMergePolicy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    ADD_IF_ABSENT: _ClassVar[ProxyProtocolTlvMergePolicy]
    OVERWRITE_BY_TYPE_IF_EXISTS_OR_ADD: _ClassVar[ProxyProtocolTlvMergePolicy]
    APPEND_IF_EXISTS_OR_ADD: _ClassVar[ProxyProtocolTlvMergePolicy]

class UpstreamConnectMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    IMMEDIATE: _ClassVar[UpstreamConnectMode]
    ON_DOWNSTREAM_DATA: _ClassVar[UpstreamConnectMode]
    ON_DOWNSTREAM_TLS_HANDSHAKE: _ClassVar[UpstreamConnectMode]
ADD_IF_ABSENT: ProxyProtocolTlvMergePolicy
OVERWRITE_BY_TYPE_IF_EXISTS_OR_ADD: ProxyProtocolTlvMergePolicy
APPEND_IF_EXISTS_OR_ADD: ProxyProtocolTlvMergePolicy
IMMEDIATE: UpstreamConnectMode
ON_DOWNSTREAM_DATA: UpstreamConnectMode
ON_DOWNSTREAM_TLS_HANDSHAKE: UpstreamConnectMode

class TcpProxy(_message.Message):
    class OnDemand(_message.Message):
        odcds_config: _v3_pb2_1.ConfigSource
        resources_locator: str
        timeout: _duration_pb2.Duration
        def __init__(self, odcds_config: _Optional[_Union[_v3_pb2_1.ConfigSource, _Mapping[str, object]]] = ..., resources_locator: _Optional[str] = ..., timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ...) -> None: ...
    class TcpAccessLogOptions(_message.Message):
        access_log_flush_interval: _duration_pb2.Duration
        flush_access_log_on_connected: bool
        flush_access_log_on_start: bool
        def __init__(self, access_log_flush_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., flush_access_log_on_connected: _Optional[bool] = ..., flush_access_log_on_start: _Optional[bool] = ...) -> None: ...
    class TunnelingConfig(_message.Message):
        hostname: str
        use_post: bool
        headers_to_add: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1.HeaderValueOption]
        propagate_response_headers: bool
        post_path: str
        propagate_response_trailers: bool
        request_id_extension: _v3_pb2_1_1.RequestIDExtension
        request_id_header: str
        request_id_metadata_key: str
        formatters: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1.TypedExtensionConfig]
        def __init__(self, hostname: _Optional[str] = ..., use_post: _Optional[bool] = ..., headers_to_add: _Optional[_Iterable[_Union[_v3_pb2_1.HeaderValueOption, _Mapping[str, object]]]] = ..., propagate_response_headers: _Optional[bool] = ..., post_path: _Optional[str] = ..., propagate_response_trailers: _Optional[bool] = ..., request_id_extension: _Optional[_Union[_v3_pb2_1_1.RequestIDExtension, _Mapping[str, object]]] = ..., request_id_header: _Optional[str] = ..., request_id_metadata_key: _Optional[str] = ..., formatters: _Optional[_Iterable[_Union[_v3_pb2_1.TypedExtensionConfig, _Mapping[str, object]]]] = ...) -> None: ...
    class WeightedCluster(_message.Message):
        class ClusterWeight(_message.Message):
            name: str
            weight: int
            metadata_match: _v3_pb2_1.Metadata
            def __init__(self, name: _Optional[str] = ..., weight: _Optional[int] = ..., metadata_match: _Optional[_Union[_v3_pb2_1.Metadata, _Mapping[str, object]]] = ...) -> None: ...
        clusters: _containers.RepeatedCompositeFieldContainer[TcpProxy.WeightedCluster.ClusterWeight]
        def __init__(self, clusters: _Optional[_Iterable[_Union[TcpProxy.WeightedCluster.ClusterWeight, _Mapping[str, object]]]] = ...) -> None: ...
    stat_prefix: str
    cluster: str
    weighted_clusters: TcpProxy.WeightedCluster
    on_demand: TcpProxy.OnDemand
    metadata_match: _v3_pb2_1.Metadata
    idle_timeout: _duration_pb2.Duration
    downstream_idle_timeout: _duration_pb2.Duration
    upstream_idle_timeout: _duration_pb2.Duration
    access_log: _containers.RepeatedCompositeFieldContainer[_v3_pb2.AccessLog]
    max_connect_attempts: _wrappers_pb2.UInt32Value
    backoff_options: _v3_pb2_1.BackoffStrategy
    hash_policy: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1_1_1.HashPolicy]
    tunneling_config: TcpProxy.TunnelingConfig
    max_downstream_connection_duration: _duration_pb2.Duration
    max_downstream_connection_duration_jitter_percentage: _v3_pb2_1_1_1.Percent
    access_log_flush_interval: _duration_pb2.Duration
    flush_access_log_on_connected: bool
    access_log_options: TcpProxy.TcpAccessLogOptions
    proxy_protocol_tlvs: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1.TlvEntry]
    proxy_protocol_tlv_merge_policy: ProxyProtocolTlvMergePolicy
    upstream_connect_mode: UpstreamConnectMode
    max_early_data_bytes: _wrappers_pb2.UInt32Value
    check_drain_close: _wrappers_pb2.BoolValue
    def __init__(self, stat_prefix: _Optional[str] = ..., cluster: _Optional[str] = ..., weighted_clusters: _Optional[_Union[TcpProxy.WeightedCluster, _Mapping[str, object]]] = ..., on_demand: _Optional[_Union[TcpProxy.OnDemand, _Mapping[str, object]]] = ..., metadata_match: _Optional[_Union[_v3_pb2_1.Metadata, _Mapping[str, object]]] = ..., idle_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., downstream_idle_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., upstream_idle_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., access_log: _Optional[_Iterable[_Union[_v3_pb2.AccessLog, _Mapping[str, object]]]] = ..., max_connect_attempts: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., backoff_options: _Optional[_Union[_v3_pb2_1.BackoffStrategy, _Mapping[str, object]]] = ..., hash_policy: _Optional[_Iterable[_Union[_v3_pb2_1_1_1.HashPolicy, _Mapping[str, object]]]] = ..., tunneling_config: _Optional[_Union[TcpProxy.TunnelingConfig, _Mapping[str, object]]] = ..., max_downstream_connection_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., max_downstream_connection_duration_jitter_percentage: _Optional[_Union[_v3_pb2_1_1_1.Percent, _Mapping[str, object]]] = ..., access_log_flush_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., flush_access_log_on_connected: _Optional[bool] = ..., access_log_options: _Optional[_Union[TcpProxy.TcpAccessLogOptions, _Mapping[str, object]]] = ..., proxy_protocol_tlvs: _Optional[_Iterable[_Union[_v3_pb2_1.TlvEntry, _Mapping[str, object]]]] = ..., proxy_protocol_tlv_merge_policy: _Optional[_Union[ProxyProtocolTlvMergePolicy, str]] = ..., upstream_connect_mode: _Optional[_Union[UpstreamConnectMode, str]] = ..., max_early_data_bytes: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., check_drain_close: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ...) -> None: ...
