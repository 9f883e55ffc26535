from kuma.envoy.stubs.envoy.config.core import v3_pb2 as _v3_pb2
from kuma.envoy.stubs.envoy.config.route import v3_pb2 as _v3_pb2_1
from kuma.envoy.stubs.envoy.type.matcher import v3_pb2 as _v3_pb2_1_1
from kuma.envoy.stubs.envoy.type import v3_pb2 as _v3_pb2_1_1_1
from kuma.envoy.stubs.google.api.expr import v1alpha1_pb2 as _v1alpha1_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class RbacAction(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    ALLOW: _ClassVar[RbacAction]
    DENY: _ClassVar[RbacAction]
    LOG: _ClassVar[RbacAction]

class RbacAuditLoggingOptionsAuditCondition(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    NONE: _ClassVar[RbacAuditLoggingOptionsAuditCondition]
    ON_DENY: _ClassVar[RbacAuditLoggingOptionsAuditCondition]
    ON_ALLOW: _ClassVar[RbacAuditLoggingOptionsAuditCondition]
    ON_DENY_AND_ALLOW: _ClassVar[RbacAuditLoggingOptionsAuditCondition]

class MetadataSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    DYNAMIC: _ClassVar[MetadataSource]
    ROUTE: _ClassVar[MetadataSource]
ALLOW: RbacAction
DENY: RbacAction
LOG: RbacAction
NONE: RbacAuditLoggingOptionsAuditCondition
ON_DENY: RbacAuditLoggingOptionsAuditCondition
ON_ALLOW: RbacAuditLoggingOptionsAuditCondition
ON_DENY_AND_ALLOW: RbacAuditLoggingOptionsAuditCondition
DYNAMIC: MetadataSource
ROUTE: MetadataSource

class Action(_message.Message):
    name: str
    action: RbacAction
    def __init__(self, name: _Optional[str] = ..., action: _Optional[_Union[RbacAction, str]] = ...) -> None: ...

class Permission(_message.Message):
    class Set(_message.Message):
        rules: _containers.RepeatedCompositeFieldContainer[Permission]
        def __init__(self, rules: _Optional[_Iterable[_Union[Permission, _Mapping[str, object]]]] = ...) -> None: ...
    and_rules: Permission.Set
    or_rules: Permission.Set
    any: bool
    header: _v3_pb2_1.HeaderMatcher
    url_path: _v3_pb2_1_1.PathMatcher
    destination_ip: _v3_pb2.CidrRange
    destination_port: int
    destination_port_range: _v3_pb2_1_1_1.Int32Range
    metadata: _v3_pb2_1_1.MetadataMatcher
    not_rule: Permission
    requested_server_name: _v3_pb2_1_1.StringMatcher
    matcher: _v3_pb2.TypedExtensionConfig
    uri_template: _v3_pb2.TypedExtensionConfig
    sourced_metadata: SourcedMetadata
    def __init__(self, and_rules: _Optional[_Union[Permission.Set, _Mapping[str, object]]] = ..., or_rules: _Optional[_Union[Permission.Set, _Mapping[str, object]]] = ..., any: _Optional[bool] = ..., header: _Optional[_Union[_v3_pb2_1.HeaderMatcher, _Mapping[str, object]]] = ..., url_path: _Optional[_Union[_v3_pb2_1_1.PathMatcher, _Mapping[str, object]]] = ..., destination_ip: _Optional[_Union[_v3_pb2.CidrRange, _Mapping[str, object]]] = ..., destination_port: _Optional[int] = ..., destination_port_range: _Optional[_Union[_v3_pb2_1_1_1.Int32Range, _Mapping[str, object]]] = ..., metadata: _Optional[_Union[_v3_pb2_1_1.MetadataMatcher, _Mapping[str, object]]] = ..., not_rule: _Optional[_Union[Permission, _Mapping[str, object]]] = ..., requested_server_name: _Optional[_Union[_v3_pb2_1_1.StringMatcher, _Mapping[str, object]]] = ..., matcher: _Optional[_Union[_v3_pb2.TypedExtensionConfig, _Mapping[str, object]]] = ..., uri_template: _Optional[_Union[_v3_pb2.TypedExtensionConfig, _Mapping[str, object]]] = ..., sourced_metadata: _Optional[_Union[SourcedMetadata, _Mapping[str, object]]] = ...) -> None: ...

class Policy(_message.Message):
    permissions: _containers.RepeatedCompositeFieldContainer[Permission]
    principals: _containers.RepeatedCompositeFieldContainer[Principal]
    condition: _v1alpha1_pb2.Expr
    checked_condition: _v1alpha1_pb2.CheckedExpr
    cel_config: _v3_pb2.CelExpressionConfig
    def __init__(self, permissions: _Optional[_Iterable[_Union[Permission, _Mapping[str, object]]]] = ..., principals: _Optional[_Iterable[_Union[Principal, _Mapping[str, object]]]] = ..., condition: _Optional[_Union[_v1alpha1_pb2.Expr, _Mapping[str, object]]] = ..., checked_condition: _Optional[_Union[_v1alpha1_pb2.CheckedExpr, _Mapping[str, object]]] = ..., cel_config: _Optional[_Union[_v3_pb2.CelExpressionConfig, _Mapping[str, object]]] = ...) -> None: ...

class Principal(_message.Message):
    class Authenticated(_message.Message):
        principal_name: _v3_pb2_1_1.StringMatcher
        def __init__(self, principal_name: _Optional[_Union[_v3_pb2_1_1.StringMatcher, _Mapping[str, object]]] = ...) -> None: ...
    class Set(_message.Message):
        ids: _containers.RepeatedCompositeFieldContainer[Principal]
        def __init__(self, ids: _Optional[_Iterable[_Union[Principal, _Mapping[str, object]]]] = ...) -> None: ...
    and_ids: Principal.Set
    or_ids: Principal.Set
    any: bool
    authenticated: Principal.Authenticated
    source_ip: _v3_pb2.CidrRange
    direct_remote_ip: _v3_pb2.CidrRange
    remote_ip: _v3_pb2.CidrRange
    header: _v3_pb2_1.HeaderMatcher
    url_path: _v3_pb2_1_1.PathMatcher
    metadata: _v3_pb2_1_1.MetadataMatcher
    filter_state: _v3_pb2_1_1.FilterStateMatcher
    not_id: Principal
    sourced_metadata: SourcedMetadata
    custom: _v3_pb2.TypedExtensionConfig
    def __init__(self, and_ids: _Optional[_Union[Principal.Set, _Mapping[str, object]]] = ..., or_ids: _Optional[_Union[Principal.Set, _Mapping[str, object]]] = ..., any: _Optional[bool] = ..., authenticated: _Optional[_Union[Principal.Authenticated, _Mapping[str, object]]] = ..., source_ip: _Optional[_Union[_v3_pb2.CidrRange, _Mapping[str, object]]] = ..., direct_remote_ip: _Optional[_Union[_v3_pb2.CidrRange, _Mapping[str, object]]] = ..., remote_ip: _Optional[_Union[_v3_pb2.CidrRange, _Mapping[str, object]]] = ..., header: _Optional[_Union[_v3_pb2_1.HeaderMatcher, _Mapping[str, object]]] = ..., url_path: _Optional[_Union[_v3_pb2_1_1.PathMatcher, _Mapping[str, object]]] = ..., metadata: _Optional[_Union[_v3_pb2_1_1.MetadataMatcher, _Mapping[str, object]]] = ..., filter_state: _Optional[_Union[_v3_pb2_1_1.FilterStateMatcher, _Mapping[str, object]]] = ..., not_id: _Optional[_Union[Principal, _Mapping[str, object]]] = ..., sourced_metadata: _Optional[_Union[SourcedMetadata, _Mapping[str, object]]] = ..., custom: _Optional[_Union[_v3_pb2.TypedExtensionConfig, _Mapping[str, object]]] = ...) -> None: ...

class RBAC(_message.Message):
    class PoliciesEntry(_message.Message):
        key: str
        value: Policy
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Policy, _Mapping[str, object]]] = ...) -> None: ...
    class AuditLoggingOptions(_message.Message):
        class AuditLoggerConfig(_message.Message):
            audit_logger: _v3_pb2.TypedExtensionConfig
            is_optional: bool
            def __init__(self, audit_logger: _Optional[_Union[_v3_pb2.TypedExtensionConfig, _Mapping[str, object]]] = ..., is_optional: _Optional[bool] = ...) -> None: ...
        audit_condition: RbacAuditLoggingOptionsAuditCondition
        logger_configs: _containers.RepeatedCompositeFieldContainer[RBAC.AuditLoggingOptions.AuditLoggerConfig]
        def __init__(self, audit_condition: _Optional[_Union[RbacAuditLoggingOptionsAuditCondition, str]] = ..., logger_configs: _Optional[_Iterable[_Union[RBAC.AuditLoggingOptions.AuditLoggerConfig, _Mapping[str, object]]]] = ...) -> None: ...
    action: RbacAction
    policies: _containers.MessageMap[str, Policy]
    audit_logging_options: RBAC.AuditLoggingOptions
    def __init__(self, action: _Optional[_Union[RbacAction, str]] = ..., policies: _Optional[_Mapping[str, Policy]] = ..., audit_logging_options: _Optional[_Union[RBAC.AuditLoggingOptions, _Mapping[str, object]]] = ...) -> None: ...

class SourcedMetadata(_message.Message):
    metadata_matcher: _v3_pb2_1_1.MetadataMatcher
    metadata_source: MetadataSource
    def __init__(self, metadata_matcher: _Optional[_Union[_v3_pb2_1_1.MetadataMatcher, _Mapping[str, object]]] = ..., metadata_source: _Optional[_Union[MetadataSource, str]] = ...) -> None: ...
