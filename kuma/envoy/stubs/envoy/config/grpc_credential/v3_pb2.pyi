from kuma.envoy.stubs.envoy.config.core import v3_pb2 as _v3_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class FileBasedMetadataConfig(_message.Message):
    secret_data: _v3_pb2.DataSource
    header_key: str
    header_prefix: str
    def __init__(self, secret_data: _Optional[_Union[_v3_pb2.DataSource, _Mapping[str, object]]] = ..., header_key: _Optional[str] = ..., header_prefix: _Optional[str] = ...) -> None: ...
