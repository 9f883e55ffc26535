"""Writes the stubs of all messages in `kuma.envoy.api.ROOTS`, from the descriptors that their classes come from."""

from __future__ import annotations

import importlib
import re
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from kuma.envoy.api import ROOTS
from kuma.envoy.derive import HOME, WELL_KNOWN_FILES, derive, split

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
# nobody asks these of a message class; without them the stubs are half as long
UNUSED = re.compile(r"^ *(\w+_FIELD_NUMBER: _ClassVar\[int\]|__slots__ = .*|DESCRIPTOR: .*)\n", re.MULTILINE)
BARE = re.compile(r"_Mapping(?=\])")  # strict mypy wants to know of what


def main() -> None:
    """Write all stubs anew."""
    for old in HERE.iterdir():
        if old.is_dir():
            shutil.rmtree(old)
    files = derive(ROOTS.values())
    with tempfile.NamedTemporaryFile(suffix=".binpb") as descriptors:
        descriptors.write(_set(files.values()).SerializeToString())
        descriptors.flush()
        protoc = importlib.import_module("grpc_tools.protoc")
        status = protoc.main(["", f"--descriptor_set_in={descriptors.name}", f"--pyi_out={ROOT}", *files])
    if status:
        raise SystemExit(status)
    for stub in HERE.rglob("*.pyi"):
        stub.write_text(BARE.sub("_Mapping[str, object]", UNUSED.sub("", stub.read_text())))
    (HERE / "roots.pyi").write_text("".join(_roots()))


def _set(files: Iterable[FileDescriptorProto]) -> FileDescriptorSet:
    every = FileDescriptorSet()
    for module in WELL_KNOWN_FILES:
        module.DESCRIPTOR.CopyToProto(every.file.add())
    every.file.extend(files)
    return every


def _roots() -> Iterable[str]:
    yield '"""The roots under the names that `kuma.envoy.api` gives them."""\n\n'
    for name, full_name in ROOTS.items():
        package, path = split(full_name)
        yield f"from {HOME.replace('/', '.')}.{package}_pb2 import {path[0]} as {name}\n"


if __name__ == "__main__":
    main()
