from kuma.envoy.stubs.envoy.config.core import v3_pb2 as _v3_pb2
from kuma.envoy.stubs.envoy.type import v3_pb2 as _v3_pb2_1
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class LocalRateLimit(_message.Message):
    stat_prefix: str
    token_bucket: _v3_pb2_1.TokenBucket
    runtime_enabled: _v3_pb2.RuntimeFeatureFlag
    share_key: str
    def __init__(self, stat_prefix: _Optional[str] = ..., token_bucket: _Optional[_Union[_v3_pb2_1.TokenBucket, _Mapping[str, object]]] = ..., runtime_enabled: _Optional[_Union[_v3_pb2.RuntimeFeatureFlag, _Mapping[str, object]]] = ..., share_key: _Optional[str] = ...) -> None: ...
