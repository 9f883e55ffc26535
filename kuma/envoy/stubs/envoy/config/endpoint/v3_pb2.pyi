import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import wrappers_pb2 as _wrappers_pb2
from kuma.envoy.stubs.envoy.config.core import v3_pb2 as _v3_pb2
from kuma.envoy.stubs.envoy.type import v3_pb2 as _v3_pb2_1
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class ClusterLoadAssignment(_message.Message):
    class NamedEndpointsEntry(_message.Message):
        key: str
        value: Endpoint
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Endpoint, _Mapping[str, object]]] = ...) -> None: ...
    class Policy(_message.Message):
        class DropOverload(_message.Message):
            category: str
            drop_percentage: _v3_pb2_1.FractionalPercent
            def __init__(self, category: _Optional[str] = ..., drop_percentage: _Optional[_Union[_v3_pb2_1.FractionalPercent, _Mapping[str, object]]] = ...) -> None: ...
        drop_overloads: _containers.RepeatedCompositeFieldContainer[ClusterLoadAssignment.Policy.DropOverload]
        overprovisioning_factor: _wrappers_pb2.UInt32Value
        endpoint_stale_after: _duration_pb2.Duration
        weighted_priority_health: bool
        def __init__(self, drop_overloads: _Optional[_Iterable[_Union[ClusterLoadAssignment.Policy.DropOverload, _Mapping[str, object]]]] = ..., overprovisioning_factor: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., endpoint_stale_after: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., weighted_priority_health: _Optional[bool] = ...) -> None: ...
    cluster_name: str
    endpoints: _containers.RepeatedCompositeFieldContainer[LocalityLbEndpoints]
    named_endpoints: _containers.MessageMap[str, Endpoint]
    policy: ClusterLoadAssignment.Policy
    def __init__(self, cluster_name: _Optional[str] = ..., endpoints: _Optional[_Iterable[_Union[LocalityLbEndpoints, _Mapping[str, object]]]] = ..., named_endpoints: _Optional[_Mapping[str, Endpoint]] = ..., policy: _Optional[_Union[ClusterLoadAssignment.Policy, _Mapping[str, object]]] = ...) -> None: ...

class Endpoint(_message.Message):
    class AdditionalAddress(_message.Message):
        address: _v3_pb2.Address
        def __init__(self, address: _Optional[_Union[_v3_pb2.Address, _Mapping[str, object]]] = ...) -> None: ...
    class HealthCheckConfig(_message.Message):
        port_value: int
        hostname: str
        address: _v3_pb2.Address
        disable_active_health_check: bool
        def __init__(self, port_value: _Optional[int] = ..., hostname: _Optional[str] = ..., address: _Optional[_Union[_v3_pb2.Address, _Mapping[str, object]]] = ..., disable_active_health_check: _Optional[bool] = ...) -> None: ...
    address: _v3_pb2.Address
    health_check_config: Endpoint.HealthCheckConfig
    hostname: str
    additional_addresses: _containers.RepeatedCompositeFieldContainer[Endpoint.AdditionalAddress]
    observability_name: str
    def __init__(self, address: _Optional[_Union[_v3_pb2.Address, _Mapping[str, object]]] = ..., health_check_config: _Optional[_Union[Endpoint.HealthCheckConfig, _Mapping[str, object]]] = ..., hostname: _Optional[str] = ..., additional_addresses: _Optional[_Iterable[_Union[Endpoint.AdditionalAddress, _Mapping[str, object]]]] = ..., observability_name: _Optional[str] = ...) -> None: ...

class LbEndpoint(_message.Message):
    endpoint: Endpoint
    endpoint_name: str
    health_status: _v3_pb2.HealthStatus
    metadata: _v3_pb2.Metadata
    load_balancing_weight: _wrappers_pb2.UInt32Value
    def __init__(self, endpoint: _Optional[_Union[Endpoint, _Mapping[str, object]]] = ..., endpoint_name: _Optional[str] = ..., health_status: _Optional[_Union[_v3_pb2.HealthStatus, str]] = ..., metadata: _Optional[_Union[_v3_pb2.Metadata, _Mapping[str, object]]] = ..., load_balancing_weight: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ...) -> None: ...

class LedsClusterLocalityConfig(_message.Message):
    leds_config: _v3_pb2.ConfigSource
    leds_collection_name: str
    def __init__(self, leds_config: _Optional[_Union[_v3_pb2.ConfigSource, _Mapping[str, object]]] = ..., leds_collection_name: _Optional[str] = ...) -> None: ...

class LocalityLbEndpoints(_message.Message):
    class LbEndpointList(_message.Message):
        lb_endpoints: _containers.RepeatedCompositeFieldContainer[LbEndpoint]
        def __init__(self, lb_endpoints: _Optional[_Iterable[_Union[LbEndpoint, _Mapping[str, object]]]] = ...) -> None: ...
    locality: _v3_pb2.Locality
    metadata: _v3_pb2.Metadata
    lb_endpoints: _containers.RepeatedCompositeFieldContainer[LbEndpoint]
    load_balancer_endpoints: LocalityLbEndpoints.LbEndpointList
    leds_cluster_locality_config: LedsClusterLocalityConfig
    load_balancing_weight: _wrappers_pb2.UInt32Value
    priority: int
    proximity: _wrappers_pb2.UInt32Value
    def __init__(self, locality: _Optional[_Union[_v3_pb2.Locality, _Mapping[str, object]]] = ..., metadata: _Optional[_Union[_v3_pb2.Metadata, _Mapping[str, object]]] = ..., lb_endpoints: _Optional[_Iterable[_Union[LbEndpoint, _Mapping[str, object]]]] = ..., load_balancer_endpoints: _Optional[_Union[LocalityLbEndpoints.LbEndpointList, _Mapping[str, object]]] = ..., leds_cluster_locality_config: _Optional[_Union[LedsClusterLocalityConfig, _Mapping[str, object]]] = ..., load_balancing_weight: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., priority: _Optional[int] = ..., proximity: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ...) -> None: ...
