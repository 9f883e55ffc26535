import datetime

from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from kuma.protos import dataplane_pb2 as _dataplane_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DataplaneInsight(_message.Message):
    __slots__ = ("subscriptions", "mTLS", "metadata", "openTelemetry")
    class MTLS(_message.Message):
        __slots__ = ("certificate_expiration_time", "last_certificate_regeneration", "certificate_regenerations", "issuedBackend", "supportedBackends")
        CERTIFICATE_EXPIRATION_TIME_FIELD_NUMBER: _ClassVar[int]
        LAST_CERTIFICATE_REGENERATION_FIELD_NUMBER: _ClassVar[int]
        CERTIFICATE_REGENERATIONS_FIELD_NUMBER: _ClassVar[int]
        ISSUEDBACKEND_FIELD_NUMBER: _ClassVar[int]
        SUPPORTEDBACKENDS_FIELD_NUMBER: _ClassVar[int]
        certificate_expiration_time: _timestamp_pb2.Timestamp
        last_certificate_regeneration: _timestamp_pb2.Timestamp
        certificate_regenerations: int
        issuedBackend: str
        supportedBackends: _containers.RepeatedScalarFieldContainer[str]
        def __init__(self, certificate_expiration_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, object]]] = ..., last_certificate_regeneration: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, object]]] = ..., certificate_regenerations: _Optional[int] = ..., issuedBackend: _Optional[str] = ..., supportedBackends: _Optional[_Iterable[str]] = ...) -> None: ...
    class OpenTelemetry(_message.Message):
        __slots__ = ("backends",)
        class Signal(_message.Message):
            __slots__ = ("enabled", "envAllowed", "envInputPresent", "state", "overrideKinds", "missingFields", "blockedReasons")
            ENABLED_FIELD_NUMBER: _ClassVar[int]
            ENVALLOWED_FIELD_NUMBER: _ClassVar[int]
            ENVINPUTPRESENT_FIELD_NUMBER: _ClassVar[int]
            STATE_FIELD_NUMBER: _ClassVar[int]
            OVERRIDEKINDS_FIELD_NUMBER: _ClassVar[int]
            MISSINGFIELDS_FIELD_NUMBER: _ClassVar[int]
            BLOCKEDREASONS_FIELD_NUMBER: _ClassVar[int]
            enabled: bool
            envAllowed: bool
            envInputPresent: bool
            state: str
            overrideKinds: _containers.RepeatedScalarFieldContainer[str]
            missingFields: _containers.RepeatedScalarFieldContainer[str]
            blockedReasons: _containers.RepeatedScalarFieldContainer[str]
            def __init__(self, enabled: _Optional[bool] = ..., envAllowed: _Optional[bool] = ..., envInputPresent: _Optional[bool] = ..., state: _Optional[str] = ..., overrideKinds: _Optional[_Iterable[str]] = ..., missingFields: _Optional[_Iterable[str]] = ..., blockedReasons: _Optional[_Iterable[str]] = ...) -> None: ...
        class Backend(_message.Message):
            __slots__ = ("name", "traces", "logs", "metrics")
            NAME_FIELD_NUMBER: _ClassVar[int]
            TRACES_FIELD_NUMBER: _ClassVar[int]
            LOGS_FIELD_NUMBER: _ClassVar[int]
            METRICS_FIELD_NUMBER: _ClassVar[int]
            name: str
            traces: DataplaneInsight.OpenTelemetry.Signal
            logs: DataplaneInsight.OpenTelemetry.Signal
            metrics: DataplaneInsight.OpenTelemetry.Signal
            def __init__(self, name: _Optional[str] = ..., traces: _Optional[_Union[DataplaneInsight.OpenTelemetry.Signal, _Mapping[str, object]]] = ..., logs: _Optional[_Union[DataplaneInsight.OpenTelemetry.Signal, _Mapping[str, object]]] = ..., metrics: _Optional[_Union[DataplaneInsight.OpenTelemetry.Signal, _Mapping[str, object]]] = ...) -> None: ...
        BACKENDS_FIELD_NUMBER: _ClassVar[int]
        backends: _containers.RepeatedCompositeFieldContainer[DataplaneInsight.OpenTelemetry.Backend]
        def __init__(self, backends: _Optional[_Iterable[_Union[DataplaneInsight.OpenTelemetry.Backend, _Mapping[str, object]]]] = ...) -> None: ...
    SUBSCRIPTIONS_FIELD_NUMBER: _ClassVar[int]
    MTLS_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    OPENTELEMETRY_FIELD_NUMBER: _ClassVar[int]
    subscriptions: _containers.RepeatedCompositeFieldContainer[DiscoverySubscription]
    mTLS: DataplaneInsight.MTLS
    metadata: _struct_pb2.Struct
    openTelemetry: DataplaneInsight.OpenTelemetry
    def __init__(self, subscriptions: _Optional[_Iterable[_Union[DiscoverySubscription, _Mapping[str, object]]]] = ..., mTLS: _Optional[_Union[DataplaneInsight.MTLS, _Mapping[str, object]]] = ..., metadata: _Optional[_Union[_struct_pb2.Struct, _Mapping[str, object]]] = ..., openTelemetry: _Optional[_Union[DataplaneInsight.OpenTelemetry, _Mapping[str, object]]] = ...) -> None: ...

class DiscoverySubscription(_message.Message):
    __slots__ = ("id", "control_plane_instance_id", "connect_time", "disconnect_time", "status", "version", "generation")
    ID_FIELD_NUMBER: _ClassVar[int]
    CONTROL_PLANE_INSTANCE_ID_FIELD_NUMBER: _ClassVar[int]
    CONNECT_TIME_FIELD_NUMBER: _ClassVar[int]
    DISCONNECT_TIME_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    id: str
    control_plane_instance_id: str
    connect_time: _timestamp_pb2.Timestamp
    disconnect_time: _timestamp_pb2.Timestamp
    status: DiscoverySubscriptionStatus
    version: Version
    generation: int
    def __init__(self, id: _Optional[str] = ..., control_plane_instance_id: _Optional[str] = ..., connect_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, object]]] = ..., disconnect_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, object]]] = ..., status: _Optional[_Union[DiscoverySubscriptionStatus, _Mapping[str, object]]] = ..., version: _Optional[_Union[Version, _Mapping[str, object]]] = ..., generation: _Optional[int] = ...) -> None: ...

class DiscoverySubscriptionStatus(_message.Message):
    __slots__ = ("last_update_time", "total", "cds", "eds", "lds", "rds")
    LAST_UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    CDS_FIELD_NUMBER: _ClassVar[int]
    EDS_FIELD_NUMBER: _ClassVar[int]
    LDS_FIELD_NUMBER: _ClassVar[int]
    RDS_FIELD_NUMBER: _ClassVar[int]
    last_update_time: _timestamp_pb2.Timestamp
    total: DiscoveryServiceStats
    cds: DiscoveryServiceStats
    eds: DiscoveryServiceStats
    lds: DiscoveryServiceStats
    rds: DiscoveryServiceStats
    def __init__(self, last_update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, object]]] = ..., total: _Optional[_Union[DiscoveryServiceStats, _Mapping[str, object]]] = ..., cds: _Optional[_Union[DiscoveryServiceStats, _Mapping[str, object]]] = ..., eds: _Optional[_Union[DiscoveryServiceStats, _Mapping[str, object]]] = ..., lds: _Optional[_Union[DiscoveryServiceStats, _Mapping[str, object]]] = ..., rds: _Optional[_Union[DiscoveryServiceStats, _Mapping[str, object]]] = ...) -> None: ...

class DiscoveryServiceStats(_message.Message):
    __slots__ = ("responses_sent", "responses_acknowledged", "responses_rejected")
    RESPONSES_SENT_FIELD_NUMBER: _ClassVar[int]
    RESPONSES_ACKNOWLEDGED_FIELD_NUMBER: _ClassVar[int]
    RESPONSES_REJECTED_FIELD_NUMBER: _ClassVar[int]
    responses_sent: int
    responses_acknowledged: int
    responses_rejected: int
    def __init__(self, responses_sent: _Optional[int] = ..., responses_acknowledged: _Optional[int] = ..., responses_rejected: _Optional[int] = ...) -> None: ...

class Version(_message.Message):
    __slots__ = ("kumaDp", "envoy", "dependencies")
    class DependenciesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    KUMADP_FIELD_NUMBER: _ClassVar[int]
    ENVOY_FIELD_NUMBER: _ClassVar[int]
    DEPENDENCIES_FIELD_NUMBER: _ClassVar[int]
    kumaDp: KumaDpVersion
    envoy: EnvoyVersion
    dependencies: _containers.ScalarMap[str, str]
    def __init__(self, kumaDp: _Optional[_Union[KumaDpVersion, _Mapping[str, object]]] = ..., envoy: _Optional[_Union[EnvoyVersion, _Mapping[str, object]]] = ..., dependencies: _Optional[_Mapping[str, str]] = ...) -> None: ...

class KumaDpVersion(_message.Message):
    __slots__ = ("version", "gitTag", "gitCommit", "buildDate", "kumaCpCompatible")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    GITTAG_FIELD_NUMBER: _ClassVar[int]
    GITCOMMIT_FIELD_NUMBER: _ClassVar[int]
    BUILDDATE_FIELD_NUMBER: _ClassVar[int]
    KUMACPCOMPATIBLE_FIELD_NUMBER: _ClassVar[int]
    version: str
    gitTag: str
    gitCommit: str
    buildDate: str
    kumaCpCompatible: bool
    def __init__(self, version: _Optional[str] = ..., gitTag: _Optional[str] = ..., gitCommit: _Optional[str] = ..., buildDate: _Optional[str] = ..., kumaCpCompatible: _Optional[bool] = ...) -> None: ...

class EnvoyVersion(_message.Message):
    __slots__ = ("version", "build", "kumaDpCompatible")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    BUILD_FIELD_NUMBER: _ClassVar[int]
    KUMADPCOMPATIBLE_FIELD_NUMBER: _ClassVar[int]
    version: str
    build: str
    kumaDpCompatible: bool
    def __init__(self, version: _Optional[str] = ..., build: _Optional[str] = ..., kumaDpCompatible: _Optional[bool] = ...) -> None: ...

class DataplaneOverview(_message.Message):
    __slots__ = ("dataplane", "dataplane_insight")
    DATAPLANE_FIELD_NUMBER: _ClassVar[int]
    DATAPLANE_INSIGHT_FIELD_NUMBER: _ClassVar[int]
    dataplane: _dataplane_pb2.Dataplane
    dataplane_insight: DataplaneInsight
    def __init__(self, dataplane: _Optional[_Union[_dataplane_pb2.Dataplane, _Mapping[str, object]]] = ..., dataplane_insight: _Optional[_Union[DataplaneInsight, _Mapping[str, object]]] = ...) -> None: ...
