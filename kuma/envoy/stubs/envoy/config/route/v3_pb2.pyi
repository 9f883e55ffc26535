import datetime

from google.protobuf import any_pb2 as _any_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import wrappers_pb2 as _wrappers_pb2
from kuma.envoy.stubs.envoy.config.common.mutation_rules import v3_pb2 as _v3_pb2
from kuma.envoy.stubs.envoy.config.core import v3_pb2 as _v3_pb2_1
from kuma.envoy.stubs.envoy.type.matcher import v3_pb2 as _v3_pb2_1_1
from kuma.envoy.stubs.envoy.type.metadata import v3_pb2 as _v3_pb2_1_1_1
from kuma.envoy.stubs.envoy.type.tracing import v3_pb2 as _v3_pb2_1_1_1_1
from kuma.envoy.stubs.envoy.type import v3_pb2 as _v3_pb2_1_1_1_1_1
from kuma.envoy.stubs.xds.type.matcher import v3_pb2 as _v3_pb2_1_1_1_1_1_1
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class ClusterSpecifierPlugin(_message.Message):
    extension: _v3_pb2_1.TypedExtensionConfig
    is_optional: bool
    def __init__(self, extension: _Optional[_Union[_v3_pb2_1.TypedExtensionConfig, _Mapping[str, object]]] = ..., is_optional: _Optional[bool] = ...) -> None: ...

class CookieMatcher(_message.Message):
    name: str
    string_match: _v3_pb2_1_1.StringMatcher
    invert_match: bool
    def __init__(self, name: _Optional[str] = ..., string_match: _Optional[_Union[_v3_pb2_1_1.StringMatcher, _Mapping[str, object]]] = ..., invert_match: _Optional[bool] = ...) -> None: ...

class CorsPolicy(_message.Message):
    allow_origin_string_match: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1_1.StringMatcher]
    allow_methods: str
    allow_headers: str
    expose_headers: str
    max_age: str
    allow_credentials: _wrappers_pb2.BoolValue
    filter_enabled: _v3_pb2_1.RuntimeFractionalPercent
    shadow_enabled: _v3_pb2_1.RuntimeFractionalPercent
    allow_private_network_access: _wrappers_pb2.BoolValue
    forward_not_matching_preflights: _wrappers_pb2.BoolValue
    def __init__(self, allow_origin_string_match: _Optional[_Iterable[_Union[_v3_pb2_1_1.StringMatcher, _Mapping[str, object]]]] = ..., allow_methods: _Optional[str] = ..., allow_headers: _Optional[str] = ..., expose_headers: _Optional[str] = ..., max_age: _Optional[str] = ..., allow_credentials: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., filter_enabled: _Optional[_Union[_v3_pb2_1.RuntimeFractionalPercent, _Mapping[str, object]]] = ..., shadow_enabled: _Optional[_Union[_v3_pb2_1.RuntimeFractionalPercent, _Mapping[str, object]]] = ..., allow_private_network_access: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., forward_not_matching_preflights: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ...) -> None: ...

class Decorator(_message.Message):
    operation: str
    propagate: _wrappers_pb2.BoolValue
    def __init__(self, operation: _Optional[str] = ..., propagate: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ...) -> None: ...

class DirectResponseAction(_message.Message):
    status: int
    body: _v3_pb2_1.DataSource
    body_format: _v3_pb2_1.SubstitutionFormatString
    def __init__(self, status: _Optional[int] = ..., body: _Optional[_Union[_v3_pb2_1.DataSource, _Mapping[str, object]]] = ..., body_format: _Optional[_Union[_v3_pb2_1.SubstitutionFormatString, _Mapping[str, object]]] = ...) -> None: ...

class FilterAction(_message.Message):
    action: _any_pb2.Any
    def __init__(self, action: _Optional[_Union[_any_pb2.Any, _Mapping[str, object]]] = ...) -> None: ...

class HeaderMatcher(_message.Message):
    name: str
    exact_match: str
    safe_regex_match: _v3_pb2_1_1.RegexMatcher
    range_match: _v3_pb2_1_1_1_1_1.Int64Range
    present_match: bool
    prefix_match: str
    suffix_match: str
    contains_match: str
    string_match: _v3_pb2_1_1.StringMatcher
    invert_match: bool
    treat_missing_header_as_empty: bool
    def __init__(self, name: _Optional[str] = ..., exact_match: _Optional[str] = ..., safe_regex_match: _Optional[_Union[_v3_pb2_1_1.RegexMatcher, _Mapping[str, object]]] = ..., range_match: _Optional[_Union[_v3_pb2_1_1_1_1_1.Int64Range, _Mapping[str, object]]] = ..., present_match: _Optional[bool] = ..., prefix_match: _Optional[str] = ..., suffix_match: _Optional[str] = ..., contains_match: _Optional[str] = ..., string_match: _Optional[_Union[_v3_pb2_1_1.StringMatcher, _Mapping[str, object]]] = ..., invert_match: _Optional[bool] = ..., treat_missing_header_as_empty: _Optional[bool] = ...) -> None: ...

class HedgePolicy(_message.Message):
    initial_requests: _wrappers_pb2.UInt32Value
    additional_request_chance: _v3_pb2_1_1_1_1_1.FractionalPercent
    hedge_on_per_try_timeout: bool
    def __init__(self, initial_requests: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., additional_request_chance: _Optional[_Union[_v3_pb2_1_1_1_1_1.FractionalPercent, _Mapping[str, object]]] = ..., hedge_on_per_try_timeout: _Optional[bool] = ...) -> None: ...

class InternalRedirectPolicy(_message.Message):
    max_internal_redirects: _wrappers_pb2.UInt32Value
    redirect_response_codes: _containers.RepeatedScalarFieldContainer[int]
    predicates: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1.TypedExtensionConfig]
    allow_cross_scheme_redirect: bool
    response_headers_to_copy: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, max_internal_redirects: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., redirect_response_codes: _Optional[_Iterable[int]] = ..., predicates: _Optional[_Iterable[_Union[_v3_pb2_1.TypedExtensionConfig, _Mapping[str, object]]]] = ..., allow_cross_scheme_redirect: _Optional[bool] = ..., response_headers_to_copy: _Optional[_Iterable[str]] = ...) -> None: ...

class NonForwardingAction(_message.Message):
    def __init__(self) -> None: ...

class QueryParameterMatcher(_message.Message):
    name: str
    string_match: _v3_pb2_1_1.StringMatcher
    present_match: bool
    def __init__(self, name: _Optional[str] = ..., string_match: _Optional[_Union[_v3_pb2_1_1.StringMatcher, _Mapping[str, object]]] = ..., present_match: _Optional[bool] = ...) -> None: ...

class RateLimit(_message.Message):
    class XRateLimitOption(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        UNSPECIFIED: _ClassVar[RateLimit.XRateLimitOption]
        OFF: _ClassVar[RateLimit.XRateLimitOption]
        DRAFT_VERSION_03: _ClassVar[RateLimit.XRateLimitOption]
    UNSPECIFIED: RateLimit.XRateLimitOption
    OFF: RateLimit.XRateLimitOption
    DRAFT_VERSION_03: RateLimit.XRateLimitOption
    class Action(_message.Message):
        class DestinationCluster(_message.Message):
            def __init__(self) -> None: ...
        class DynamicMetaData(_message.Message):
            descriptor_key: str
            metadata_key: _v3_pb2_1_1_1.MetadataKey
            default_value: str
            def __init__(self, descriptor_key: _Optional[str] = ..., metadata_key: _Optional[_Union[_v3_pb2_1_1_1.MetadataKey, _Mapping[str, object]]] = ..., default_value: _Optional[str] = ...) -> None: ...
        class GenericKey(_message.Message):
            descriptor_value: str
            default_value: str
            descriptor_key: str
            def __init__(self, descriptor_value: _Optional[str] = ..., default_value: _Optional[str] = ..., descriptor_key: _Optional[str] = ...) -> None: ...
        class HeaderValueMatch(_message.Message):
            descriptor_value: str
            default_value: str
            descriptor_key: str
            expect_match: _wrappers_pb2.BoolValue
            headers: _containers.RepeatedCompositeFieldContainer[HeaderMatcher]
            def __init__(self, descriptor_value: _Optional[str] = ..., default_value: _Optional[str] = ..., descriptor_key: _Optional[str] = ..., expect_match: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., headers: _Optional[_Iterable[_Union[HeaderMatcher, _Mapping[str, object]]]] = ...) -> None: ...
        class MaskedRemoteAddress(_message.Message):
            v4_prefix_mask_len: _wrappers_pb2.UInt32Value
            v6_prefix_mask_len: _wrappers_pb2.UInt32Value
            def __init__(self, v4_prefix_mask_len: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., v6_prefix_mask_len: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ...) -> None: ...
        class MetaData(_message.Message):
            class Source(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
                DYNAMIC: _ClassVar[RateLimit.Action.MetaData.Source]
                ROUTE_ENTRY: _ClassVar[RateLimit.Action.MetaData.Source]
                CLUSTER_ENTRY: _ClassVar[RateLimit.Action.MetaData.Source]
                CLUSTER_LOCALITY_ENTRY: _ClassVar[RateLimit.Action.MetaData.Source]
            DYNAMIC: RateLimit.Action.MetaData.Source
            ROUTE_ENTRY: RateLimit.Action.MetaData.Source
            CLUSTER_ENTRY: RateLimit.Action.MetaData.Source
            CLUSTER_LOCALITY_ENTRY: RateLimit.Action.MetaData.Source
            descriptor_key: str
            metadata_key: _v3_pb2_1_1_1.MetadataKey
            default_value: str
            source: RateLimit.Action.MetaData.Source
            skip_if_absent: bool
            def __init__(self, descriptor_key: _Optional[str] = ..., metadata_key: _Optional[_Union[_v3_pb2_1_1_1.MetadataKey, _Mapping[str, object]]] = ..., default_value: _Optional[str] = ..., source: _Optional[_Union[RateLimit.Action.MetaData.Source, str]] = ..., skip_if_absent: _Optional[bool] = ...) -> None: ...
        class QueryParameterValueMatch(_message.Message):
            descriptor_value: str
            default_value: str
            descriptor_key: str
            expect_match: _wrappers_pb2.BoolValue
            query_parameters: _containers.RepeatedCompositeFieldContainer[QueryParameterMatcher]
            def __init__(self, descriptor_value: _Optional[str] = ..., default_value: _Optional[str] = ..., descriptor_key: _Optional[str] = ..., expect_match: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., query_parameters: _Optional[_Iterable[_Union[QueryParameterMatcher, _Mapping[str, object]]]] = ...) -> None: ...
        class QueryParameters(_message.Message):
            query_parameter_name: str
            descriptor_key: str
            skip_if_absent: bool
            def __init__(self, query_parameter_name: _Optional[str] = ..., descriptor_key: _Optional[str] = ..., skip_if_absent: _Optional[bool] = ...) -> None: ...
        class RemoteAddress(_message.Message):
            def __init__(self) -> None: ...
        class RemoteAddressMatch(_message.Message):
            descriptor_value: str
            descriptor_key: str
            default_value: str
            address_matcher: _v3_pb2_1_1.AddressMatcher
            def __init__(self, descriptor_value: _Optional[str] = ..., descriptor_key: _Optional[str] = ..., default_value: _Optional[str] = ..., address_matcher: _Optional[_Union[_v3_pb2_1_1.AddressMatcher, _Mapping[str, object]]] = ...) -> None: ...
        class RequestHeaders(_message.Message):
            header_name: str
            descriptor_key: str
            skip_if_absent: bool
            def __init__(self, header_name: _Optional[str] = ..., descriptor_key: _Optional[str] = ..., skip_if_absent: _Optional[bool] = ...) -> None: ...
        class SourceCluster(_message.Message):
            def __init__(self) -> None: ...
        source_cluster: RateLimit.Action.SourceCluster
        destination_cluster: RateLimit.Action.DestinationCluster
        request_headers: RateLimit.Action.RequestHeaders
        query_parameters: RateLimit.Action.QueryParameters
        remote_address: RateLimit.Action.RemoteAddress
        generic_key: RateLimit.Action.GenericKey
        header_value_match: RateLimit.Action.HeaderValueMatch
        dynamic_metadata: RateLimit.Action.DynamicMetaData
        metadata: RateLimit.Action.MetaData
        extension: _v3_pb2_1.TypedExtensionConfig
        masked_remote_address: RateLimit.Action.MaskedRemoteAddress
        query_parameter_value_match: RateLimit.Action.QueryParameterValueMatch
        remote_address_match: RateLimit.Action.RemoteAddressMatch
        def __init__(self, source_cluster: _Optional[_Union[RateLimit.Action.SourceCluster, _Mapping[str, object]]] = ..., destination_cluster: _Optional[_Union[RateLimit.Action.DestinationCluster, _Mapping[str, object]]] = ..., request_headers: _Optional[_Union[RateLimit.Action.RequestHeaders, _Mapping[str, object]]] = ..., query_parameters: _Optional[_Union[RateLimit.Action.QueryParameters, _Mapping[str, object]]] = ..., remote_address: _Optional[_Union[RateLimit.Action.RemoteAddress, _Mapping[str, object]]] = ..., generic_key: _Optional[_Union[RateLimit.Action.GenericKey, _Mapping[str, object]]] = ..., header_value_match: _Optional[_Union[RateLimit.Action.HeaderValueMatch, _Mapping[str, object]]] = ..., dynamic_metadata: _Optional[_Union[RateLimit.Action.DynamicMetaData, _Mapping[str, object]]] = ..., metadata: _Optional[_Union[RateLimit.Action.MetaData, _Mapping[str, object]]] = ..., extension: _Optional[_Union[_v3_pb2_1.TypedExtensionConfig, _Mapping[str, object]]] = ..., masked_remote_address: _Optional[_Union[RateLimit.Action.MaskedRemoteAddress, _Mapping[str, object]]] = ..., query_parameter_value_match: _Optional[_Union[RateLimit.Action.QueryParameterValueMatch, _Mapping[str, object]]] = ..., remote_address_match: _Optional[_Union[RateLimit.Action.RemoteAddressMatch, _Mapping[str, object]]] = ...) -> None: ...
    class HitsAddend(_message.Message):
        number: _wrappers_pb2.UInt64Value
        format: str
        is_negative_hits: bool
        def __init__(self, number: _Optional[_Union[_wrappers_pb2.UInt64Value, _Mapping[str, object]]] = ..., format: _Optional[str] = ..., is_negative_hits: _Optional[bool] = ...) -> None: ...
    class Override(_message.Message):
        class DynamicMetadata(_message.Message):
            metadata_key: _v3_pb2_1_1_1.MetadataKey
            def __init__(self, metadata_key: _Optional[_Union[_v3_pb2_1_1_1.MetadataKey, _Mapping[str, object]]] = ...) -> None: ...
        class RateLimitOverride(_message.Message):
            requests_per_unit: int
            unit: _v3_pb2_1_1_1_1_1.RateLimitUnit
            def __init__(self, requests_per_unit: _Optional[int] = ..., unit: _Optional[_Union[_v3_pb2_1_1_1_1_1.RateLimitUnit, str]] = ...) -> None: ...
        dynamic_metadata: RateLimit.Override.DynamicMetadata
        rate_limit: RateLimit.Override.RateLimitOverride
        def __init__(self, dynamic_metadata: _Optional[_Union[RateLimit.Override.DynamicMetadata, _Mapping[str, object]]] = ..., rate_limit: _Optional[_Union[RateLimit.Override.RateLimitOverride, _Mapping[str, object]]] = ...) -> None: ...
    stage: _wrappers_pb2.UInt32Value
    disable_key: str
    actions: _containers.RepeatedCompositeFieldContainer[RateLimit.Action]
    limit: RateLimit.Override
    hits_addend: RateLimit.HitsAddend
    apply_on_stream_done: bool
    x_ratelimit_option: RateLimit.XRateLimitOption
    def __init__(self, stage: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., disable_key: _Optional[str] = ..., actions: _Optional[_Iterable[_Union[RateLimit.Action, _Mapping[str, object]]]] = ..., limit: _Optional[_Union[RateLimit.Override, _Mapping[str, object]]] = ..., hits_addend: _Optional[_Union[RateLimit.HitsAddend, _Mapping[str, object]]] = ..., apply_on_stream_done: _Optional[bool] = ..., x_ratelimit_option: _Optional[_Union[RateLimit.XRateLimitOption, str]] = ...) -> None: ...

class RedirectAction(_message.Message):
    class RedirectResponseCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        MOVED_PERMANENTLY: _ClassVar[RedirectAction.RedirectResponseCode]
        FOUND: _ClassVar[RedirectAction.RedirectResponseCode]
        SEE_OTHER: _ClassVar[RedirectAction.RedirectResponseCode]
        TEMPORARY_REDIRECT: _ClassVar[RedirectAction.RedirectResponseCode]
        PERMANENT_REDIRECT: _ClassVar[RedirectAction.RedirectResponseCode]
    MOVED_PERMANENTLY: RedirectAction.RedirectResponseCode
    FOUND: RedirectAction.RedirectResponseCode
    SEE_OTHER: RedirectAction.RedirectResponseCode
    TEMPORARY_REDIRECT: RedirectAction.RedirectResponseCode
    PERMANENT_REDIRECT: RedirectAction.RedirectResponseCode
    https_redirect: bool
    scheme_redirect: str
    host_redirect: str
    port_redirect: int
    path_redirect: str
    prefix_rewrite: str
    regex_rewrite: _v3_pb2_1_1.RegexMatchAndSubstitute
    path_rewrite: str
    response_code: RedirectAction.RedirectResponseCode
    strip_query: bool
    def __init__(self, https_redirect: _Optional[bool] = ..., scheme_redirect: _Optional[str] = ..., host_redirect: _Optional[str] = ..., port_redirect: _Optional[int] = ..., path_redirect: _Optional[str] = ..., prefix_rewrite: _Optional[str] = ..., regex_rewrite: _Optional[_Union[_v3_pb2_1_1.RegexMatchAndSubstitute, _Mapping[str, object]]] = ..., path_rewrite: _Optional[str] = ..., response_code: _Optional[_Union[RedirectAction.RedirectResponseCode, str]] = ..., strip_query: _Optional[bool] = ...) -> None: ...

class RetryPolicy(_message.Message):
    class RateLimitedRetryBackOff(_message.Message):
        reset_headers: _containers.RepeatedCompositeFieldContainer[RetryPolicy.ResetHeader]
        max_interval: _duration_pb2.Duration
        def __init__(self, reset_headers: _Optional[_Iterable[_Union[RetryPolicy.ResetHeader, _Mapping[str, object]]]] = ..., max_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ...) -> None: ...
    class ResetHeader(_message.Message):
        class Format(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
            SECONDS: _ClassVar[RetryPolicy.ResetHeader.Format]
            UNIX_TIMESTAMP: _ClassVar[RetryPolicy.ResetHeader.Format]
        SECONDS: RetryPolicy.ResetHeader.Format
        UNIX_TIMESTAMP: RetryPolicy.ResetHeader.Format
        name: str
        format: RetryPolicy.ResetHeader.Format
        def __init__(self, name: _Optional[str] = ..., format: _Optional[_Union[RetryPolicy.ResetHeader.Format, str]] = ...) -> None: ...
    class RetryBackOff(_message.Message):
        base_interval: _duration_pb2.Duration
        max_interval: _duration_pb2.Duration
        def __init__(self, base_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., max_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ...) -> None: ...
    class RetryHostPredicate(_message.Message):
        name: str
        typed_config: _any_pb2.Any
        def __init__(self, name: _Optional[str] = ..., typed_config: _Optional[_Union[_any_pb2.Any, _Mapping[str, object]]] = ...) -> None: ...
    class RetryPriority(_message.Message):
        name: str
        typed_config: _any_pb2.Any
        def __init__(self, name: _Optional[str] = ..., typed_config: _Optional[_Union[_any_pb2.Any, _Mapping[str, object]]] = ...) -> None: ...
    retry_on: str
    num_retries: _wrappers_pb2.UInt32Value
    per_try_timeout: _duration_pb2.Duration
    per_try_idle_timeout: _duration_pb2.Duration
    retry_priority: RetryPolicy.RetryPriority
    retry_host_predicate: _containers.RepeatedCompositeFieldContainer[RetryPolicy.RetryHostPredicate]
    retry_options_predicates: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1.TypedExtensionConfig]
    host_selection_retry_max_attempts: int
    retriable_status_codes: _containers.RepeatedScalarFieldContainer[int]
    retry_back_off: RetryPolicy.RetryBackOff
    rate_limited_retry_back_off: RetryPolicy.RateLimitedRetryBackOff
    retriable_headers: _containers.RepeatedCompositeFieldContainer[HeaderMatcher]
    retriable_request_headers: _containers.RepeatedCompositeFieldContainer[HeaderMatcher]
    refresh_cluster_on_retry: bool
    def __init__(self, retry_on: _Optional[str] = ..., num_retries: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., per_try_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., per_try_idle_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., retry_priority: _Optional[_Union[RetryPolicy.RetryPriority, _Mapping[str, object]]] = ..., retry_host_predicate: _Optional[_Iterable[_Union[RetryPolicy.RetryHostPredicate, _Mapping[str, object]]]] = ..., retry_options_predicates: _Optional[_Iterable[_Union[_v3_pb2_1.TypedExtensionConfig, _Mapping[str, object]]]] = ..., host_selection_retry_max_attempts: _Optional[int] = ..., retriable_status_codes: _Optional[_Iterable[int]] = ..., retry_back_off: _Optional[_Union[RetryPolicy.RetryBackOff, _Mapping[str, object]]] = ..., rate_limited_retry_back_off: _Optional[_Union[RetryPolicy.RateLimitedRetryBackOff, _Mapping[str, object]]] = ..., retriable_headers: _Optional[_Iterable[_Union[HeaderMatcher, _Mapping[str, object]]]] = ..., retriable_request_headers: _Optional[_Iterable[_Union[HeaderMatcher, _Mapping[str, object]]]] = ..., refresh_cluster_on_retry: _Optional[bool] = ...) -> None: ...

class Route(_message.Message):
    class TypedPerFilterConfigEntry(_message.Message):
        key: str
        value: _any_pb2.Any
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_any_pb2.Any, _Mapping[str, object]]] = ...) -> None: ...
    name: str
    match: RouteMatch
    route: RouteAction
    redirect: RedirectAction
    direct_response: DirectResponseAction
    filter_action: FilterAction
    non_forwarding_action: NonForwardingAction
    metadata: _v3_pb2_1.Metadata
    decorator: Decorator
    typed_per_filter_config: _containers.MessageMap[str, _any_pb2.Any]
    request_headers_to_add: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1.HeaderValueOption]
    request_headers_to_remove: _containers.RepeatedScalarFieldContainer[str]
    response_headers_to_add: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1.HeaderValueOption]
    response_headers_to_remove: _containers.RepeatedScalarFieldContainer[str]
    tracing: Tracing
    per_request_buffer_limit_bytes: _wrappers_pb2.UInt32Value
    stat_prefix: str
    request_body_buffer_limit: _wrappers_pb2.UInt64Value
    def __init__(self, name: _Optional[str] = ..., match: _Optional[_Union[RouteMatch, _Mapping[str, object]]] = ..., route: _Optional[_Union[RouteAction, _Mapping[str, object]]] = ..., redirect: _Optional[_Union[RedirectAction, _Mapping[str, object]]] = ..., direct_response: _Optional[_Union[DirectResponseAction, _Mapping[str, object]]] = ..., filter_action: _Optional[_Union[FilterAction, _Mapping[str, object]]] = ..., non_forwarding_action: _Optional[_Union[NonForwardingAction, _Mapping[str, object]]] = ..., metadata: _Optional[_Union[_v3_pb2_1.Metadata, _Mapping[str, object]]] = ..., decorator: _Optional[_Union[Decorator, _Mapping[str, object]]] = ..., typed_per_filter_config: _Optional[_Mapping[str, _any_pb2.Any]] = ..., request_headers_to_add: _Optional[_Iterable[_Union[_v3_pb2_1.HeaderValueOption, _Mapping[str, object]]]] = ..., request_headers_to_remove: _Optional[_Iterable[str]] = ..., response_headers_to_add: _Optional[_Iterable[_Union[_v3_pb2_1.HeaderValueOption, _Mapping[str, object]]]] = ..., response_headers_to_remove: _Optional[_Iterable[str]] = ..., tracing: _Optional[_Union[Tracing, _Mapping[str, object]]] = ..., per_request_buffer_limit_bytes: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., stat_prefix: _Optional[str] = ..., request_body_buffer_limit: _Optional[_Union[_wrappers_pb2.UInt64Value, _Mapping[str, object]]] = ...) -> None: ...

class RouteAction(_message.Message):
    class ClusterNotFoundResponseCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        SERVICE_UNAVAILABLE: _ClassVar[RouteAction.ClusterNotFoundResponseCode]
        NOT_FOUND: _ClassVar[RouteAction.ClusterNotFoundResponseCode]
        INTERNAL_SERVER_ERROR: _ClassVar[RouteAction.ClusterNotFoundResponseCode]
    SERVICE_UNAVAILABLE: RouteAction.ClusterNotFoundResponseCode
    NOT_FOUND: RouteAction.ClusterNotFoundResponseCode
    INTERNAL_SERVER_ERROR: RouteAction.ClusterNotFoundResponseCode
    class InternalRedirectAction(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        PASS_THROUGH_INTERNAL_REDIRECT: _ClassVar[RouteAction.InternalRedirectAction]
        HANDLE_INTERNAL_REDIRECT: _ClassVar[RouteAction.InternalRedirectAction]
    PASS_THROUGH_INTERNAL_REDIRECT: RouteAction.InternalRedirectAction
    HANDLE_INTERNAL_REDIRECT: RouteAction.InternalRedirectAction
    class HashPolicy(_message.Message):
        class ConnectionProperties(_message.Message):
            source_ip: bool
            def __init__(self, source_ip: _Optional[bool] = ...) -> None: ...
        class Cookie(_message.Message):
            name: str
            ttl: _duration_pb2.Duration
            path: str
            attributes: _containers.RepeatedCompositeFieldContainer[RouteAction.HashPolicy.CookieAttribute]
            def __init__(self, name: _Optional[str] = ..., ttl: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., path: _Optional[str] = ..., attributes: _Optional[_Iterable[_Union[RouteAction.HashPolicy.CookieAttribute, _Mapping[str, object]]]] = ...) -> None: ...
        class CookieAttribute(_message.Message):
            name: str
            value: str
            def __init__(self, name: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
        class FilterState(_message.Message):
            key: str
            def __init__(self, key: _Optional[str] = ...) -> None: ...
        class Header(_message.Message):
            header_name: str
            regex_rewrite: _v3_pb2_1_1.RegexMatchAndSubstitute
            def __init__(self, header_name: _Optional[str] = ..., regex_rewrite: _Optional[_Union[_v3_pb2_1_1.RegexMatchAndSubstitute, _Mapping[str, object]]] = ...) -> None: ...
        class QueryParameter(_message.Message):
            name: str
            def __init__(self, name: _Optional[str] = ...) -> None: ...
        header: RouteAction.HashPolicy.Header
        cookie: RouteAction.HashPolicy.Cookie
        connection_properties: RouteAction.HashPolicy.ConnectionProperties
        query_parameter: RouteAction.HashPolicy.QueryParameter
        filter_state: RouteAction.HashPolicy.FilterState
        terminal: bool
        def __init__(self, header: _Optional[_Union[RouteAction.HashPolicy.Header, _Mapping[str, object]]] = ..., cookie: _Optional[_Union[RouteAction.HashPolicy.Cookie, _Mapping[str, object]]] = ..., connection_properties: _Optional[_Union[RouteAction.HashPolicy.ConnectionProperties, _Mapping[str, object]]] = ..., query_parameter: _Optional[_Union[RouteAction.HashPolicy.QueryParameter, _Mapping[str, object]]] = ..., filter_state: _Optional[_Union[RouteAction.HashPolicy.FilterState, _Mapping[str, object]]] = ..., terminal: _Optional[bool] = ...) -> None: ...
    class MaxStreamDuration(_message.Message):
        max_stream_duration: _duration_pb2.Duration
        grpc_timeout_header_max: _duration_pb2.Duration
        grpc_timeout_header_offset: _duration_pb2.Duration
        def __init__(self, max_stream_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., grpc_timeout_header_max: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., grpc_timeout_header_offset: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ...) -> None: ...
    class RequestMirrorPolicy(_message.Message):
        cluster: str
        cluster_header: str
        runtime_fraction: _v3_pb2_1.RuntimeFractionalPercent
        trace_sampled: _wrappers_pb2.BoolValue
        disable_shadow_host_suffix_append: bool
        request_headers_mutations: _containers.RepeatedCompositeFieldContainer[_v3_pb2.HeaderMutation]
        host_rewrite_literal: str
        def __init__(self, cluster: _Optional[str] = ..., cluster_header: _Optional[str] = ..., runtime_fraction: _Optional[_Union[_v3_pb2_1.RuntimeFractionalPercent, _Mapping[str, object]]] = ..., trace_sampled: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., disable_shadow_host_suffix_append: _Optional[bool] = ..., request_headers_mutations: _Optional[_Iterable[_Union[_v3_pb2.HeaderMutation, _Mapping[str, object]]]] = ..., host_rewrite_literal: _Optional[str] = ...) -> None: ...
    class UpgradeConfig(_message.Message):
        class ConnectConfig(_message.Message):
            proxy_protocol_config: _v3_pb2_1.ProxyProtocolConfig
            allow_post: bool
            def __init__(self, proxy_protocol_config: _Optional[_Union[_v3_pb2_1.ProxyProtocolConfig, _Mapping[str, object]]] = ..., allow_post: _Optional[bool] = ...) -> None: ...
        upgrade_type: str
        enabled: _wrappers_pb2.BoolValue
        connect_config: RouteAction.UpgradeConfig.ConnectConfig
        def __init__(self, upgrade_type: _Optional[str] = ..., enabled: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., connect_config: _Optional[_Union[RouteAction.UpgradeConfig.ConnectConfig, _Mapping[str, object]]] = ...) -> None: ...
    cluster: str
    cluster_header: str
    weighted_clusters: WeightedCluster
    cluster_specifier_plugin: str
    inline_cluster_specifier_plugin: ClusterSpecifierPlugin
    cluster_not_found_response_code: RouteAction.ClusterNotFoundResponseCode
    metadata_match: _v3_pb2_1.Metadata
    prefix_rewrite: str
    regex_rewrite: _v3_pb2_1_1.RegexMatchAndSubstitute
    path_rewrite_policy: _v3_pb2_1.TypedExtensionConfig
    path_rewrite: str
    host_rewrite_literal: str
    auto_host_rewrite: _wrappers_pb2.BoolValue
    host_rewrite_header: str
    host_rewrite_path_regex: _v3_pb2_1_1.RegexMatchAndSubstitute
    host_rewrite: str
    append_x_forwarded_host: bool
    timeout: _duration_pb2.Duration
    idle_timeout: _duration_pb2.Duration
    flush_timeout: _duration_pb2.Duration
    early_data_policy: _v3_pb2_1.TypedExtensionConfig
    retry_policy: RetryPolicy
    retry_policy_typed_config: _any_pb2.Any
    request_mirror_policies: _containers.RepeatedCompositeFieldContainer[RouteAction.RequestMirrorPolicy]
    priority: _v3_pb2_1.RoutingPriority
    rate_limits: _containers.RepeatedCompositeFieldContainer[RateLimit]
    include_vh_rate_limits: _wrappers_pb2.BoolValue
    hash_policy: _containers.RepeatedCompositeFieldContainer[RouteAction.HashPolicy]
    cors: CorsPolicy
    max_grpc_timeout: _duration_pb2.Duration
    grpc_timeout_offset: _duration_pb2.Duration
    upgrade_configs: _containers.RepeatedCompositeFieldContainer[RouteAction.UpgradeConfig]
    internal_redirect_policy: InternalRedirectPolicy
    internal_redirect_action: RouteAction.InternalRedirectAction
    max_internal_redirects: _wrappers_pb2.UInt32Value
    hedge_policy: HedgePolicy
    max_stream_duration: RouteAction.MaxStreamDuration
    def __init__(self, cluster: _Optional[str] = ..., cluster_header: _Optional[str] = ..., weighted_clusters: _Optional[_Union[WeightedCluster, _Mapping[str, object]]] = ..., cluster_specifier_plugin: _Optional[str] = ..., inline_cluster_specifier_plugin: _Optional[_Union[ClusterSpecifierPlugin, _Mapping[str, object]]] = ..., cluster_not_found_response_code: _Optional[_Union[RouteAction.ClusterNotFoundResponseCode, str]] = ..., metadata_match: _Optional[_Union[_v3_pb2_1.Metadata, _Mapping[str, object]]] = ..., prefix_rewrite: _Optional[str] = ..., regex_rewrite: _Optional[_Union[_v3_pb2_1_1.RegexMatchAndSubstitute, _Mapping[str, object]]] = ..., path_rewrite_policy: _Optional[_Union[_v3_pb2_1.TypedExtensionConfig, _Mapping[str, object]]] = ..., path_rewrite: _Optional[str] = ..., host_rewrite_literal: _Optional[str] = ..., auto_host_rewrite: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., host_rewrite_header: _Optional[str] = ..., host_rewrite_path_regex: _Optional[_Union[_v3_pb2_1_1.RegexMatchAndSubstitute, _Mapping[str, object]]] = ..., host_rewrite: _Optional[str] = ..., append_x_forwarded_host: _Optional[bool] = ..., timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., idle_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., flush_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., early_data_policy: _Optional[_Union[_v3_pb2_1.TypedExtensionConfig, _Mapping[str, object]]] = ..., retry_policy: _Optional[_Union[RetryPolicy, _Mapping[str, object]]] = ..., retry_policy_typed_config: _Optional[_Union[_any_pb2.Any, _Mapping[str, object]]] = ..., request_mirror_policies: _Optional[_Iterable[_Union[RouteAction.RequestMirrorPolicy, _Mapping[str, object]]]] = ..., priority: _Optional[_Union[_v3_pb2_1.RoutingPriority, str]] = ..., rate_limits: _Optional[_Iterable[_Union[RateLimit, _Mapping[str, object]]]] = ..., include_vh_rate_limits: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., hash_policy: _Optional[_Iterable[_Union[RouteAction.HashPolicy, _Mapping[str, object]]]] = ..., cors: _Optional[_Union[CorsPolicy, _Mapping[str, object]]] = ..., max_grpc_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., grpc_timeout_offset: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., upgrade_configs: _Optional[_Iterable[_Union[RouteAction.UpgradeConfig, _Mapping[str, object]]]] = ..., internal_redirect_policy: _Optional[_Union[InternalRedirectPolicy, _Mapping[str, object]]] = ..., internal_redirect_action: _Optional[_Union[RouteAction.InternalRedirectAction, str]] = ..., max_internal_redirects: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., hedge_policy: _Optional[_Union[HedgePolicy, _Mapping[str, object]]] = ..., max_stream_duration: _Optional[_Union[RouteAction.MaxStreamDuration, _Mapping[str, object]]] = ...) -> None: ...

class RouteConfiguration(_message.Message):
    class TypedPerFilterConfigEntry(_message.Message):
        key: str
        value: _any_pb2.Any
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_any_pb2.Any, _Mapping[str, object]]] = ...) -> None: ...
    name: str
    virtual_hosts: _containers.RepeatedCompositeFieldContainer[VirtualHost]
    vhds: Vhds
    internal_only_headers: _containers.RepeatedScalarFieldContainer[str]
    response_headers_to_add: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1.HeaderValueOption]
    response_headers_to_remove: _containers.RepeatedScalarFieldContainer[str]
    request_headers_to_add: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1.HeaderValueOption]
    request_headers_to_remove: _containers.RepeatedScalarFieldContainer[str]
    most_specific_header_mutations_wins: bool
    validate_clusters: _wrappers_pb2.BoolValue
    max_direct_response_body_size_bytes: _wrappers_pb2.UInt32Value
    cluster_specifier_plugins: _containers.RepeatedCompositeFieldContainer[ClusterSpecifierPlugin]
    request_mirror_policies: _containers.RepeatedCompositeFieldContainer[RouteAction.RequestMirrorPolicy]
    ignore_port_in_host_matching: bool
    vhost_header: str
    ignore_path_parameters_in_path_matching: bool
    typed_per_filter_config: _containers.MessageMap[str, _any_pb2.Any]
    metadata: _v3_pb2_1.Metadata
    def __init__(self, name: _Optional[str] = ..., virtual_hosts: _Optional[_Iterable[_Union[VirtualHost, _Mapping[str, object]]]] = ..., vhds: _Optional[_Union[Vhds, _Mapping[str, object]]] = ..., internal_only_headers: _Optional[_Iterable[str]] = ..., response_headers_to_add: _Optional[_Iterable[_Union[_v3_pb2_1.HeaderValueOption, _Mapping[str, object]]]] = ..., response_headers_to_remove: _Optional[_Iterable[str]] = ..., request_headers_to_add: _Optional[_Iterable[_Union[_v3_pb2_1.HeaderValueOption, _Mapping[str, object]]]] = ..., request_headers_to_remove: _Optional[_Iterable[str]] = ..., most_specific_header_mutations_wins: _Optional[bool] = ..., validate_clusters: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., max_direct_response_body_size_bytes: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., cluster_specifier_plugins: _Optional[_Iterable[_Union[ClusterSpecifierPlugin, _Mapping[str, object]]]] = ..., request_mirror_policies: _Optional[_Iterable[_Union[RouteAction.RequestMirrorPolicy, _Mapping[str, object]]]] = ..., ignore_port_in_host_matching: _Optional[bool] = ..., vhost_header: _Optional[str] = ..., ignore_path_parameters_in_path_matching: _Optional[bool] = ..., typed_per_filter_config: _Optional[_Mapping[str, _any_pb2.Any]] = ..., metadata: _Optional[_Union[_v3_pb2_1.Metadata, _Mapping[str, object]]] = ...) -> None: ...

class RouteMatch(_message.Message):
    class ConnectMatcher(_message.Message):
        def __init__(self) -> None: ...
    class GrpcRouteMatchOptions(_message.Message):
        def __init__(self) -> None: ...
    class TlsContextMatchOptions(_message.Message):
        presented: _wrappers_pb2.BoolValue
        validated: _wrappers_pb2.BoolValue
        def __init__(self, presented: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., validated: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ...) -> None: ...
    prefix: str
    path: str
    safe_regex: _v3_pb2_1_1.RegexMatcher
    connect_matcher: RouteMatch.ConnectMatcher
    path_separated_prefix: str
    path_match_policy: _v3_pb2_1.TypedExtensionConfig
    case_sensitive: _wrappers_pb2.BoolValue
    runtime_fraction: _v3_pb2_1.RuntimeFractionalPercent
    headers: _containers.RepeatedCompositeFieldContainer[HeaderMatcher]
    query_parameters: _containers.RepeatedCompositeFieldContainer[QueryParameterMatcher]
    cookies: _containers.RepeatedCompositeFieldContainer[CookieMatcher]
    grpc: RouteMatch.GrpcRouteMatchOptions
    tls_context: RouteMatch.TlsContextMatchOptions
    dynamic_metadata: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1_1.MetadataMatcher]
    filter_state: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1_1.FilterStateMatcher]
    def __init__(self, prefix: _Optional[str] = ..., path: _Optional[str] = ..., safe_regex: _Optional[_Union[_v3_pb2_1_1.RegexMatcher, _Mapping[str, object]]] = ..., connect_matcher: _Optional[_Union[RouteMatch.ConnectMatcher, _Mapping[str, object]]] = ..., path_separated_prefix: _Optional[str] = ..., path_match_policy: _Optional[_Union[_v3_pb2_1.TypedExtensionConfig, _Mapping[str, object]]] = ..., case_sensitive: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., runtime_fraction: _Optional[_Union[_v3_pb2_1.RuntimeFractionalPercent, _Mapping[str, object]]] = ..., headers: _Optional[_Iterable[_Union[HeaderMatcher, _Mapping[str, object]]]] = ..., query_parameters: _Optional[_Iterable[_Union[QueryParameterMatcher, _Mapping[str, object]]]] = ..., cookies: _Optional[_Iterable[_Union[CookieMatcher, _Mapping[str, object]]]] = ..., grpc: _Optional[_Union[RouteMatch.GrpcRouteMatchOptions, _Mapping[str, object]]] = ..., tls_context: _Optional[_Union[RouteMatch.TlsContextMatchOptions, _Mapping[str, object]]] = ..., dynamic_metadata: _Optional[_Iterable[_Union[_v3_pb2_1_1.MetadataMatcher, _Mapping[str, object]]]] = ..., filter_state: _Optional[_Iterable[_Union[_v3_pb2_1_1.FilterStateMatcher, _Mapping[str, object]]]] = ...) -> None: ...

class ScopedRouteConfiguration(_message.Message):
    class Key(_message.Message):
        class Fragment(_message.Message):
            string_key: str
            def __init__(self, string_key: _Optional[str] = ...) -> None: ...
        fragments: _containers.RepeatedCompositeFieldContainer[ScopedRouteConfiguration.Key.Fragment]
        def __init__(self, fragments: _Optional[_Iterable[_Union[ScopedRouteConfiguration.Key.Fragment, _Mapping[str, object]]]] = ...) -> None: ...
    on_demand: bool
    name: str
    route_configuration_name: str
    route_configuration: RouteConfiguration
    key: ScopedRouteConfiguration.Key
    def __init__(self, on_demand: _Optional[bool] = ..., name: _Optional[str] = ..., route_configuration_name: _Optional[str] = ..., route_configuration: _Optional[_Union[RouteConfiguration, _Mapping[str, object]]] = ..., key: _Optional[_Union[ScopedRouteConfiguration.Key, _Mapping[str, object]]] = ...) -> None: ...

class Tracing(_message.Message):
    client_sampling: _v3_pb2_1_1_1_1_1.FractionalPercent
    random_sampling: _v3_pb2_1_1_1_1_1.FractionalPercent
    overall_sampling: _v3_pb2_1_1_1_1_1.FractionalPercent
    custom_tags: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1_1_1_1.CustomTag]
    operation: str
    upstream_operation: str
    def __init__(self, client_sampling: _Optional[_Union[_v3_pb2_1_1_1_1_1.FractionalPercent, _Mapping[str, object]]] = ..., random_sampling: _Optional[_Union[_v3_pb2_1_1_1_1_1.FractionalPercent, _Mapping[str, object]]] = ..., overall_sampling: _Optional[_Union[_v3_pb2_1_1_1_1_1.FractionalPercent, _Mapping[str, object]]] = ..., custom_tags: _Optional[_Iterable[_Union[_v3_pb2_1_1_1_1.CustomTag, _Mapping[str, object]]]] = ..., operation: _Optional[str] = ..., upstream_operation: _Optional[str] = ...) -> None: ...

class Vhds(_message.Message):
    config_source: _v3_pb2_1.ConfigSource
    def __init__(self, config_source: _Optional[_Union[_v3_pb2_1.ConfigSource, _Mapping[str, object]]] = ...) -> None: ...

class VirtualCluster(_message.Message):
    headers: _containers.RepeatedCompositeFieldContainer[HeaderMatcher]
    name: str
    def __init__(self, headers: _Optional[_Iterable[_Union[HeaderMatcher, _Mapping[str, object]]]] = ..., name: _Optional[str] = ...) -> None: ...

class VirtualHost(_message.Message):
    class TlsRequirementType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        NONE: _ClassVar[VirtualHost.TlsRequirementType]
        EXTERNAL_ONLY: _ClassVar[VirtualHost.TlsRequirementType]
        ALL: _ClassVar[VirtualHost.TlsRequirementType]
    NONE: VirtualHost.TlsRequirementType
    EXTERNAL_ONLY: VirtualHost.TlsRequirementType
    ALL: VirtualHost.TlsRequirementType
    class TypedPerFilterConfigEntry(_message.Message):
        key: str
        value: _any_pb2.Any
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_any_pb2.Any, _Mapping[str, object]]] = ...) -> None: ...
    name: str
    domains: _containers.RepeatedScalarFieldContainer[str]
    routes: _containers.RepeatedCompositeFieldContainer[Route]
    matcher: _v3_pb2_1_1_1_1_1_1.Matcher
    require_tls: VirtualHost.TlsRequirementType
    virtual_clusters: _containers.RepeatedCompositeFieldContainer[VirtualCluster]
    rate_limits: _containers.RepeatedCompositeFieldContainer[RateLimit]
    request_headers_to_add: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1.HeaderValueOption]
    request_headers_to_remove: _containers.RepeatedScalarFieldContainer[str]
    response_headers_to_add: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1.HeaderValueOption]
    response_headers_to_remove: _containers.RepeatedScalarFieldContainer[str]
    cors: CorsPolicy
    typed_per_filter_config: _containers.MessageMap[str, _any_pb2.Any]
    include_request_attempt_count: bool
    include_attempt_count_in_response: bool
    retry_policy: RetryPolicy
    retry_policy_typed_config: _any_pb2.Any
    hedge_policy: HedgePolicy
    include_is_timeout_retry_header: bool
    per_request_buffer_limit_bytes: _wrappers_pb2.UInt32Value
    request_body_buffer_limit: _wrappers_pb2.UInt64Value
    request_mirror_policies: _containers.RepeatedCompositeFieldContainer[RouteAction.RequestMirrorPolicy]
    metadata: _v3_pb2_1.Metadata
    def __init__(self, name: _Optional[str] = ..., domains: _Optional[_Iterable[str]] = ..., routes: _Optional[_Iterable[_Union[Route, _Mapping[str, object]]]] = ..., matcher: _Optional[_Union[_v3_pb2_1_1_1_1_1_1.Matcher, _Mapping[str, object]]] = ..., require_tls: _Optional[_Union[VirtualHost.TlsRequirementType, str]] = ..., virtual_clusters: _Optional[_Iterable[_Union[VirtualCluster, _Mapping[str, object]]]] = ..., rate_limits: _Optional[_Iterable[_Union[RateLimit, _Mapping[str, object]]]] = ..., request_headers_to_add: _Optional[_Iterable[_Union[_v3_pb2_1.HeaderValueOption, _Mapping[str, object]]]] = ..., request_headers_to_remove: _Optional[_Iterable[str]] = ..., response_headers_to_add: _Optional[_Iterable[_Union[_v3_pb2_1.HeaderValueOption, _Mapping[str, object]]]] = ..., response_headers_to_remove: _Optional[_Iterable[str]] = ..., cors: _Optional[_Union[CorsPolicy, _Mapping[str, object]]] = ..., typed_per_filter_config: _Optional[_Mapping[str, _any_pb2.Any]] = ..., include_request_attempt_count: _Optional[bool] = ..., include_attempt_count_in_response: _Optional[bool] = ..., retry_policy: _Optional[_Union[RetryPolicy, _Mapping[str, object]]] = ..., retry_policy_typed_config: _Optional[_Union[_any_pb2.Any, _Mapping[str, object]]] = ..., hedge_policy: _Optional[_Union[HedgePolicy, _Mapping[str, object]]] = ..., include_is_timeout_retry_header: _Optional[bool] = ..., per_request_buffer_limit_bytes: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., request_body_buffer_limit: _Optional[_Union[_wrappers_pb2.UInt64Value, _Mapping[str, object]]] = ..., request_mirror_policies: _Optional[_Iterable[_Union[RouteAction.RequestMirrorPolicy, _Mapping[str, object]]]] = ..., metadata: _Optional[_Union[_v3_pb2_1.Metadata, _Mapping[str, object]]] = ...) -> None: ...

class WeightedCluster(_message.Message):
    class ClusterWeight(_message.Message):
        class TypedPerFilterConfigEntry(_message.Message):
            key: str
            value: _any_pb2.Any
            def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_any_pb2.Any, _Mapping[str, object]]] = ...) -> None: ...
        name: str
        cluster_header: str
        weight: _wrappers_pb2.UInt32Value
        metadata_match: _v3_pb2_1.Metadata
        request_headers_to_add: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1.HeaderValueOption]
        request_headers_to_remove: _containers.RepeatedScalarFieldContainer[str]
        response_headers_to_add: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1.HeaderValueOption]
        response_headers_to_remove: _containers.RepeatedScalarFieldContainer[str]
        typed_per_filter_config: _containers.MessageMap[str, _any_pb2.Any]
        host_rewrite_literal: str
        def __init__(self, name: _Optional[str] = ..., cluster_header: _Optional[str] = ..., weight: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., metadata_match: _Optional[_Union[_v3_pb2_1.Metadata, _Mapping[str, object]]] = ..., request_headers_to_add: _Optional[_Iterable[_Union[_v3_pb2_1.HeaderValueOption, _Mapping[str, object]]]] = ..., request_headers_to_remove: _Optional[_Iterable[str]] = ..., response_headers_to_add: _Optional[_Iterable[_Union[_v3_pb2_1.HeaderValueOption, _Mapping[str, object]]]] = ..., response_headers_to_remove: _Optional[_Iterable[str]] = ..., typed_per_filter_config: _Optional[_Mapping[str, _any_pb2.Any]] = ..., host_rewrite_literal: _Optional[str] = ...) -> None: ...
    clusters: _containers.RepeatedCompositeFieldContainer[WeightedCluster.ClusterWeight]
    total_weight: _wrappers_pb2.UInt32Value
    runtime_key_prefix: str
    header_name: str
    use_hash_policy: _wrappers_pb2.BoolValue
    def __init__(self, clusters: _Optional[_Iterable[_Union[WeightedCluster.ClusterWeight, _Mapping[str, object]]]] = ..., total_weight: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., runtime_key_prefix: _Optional[str] = ..., header_name: _Optional[str] = ..., use_hash_policy: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ...) -> None: ...
