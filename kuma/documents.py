"""Text to documents and back: YAML of any number of documents, and JSON. Bounded, so that no text can hurt."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml
from attrs import define, field
from yaml.nodes import MappingNode, ScalarNode

LONGEST = 16 * 1024 * 1024
DEEPEST = 100
MOST_NODES = 1_000_000
TAG = "tag:yaml.org,2002:"

Mark = Any


class Malformed(ValueError):
    """A text that is neither YAML nor JSON, or too much of it. `line` counts from 1; None where nobody knows."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason if line is None else f"line {line}: {reason}")
        self.reason, self.line = reason, line


def load(text: str | bytes) -> tuple[Any, ...]:
    """Every document in a text that is not empty. Raises Malformed."""
    decoded = _decoded(text)
    if decoded.lstrip()[:1] in ("{", "["):
        try:
            return (load_json(decoded),)
        except Malformed as malformed:
            if "---" not in decoded and malformed.line is None:
                raise
    return tuple(document for document in _yaml(decoded) if document is not None)


def load_json(text: str | bytes) -> Any:
    """The one JSON value in a text. Raises Malformed."""
    try:
        return json.loads(_decoded(text), parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise Malformed(error.msg, error.lineno) from error
    except RecursionError as error:
        raise Malformed("nested too deeply") from error
    except Malformed:
        raise
    except ValueError as error:
        raise Malformed("a number is too long") from error


def dump_yaml(*documents: Any) -> str:
    """Documents as YAML that every YAML reader understands in the same way."""
    return "---\n".join(_dumped(document) for document in documents)


def dump_json(document: Any) -> str:
    """A document as indented JSON."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _dumped(document: Any) -> str:
    text = yaml.dump(document, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=2**20)
    return str(text).removesuffix("...\n")


def _no_constant(name: str) -> Any:
    raise Malformed(f"{name} is not a JSON value")


def _decoded(text: str | bytes) -> str:
    if len(text) > LONGEST:
        raise Malformed(f"longer than {LONGEST} bytes")
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed("not UTF-8", 1 + text.count(b"\n", 0, error.start)) from error


def _yaml(text: str) -> Iterator[Any]:
    try:
        _measure(text)
        yield from yaml.load_all(text, Loader=Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Malformed(error.problem or str(error), mark.line + 1 if mark else None) from error
    except yaml.YAMLError as error:
        raise Malformed(str(error).split("\n")[0]) from error
    except (ValueError, UnicodeEncodeError) as error:
        raise error if isinstance(error, Malformed) else Malformed(str(error)) from error


@define
class Measure:
    """How big a YAML text is once its aliases are replaced by what they stand for."""

    open: list[tuple[str | None, int]] = field(factory=list)
    anchored: dict[str, int] = field(factory=dict)
    nodes: int = 0

    def start(self, anchor: str | None, mark: Mark) -> None:
        """A list or mapping begins."""
        self.open.append((anchor, self.nodes))
        if anchor:
            self.anchored.pop(anchor, None)
        if len(self.open) > DEEPEST:
            raise Malformed(f"nested deeper than {DEEPEST} levels", mark.line + 1)
        self.add(1, mark)

    def end(self) -> None:
        """The innermost list or mapping is complete."""
        anchor, before = self.open.pop()
        if anchor:
            self.anchored[anchor] = self.nodes - before

    def alias(self, anchor: str | None, mark: Mark) -> None:
        """What the anchor stands for stands here once more."""
        if anchor is None or anchor not in self.anchored:
            raise Malformed(f"alias {anchor!r} stands for nothing, or for what it is part of", mark.line + 1)
        self.add(self.anchored[anchor], mark)

    def add(self, count: int, mark: Mark) -> None:
        """More values."""
        self.nodes += count
        if self.nodes > MOST_NODES:
            raise Malformed(f"more than {MOST_NODES} values once aliases are replaced", mark.line + 1)


def _measure(text: str) -> None:
    """Raises Malformed for what would take too much to build. Reading events builds nothing."""
    measure = Measure()
    for event in yaml.parse(text, Loader=Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            measure.start(event.anchor, event.start_mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            measure.end()
        elif isinstance(event, yaml.AliasEvent):
            measure.alias(event.anchor, event.start_mark)
        elif isinstance(event, yaml.ScalarEvent):
            measure.add(1, event.start_mark)
            if event.anchor:
                measure.anchored[event.anchor] = 1
        elif isinstance(event, yaml.DocumentStartEvent):
            measure.anchored.clear()


class Loader(yaml.CSafeLoader):
    """Reads YAML's core schema: `no` and `12:30` are text, dates are text, and every key is a string, once."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own way to say it


class Dumper(yaml.CSafeDumper):
    """Shows values without aliases, and quotes what any reader could take for something else than text."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _mapping(loader: Loader, node: MappingNode) -> Iterator[dict[str, Any]]:
    found: dict[str, Any] = {}
    yield found
    _reject_twice(node)
    loader.flatten_mapping(node)
    for key, value in node.value:
        found[_key(key)] = loader.construct_object(value)


def _reject_twice(node: MappingNode) -> None:
    seen: set[str] = set()
    for key, _ in node.value:
        name = _key(key)
        if name in seen and key.tag != f"{TAG}merge":
            raise Malformed(f'key "{name}" stands here twice', key.start_mark.line + 1)
        seen.add(name)


def _key(node: Any) -> str:
    if not isinstance(node, ScalarNode):
        raise Malformed("a key must be a plain value", node.start_mark.line + 1)
    return str(node.value)


def _int(_loader: Loader, node: ScalarNode) -> int:
    text = str(node.value).lower()
    try:
        return int(text, {"0x": 16, "0o": 8}.get(text[:2], 10))
    except ValueError as error:
        raise Malformed("a number is too long", node.start_mark.line + 1) from error


def _float(_loader: Loader, node: ScalarNode) -> float:
    number = float(node.value)
    if abs(number) == float("inf"):
        raise Malformed("a number is too large", node.start_mark.line + 1)
    return number


def _bool(_loader: Loader, node: ScalarNode) -> bool:
    return str(node.value).lower() == "true"


def _unknown(_loader: Loader, node: Any) -> Any:
    raise Malformed(f"tag {node.tag!r} is not understood", node.start_mark.line + 1)


RESOLVERS = (
    ("merge", r"<<", "<"),
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+0123456789."),
)
for _name, _pattern, _first in RESOLVERS:
    starts = [("" if one == "\0" else one) for one in _first]
    for _reader_or_writer in (Loader, Dumper):
        _reader_or_writer.add_implicit_resolver(f"{TAG}{_name}", re.compile(f"(?:{_pattern})\\Z"), starts)

Loader.yaml_constructors = {
    None: _unknown,
    f"{TAG}null": lambda _loader, _node: None,
    f"{TAG}bool": _bool,
    f"{TAG}int": _int,
    f"{TAG}float": _float,
    f"{TAG}str": lambda loader, node: loader.construct_scalar(node),
    f"{TAG}seq": yaml.CSafeLoader.construct_yaml_seq,
    f"{TAG}map": _mapping,
}
