from kuma.envoy.stubs.envoy.config.core import v3_pb2 as _v3_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class FilterStateValue(_message.Message):
    class SharedWithUpstream(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        NONE: _ClassVar[FilterStateValue.SharedWithUpstream]
        ONCE: _ClassVar[FilterStateValue.SharedWithUpstream]
        TRANSITIVE: _ClassVar[FilterStateValue.SharedWithUpstream]
    NONE: FilterStateValue.SharedWithUpstream
    ONCE: FilterStateValue.SharedWithUpstream
    TRANSITIVE: FilterStateValue.SharedWithUpstream
    object_key: str
    factory_key: str
    format_string: _v3_pb2.SubstitutionFormatString
    read_only: bool
    shared_with_upstream: FilterStateValue.SharedWithUpstream
    skip_if_empty: bool
    def __init__(self, object_key: _Optional[str] = ..., factory_key: _Optional[str] = ..., format_string: _Optional[_Union[_v3_pb2.SubstitutionFormatString, _Mapping[str, object]]] = ..., read_only: _Optional[bool] = ..., shared_with_upstream: _Optional[_Union[FilterStateValue.SharedWithUpstream, str]] = ..., skip_if_empty: _Optional[bool] = ...) -> None: ...
