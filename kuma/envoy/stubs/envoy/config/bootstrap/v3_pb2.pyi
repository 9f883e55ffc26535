import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import wrappers_pb2 as _wrappers_pb2
from kuma.envoy.stubs.envoy.config.accesslog import v3_pb2 as _v3_pb2
from kuma.envoy.stubs.envoy.config.cluster import v3_pb2 as _v3_pb2_1
from kuma.envoy.stubs.envoy.config.core import v3_pb2 as _v3_pb2_1_1
from kuma.envoy.stubs.envoy.config.listener import v3_pb2 as _v3_pb2_1_1_1
from kuma.envoy.stubs.envoy.config.metrics import v3_pb2 as _v3_pb2_1_1_1_1
from kuma.envoy.stubs.envoy.config.overload import v3_pb2 as _v3_pb2_1_1_1_1_1
from kuma.envoy.stubs.envoy.config.trace import v3_pb2 as _v3_pb2_1_1_1_1_1_1
from kuma.envoy.stubs.envoy.extensions.transport_sockets.tls import v3_pb2 as _v3_pb2_1_1_1_1_1_1_1
from kuma.envoy.stubs.envoy.type.matcher import v3_pb2 as _v3_pb2_1_1_1_1_1_1_1_1
from kuma.envoy.stubs.envoy.type import v3_pb2 as _v3_pb2_1_1_1_1_1_1_1_1_1
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class Admin(_message.Message):
    access_log: _containers.RepeatedCompositeFieldContainer[_v3_pb2.AccessLog]
    access_log_path: str
    profile_path: str
    address: _v3_pb2_1_1.Address
    socket_options: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1_1.SocketOption]
    ignore_global_conn_limit: bool
    allow_paths: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1_1_1_1_1_1_1_1.StringMatcher]
    def __init__(self, access_log: _Optional[_Iterable[_Union[_v3_pb2.AccessLog, _Mapping[str, object]]]] = ..., access_log_path: _Optional[str] = ..., profile_path: _Optional[str] = ..., address: _Optional[_Union[_v3_pb2_1_1.Address, _Mapping[str, object]]] = ..., socket_options: _Optional[_Iterable[_Union[_v3_pb2_1_1.SocketOption, _Mapping[str, object]]]] = ..., ignore_global_conn_limit: _Optional[bool] = ..., allow_paths: _Optional[_Iterable[_Union[_v3_pb2_1_1_1_1_1_1_1_1.StringMatcher, _Mapping[str, object]]]] = ...) -> None: ...

class Bootstrap(_message.Message):
    class CertificateProviderInstancesEntry(_message.Message):
        key: str
        value: _v3_pb2_1_1.TypedExtensionConfig
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_v3_pb2_1_1.TypedExtensionConfig, _Mapping[str, object]]] = ...) -> None: ...
    class ApplicationLogConfig(_message.Message):
        class LogFormat(_message.Message):
            json_format: _struct_pb2.Struct
            text_format: str
            def __init__(self, json_format: _Optional[_Union[_struct_pb2.Struct, _Mapping[str, object]]] = ..., text_format: _Optional[str] = ...) -> None: ...
        log_format: Bootstrap.ApplicationLogConfig.LogFormat
        def __init__(self, log_format: _Optional[_Union[Bootstrap.ApplicationLogConfig.LogFormat, _Mapping[str, object]]] = ...) -> None: ...
    class DeferredStatOptions(_message.Message):
        enable_deferred_creation_stats: bool
        def __init__(self, enable_deferred_creation_stats: _Optional[bool] = ...) -> None: ...
    class DynamicResources(_message.Message):
        lds_config: _v3_pb2_1_1.ConfigSource
        lds_resources_locator: str
        cds_config: _v3_pb2_1_1.ConfigSource
        cds_resources_locator: str
        ads_config: _v3_pb2_1_1.ApiConfigSource
        def __init__(self, lds_config: _Optional[_Union[_v3_pb2_1_1.ConfigSource, _Mapping[str, object]]] = ..., lds_resources_locator: _Optional[str] = ..., cds_config: _Optional[_Union[_v3_pb2_1_1.ConfigSource, _Mapping[str, object]]] = ..., cds_resources_locator: _Optional[str] = ..., ads_config: _Optional[_Union[_v3_pb2_1_1.ApiConfigSource, _Mapping[str, object]]] = ...) -> None: ...
    class GrpcAsyncClientManagerConfig(_message.Message):
        max_cached_entry_idle_duration: _duration_pb2.Duration
        def __init__(self, max_cached_entry_idle_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ...) -> None: ...
    class StaticResources(_message.Message):
        listeners: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1_1_1.Listener]
        clusters: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1.Cluster]
        secrets: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1_1_1_1_1_1_1.Secret]
        def __init__(self, listeners: _Optional[_Iterable[_Union[_v3_pb2_1_1_1.Listener, _Mapping[str, object]]]] = ..., clusters: _Optional[_Iterable[_Union[_v3_pb2_1.Cluster, _Mapping[str, object]]]] = ..., secrets: _Optional[_Iterable[_Union[_v3_pb2_1_1_1_1_1_1_1.Secret, _Mapping[str, object]]]] = ...) -> None: ...
    node: _v3_pb2_1_1.Node
    node_context_params: _containers.RepeatedScalarFieldContainer[str]
    static_resources: Bootstrap.StaticResources
    dynamic_resources: Bootstrap.DynamicResources
    cluster_manager: ClusterManager
    hds_config: _v3_pb2_1_1.ApiConfigSource
    flags_path: str
    stats_sinks: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1_1_1_1.StatsSink]
    deferred_stat_options: Bootstrap.DeferredStatOptions
    stats_config: _v3_pb2_1_1_1_1.StatsConfig
    stats_flush_interval: _duration_pb2.Duration
    stats_flush_on_admin: bool
    stats_eviction_interval: _duration_pb2.Duration
    watchdog: Watchdog
    watchdogs: Watchdogs
    tracing: _v3_pb2_1_1_1_1_1_1.Tracing
    layered_runtime: LayeredRuntime
    admin: Admin
    overload_manager: _v3_pb2_1_1_1_1_1.OverloadManager
    enable_dispatcher_stats: bool
    header_prefix: str
    stats_server_version_override: _wrappers_pb2.UInt64Value
    use_tcp_for_dns_lookups: bool
    dns_resolution_config: _v3_pb2_1_1.DnsResolutionConfig
    typed_dns_resolver_config: _v3_pb2_1_1.TypedExtensionConfig
    bootstrap_extensions: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1_1.TypedExtensionConfig]
    fatal_actions: _containers.RepeatedCompositeFieldContainer[FatalAction]
    config_sources: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1_1.ConfigSource]
    default_config_source: _v3_pb2_1_1.ConfigSource
    default_socket_interface: str
    certificate_provider_instances: _containers.MessageMap[str, _v3_pb2_1_1.TypedExtensionConfig]
    inline_headers: _containers.RepeatedCompositeFieldContainer[CustomInlineHeader]
    perf_tracing_file_path: str
    default_regex_engine: _v3_pb2_1_1.TypedExtensionConfig
    xds_delegate_extension: _v3_pb2_1_1.TypedExtensionConfig
    xds_config_tracker_extension: _v3_pb2_1_1.TypedExtensionConfig
    listener_manager: _v3_pb2_1_1.TypedExtensionConfig
    application_log_config: Bootstrap.ApplicationLogConfig
    grpc_async_client_manager_config: Bootstrap.GrpcAsyncClientManagerConfig
    memory_allocator_manager: MemoryAllocatorManager
    enable_worker_cpu_affinity: bool
    def __init__(self, node: _Optional[_Union[_v3_pb2_1_1.Node, _Mapping[str, object]]] = ..., node_context_params: _Optional[_Iterable[str]] = ..., static_resources: _Optional[_Union[Bootstrap.StaticResources, _Mapping[str, object]]] = ..., dynamic_resources: _Optional[_Union[Bootstrap.DynamicResources, _Mapping[str, object]]] = ..., cluster_manager: _Optional[_Union[ClusterManager, _Mapping[str, object]]] = ..., hds_config: _Optional[_Union[_v3_pb2_1_1.ApiConfigSource, _Mapping[str, object]]] = ..., flags_path: _Optional[str] = ..., stats_sinks: _Optional[_Iterable[_Union[_v3_pb2_1_1_1_1.StatsSink, _Mapping[str, object]]]] = ..., deferred_stat_options: _Optional[_Union[Bootstrap.DeferredStatOptions, _Mapping[str, object]]] = ..., stats_config: _Optional[_Union[_v3_pb2_1_1_1_1.StatsConfig, _Mapping[str, object]]] = ..., stats_flush_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., stats_flush_on_admin: _Optional[bool] = ..., stats_eviction_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., watchdog: _Optional[_Union[Watchdog, _Mapping[str, object]]] = ..., watchdogs: _Optional[_Union[Watchdogs, _Mapping[str, object]]] = ..., tracing: _Optional[_Union[_v3_pb2_1_1_1_1_1_1.Tracing, _Mapping[str, object]]] = ..., layered_runtime: _Optional[_Union[LayeredRuntime, _Mapping[str, object]]] = ..., admin: _Optional[_Union[Admin, _Mapping[str, object]]] = ..., overload_manager: _Optional[_Union[_v3_pb2_1_1_1_1_1.OverloadManager, _Mapping[str, object]]] = ..., enable_dispatcher_stats: _Optional[bool] = ..., header_prefix: _Optional[str] = ..., stats_server_version_override: _Optional[_Union[_wrappers_pb2.UInt64Value, _Mapping[str, object]]] = ..., use_tcp_for_dns_lookups: _Optional[bool] = ..., dns_resolution_config: _Optional[_Union[_v3_pb2_1_1.DnsResolutionConfig, _Mapping[str, object]]] = ..., typed_dns_resolver_config: _Optional[_Union[_v3_pb2_1_1.TypedExtensionConfig, _Mapping[str, object]]] = ..., bootstrap_extensions: _Optional[_Iterable[_Union[_v3_pb2_1_1.TypedExtensionConfig, _Mapping[str, object]]]] = ..., fatal_actions: _Optional[_Iterable[_Union[FatalAction, _Mapping[str, object]]]] = ..., config_sources: _Optional[_Iterable[_Union[_v3_pb2_1_1.ConfigSource, _Mapping[str, object]]]] = ..., default_config_source: _Optional[_Union[_v3_pb2_1_1.ConfigSource, _Mapping[str, object]]] = ..., default_socket_interface: _Optional[str] = ..., certificate_provider_instances: _Optional[_Mapping[str, _v3_pb2_1_1.TypedExtensionConfig]] = ..., inline_headers: _Optional[_Iterable[_Union[CustomInlineHeader, _Mapping[str, object]]]] = ..., perf_tracing_file_path: _Optional[str] = ..., default_regex_engine: _Optional[_Union[_v3_pb2_1_1.TypedExtensionConfig, _Mapping[str, object]]] = ..., xds_delegate_extension: _Optional[_Union[_v3_pb2_1_1.TypedExtensionConfig, _Mapping[str, object]]] = ..., xds_config_tracker_extension: _Optional[_Union[_v3_pb2_1_1.TypedExtensionConfig, _Mapping[str, object]]] = ..., listener_manager: _Optional[_Union[_v3_pb2_1_1.TypedExtensionConfig, _Mapping[str, object]]] = ..., application_log_config: _Optional[_Union[Bootstrap.ApplicationLogConfig, _Mapping[str, object]]] = ..., grpc_async_client_manager_config: _Optional[_Union[Bootstrap.GrpcAsyncClientManagerConfig, _Mapping[str, object]]] = ..., memory_allocator_manager: _Optional[_Union[MemoryAllocatorManager, _Mapping[str, object]]] = ..., enable_worker_cpu_affinity: _Optional[bool] = ...) -> None: ...

class ClusterManager(_message.Message):
    class OutlierDetection(_message.Message):
        event_log_path: str
        event_service: _v3_pb2_1_1.EventServiceConfig
        def __init__(self, event_log_path: _Optional[str] = ..., event_service: _Optional[_Union[_v3_pb2_1_1.EventServiceConfig, _Mapping[str, object]]] = ...) -> None: ...
    local_cluster_name: str
    outlier_detection: ClusterManager.OutlierDetection
    upstream_bind_config: _v3_pb2_1_1.BindConfig
    load_stats_config: _v3_pb2_1_1.ApiConfigSource
    enable_deferred_cluster_creation: bool
    def __init__(self, local_cluster_name: _Optional[str] = ..., outlier_detection: _Optional[_Union[ClusterManager.OutlierDetection, _Mapping[str, object]]] = ..., upstream_bind_config: _Optional[_Union[_v3_pb2_1_1.BindConfig, _Mapping[str, object]]] = ..., load_stats_config: _Optional[_Union[_v3_pb2_1_1.ApiConfigSource, _Mapping[str, object]]] = ..., enable_deferred_cluster_creation: _Optional[bool] = ...) -> None: ...

class CustomInlineHeader(_message.Message):
    class InlineHeaderType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        REQUEST_HEADER: _ClassVar[CustomInlineHeader.InlineHeaderType]
        REQUEST_TRAILER: _ClassVar[CustomInlineHeader.InlineHeaderType]
        RESPONSE_HEADER: _ClassVar[CustomInlineHeader.InlineHeaderType]
        RESPONSE_TRAILER: _ClassVar[CustomInlineHeader.InlineHeaderType]
    REQUEST_HEADER: CustomInlineHeader.InlineHeaderType
    REQUEST_TRAILER: CustomInlineHeader.InlineHeaderType
    RESPONSE_HEADER: CustomInlineHeader.InlineHeaderType
    RESPONSE_TRAILER: CustomInlineHeader.InlineHeaderType
    inline_header_name: str
    inline_header_type: CustomInlineHeader.InlineHeaderType
    def __init__(self, inline_header_name: _Optional[str] = ..., inline_header_type: _Optional[_Union[CustomInlineHeader.InlineHeaderType, str]] = ...) -> None: ...

class FatalAction(_message.Message):
    config: _v3_pb2_1_1.TypedExtensionConfig
    def __init__(self, config: _Optional[_Union[_v3_pb2_1_1.TypedExtensionConfig, _Mapping[str, object]]] = ...) -> None: ...

class LayeredRuntime(_message.Message):
    layers: _containers.RepeatedCompositeFieldContainer[RuntimeLayer]
    def __init__(self, layers: _Optional[_Iterable[_Union[RuntimeLayer, _Mapping[str, object]]]] = ...) -> None: ...

class MemoryAllocatorManager(_message.Message):
    bytes_to_release: int
    memory_release_interval: _duration_pb2.Duration
    soft_memory_limit_bytes: _wrappers_pb2.UInt64Value
    max_per_cpu_cache_size_bytes: _wrappers_pb2.UInt32Value
    max_unfreed_memory_bytes: int
    def __init__(self, bytes_to_release: _Optional[int] = ..., memory_release_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., soft_memory_limit_bytes: _Optional[_Union[_wrappers_pb2.UInt64Value, _Mapping[str, object]]] = ..., max_per_cpu_cache_size_bytes: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., max_unfreed_memory_bytes: _Optional[int] = ...) -> None: ...

class RuntimeLayer(_message.Message):
    class AdminLayer(_message.Message):
        def __init__(self) -> None: ...
    class DiskLayer(_message.Message):
        symlink_root: str
        subdirectory: str
        append_service_cluster: bool
        def __init__(self, symlink_root: _Optional[str] = ..., subdirectory: _Optional[str] = ..., append_service_cluster: _Optional[bool] = ...) -> None: ...
    class RtdsLayer(_message.Message):
        name: str
        rtds_config: _v3_pb2_1_1.ConfigSource
        def __init__(self, name: _Optional[str] = ..., rtds_config: _Optional[_Union[_v3_pb2_1_1.ConfigSource, _Mapping[str, object]]] = ...) -> None: ...
    name: str
    static_layer: _struct_pb2.Struct
    disk_layer: RuntimeLayer.DiskLayer
    admin_layer: RuntimeLayer.AdminLayer
    rtds_layer: RuntimeLayer.RtdsLayer
    def __init__(self, name: _Optional[str] = ..., static_layer: _Optional[_Union[_struct_pb2.Struct, _Mapping[str, object]]] = ..., disk_layer: _Optional[_Union[RuntimeLayer.DiskLayer, _Mapping[str, object]]] = ..., admin_layer: _Optional[_Union[RuntimeLayer.AdminLayer, _Mapping[str, object]]] = ..., rtds_layer: _Optional[_Union[RuntimeLayer.RtdsLayer, _Mapping[str, object]]] = ...) -> None: ...

class Watchdog(_message.Message):
    class WatchdogAction(_message.Message):
        class WatchdogEvent(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
            UNKNOWN: _ClassVar[Watchdog.WatchdogAction.WatchdogEvent]
            KILL: _ClassVar[Watchdog.WatchdogAction.WatchdogEvent]
            MULTIKILL: _ClassVar[Watchdog.WatchdogAction.WatchdogEvent]
            MEGAMISS: _ClassVar[Watchdog.WatchdogAction.WatchdogEvent]
            MISS: _ClassVar[Watchdog.WatchdogAction.WatchdogEvent]
        UNKNOWN: Watchdog.WatchdogAction.WatchdogEvent
        KILL: Watchdog.WatchdogAction.WatchdogEvent
        MULTIKILL: Watchdog.WatchdogAction.WatchdogEvent
        MEGAMISS: Watchdog.WatchdogAction.WatchdogEvent
        MISS: Watchdog.WatchdogAction.WatchdogEvent
        config: _v3_pb2_1_1.TypedExtensionConfig
        event: Watchdog.WatchdogAction.WatchdogEvent
        def __init__(self, config: _Optional[_Union[_v3_pb2_1_1.TypedExtensionConfig, _Mapping[str, object]]] = ..., event: _Optional[_Union[Watchdog.WatchdogAction.WatchdogEvent, str]] = ...) -> None: ...
    actions: _containers.RepeatedCompositeFieldContainer[Watchdog.WatchdogAction]
    miss_timeout: _duration_pb2.Duration
    megamiss_timeout: _duration_pb2.Duration
    kill_timeout: _duration_pb2.Duration
    max_kill_timeout_jitter: _duration_pb2.Duration
    multikill_timeout: _duration_pb2.Duration
    multikill_threshold: _v3_pb2_1_1_1_1_1_1_1_1_1.Percent
    def __init__(self, actions: _Optional[_Iterable[_Union[Watchdog.WatchdogAction, _Mapping[str, object]]]] = ..., miss_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., megamiss_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., kill_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., max_kill_timeout_jitter: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., multikill_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., multikill_threshold: _Optional[_Union[_v3_pb2_1_1_1_1_1_1_1_1_1.Percent, _Mapping[str, object]]] = ...) -> None: ...

class Watchdogs(_message.Message):
    main_thread_watchdog: Watchdog
    worker_watchdog: Watchdog
    def __init__(self, main_thread_watchdog: _Optional[_Union[Watchdog, _Mapping[str, object]]] = ..., worker_watchdog: _Optional[_Union[Watchdog, _Mapping[str, object]]] = ...) -> None: ...
