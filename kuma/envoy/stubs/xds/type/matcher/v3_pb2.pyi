from kuma.envoy.stubs.xds.core import v3_pb2 as _v3_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


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
                value_match: StringMatcher
                custom_match: _v3_pb2.TypedExtensionConfig
                def __init__(self, input: _Optional[_Union[_v3_pb2.TypedExtensionConfig, _Mapping[str, object]]] = ..., value_match: _Optional[_Union[StringMatcher, _Mapping[str, object]]] = ..., custom_match: _Optional[_Union[_v3_pb2.TypedExtensionConfig, _Mapping[str, object]]] = ...) -> None: ...
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

class RegexMatcher(_message.Message):
    class GoogleRE2(_message.Message):
        def __init__(self) -> None: ...
    google_re2: RegexMatcher.GoogleRE2
    regex: str
    def __init__(self, google_re2: _Optional[_Union[RegexMatcher.GoogleRE2, _Mapping[str, object]]] = ..., regex: _Optional[str] = ...) -> None: ...

class StringMatcher(_message.Message):
    exact: str
    prefix: str
    suffix: str
    safe_regex: RegexMatcher
    contains: str
    custom: _v3_pb2.TypedExtensionConfig
    ignore_case: bool
    def __init__(self, exact: _Optional[str] = ..., prefix: _Optional[str] = ..., suffix: _Optional[str] = ..., safe_regex: _Optional[_Union[RegexMatcher, _Mapping[str, object]]] = ..., contains: _Optional[str] = ..., custom: _Optional[_Union[_v3_pb2.TypedExtensionConfig, _Mapping[str, object]]] = ..., ignore_case: _Optional[bool] = ...) -> None: ...
