import datetime

from google.protobuf import any_pb2 as _any_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class BufferFactoryConfig(_message.Message):
    minimum_account_to_track_power_of_two: int
    def __init__(self, minimum_account_to_track_power_of_two: _Optional[int] = ...) -> None: ...

class LoadShedPoint(_message.Message):
    name: str
    triggers: _containers.RepeatedCompositeFieldContainer[Trigger]
    def __init__(self, name: _Optional[str] = ..., triggers: _Optional[_Iterable[_Union[Trigger, _Mapping[str, object]]]] = ...) -> None: ...

class OverloadAction(_message.Message):
    name: str
    triggers: _containers.RepeatedCompositeFieldContainer[Trigger]
    typed_config: _any_pb2.Any
    def __init__(self, name: _Optional[str] = ..., triggers: _Optional[_Iterable[_Union[Trigger, _Mapping[str, object]]]] = ..., typed_config: _Optional[_Union[_any_pb2.Any, _Mapping[str, object]]] = ...) -> None: ...

class OverloadManager(_message.Message):
    refresh_interval: _duration_pb2.Duration
    resource_monitors: _containers.RepeatedCompositeFieldContainer[ResourceMonitor]
    actions: _containers.RepeatedCompositeFieldContainer[OverloadAction]
    loadshed_points: _containers.RepeatedCompositeFieldContainer[LoadShedPoint]
    buffer_factory_config: BufferFactoryConfig
    def __init__(self, refresh_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., resource_monitors: _Optional[_Iterable[_Union[ResourceMonitor, _Mapping[str, object]]]] = ..., actions: _Optional[_Iterable[_Union[OverloadAction, _Mapping[str, object]]]] = ..., loadshed_points: _Optional[_Iterable[_Union[LoadShedPoint, _Mapping[str, object]]]] = ..., buffer_factory_config: _Optional[_Union[BufferFactoryConfig, _Mapping[str, object]]] = ...) -> None: ...

class ResourceMonitor(_message.Message):
    name: str
    typed_config: _any_pb2.Any
    def __init__(self, name: _Optional[str] = ..., typed_config: _Optional[_Union[_any_pb2.Any, _Mapping[str, object]]] = ...) -> None: ...

class ScaledTrigger(_message.Message):
    scaling_threshold: float
    saturation_threshold: float
    def __init__(self, scaling_threshold: _Optional[float] = ..., saturation_threshold: _Optional[float] = ...) -> None: ...

class ThresholdTrigger(_message.Message):
    value: float
    def __init__(self, value: _Optional[float] = ...) -> None: ...

class Trigger(_message.Message):
    name: str
    threshold: ThresholdTrigger
    scaled: ScaledTrigger
    def __init__(self, name: _Optional[str] = ..., threshold: _Optional[_Union[ThresholdTrigger, _Mapping[str, object]]] = ..., scaled: _Optional[_Union[ScaledTrigger, _Mapping[str, object]]] = ...) -> None: ...
