from kuma.envoy.stubs.envoy.config.common.matcher import v3_pb2 as _v3_pb2
from kuma.envoy.stubs.envoy.config.core import v3_pb2 as _v3_pb2_1
from kuma.envoy.stubs.xds.type.matcher import v3_pb2 as _v3_pb2_1_1
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class ExtensionWithMatcher(_message.Message):
    matcher: _v3_pb2.Matcher
    xds_matcher: _v3_pb2_1_1.Matcher
    extension_config: _v3_pb2_1.TypedExtensionConfig
    def __init__(self, matcher: _Optional[_Union[_v3_pb2.Matcher, _Mapping[str, object]]] = ..., xds_matcher: _Optional[_Union[_v3_pb2_1_1.Matcher, _Mapping[str, object]]] = ..., extension_config: _Optional[_Union[_v3_pb2_1.TypedExtensionConfig, _Mapping[str, object]]] = ...) -> None: ...
