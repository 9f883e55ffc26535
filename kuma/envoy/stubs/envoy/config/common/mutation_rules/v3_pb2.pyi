from kuma.envoy.stubs.envoy.config.core import v3_pb2 as _v3_pb2
from kuma.envoy.stubs.envoy.type.matcher import v3_pb2 as _v3_pb2_1
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class HeaderMutation(_message.Message):
    class RemoveOnMatch(_message.Message):
        key_matcher: _v3_pb2_1.StringMatcher
        def __init__(self, key_matcher: _Optional[_Union[_v3_pb2_1.StringMatcher, _Mapping[str, object]]] = ...) -> None: ...
    remove: str
    append: _v3_pb2.HeaderValueOption
    remove_on_match: HeaderMutation.RemoveOnMatch
    def __init__(self, remove: _Optional[str] = ..., append: _Optional[_Union[_v3_pb2.HeaderValueOption, _Mapping[str, object]]] = ..., remove_on_match: _Optional[_Union[HeaderMutation.RemoveOnMatch, _Mapping[str, object]]] = ...) -> None: ...
