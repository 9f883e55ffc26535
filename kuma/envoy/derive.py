"""Message classes with upb's speed, derived from envoy-data-plane's own metadata.

envoy-data-plane describes every Envoy message, but its codec is Python. Here its metadata (field numbers, types,
oneofs, maps, wrappers) is turned into descriptors in a private pool, from which protobuf makes classes in C.
"""

from __future__ import annotations

import graphlib
import importlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from envoy_data_plane.message_pool import default_message_pool
from google.protobuf import any_pb2, descriptor_pb2, duration_pb2, empty_pb2, struct_pb2, timestamp_pb2, wrappers_pb2
from google.protobuf.descriptor_pool import DescriptorPool

Field = descriptor_pb2.FieldDescriptorProto
WELL_KNOWN_FILES = (any_pb2, duration_pb2, empty_pb2, struct_pb2, timestamp_pb2, wrappers_pb2)
WELL_KNOWN = {
    f"google.protobuf.{name}": module.DESCRIPTOR
    for module in WELL_KNOWN_FILES
    for name in (*module.DESCRIPTOR.message_types_by_name, *module.DESCRIPTOR.enum_types_by_name)
}
HOME = "kuma/envoy/stubs"  # file names in the pool say where the stubs of their classes are


def derive(names: Iterable[str]) -> Mapping[str, descriptor_pb2.FileDescriptorProto]:
    """The files, by name, that describe these messages and all they lead to; each after those it needs."""
    return Vocabulary().describe(names)


def pool_of(files: Mapping[str, descriptor_pb2.FileDescriptorProto]) -> DescriptorPool:
    """A pool of its own for these files: nothing in it can collide with other people's `envoy` messages."""
    pool = DescriptorPool()
    for module in WELL_KNOWN_FILES:
        pool.AddSerializedFile(module.DESCRIPTOR.serialized_pb)
    for file in files.values():
        pool.AddSerializedFile(file.SerializeToString())
    return pool


def vocabulary(name: str) -> type[Any]:
    """envoy-data-plane's own class of the message with this full name. Raises `LookupError`."""
    url = f"type.googleapis.com/{name}"
    try:
        importlib.import_module(f"envoy_data_plane.{split(name)[0]}")
    except (ImportError, StopIteration) as error:
        raise LookupError(f"Envoy has no message {name!r}") from error
    if url not in default_message_pool.url_to_type:
        raise LookupError(f"Envoy has no message {name!r}")
    return default_message_pool.url_to_type[url]  # type: ignore[no-any-return]


def split(name: str) -> tuple[str, list[str]]:
    """`a.b.v3.Outer.Inner` -> package `a.b.v3`, path `[Outer, Inner]`."""
    parts = name.split(".")
    first = next(i for i, part in enumerate(parts) if part[0].isupper())
    return ".".join(parts[:first]), parts[first:]


def _name_of(cls: type[Any]) -> str:
    return str(default_message_pool.type_to_url[cls]).rsplit("/", 1)[1]


class Vocabulary:
    """Collects messages, then describes them: enums need to know all messages to find their parents.

    It can grow: what is described later refers to what was described before, and stands in files of its own.
    """

    def __init__(self) -> None:
        self.classes: dict[str, type[Any]] = {}
        self.enums: dict[type[Any], str] = {}
        self._homes: dict[str, str] = {}  # the file of each message and enum
        self._growth = -1
        self._grow()

    def _grow(self) -> None:
        self._growth += 1
        self.new: dict[str, type[Any]] = {}
        self.files: dict[str, descriptor_pb2.FileDescriptorProto] = {}
        self.messages: dict[str, descriptor_pb2.DescriptorProto] = {}
        self.imports: dict[str, set[str]] = defaultdict(set)

    def describe(self, names: Iterable[str]) -> Mapping[str, descriptor_pb2.FileDescriptorProto]:
        """The files for these messages and all they lead to, without what was described before.

        Raises `LookupError` where Envoy has no message of a name; then nothing has changed.
        """
        found = [vocabulary(name) for name in names]
        self._grow()
        for cls in found:
            self._add(cls)
        return self._files_in_order()

    def extend(self, pool: DescriptorPool, name: str) -> None:
        """Describe one more message in a pool that has all that was described before. Raises `LookupError`."""
        try:
            for file in self.describe([name]).values():
                pool.AddSerializedFile(file.SerializeToString())
        except TypeError as error:  # two of its enums have values of one name, say
            for forgotten in self.new:
                del self.classes[forgotten]
            raise LookupError(f"Envoy's message {name!r} can't be described") from error

    def _add(self, cls: type[Any]) -> None:
        name = _name_of(cls)
        if name in self.classes or name in WELL_KNOWN:
            return
        self.classes[name] = self.new[name] = cls
        package, path = split(name)
        self._homes[name] = self._file_name(package)
        if len(path) > 1:
            self._add(vocabulary(name.rpartition(".")[0]))
        for field, meta in cls._betterproto.meta_by_field_name.items():
            value = meta.map_meta[1] if meta.map_meta else meta
            if value.proto_type == "message" and not value.unwrap:
                self._add(_type_of(cls, field, meta))

    def _files_in_order(self) -> Mapping[str, descriptor_pb2.FileDescriptorProto]:
        for name in sorted(self.new):
            self._describe(name, self.new[name])
        for package, file in self.files.items():
            file.dependency.extend(sorted(self.imports[package]))
        by_name = {file.name: file for file in self.files.values()}
        needs = {name: [one for one in file.dependency if one in by_name] for name, file in sorted(by_name.items())}
        return {name: by_name[name] for name in graphlib.TopologicalSorter(needs).static_order()}

    def _file_name(self, package: str) -> str:
        return f"{HOME}/{package.replace('.', '/')}{self._growth if self._growth > 1 else ''}.proto"

    def _file(self, package: str) -> descriptor_pb2.FileDescriptorProto:
        if package not in self.files:
            name = self._file_name(package)
            self.files[package] = descriptor_pb2.FileDescriptorProto(name=name, package=package, syntax="proto3")
        return self.files[package]

    def _message(self, name: str) -> descriptor_pb2.DescriptorProto:
        if name not in self.messages:
            package, path = split(name)
            outer = ".".join((package, *path[:-1]))
            home = self._file(package).message_type if len(path) == 1 else self._message(outer).nested_type
            self.messages[name] = home.add(name=path[-1])
        return self.messages[name]

    def _describe(self, name: str, cls: type[Any]) -> None:
        message, oneofs = self._message(name), dict[str, int]()
        for field, meta in cls._betterproto.meta_by_field_name.items():
            proto = message.field.add(name=field.rstrip("_"), number=meta.number, label=Field.LABEL_OPTIONAL)
            if meta.map_meta:
                proto.label, proto.type = Field.LABEL_REPEATED, Field.TYPE_MESSAGE
                proto.type_name = f".{name}.{self._entry(name, message, field, meta)}"
                continue
            if meta.repeated:
                proto.label = Field.LABEL_REPEATED
            self._type(split(name)[0], proto, meta, _type_of(cls, field, meta))
            if meta.group:
                proto.oneof_index = oneofs.setdefault(meta.group, len(oneofs))
        for group in oneofs:
            message.oneof_decl.add(name=group)

    def _entry(self, name: str, message: descriptor_pb2.DescriptorProto, field: str, meta: Any) -> str:
        """The message that stands for one entry of a map; protobuf's name for it is the field's in camel case."""
        entry = message.nested_type.add(name="".join(word.capitalize() for word in field.split("_")) + "Entry")
        entry.options.map_entry = True
        value = _type_of(self.classes[name], field, meta)
        for part, number, part_meta in zip(("key", "value"), (1, 2), meta.map_meta, strict=True):
            proto = entry.field.add(name=part, number=number, label=Field.LABEL_OPTIONAL)
            self._type(split(name)[0], proto, part_meta, value)
        return entry.name

    def _type(self, package: str, proto: Field, meta: Any, python_type: Any) -> None:
        proto.type = getattr(Field, "TYPE_" + meta.proto_type.upper())
        if meta.proto_type == "message":
            target = _name_of(meta.unwrap() if meta.unwrap else python_type)
        elif meta.proto_type == "enum":
            target = self._enum(python_type)
        else:
            return
        proto.type_name = f".{target}"
        self._import(package, target)

    def _import(self, package: str, target: str) -> None:
        home = WELL_KNOWN[target].name if target in WELL_KNOWN else self._homes[target]
        if home != self._file_name(package):
            self.imports[package].add(home)

    def _enum(self, enum: type[Any]) -> str:
        """Enums stand in the message whose name theirs begins with, so that equal value names don't collide."""
        if enum not in self.enums:
            package = enum.__module__.removeprefix("envoy_data_plane.")
            if f"{package}.{enum.__name__}" in WELL_KNOWN:
                return f"{package}.{enum.__name__}"
            parent = self._parent_of(package, enum.__name__)
            short = enum.__name__.removeprefix("".join(split(parent)[1])) if parent else enum.__name__
            home = self._message(parent).enum_type if parent else self._file(package).enum_type
            proto = home.add(name=short)
            members = getattr(enum, "__members__").items()  # noqa: B009 - not known of a `type`
            for value, number in sorted(members, key=lambda item: (int(item[1]) != 0, int(item[1]))):
                proto.value.add(name=value, number=int(number))
            self.enums[enum] = f"{parent or package}.{short}"
            self._homes[self.enums[enum]] = self._file_name(package)
        return self.enums[enum]

    def _parent_of(self, package: str, enum: str) -> str:
        parents = [
            name
            for name in self.new
            if split(name)[0] == package and enum.startswith(flat := "".join(split(name)[1])) and enum != flat
        ]
        return max(parents, key=lambda name: len("".join(split(name)[1])), default="")


def _type_of(cls: type[Any], field: str, meta: Any) -> Any:
    return cls._betterproto.cls_by_field.get(f"{field}.value" if meta.map_meta else field)
