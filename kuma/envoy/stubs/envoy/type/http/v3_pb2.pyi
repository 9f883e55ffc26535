from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class PathTransformation(_message.Message):
    class Operation(_message.Message):
        class MergeSlashes(_message.Message):
            def __init__(self) -> None: ...
        class NormalizePathRFC3986(_message.Message):
            def __init__(self) -> None: ...
        normalize_path_rfc_3986: PathTransformation.Operation.NormalizePathRFC3986
        merge_slashes: PathTransformation.Operation.MergeSlashes
        def __init__(self, normalize_path_rfc_3986: _Optional[_Union[PathTransformation.Operation.NormalizePathRFC3986, _Mapping[str, object]]] = ..., merge_slashes: _Optional[_Union[PathTransformation.Operation.MergeSlashes, _Mapping[str, object]]] = ...) -> None: ...
    operations: _containers.RepeatedCompositeFieldContainer[PathTransformation.Operation]
    def __init__(self, operations: _Optional[_Iterable[_Union[PathTransformation.Operation, _Mapping[str, object]]]] = ...) -> None: ...
