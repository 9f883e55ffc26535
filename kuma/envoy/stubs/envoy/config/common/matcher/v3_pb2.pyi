from kuma.envoy.stubs.envoy.config.core import v3_pb2 as _v3_pb2
from kuma.envoy.stubs.envoy.config.route import v3_pb2 as _v3_pb2_1
from kuma.envoy.stubs.envoy.type.matcher import v3_pb2 as _v3_pb2_1_1
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class HttpGenericBodyMatch(_message.Message):
    class GenericTextMatch(_message.Message):
        string_match: str
        binary_match: bytes
        def __init__(self, string_match: _Optional[str] = ..., binary_match: _Optional[bytes] = ...) -> None: ...
    bytes_limit: int
    patterns: _containers.RepeatedCompositeFieldContainer[HttpGenericBodyMatch.GenericTextMatch]
    def __init__(self, bytes_limit: _Optional[int] = ..., patterns: _Optional[_Iterable[_Union[HttpGenericBodyMatch.GenericTextMatch, _Mapping[str, object]]]] = ...) -> None: ...

class HttpHeadersMatch(_message.Message):
    headers: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1.HeaderMatcher]
    def __init__(self, headers: _Optional[_Iterable[_Union[_v3_pb2_1.HeaderMatcher, _Mapping[str, object]]]] = ...) -> None: ...

class MatchPredicate(_message.Message):
    class MatchSet(_message.Message):
        rules: _containers.RepeatedCompositeFieldContainer[MatchPredicate]
        def __init__(self, rules: _Optional[_Iterable[_Union[MatchPredicate, _Mapping[str, object]]]] = ...) -> None: ...
    or_match: MatchPredicate.MatchSet
    and_match: MatchPredicate.MatchSet
    not_match: MatchPredicate
    any_match: bool
    http_request_headers_match: HttpHeadersMatch
    http_request_trailers_match: HttpHeadersMatch
    http_response_headers_match: HttpHeadersMatch
    http_response_trailers_match: HttpHeadersMatch
    http_request_generic_body_match: HttpGenericBodyMatch
    http_response_generic_body_match: HttpGenericBodyMatch
    def __init__(self, or_match: _Optional[_Union[MatchPredicate.MatchSet, _Mapping[str, object]]] = ..., and_match: _Optional[_Union[MatchPredicate.MatchSet, _Mapping[str, object]]] = ..., not_match: _Optional[_Union[MatchPredicate, _Mapping[str, object]]] = ..., any_match: _Optional[bool] = ..., http_request_headers_match: _Optional[_Union[HttpHeadersMatch, _Mapping[str, object]]] = ..., http_request_trailers_match: _Optional[_Union[HttpHeadersMatch, _Mapping[str, object]]] = ..., http_response_headers_match: _Optional[_Union[HttpHeadersMatch, _Mapping[str, object]]] = ..., http_response_trailers_match: _Optional[_Union[HttpHeadersMatch, _Mapping[str, object]]] = ..., http_request_generic_body_match: _Optional[_Union[HttpGenericBodyMatch, _Mapping[str, object]]] = ..., http_response_generic_body_match: _Optional[_Union[HttpGenericBodyMatch, _Mapping[str, object]]] = ...) -> None: ...

class Matcher(_message.Message):
    class MatcherList(_message.Message):
        class FieldMatcher(_message.Message):
            predicate: Matcher.MatcherList.Predicate
            on_match: Matcher.OnMatch
            def __init__(self, predicate: _Optional[_Union[Matcher.MatcherList.Predicate, _Mapping[str, object]]] = ..., on_match: _Optional[_Union[Matcher.OnMatch, _Mapping[str, object]]] = ...) -> None: ...
        class Predicate(_message.Message):
            class PredicateList(_message.Message):
                predicate: _containers.RepeatedCompositeFieldContainer[Matcher.MatcherList.Predicate]
                def __init__(self, predicate: _Optional[_Iterable[_Union[Matcher.MatcherList.Predicate, _Mapping[str, object]]]] = ...) -> None: ...
            class SinglePredicate(_message.Message):
                input: _v3_pb2.TypedExtensionConfig
                value_match: _v3_pb2_1_1.StringMatcher
                custom_match: _v3_pb2.TypedExtensionConfig
                def __init__(self, input: _Optional[_Union[_v3_pb2.TypedExtensionConfig, _Mapping[str, object]]] = ..., value_match: _Optional[_Union[_v3_pb2_1_1.StringMatcher, _Mapping[str, object]]] = ..., custom_match: _Optional[_Union[_v3_pb2.TypedExtensionConfig, _Mapping[str, object]]] = ...) -> None: ...
            single_predicate: Matcher.MatcherList.Predicate.SinglePredicate
            or_matcher: Matcher.MatcherList.Predicate.PredicateList
            and_matcher: Matcher.MatcherList.Predicate.PredicateList
            not_matcher: Matcher.MatcherList.Predicate
            def __init__(self, single_predicate: _Optional[_Union[Matcher.MatcherList.Predicate.SinglePredicate, _Mapping[str, object]]] = ..., or_matcher: _Optional[_Union[Matcher.MatcherList.Predicate.PredicateList, _Mapping[str, object]]] = ..., and_matcher: _Optional[_Union[Matcher.MatcherList.Predicate.PredicateList, _Mapping[str, object]]] = ..., not_matcher: _Optional[_Union[Matcher.MatcherList.Predicate, _Mapping[str, object]]] = ...) -> None: ...
        matchers: _containers.RepeatedCompositeFieldContainer[Matcher.MatcherList.FieldMatcher]
        def __init__(self, matchers: _Optional[_Iterable[_Union[Matcher.MatcherList.FieldMatcher, _Mapping[str, object]]]] = ...) -> None: ...
    class MatcherTree(_message.Message):
        class MatchMap(_message.Message):
            class MapEntry(_message.Message):
                key: str
                value: Matcher.OnMatch
                def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Matcher.OnMatch, _Mapping[str, object]]] = ...) -> None: ...
            map: _containers.MessageMap[str, Matcher.OnMatch]
            def __init__(self, map: _Optional[_Mapping[str, Matcher.OnMatch]] = ...) -> None: ...
        input: _v3_pb2.TypedExtensionConfig
        exact_match_map: Matcher.MatcherTree.MatchMap
        prefix_match_map: Matcher.MatcherTree.MatchMap
        custom_match: _v3_pb2.TypedExtensionConfig
        def __init__(self, input: _Optional[_Union[_v3_pb2.TypedExtensionConfig, _Mapping[str, object]]] = ..., exact_match_map: _Optional[_Union[Matcher.MatcherTree.MatchMap, _Mapping[str, object]]] = ..., prefix_match_map: _Optional[_Union[Matcher.MatcherTree.MatchMap, _Mapping[str, object]]] = ..., custom_match: _Optional[_Union[_v3_pb2.TypedExtensionConfig, _Mapping[str, object]]] = ...) -> None: ...
    class OnMatch(_message.Message):
        matcher: Matcher
        action: _v3_pb2.TypedExtensionConfig
        keep_matching: bool
        def __init__(self, matcher: _Optional[_Union[Matcher, _Mapping[str, object]]] = ..., action: _Optional[_Union[_v3_pb2.TypedExtensionConfig, _Mapping[str, object]]] = ..., keep_matching: _Optional[bool] = ...) -> None: ...
    matcher_list: Matcher.MatcherList
    matcher_tree: Matcher.MatcherTree
    on_no_match: Matcher.OnMatch
    def __init__(self, matcher_list: _Optional[_Union[Matcher.MatcherList, _Mapping[str, object]]] = ..., matcher_tree: _Optional[_Union[Matcher.MatcherTree, _Mapping[str, object]]] = ..., on_no_match: _Optional[_Union[Matcher.OnMatch, _Mapping[str, object]]] = ...) -> None: ...
