import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import wrappers_pb2 as _wrappers_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Secret(_message.Message):
    __slots__ = ("data",)
    DATA_FIELD_NUMBER: _ClassVar[int]
    data: _wrappers_pb2.BytesValue
    def __init__(self, data: _Optional[_Union[_wrappers_pb2.BytesValue, _Mapping[str, object]]] = ...) -> None: ...

class Config(_message.Message):
    __slots__ = ("config",)
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    config: str
    def __init__(self, config: _Optional[str] = ...) -> None: ...

class DataSource(_message.Message):
    __slots__ = ("secret", "file", "inline", "inlineString")
    SECRET_FIELD_NUMBER: _ClassVar[int]
    FILE_FIELD_NUMBER: _ClassVar[int]
    INLINE_FIELD_NUMBER: _ClassVar[int]
    INLINESTRING_FIELD_NUMBER: _ClassVar[int]
    secret: str
    file: str
    inline: _wrappers_pb2.BytesValue
    inlineString: str
    def __init__(self, secret: _Optional[str] = ..., file: _Optional[str] = ..., inline: _Optional[_Union[_wrappers_pb2.BytesValue, _Mapping[str, object]]] = ..., inlineString: _Optional[str] = ...) -> None: ...

class Zone(_message.Message):
    __slots__ = ("enabled",)
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    enabled: _wrappers_pb2.BoolValue
    def __init__(self, enabled: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ...) -> None: ...

class ZoneInsight(_message.Message):
    __slots__ = ("subscriptions", "envoy_admin_streams", "health_check", "kds_streams")
    SUBSCRIPTIONS_FIELD_NUMBER: _ClassVar[int]
    ENVOY_ADMIN_STREAMS_FIELD_NUMBER: _ClassVar[int]
    HEALTH_CHECK_FIELD_NUMBER: _ClassVar[int]
    KDS_STREAMS_FIELD_NUMBER: _ClassVar[int]
    subscriptions: _containers.RepeatedCompositeFieldContainer[KDSSubscription]
    envoy_admin_streams: EnvoyAdminStreams
    health_check: HealthCheck
    kds_streams: KDSStreams
    def __init__(self, subscriptions: _Optional[_Iterable[_Union[KDSSubscription, _Mapping[str, object]]]] = ..., envoy_admin_streams: _Optional[_Union[EnvoyAdminStreams, _Mapping[str, object]]] = ..., health_check: _Optional[_Union[HealthCheck, _Mapping[str, object]]] = ..., kds_streams: _Optional[_Union[KDSStreams, _Mapping[str, object]]] = ...) -> None: ...

class EnvoyAdminStreams(_message.Message):
    __slots__ = ("config_dump_global_instance_id", "stats_global_instance_id", "clusters_global_instance_id")
    CONFIG_DUMP_GLOBAL_INSTANCE_ID_FIELD_NUMBER: _ClassVar[int]
    STATS_GLOBAL_INSTANCE_ID_FIELD_NUMBER: _ClassVar[int]
    CLUSTERS_GLOBAL_INSTANCE_ID_FIELD_NUMBER: _ClassVar[int]
    config_dump_global_instance_id: str
    stats_global_instance_id: str
    clusters_global_instance_id: str
    def __init__(self, config_dump_global_instance_id: _Optional[str] = ..., stats_global_instance_id: _Optional[str] = ..., clusters_global_instance_id: _Optional[str] = ...) -> None: ...

class HealthCheck(_message.Message):
    __slots__ = ("time",)
    TIME_FIELD_NUMBER: _ClassVar[int]
    time: _timestamp_pb2.Timestamp
    def __init__(self, time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, object]]] = ...) -> None: ...

class KDSStreams(_message.Message):
    __slots__ = ("clusters", "config_dump", "stats", "global_to_zone", "zone_to_global")
    CLUSTERS_FIELD_NUMBER: _ClassVar[int]
    CONFIG_DUMP_FIELD_NUMBER: _ClassVar[int]
    STATS_FIELD_NUMBER: _ClassVar[int]
    GLOBAL_TO_ZONE_FIELD_NUMBER: _ClassVar[int]
    ZONE_TO_GLOBAL_FIELD_NUMBER: _ClassVar[int]
    clusters: KDSStream
    config_dump: KDSStream
    stats: KDSStream
    global_to_zone: KDSStream
    zone_to_global: KDSStream
    def __init__(self, clusters: _Optional[_Union[KDSStream, _Mapping[str, object]]] = ..., config_dump: _Optional[_Union[KDSStream, _Mapping[str, object]]] = ..., stats: _Optional[_Union[KDSStream, _Mapping[str, object]]] = ..., global_to_zone: _Optional[_Union[KDSStream, _Mapping[str, object]]] = ..., zone_to_global: _Optional[_Union[KDSStream, _Mapping[str, object]]] = ...) -> None: ...

class KDSStream(_message.Message):
    __slots__ = ("global_instance_id", "connect_time")
    GLOBAL_INSTANCE_ID_FIELD_NUMBER: _ClassVar[int]
    CONNECT_TIME_FIELD_NUMBER: _ClassVar[int]
    global_instance_id: str
    connect_time: _timestamp_pb2.Timestamp
    def __init__(self, global_instance_id: _Optional[str] = ..., connect_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, object]]] = ...) -> None: ...

class KDSSubscription(_message.Message):
    __slots__ = ("id", "global_instance_id", "connect_time", "disconnect_time", "status", "version", "generation", "config", "auth_token_provided", "zone_instance_id")
    ID_FIELD_NUMBER: _ClassVar[int]
    GLOBAL_INSTANCE_ID_FIELD_NUMBER: _ClassVar[int]
    CONNECT_TIME_FIELD_NUMBER: _ClassVar[int]
    DISCONNECT_TIME_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    AUTH_TOKEN_PROVIDED_FIELD_NUMBER: _ClassVar[int]
    ZONE_INSTANCE_ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    global_instance_id: str
    connect_time: _timestamp_pb2.Timestamp
    disconnect_time: _timestamp_pb2.Timestamp
    status: KDSSubscriptionStatus
    version: Version
    generation: int
    config: str
    auth_token_provided: bool
    zone_instance_id: str
    def __init__(self, id: _Optional[str] = ..., global_instance_id: _Optional[str] = ..., connect_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, object]]] = ..., disconnect_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, object]]] = ..., status: _Optional[_Union[KDSSubscriptionStatus, _Mapping[str, object]]] = ..., version: _Optional[_Union[Version, _Mapping[str, object]]] = ..., generation: _Optional[int] = ..., config: _Optional[str] = ..., auth_token_provided: _Optional[bool] = ..., zone_instance_id: _Optional[str] = ...) -> None: ...

class KDSSubscriptionStatus(_message.Message):
    __slots__ = ("last_update_time", "total", "stat")
    class StatEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: KDSServiceStats
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[KDSServiceStats, _Mapping[str, object]]] = ...) -> None: ...
    LAST_UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    STAT_FIELD_NUMBER: _ClassVar[int]
    last_update_time: _timestamp_pb2.Timestamp
    total: KDSServiceStats
    stat: _containers.MessageMap[str, KDSServiceStats]
    def __init__(self, last_update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, object]]] = ..., total: _Optional[_Union[KDSServiceStats, _Mapping[str, object]]] = ..., stat: _Optional[_Mapping[str, KDSServiceStats]] = ...) -> None: ...

class KDSServiceStats(_message.Message):
    __slots__ = ("responses_sent", "responses_acknowledged", "responses_rejected")
    RESPONSES_SENT_FIELD_NUMBER: _ClassVar[int]
    RESPONSES_ACKNOWLEDGED_FIELD_NUMBER: _ClassVar[int]
    RESPONSES_REJECTED_FIELD_NUMBER: _ClassVar[int]
    responses_sent: int
    responses_acknowledged: int
    responses_rejected: int
    def __init__(self, responses_sent: _Optional[int] = ..., responses_acknowledged: _Optional[int] = ..., responses_rejected: _Optional[int] = ...) -> None: ...

class Version(_message.Message):
    __slots__ = ("kumaCp",)
    KUMACP_FIELD_NUMBER: _ClassVar[int]
    kumaCp: KumaCpVersion
    def __init__(self, kumaCp: _Optional[_Union[KumaCpVersion, _Mapping[str, object]]] = ...) -> None: ...

class KumaCpVersion(_message.Message):
    __slots__ = ("version", "gitTag", "gitCommit", "buildDate", "kumaCpGlobalCompatible")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    GITTAG_FIELD_NUMBER: _ClassVar[int]
    GITCOMMIT_FIELD_NUMBER: _ClassVar[int]
    BUILDDATE_FIELD_NUMBER: _ClassVar[int]
    KUMACPGLOBALCOMPATIBLE_FIELD_NUMBER: _ClassVar[int]
    version: str
    gitTag: str
    gitCommit: str
    buildDate: str
    kumaCpGlobalCompatible: bool
    def __init__(self, version: _Optional[str] = ..., gitTag: _Optional[str] = ..., gitCommit: _Optional[str] = ..., buildDate: _Optional[str] = ..., kumaCpGlobalCompatible: _Optional[bool] = ...) -> None: ...

class ZoneOverview(_message.Message):
    __slots__ = ("zone", "zone_insight")
    ZONE_FIELD_NUMBER: _ClassVar[int]
    ZONE_INSIGHT_FIELD_NUMBER: _ClassVar[int]
    zone: Zone
    zone_insight: ZoneInsight
    def __init__(self, zone: _Optional[_Union[Zone, _Mapping[str, object]]] = ..., zone_insight: _Optional[_Union[ZoneInsight, _Mapping[str, object]]] = ...) -> None: ...

class PingRequest(_message.Message):
    __slots__ = ("instance_id", "address", "inter_cp_port", "ready", "version")
    INSTANCE_ID_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    INTER_CP_PORT_FIELD_NUMBER: _ClassVar[int]
    READY_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    instance_id: str
    address: str
    inter_cp_port: int
    ready: bool
    version: str
    def __init__(self, instance_id: _Optional[str] = ..., address: _Optional[str] = ..., inter_cp_port: _Optional[int] = ..., ready: _Optional[bool] = ..., version: _Optional[str] = ...) -> None: ...

class PingResponse(_message.Message):
    __slots__ = ("leader",)
    LEADER_FIELD_NUMBER: _ClassVar[int]
    leader: bool
    def __init__(self, leader: _Optional[bool] = ...) -> None: ...
