from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class MetadataKey(_message.Message):
    class PathSegment(_message.Message):
        key: str
        def __init__(self, key: _Optional[str] = ...) -> None: ...
    key: str
    path: _containers.RepeatedCompositeFieldContainer[MetadataKey.PathSegment]
    def __init__(self, key: _Optional[str] = ..., path: _Optional[_Iterable[_Union[MetadataKey.PathSegment, _Mapping[str, object]]]] = ...) -> None: ...

class MetadataKind(_message.Message):
    class Cluster(_message.Message):
        def __init__(self) -> None: ...
    class Host(_message.Message):
        def __init__(self) -> None: ...
    class Request(_message.Message):
        def __init__(self) -> None: ...
    class Route(_message.Message):
        def __init__(self) -> None: ...
    request: MetadataKind.Request
    route: MetadataKind.Route
    cluster: MetadataKind.Cluster
    host: MetadataKind.Host
    def __init__(self, request: _Optional[_Union[MetadataKind.Request, _Mapping[str, object]]] = ..., route: _Optional[_Union[MetadataKind.Route, _Mapping[str, object]]] = ..., cluster: _Optional[_Union[MetadataKind.Cluster, _Mapping[str, object]]] = ..., host: _Optional[_Union[MetadataKind.Host, _Mapping[str, object]]] = ...) -> None: ...
