import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from kuma.envoy.stubs.envoy.config.cluster import v3_pb2 as _v3_pb2
from kuma.envoy.stubs.envoy.config.core import v3_pb2 as _v3_pb2_1
from kuma.envoy.stubs.envoy.config.endpoint import v3_pb2 as _v3_pb2_1_1
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class Capability(_message.Message):
    class Protocol(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        HTTP: _ClassVar[Capability.Protocol]
        TCP: _ClassVar[Capability.Protocol]
        REDIS: _ClassVar[Capability.Protocol]
    HTTP: Capability.Protocol
    TCP: Capability.Protocol
    REDIS: Capability.Protocol
    health_check_protocols: _containers.RepeatedScalarFieldContainer[Capability.Protocol]
    def __init__(self, health_check_protocols: _Optional[_Iterable[_Union[Capability.Protocol, str]]] = ...) -> None: ...

class ClusterEndpointsHealth(_message.Message):
    cluster_name: str
    locality_endpoints_health: _containers.RepeatedCompositeFieldContainer[LocalityEndpointsHealth]
    def __init__(self, cluster_name: _Optional[str] = ..., locality_endpoints_health: _Optional[_Iterable[_Union[LocalityEndpointsHealth, _Mapping[str, object]]]] = ...) -> None: ...

class ClusterHealthCheck(_message.Message):
    cluster_name: str
    health_checks: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1.HealthCheck]
    locality_endpoints: _containers.RepeatedCompositeFieldContainer[LocalityEndpoints]
    transport_socket_matches: _containers.RepeatedCompositeFieldContainer[_v3_pb2.Cluster.TransportSocketMatch]
    upstream_bind_config: _v3_pb2_1.BindConfig
    def __init__(self, cluster_name: _Optional[str] = ..., health_checks: _Optional[_Iterable[_Union[_v3_pb2_1.HealthCheck, _Mapping[str, object]]]] = ..., locality_endpoints: _Optional[_Iterable[_Union[LocalityEndpoints, _Mapping[str, object]]]] = ..., transport_socket_matches: _Optional[_Iterable[_Union[_v3_pb2.Cluster.TransportSocketMatch, _Mapping[str, object]]]] = ..., upstream_bind_config: _Optional[_Union[_v3_pb2_1.BindConfig, _Mapping[str, object]]] = ...) -> None: ...

class EndpointHealth(_message.Message):
    endpoint: _v3_pb2_1_1.Endpoint
    health_status: _v3_pb2_1.HealthStatus
    health_metadata: _struct_pb2.Struct
    def __init__(self, endpoint: _Optional[_Union[_v3_pb2_1_1.Endpoint, _Mapping[str, object]]] = ..., health_status: _Optional[_Union[_v3_pb2_1.HealthStatus, str]] = ..., health_metadata: _Optional[_Union[_struct_pb2.Struct, _Mapping[str, object]]] = ...) -> None: ...

class EndpointHealthResponse(_message.Message):
    endpoints_health: _containers.RepeatedCompositeFieldContainer[EndpointHealth]
    cluster_endpoints_health: _containers.RepeatedCompositeFieldContainer[ClusterEndpointsHealth]
    def __init__(self, endpoints_health: _Optional[_Iterable[_Union[EndpointHealth, _Mapping[str, object]]]] = ..., cluster_endpoints_health: _Optional[_Iterable[_Union[ClusterEndpointsHealth, _Mapping[str, object]]]] = ...) -> None: ...

class HealthCheckRequest(_message.Message):
    node: _v3_pb2_1.Node
    capability: Capability
    def __init__(self, node: _Optional[_Union[_v3_pb2_1.Node, _Mapping[str, object]]] = ..., capability: _Optional[_Union[Capability, _Mapping[str, object]]] = ...) -> None: ...

class HealthCheckRequestOrEndpointHealthResponse(_message.Message):
    health_check_request: HealthCheckRequest
    endpoint_health_response: EndpointHealthResponse
    def __init__(self, health_check_request: _Optional[_Union[HealthCheckRequest, _Mapping[str, object]]] = ..., endpoint_health_response: _Optional[_Union[EndpointHealthResponse, _Mapping[str, object]]] = ...) -> None: ...

class HealthCheckSpecifier(_message.Message):
    cluster_health_checks: _containers.RepeatedCompositeFieldContainer[ClusterHealthCheck]
    interval: _duration_pb2.Duration
    def __init__(self, cluster_health_checks: _Optional[_Iterable[_Union[ClusterHealthCheck, _Mapping[str, object]]]] = ..., interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ...) -> None: ...

class LocalityEndpoints(_message.Message):
    locality: _v3_pb2_1.Locality
    endpoints: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1_1.Endpoint]
    def __init__(self, locality: _Optional[_Union[_v3_pb2_1.Locality, _Mapping[str, object]]] = ..., endpoints: _Optional[_Iterable[_Union[_v3_pb2_1_1.Endpoint, _Mapping[str, object]]]] = ...) -> None: ...

class LocalityEndpointsHealth(_message.Message):
    locality: _v3_pb2_1.Locality
    endpoints_health: _containers.RepeatedCompositeFieldContainer[EndpointHealth]
    def __init__(self, locality: _Optional[_Union[_v3_pb2_1.Locality, _Mapping[str, object]]] = ..., endpoints_health: _Optional[_Iterable[_Union[EndpointHealth, _Mapping[str, object]]]] = ...) -> None: ...
