from kuma.envoy.stubs.envoy.config.core import v3_pb2 as _v3_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class ExpressionFilter(_message.Message):
    expression: str
    cel_config: _v3_pb2.CelExpressionConfig
    def __init__(self, expression: _Optional[str] = ..., cel_config: _Optional[_Union[_v3_pb2.CelExpressionConfig, _Mapping[str, object]]] = ...) -> None: ...
