from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class CodecClientType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    HTTP1: _ClassVar[CodecClientType]
    HTTP2: _ClassVar[CodecClientType]
    HTTP3: _ClassVar[CodecClientType]

class RateLimitUnit(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    UNKNOWN: _ClassVar[RateLimitUnit]
    SECOND: _ClassVar[RateLimitUnit]
    MINUTE: _ClassVar[RateLimitUnit]
    HOUR: _ClassVar[RateLimitUnit]
    DAY: _ClassVar[RateLimitUnit]
    MONTH: _ClassVar[RateLimitUnit]
    YEAR: _ClassVar[RateLimitUnit]
HTTP1: CodecClientType
HTTP2: CodecClientType
HTTP3: CodecClientType
UNKNOWN: RateLimitUnit
SECOND: RateLimitUnit
MINUTE: RateLimitUnit
HOUR: RateLimitUnit
DAY: RateLimitUnit
MONTH: RateLimitUnit
YEAR: RateLimitUnit

class DoubleRange(_message.Message):
    start: float
    end: float
    def __init__(self, start: _Optional[float] = ..., end: _Optional[float] = ...) -> None: ...

class FractionalPercent(_message.Message):
    class DenominatorType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        HUNDRED: _ClassVar[FractionalPercent.DenominatorType]
        TEN_THOUSAND: _ClassVar[FractionalPercent.DenominatorType]
        MILLION: _ClassVar[FractionalPercent.DenominatorType]
    HUNDRED: FractionalPercent.DenominatorType
    TEN_THOUSAND: FractionalPercent.DenominatorType
    MILLION: FractionalPercent.DenominatorType
    numerator: int
    denominator: FractionalPercent.DenominatorType
    def __init__(self, numerator: _Optional[int] = ..., denominator: _Optional[_Union[FractionalPercent.DenominatorType, str]] = ...) -> None: ...

class HashPolicy(_message.Message):
    class FilterState(_message.Message):
        key: str
        def __init__(self, key: _Optional[str] = ...) -> None: ...
    class SourceIp(_message.Message):
        def __init__(self) -> None: ...
    source_ip: HashPolicy.SourceIp
    filter_state: HashPolicy.FilterState
    def __init__(self, source_ip: _Optional[_Union[HashPolicy.SourceIp, _Mapping[str, object]]] = ..., filter_state: _Optional[_Union[HashPolicy.FilterState, _Mapping[str, object]]] = ...) -> None: ...

class Int32Range(_message.Message):
    start: int
    end: int
    def __init__(self, start: _Optional[int] = ..., end: _Optional[int] = ...) -> None: ...

class Int64Range(_message.Message):
    start: int
    end: int
    def __init__(self, start: _Optional[int] = ..., end: _Optional[int] = ...) -> None: ...

class Percent(_message.Message):
    value: float
    def __init__(self, value: _Optional[float] = ...) -> None: ...

class SemanticVersion(_message.Message):
    major_number: int
    minor_number: int
    patch: int
    def __init__(self, major_number: _Optional[int] = ..., minor_number: _Optional[int] = ..., patch: _Optional[int] = ...) -> None: ...
