import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from kuma.envoy.stubs.envoy.type import v3_pb2 as _v3_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class FaultDelay(_message.Message):
    class HeaderDelay(_message.Message):
        def __init__(self) -> None: ...
    fixed_delay: _duration_pb2.Duration
    header_delay: FaultDelay.HeaderDelay
    percentage: _v3_pb2.FractionalPercent
    def __init__(self, fixed_delay: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., header_delay: _Optional[_Union[FaultDelay.HeaderDelay, _Mapping[str, object]]] = ..., percentage: _Optional[_Union[_v3_pb2.FractionalPercent, _Mapping[str, object]]] = ...) -> None: ...

class FaultRateLimit(_message.Message):
    class FixedLimit(_message.Message):
        limit_kbps: int
        def __init__(self, limit_kbps: _Optional[int] = ...) -> None: ...
    class HeaderLimit(_message.Message):
        def __init__(self) -> None: ...
    fixed_limit: FaultRateLimit.FixedLimit
    header_limit: FaultRateLimit.HeaderLimit
    percentage: _v3_pb2.FractionalPercent
    def __init__(self, fixed_limit: _Optional[_Union[FaultRateLimit.FixedLimit, _Mapping[str, object]]] = ..., header_limit: _Optional[_Union[FaultRateLimit.HeaderLimit, _Mapping[str, object]]] = ..., percentage: _Optional[_Union[_v3_pb2.FractionalPercent, _Mapping[str, object]]] = ...) -> None: ...
