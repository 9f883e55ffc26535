import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import empty_pb2 as _empty_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class CheckedExpr(_message.Message):
    class ReferenceMapEntry(_message.Message):
        key: int
        value: Reference
        def __init__(self, key: _Optional[int] = ..., value: _Optional[_Union[Reference, _Mapping[str, object]]] = ...) -> None: ...
    class TypeMapEntry(_message.Message):
        key: int
        value: Type
        def __init__(self, key: _Optional[int] = ..., value: _Optional[_Union[Type, _Mapping[str, object]]] = ...) -> None: ...
    reference_map: _containers.MessageMap[int, Reference]
    type_map: _containers.MessageMap[int, Type]
    source_info: SourceInfo
    expr_version: str
    expr: Expr
    def __init__(self, reference_map: _Optional[_Mapping[int, Reference]] = ..., type_map: _Optional[_Mapping[int, Type]] = ..., source_info: _Optional[_Union[SourceInfo, _Mapping[str, object]]] = ..., expr_version: _Optional[str] = ..., expr: _Optional[_Union[Expr, _Mapping[str, object]]] = ...) -> None: ...

class Constant(_message.Message):
    null_value: _struct_pb2.NullValue
    bool_value: bool
    int64_value: int
    uint64_value: int
    double_value: float
    string_value: str
    bytes_value: bytes
    duration_value: _duration_pb2.Duration
    timestamp_value: _timestamp_pb2.Timestamp
    def __init__(self, null_value: _Optional[_Union[_struct_pb2.NullValue, str]] = ..., bool_value: _Optional[bool] = ..., int64_value: _Optional[int] = ..., uint64_value: _Optional[int] = ..., double_value: _Optional[float] = ..., string_value: _Optional[str] = ..., bytes_value: _Optional[bytes] = ..., duration_value: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., timestamp_value: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, object]]] = ...) -> None: ...

class Expr(_message.Message):
    class Call(_message.Message):
        target: Expr
        function: str
        args: _containers.RepeatedCompositeFieldContainer[Expr]
        def __init__(self, target: _Optional[_Union[Expr, _Mapping[str, object]]] = ..., function: _Optional[str] = ..., args: _Optional[_Iterable[_Union[Expr, _Mapping[str, object]]]] = ...) -> None: ...
    class Comprehension(_message.Message):
        iter_var: str
        iter_var2: str
        iter_range: Expr
        accu_var: str
        accu_init: Expr
        loop_condition: Expr
        loop_step: Expr
        result: Expr
        def __init__(self, iter_var: _Optional[str] = ..., iter_var2: _Optional[str] = ..., iter_range: _Optional[_Union[Expr, _Mapping[str, object]]] = ..., accu_var: _Optional[str] = ..., accu_init: _Optional[_Union[Expr, _Mapping[str, object]]] = ..., loop_condition: _Optional[_Union[Expr, _Mapping[str, object]]] = ..., loop_step: _Optional[_Union[Expr, _Mapping[str, object]]] = ..., result: _Optional[_Union[Expr, _Mapping[str, object]]] = ...) -> None: ...
    class CreateList(_message.Message):
        elements: _containers.RepeatedCompositeFieldContainer[Expr]
        optional_indices: _containers.RepeatedScalarFieldContainer[int]
        def __init__(self, elements: _Optional[_Iterable[_Union[Expr, _Mapping[str, object]]]] = ..., optional_indices: _Optional[_Iterable[int]] = ...) -> None: ...
    class CreateStruct(_message.Message):
        class Entry(_message.Message):
            id: int
            field_key: str
            map_key: Expr
            value: Expr
            optional_entry: bool
            def __init__(self, id: _Optional[int] = ..., field_key: _Optional[str] = ..., map_key: _Optional[_Union[Expr, _Mapping[str, object]]] = ..., value: _Optional[_Union[Expr, _Mapping[str, object]]] = ..., optional_entry: _Optional[bool] = ...) -> None: ...
        message_name: str
        entries: _containers.RepeatedCompositeFieldContainer[Expr.CreateStruct.Entry]
        def __init__(self, message_name: _Optional[str] = ..., entries: _Optional[_Iterable[_Union[Expr.CreateStruct.Entry, _Mapping[str, object]]]] = ...) -> None: ...
    class Ident(_message.Message):
        name: str
        def __init__(self, name: _Optional[str] = ...) -> None: ...
    class Select(_message.Message):
        operand: Expr
        field: str
        test_only: bool
        def __init__(self, operand: _Optional[_Union[Expr, _Mapping[str, object]]] = ..., field: _Optional[str] = ..., test_only: _Optional[bool] = ...) -> None: ...
    id: int
    const_expr: Constant
    ident_expr: Expr.Ident
    select_expr: Expr.Select
    call_expr: Expr.Call
    list_expr: Expr.CreateList
    struct_expr: Expr.CreateStruct
    comprehension_expr: Expr.Comprehension
    def __init__(self, id: _Optional[int] = ..., const_expr: _Optional[_Union[Constant, _Mapping[str, object]]] = ..., ident_expr: _Optional[_Union[Expr.Ident, _Mapping[str, object]]] = ..., select_expr: _Optional[_Union[Expr.Select, _Mapping[str, object]]] = ..., call_expr: _Optional[_Union[Expr.Call, _Mapping[str, object]]] = ..., list_expr: _Optional[_Union[Expr.CreateList, _Mapping[str, object]]] = ..., struct_expr: _Optional[_Union[Expr.CreateStruct, _Mapping[str, object]]] = ..., comprehension_expr: _Optional[_Union[Expr.Comprehension, _Mapping[str, object]]] = ...) -> None: ...

class Reference(_message.Message):
    name: str
    overload_id: _containers.RepeatedScalarFieldContainer[str]
    value: Constant
    def __init__(self, name: _Optional[str] = ..., overload_id: _Optional[_Iterable[str]] = ..., value: _Optional[_Union[Constant, _Mapping[str, object]]] = ...) -> None: ...

class SourceInfo(_message.Message):
    class PositionsEntry(_message.Message):
        key: int
        value: int
        def __init__(self, key: _Optional[int] = ..., value: _Optional[int] = ...) -> None: ...
    class MacroCallsEntry(_message.Message):
        key: int
        value: Expr
        def __init__(self, key: _Optional[int] = ..., value: _Optional[_Union[Expr, _Mapping[str, object]]] = ...) -> None: ...
    class Extension(_message.Message):
        class Component(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
            UNSPECIFIED: _ClassVar[SourceInfo.Extension.Component]
            PARSER: _ClassVar[SourceInfo.Extension.Component]
            TYPE_CHECKER: _ClassVar[SourceInfo.Extension.Component]
            RUNTIME: _ClassVar[SourceInfo.Extension.Component]
        UNSPECIFIED: SourceInfo.Extension.Component
        PARSER: SourceInfo.Extension.Component
        TYPE_CHECKER: SourceInfo.Extension.Component
        RUNTIME: SourceInfo.Extension.Component
        class Version(_message.Message):
            major: int
            minor: int
            def __init__(self, major: _Optional[int] = ..., minor: _Optional[int] = ...) -> None: ...
        id: str
        affected_components: _containers.RepeatedScalarFieldContainer[SourceInfo.Extension.Component]
        version: SourceInfo.Extension.Version
        def __init__(self, id: _Optional[str] = ..., affected_components: _Optional[_Iterable[_Union[SourceInfo.Extension.Component, str]]] = ..., version: _Optional[_Union[SourceInfo.Extension.Version, _Mapping[str, object]]] = ...) -> None: ...
    syntax_version: str
    location: str
    line_offsets: _containers.RepeatedScalarFieldContainer[int]
    positions: _containers.ScalarMap[int, int]
    macro_calls: _containers.MessageMap[int, Expr]
    extensions: _containers.RepeatedCompositeFieldContainer[SourceInfo.Extension]
    def __init__(self, syntax_version: _Optional[str] = ..., location: _Optional[str] = ..., line_offsets: _Optional[_Iterable[int]] = ..., positions: _Optional[_Mapping[int, int]] = ..., macro_calls: _Optional[_Mapping[int, Expr]] = ..., extensions: _Optional[_Iterable[_Union[SourceInfo.Extension, _Mapping[str, object]]]] = ...) -> None: ...

class Type(_message.Message):
    class PrimitiveType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        PRIMITIVE_TYPE_UNSPECIFIED: _ClassVar[Type.PrimitiveType]
        BOOL: _ClassVar[Type.PrimitiveType]
        INT64: _ClassVar[Type.PrimitiveType]
        UINT64: _ClassVar[Type.PrimitiveType]
        DOUBLE: _ClassVar[Type.PrimitiveType]
        STRING: _ClassVar[Type.PrimitiveType]
        BYTES: _ClassVar[Type.PrimitiveType]
    PRIMITIVE_TYPE_UNSPECIFIED: Type.PrimitiveType
    BOOL: Type.PrimitiveType
    INT64: Type.PrimitiveType
    UINT64: Type.PrimitiveType
    DOUBLE: Type.PrimitiveType
    STRING: Type.PrimitiveType
    BYTES: Type.PrimitiveType
    class WellKnownType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        WELL_KNOWN_TYPE_UNSPECIFIED: _ClassVar[Type.WellKnownType]
        ANY: _ClassVar[Type.WellKnownType]
        TIMESTAMP: _ClassVar[Type.WellKnownType]
        DURATION: _ClassVar[Type.WellKnownType]
    WELL_KNOWN_TYPE_UNSPECIFIED: Type.WellKnownType
    ANY: Type.WellKnownType
    TIMESTAMP: Type.WellKnownType
    DURATION: Type.WellKnownType
    class AbstractType(_message.Message):
        name: str
        parameter_types: _containers.RepeatedCompositeFieldContainer[Type]
        def __init__(self, name: _Optional[str] = ..., parameter_types: _Optional[_Iterable[_Union[Type, _Mapping[str, object]]]] = ...) -> None: ...
    class FunctionType(_message.Message):
        result_type: Type
        arg_types: _containers.RepeatedCompositeFieldContainer[Type]
        def __init__(self, result_type: _Optional[_Union[Type, _Mapping[str, object]]] = ..., arg_types: _Optional[_Iterable[_Union[Type, _Mapping[str, object]]]] = ...) -> None: ...
    class ListType(_message.Message):
        elem_type: Type
        def __init__(self, elem_type: _Optional[_Union[Type, _Mapping[str, object]]] = ...) -> None: ...
    class MapType(_message.Message):
        key_type: Type
        value_type: Type
        def __init__(self, key_type: _Optional[_Union[Type, _Mapping[str, object]]] = ..., value_type: _Optional[_Union[Type, _Mapping[str, object]]] = ...) -> None: ...
    dyn: _empty_pb2.Empty
    null: _struct_pb2.NullValue
    primitive: Type.PrimitiveType
    wrapper: Type.PrimitiveType
    well_known: Type.WellKnownType
    list_type: Type.ListType
    map_type: Type.MapType
    function: Type.FunctionType
    message_type: str
    type_param: str
    type: Type
    error: _empty_pb2.Empty
    abstract_type: Type.AbstractType
    def __init__(self, dyn: _Optional[_Union[_empty_pb2.Empty, _Mapping[str, object]]] = ..., null: _Optional[_Union[_struct_pb2.NullValue, str]] = ..., primitive: _Optional[_Union[Type.PrimitiveType, str]] = ..., wrapper: _Optional[_Union[Type.PrimitiveType, str]] = ..., well_known: _Optional[_Union[Type.WellKnownType, str]] = ..., list_type: _Optional[_Union[Type.ListType, _Mapping[str, object]]] = ..., map_type: _Optional[_Union[Type.MapType, _Mapping[str, object]]] = ..., function: _Optional[_Union[Type.FunctionType, _Mapping[str, object]]] = ..., message_type: _Optional[str] = ..., type_param: _Optional[str] = ..., type: _Optional[_Union[Type, _Mapping[str, object]]] = ..., error: _Optional[_Union[_empty_pb2.Empty, _Mapping[str, object]]] = ..., abstract_type: _Optional[_Union[Type.AbstractType, _Mapping[str, object]]] = ...) -> None: ...
