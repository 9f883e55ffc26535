from kuma.envoy.stubs.envoy.config.core import v3_pb2 as _v3_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class OmitHostMetadataConfig(_message.Message):
    metadata_match: _v3_pb2.Metadata
    def __init__(self, metadata_match: _Optional[_Union[_v3_pb2.Metadata, _Mapping[str, object]]] = ...) -> None: ...
