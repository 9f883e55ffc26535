from google.protobuf import wrappers_pb2 as _wrappers_pb2
from kuma.envoy.stubs.envoy.type import v3_pb2 as _v3_pb2
from kuma.envoy.stubs.xds.core import v3_pb2 as _v3_pb2_1
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class AddressMatcher(_message.Message):
    ranges: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1.CidrRange]
    invert_match: bool
    def __init__(self, ranges: _Optional[_Iterable[_Union[_v3_pb2_1.CidrRange, _Mapping[str, object]]]] = ..., invert_match: _Optional[bool] = ...) -> None: ...

class DoubleMatcher(_message.Message):
    range: _v3_pb2.DoubleRange
    exact: float
    def __init__(self, range: _Optional[_Union[_v3_pb2.DoubleRange, _Mapping[str, object]]] = ..., exact: _Optional[float] = ...) -> None: ...

class FilterStateMatcher(_message.Message):
    key: str
    string_match: StringMatcher
    address_match: AddressMatcher
    def __init__(self, key: _Optional[str] = ..., string_match: _Optional[_Union[StringMatcher, _Mapping[str, object]]] = ..., address_match: _Optional[_Union[AddressMatcher, _Mapping[str, object]]] = ...) -> None: ...

class ListMatcher(_message.Message):
    one_of: ValueMatcher
    def __init__(self, one_of: _Optional[_Union[ValueMatcher, _Mapping[str, object]]] = ...) -> None: ...

class ListStringMatcher(_message.Message):
    patterns: _containers.RepeatedCompositeFieldContainer[StringMatcher]
    def __init__(self, patterns: _Optional[_Iterable[_Union[StringMatcher, _Mapping[str, object]]]] = ...) -> None: ...

class MetadataMatcher(_message.Message):
    class PathSegment(_message.Message):
        key: str
        def __init__(self, key: _Optional[str] = ...) -> None: ...
    filter: str
    path: _containers.RepeatedCompositeFieldContainer[MetadataMatcher.PathSegment]
    value: ValueMatcher
    invert: bool
    def __init__(self, filter: _Optional[str] = ..., path: _Optional[_Iterable[_Union[MetadataMatcher.PathSegment, _Mapping[str, object]]]] = ..., value: _Optional[_Union[ValueMatcher, _Mapping[str, object]]] = ..., invert: _Optional[bool] = ...) -> None: ...

class OrMatcher(_message.Message):
    value_matchers: _containers.RepeatedCompositeFieldContainer[ValueMatcher]
    def __init__(self, value_matchers: _Optional[_Iterable[_Union[ValueMatcher, _Mapping[str, object]]]] = ...) -> None: ...

class PathMatcher(_message.Message):
    path: StringMatcher
    def __init__(self, path: _Optional[_Union[StringMatcher, _Mapping[str, object]]] = ...) -> None: ...

class RegexMatchAndSubstitute(_message.Message):
    pattern: RegexMatcher
    substitution: str
    def __init__(self, pattern: _Optional[_Union[RegexMatcher, _Mapping[str, object]]] = ..., substitution: _Optional[str] = ...) -> None: ...

class RegexMatcher(_message.Message):
    class GoogleRE2(_message.Message):
        max_program_size: _wrappers_pb2.UInt32Value
        def __init__(self, max_program_size: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ...) -> None: ...
    google_re2: RegexMatcher.GoogleRE2
    regex: str
    def __init__(self, google_re2: _Optional[_Union[RegexMatcher.GoogleRE2, _Mapping[str, object]]] = ..., regex: _Optional[str] = ...) -> None: ...

class StringMatcher(_message.Message):
    exact: str
    prefix: str
    suffix: str
    safe_regex: RegexMatcher
    contains: str
    custom: _v3_pb2_1.TypedExtensionConfig
    ignore_case: bool
    def __init__(self, exact: _Optional[str] = ..., prefix: _Optional[str] = ..., suffix: _Optional[str] = ..., safe_regex: _Optional[_Union[RegexMatcher, _Mapping[str, object]]] = ..., contains: _Optional[str] = ..., custom: _Optional[_Union[_v3_pb2_1.TypedExtensionConfig, _Mapping[str, object]]] = ..., ignore_case: _Optional[bool] = ...) -> None: ...

class ValueMatcher(_message.Message):
    class NullMatch(_message.Message):
        def __init__(self) -> None: ...
    null_match: ValueMatcher.NullMatch
    double_match: DoubleMatcher
    string_match: StringMatcher
    bool_match: bool
    present_match: bool
    list_match: ListMatcher
    or_match: OrMatcher
    def __init__(self, null_match: _Optional[_Union[ValueMatcher.NullMatch, _Mapping[str, object]]] = ..., double_match: _Optional[_Union[DoubleMatcher, _Mapping[str, object]]] = ..., string_match: _Optional[_Union[StringMatcher, _Mapping[str, object]]] = ..., bool_match: _Optional[bool] = ..., present_match: _Optional[bool] = ..., list_match: _Optional[_Union[ListMatcher, _Mapping[str, object]]] = ..., or_match: _Optional[_Union[OrMatcher, _Mapping[str, object]]] = ...) -> None: ...
