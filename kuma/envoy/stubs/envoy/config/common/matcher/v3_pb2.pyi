from kuma.envoy.stubs.envoy.config.route import v3_pb2 as _v3_pb2
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
    headers: _containers.RepeatedCompositeFieldContainer[_v3_pb2.HeaderMatcher]
    def __init__(self, headers: _Optional[_Iterable[_Union[_v3_pb2.HeaderMatcher, _Mapping[str, object]]]] = ...) -> None: ...

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
