import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from kuma.envoy.stubs.envoy.config.rbac import v3_pb2 as _v3_pb2
from kuma.envoy.stubs.xds.type.matcher import v3_pb2 as _v3_pb2_1
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class RbacEnforcementType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    ONE_TIME_ON_FIRST_BYTE: _ClassVar[RbacEnforcementType]
    CONTINUOUS: _ClassVar[RbacEnforcementType]
ONE_TIME_ON_FIRST_BYTE: RbacEnforcementType
CONTINUOUS: RbacEnforcementType

class RBAC(_message.Message):
    rules: _v3_pb2.RBAC
    matcher: _v3_pb2_1.Matcher
    shadow_rules: _v3_pb2.RBAC
    shadow_matcher: _v3_pb2_1.Matcher
    shadow_rules_stat_prefix: str
    stat_prefix: str
    enforcement_type: RbacEnforcementType
    delay_deny: _duration_pb2.Duration
    def __init__(self, rules: _Optional[_Union[_v3_pb2.RBAC, _Mapping[str, object]]] = ..., matcher: _Optional[_Union[_v3_pb2_1.Matcher, _Mapping[str, object]]] = ..., shadow_rules: _Optional[_Union[_v3_pb2.RBAC, _Mapping[str, object]]] = ..., shadow_matcher: _Optional[_Union[_v3_pb2_1.Matcher, _Mapping[str, object]]] = ..., shadow_rules_stat_prefix: _Optional[str] = ..., stat_prefix: _Optional[str] = ..., enforcement_type: _Optional[_Union[RbacEnforcementType, str]] = ..., delay_deny: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ...) -> None: ...
