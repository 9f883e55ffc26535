from google.protobuf import wrappers_pb2 as _wrappers_pb2
from kuma.envoy.stubs.envoy.type import v3_pb2 as _v3_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class XRateLimitHeadersRfcVersion(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    OFF: _ClassVar[XRateLimitHeadersRfcVersion]
    DRAFT_VERSION_03: _ClassVar[XRateLimitHeadersRfcVersion]

class VhRateLimitsOptions(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    OVERRIDE: _ClassVar[VhRateLimitsOptions]
    INCLUDE: _ClassVar[VhRateLimitsOptions]
    IGNORE: _ClassVar[VhRateLimitsOptions]
OFF: XRateLimitHeadersRfcVersion
DRAFT_VERSION_03: XRateLimitHeadersRfcVersion
OVERRIDE: VhRateLimitsOptions
INCLUDE: VhRateLimitsOptions
IGNORE: VhRateLimitsOptions

class LocalClusterRateLimit(_message.Message):
    def __init__(self) -> None: ...

class LocalRateLimitDescriptor(_message.Message):
    entries: _containers.RepeatedCompositeFieldContainer[RateLimitDescriptor.Entry]
    token_bucket: _v3_pb2.TokenBucket
    shadow_mode: bool
    def __init__(self, entries: _Optional[_Iterable[_Union[RateLimitDescriptor.Entry, _Mapping[str, object]]]] = ..., token_bucket: _Optional[_Union[_v3_pb2.TokenBucket, _Mapping[str, object]]] = ..., shadow_mode: _Optional[bool] = ...) -> None: ...

class RateLimitDescriptor(_message.Message):
    class Entry(_message.Message):
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class RateLimitOverride(_message.Message):
        requests_per_unit: int
        unit: _v3_pb2.RateLimitUnit
        def __init__(self, requests_per_unit: _Optional[int] = ..., unit: _Optional[_Union[_v3_pb2.RateLimitUnit, str]] = ...) -> None: ...
    entries: _containers.RepeatedCompositeFieldContainer[RateLimitDescriptor.Entry]
    limit: RateLimitDescriptor.RateLimitOverride
    hits_addend: _wrappers_pb2.UInt64Value
    is_negative_hits: bool
    def __init__(self, entries: _Optional[_Iterable[_Union[RateLimitDescriptor.Entry, _Mapping[str, object]]]] = ..., limit: _Optional[_Union[RateLimitDescriptor.RateLimitOverride, _Mapping[str, object]]] = ..., hits_addend: _Optional[_Union[_wrappers_pb2.UInt64Value, _Mapping[str, object]]] = ..., is_negative_hits: _Optional[bool] = ...) -> None: ...
