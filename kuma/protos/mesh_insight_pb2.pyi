from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class MeshInsight(_message.Message):
    __slots__ = ("dataplanes", "dpVersions", "mTLS", "dataplanesByType", "resources")
    class DataplaneStat(_message.Message):
        __slots__ = ("total", "online", "offline", "partially_degraded")
        TOTAL_FIELD_NUMBER: _ClassVar[int]
        ONLINE_FIELD_NUMBER: _ClassVar[int]
        OFFLINE_FIELD_NUMBER: _ClassVar[int]
        PARTIALLY_DEGRADED_FIELD_NUMBER: _ClassVar[int]
        total: int
        online: int
        offline: int
        partially_degraded: int
        def __init__(self, total: _Optional[int] = ..., online: _Optional[int] = ..., offline: _Optional[int] = ..., partially_degraded: _Optional[int] = ...) -> None: ...
    class DpVersions(_message.Message):
        __slots__ = ("kumaDp", "envoy")
        class KumaDpEntry(_message.Message):
            __slots__ = ("key", "value")
            KEY_FIELD_NUMBER: _ClassVar[int]
            VALUE_FIELD_NUMBER: _ClassVar[int]
            key: str
            value: MeshInsight.DataplaneStat
            def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[MeshInsight.DataplaneStat, _Mapping[str, object]]] = ...) -> None: ...
        class EnvoyEntry(_message.Message):
            __slots__ = ("key", "value")
            KEY_FIELD_NUMBER: _ClassVar[int]
            VALUE_FIELD_NUMBER: _ClassVar[int]
            key: str
            value: MeshInsight.DataplaneStat
            def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[MeshInsight.DataplaneStat, _Mapping[str, object]]] = ...) -> None: ...
        KUMADP_FIELD_NUMBER: _ClassVar[int]
        ENVOY_FIELD_NUMBER: _ClassVar[int]
        kumaDp: _containers.MessageMap[str, MeshInsight.DataplaneStat]
        envoy: _containers.MessageMap[str, MeshInsight.DataplaneStat]
        def __init__(self, kumaDp: _Optional[_Mapping[str, MeshInsight.DataplaneStat]] = ..., envoy: _Optional[_Mapping[str, MeshInsight.DataplaneStat]] = ...) -> None: ...
    class MTLS(_message.Message):
        __slots__ = ("issuedBackends", "supportedBackends")
        class IssuedBackendsEntry(_message.Message):
            __slots__ = ("key", "value")
            KEY_FIELD_NUMBER: _ClassVar[int]
            VALUE_FIELD_NUMBER: _ClassVar[int]
            key: str
            value: MeshInsight.DataplaneStat
            def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[MeshInsight.DataplaneStat, _Mapping[str, object]]] = ...) -> None: ...
        class SupportedBackendsEntry(_message.Message):
            __slots__ = ("key", "value")
            KEY_FIELD_NUMBER: _ClassVar[int]
            VALUE_FIELD_NUMBER: _ClassVar[int]
            key: str
            value: MeshInsight.DataplaneStat
            def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[MeshInsight.DataplaneStat, _Mapping[str, object]]] = ...) -> None: ...
        ISSUEDBACKENDS_FIELD_NUMBER: _ClassVar[int]
        SUPPORTEDBACKENDS_FIELD_NUMBER: _ClassVar[int]
        issuedBackends: _containers.MessageMap[str, MeshInsight.DataplaneStat]
        supportedBackends: _containers.MessageMap[str, MeshInsight.DataplaneStat]
        def __init__(self, issuedBackends: _Optional[_Mapping[str, MeshInsight.DataplaneStat]] = ..., supportedBackends: _Optional[_Mapping[str, MeshInsight.DataplaneStat]] = ...) -> None: ...
    class DataplanesByType(_message.Message):
        __slots__ = ("standard", "gateway", "gatewayDelegated")
        STANDARD_FIELD_NUMBER: _ClassVar[int]
        GATEWAY_FIELD_NUMBER: _ClassVar[int]
        GATEWAYDELEGATED_FIELD_NUMBER: _ClassVar[int]
        standard: MeshInsight.DataplaneStat
        gateway: MeshInsight.DataplaneStat
        gatewayDelegated: MeshInsight.DataplaneStat
        def __init__(self, standard: _Optional[_Union[MeshInsight.DataplaneStat, _Mapping[str, object]]] = ..., gateway: _Optional[_Union[MeshInsight.DataplaneStat, _Mapping[str, object]]] = ..., gatewayDelegated: _Optional[_Union[MeshInsight.DataplaneStat, _Mapping[str, object]]] = ...) -> None: ...
    class ResourceStat(_message.Message):
        __slots__ = ("total",)
        TOTAL_FIELD_NUMBER: _ClassVar[int]
        total: int
        def __init__(self, total: _Optional[int] = ...) -> None: ...
    class ResourcesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: MeshInsight.ResourceStat
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[MeshInsight.ResourceStat, _Mapping[str, object]]] = ...) -> None: ...
    DATAPLANES_FIELD_NUMBER: _ClassVar[int]
    DPVERSIONS_FIELD_NUMBER: _ClassVar[int]
    MTLS_FIELD_NUMBER: _ClassVar[int]
    DATAPLANESBYTYPE_FIELD_NUMBER: _ClassVar[int]
    RESOURCES_FIELD_NUMBER: _ClassVar[int]
    dataplanes: MeshInsight.DataplaneStat
    dpVersions: MeshInsight.DpVersions
    mTLS: MeshInsight.MTLS
    dataplanesByType: MeshInsight.DataplanesByType
    resources: _containers.MessageMap[str, MeshInsight.ResourceStat]
    def __init__(self, dataplanes: _Optional[_Union[MeshInsight.DataplaneStat, _Mapping[str, object]]] = ..., dpVersions: _Optional[_Union[MeshInsight.DpVersions, _Mapping[str, object]]] = ..., mTLS: _Optional[_Union[MeshInsight.MTLS, _Mapping[str, object]]] = ..., dataplanesByType: _Optional[_Union[MeshInsight.DataplanesByType, _Mapping[str, object]]] = ..., resources: _Optional[_Mapping[str, MeshInsight.ResourceStat]] = ...) -> None: ...

class ServiceInsight(_message.Message):
    __slots__ = ("services",)
    class Service(_message.Message):
        __slots__ = ("status", "dataplanes", "issuedBackends", "serviceType", "addressPort", "zones")
        class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
            __slots__ = ()
            none: _ClassVar[ServiceInsight.Service.Status]
            offline: _ClassVar[ServiceInsight.Service.Status]
            partially_degraded: _ClassVar[ServiceInsight.Service.Status]
            online: _ClassVar[ServiceInsight.Service.Status]
            not_available: _ClassVar[ServiceInsight.Service.Status]
        none: ServiceInsight.Service.Status
        offline: ServiceInsight.Service.Status
        partially_degraded: ServiceInsight.Service.Status
        online: ServiceInsight.Service.Status
        not_available: ServiceInsight.Service.Status
        class Type(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
            __slots__ = ()
            internal: _ClassVar[ServiceInsight.Service.Type]
            external: _ClassVar[ServiceInsight.Service.Type]
            gateway_delegated: _ClassVar[ServiceInsight.Service.Type]
        internal: ServiceInsight.Service.Type
        external: ServiceInsight.Service.Type
        gateway_delegated: ServiceInsight.Service.Type
        class DataplaneStat(_message.Message):
            __slots__ = ("total", "online", "offline")
            TOTAL_FIELD_NUMBER: _ClassVar[int]
            ONLINE_FIELD_NUMBER: _ClassVar[int]
            OFFLINE_FIELD_NUMBER: _ClassVar[int]
            total: int
            online: int
            offline: int
            def __init__(self, total: _Optional[int] = ..., online: _Optional[int] = ..., offline: _Optional[int] = ...) -> None: ...
        class IssuedBackendsEntry(_message.Message):
            __slots__ = ("key", "value")
            KEY_FIELD_NUMBER: _ClassVar[int]
            VALUE_FIELD_NUMBER: _ClassVar[int]
            key: str
            value: int
            def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
        STATUS_FIELD_NUMBER: _ClassVar[int]
        DATAPLANES_FIELD_NUMBER: _ClassVar[int]
        ISSUEDBACKENDS_FIELD_NUMBER: _ClassVar[int]
        SERVICETYPE_FIELD_NUMBER: _ClassVar[int]
        ADDRESSPORT_FIELD_NUMBER: _ClassVar[int]
        ZONES_FIELD_NUMBER: _ClassVar[int]
        status: ServiceInsight.Service.Status
        dataplanes: ServiceInsight.Service.DataplaneStat
        issuedBackends: _containers.ScalarMap[str, int]
        serviceType: ServiceInsight.Service.Type
        addressPort: str
        zones: _containers.RepeatedScalarFieldContainer[str]
        def __init__(self, status: _Optional[_Union[ServiceInsight.Service.Status, str]] = ..., dataplanes: _Optional[_Union[ServiceInsight.Service.DataplaneStat, _Mapping[str, object]]] = ..., issuedBackends: _Optional[_Mapping[str, int]] = ..., serviceType: _Optional[_Union[ServiceInsight.Service.Type, str]] = ..., addressPort: _Optional[str] = ..., zones: _Optional[_Iterable[str]] = ...) -> None: ...
    class ServicesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: ServiceInsight.Service
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[ServiceInsight.Service, _Mapping[str, object]]] = ...) -> None: ...
    SERVICES_FIELD_NUMBER: _ClassVar[int]
    services: _containers.MessageMap[str, ServiceInsight.Service]
    def __init__(self, services: _Optional[_Mapping[str, ServiceInsight.Service]] = ...) -> None: ...
