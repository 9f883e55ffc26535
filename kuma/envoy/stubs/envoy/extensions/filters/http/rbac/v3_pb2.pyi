from kuma.envoy.stubs.envoy.config.rbac import v3_pb2 as _v3_pb2
from kuma.envoy.stubs.xds.type.matcher import v3_pb2 as _v3_pb2_1
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class RBAC(_message.Message):
    rules: _v3_pb2.RBAC
    rules_stat_prefix: str
    matcher: _v3_pb2_1.Matcher
    shadow_rules: _v3_pb2.RBAC
    shadow_matcher: _v3_pb2_1.Matcher
    shadow_rules_stat_prefix: str
    track_per_rule_stats: bool
    def __init__(self, rules: _Optional[_Union[_v3_pb2.RBAC, _Mapping[str, object]]] = ..., rules_stat_prefix: _Optional[str] = ..., matcher: _Optional[_Union[_v3_pb2_1.Matcher, _Mapping[str, object]]] = ..., shadow_rules: _Optional[_Union[_v3_pb2.RBAC, _Mapping[str, object]]] = ..., shadow_matcher: _Optional[_Union[_v3_pb2_1.Matcher, _Mapping[str, object]]] = ..., shadow_rules_stat_prefix: _Optional[str] = ..., track_per_rule_stats: _Optional[bool] = ...) -> None: ...
