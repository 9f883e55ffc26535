from google.protobuf import any_pb2 as _any_pb2
from google.protobuf import wrappers_pb2 as _wrappers_pb2
from kuma.envoy.stubs.envoy.type.matcher import v3_pb2 as _v3_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class HistogramBucketSettings(_message.Message):
    match: _v3_pb2.StringMatcher
    buckets: _containers.RepeatedScalarFieldContainer[float]
    bins: _wrappers_pb2.UInt32Value
    def __init__(self, match: _Optional[_Union[_v3_pb2.StringMatcher, _Mapping[str, object]]] = ..., buckets: _Optional[_Iterable[float]] = ..., bins: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ...) -> None: ...

class StatsConfig(_message.Message):
    stats_tags: _containers.RepeatedCompositeFieldContainer[TagSpecifier]
    use_all_default_tags: _wrappers_pb2.BoolValue
    stats_matcher: StatsMatcher
    histogram_bucket_settings: _containers.RepeatedCompositeFieldContainer[HistogramBucketSettings]
    allow_default_tag_overrides: _wrappers_pb2.BoolValue
    def __init__(self, stats_tags: _Optional[_Iterable[_Union[TagSpecifier, _Mapping[str, object]]]] = ..., use_all_default_tags: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., stats_matcher: _Optional[_Union[StatsMatcher, _Mapping[str, object]]] = ..., histogram_bucket_settings: _Optional[_Iterable[_Union[HistogramBucketSettings, _Mapping[str, object]]]] = ..., allow_default_tag_overrides: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ...) -> None: ...

class StatsMatcher(_message.Message):
    reject_all: bool
    exclusion_list: _v3_pb2.ListStringMatcher
    inclusion_list: _v3_pb2.ListStringMatcher
    def __init__(self, reject_all: _Optional[bool] = ..., exclusion_list: _Optional[_Union[_v3_pb2.ListStringMatcher, _Mapping[str, object]]] = ..., inclusion_list: _Optional[_Union[_v3_pb2.ListStringMatcher, _Mapping[str, object]]] = ...) -> None: ...

class StatsSink(_message.Message):
    name: str
    typed_config: _any_pb2.Any
    def __init__(self, name: _Optional[str] = ..., typed_config: _Optional[_Union[_any_pb2.Any, _Mapping[str, object]]] = ...) -> None: ...

class TagSpecifier(_message.Message):
    tag_name: str
    regex: str
    fixed_value: str
    def __init__(self, tag_name: _Optional[str] = ..., regex: _Optional[str] = ..., fixed_value: _Optional[str] = ...) -> None: ...
