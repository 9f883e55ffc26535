"""Applying JSON patches (RFC 6902), as forgiving as people who patch generated configs need it.

More than the RFC: an index may count from the end (-1), removing what is not there does nothing, and adding makes the
objects and lists on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from itertools import pairwise
from typing import Any

from attrs import frozen

Json = Any


class PatchError(ValueError):
    """An operation that can't be done on this document."""


@frozen
class Operation:
    """One step: `path` and `origin` (for move and copy) are JSON pointers (RFC 6901)."""

    op: str
    path: str
    value: Json = None
    origin: str = ""


def patched(document: Json, operations: Iterable[Operation]) -> Json:
    """The document after all operations; the one given stays as it is. Raises PatchError."""
    whole = {"": deepcopy(document)}
    for one in operations:
        OPERATIONS[one.op](whole, one)
    return whole[""]


def _add(whole: Json, one: Operation) -> None:
    home, last = _home(whole, one.path, make=True)
    if isinstance(home, list):
        home.insert(len(home) if last == "-" else _index(home, last, one.path, longest=len(home)), deepcopy(one.value))
    else:
        home[last] = deepcopy(one.value)


def _remove(whole: Json, one: Operation) -> None:
    try:
        home, last = _home(whole, one.path)
        del home[_place(home, last, one.path)]
    except PatchError:
        return


def _replace(whole: Json, one: Operation) -> None:
    home, last = _home(whole, one.path)
    home[_place(home, last, one.path)] = deepcopy(one.value)


def _move(whole: Json, one: Operation) -> None:
    value = _value(whole, one.origin)
    _remove(whole, Operation("remove", one.origin))
    _add(whole, Operation("add", one.path, value))


def _copy(whole: Json, one: Operation) -> None:
    _add(whole, Operation("add", one.path, _value(whole, one.origin)))


def _test(whole: Json, one: Operation) -> None:
    if _value(whole, one.path) != one.value:
        raise PatchError(f"{one.path}: is not what was tested for")


OPERATIONS: Mapping[str, Callable[[Json, Operation], None]] = {
    "add": _add, "remove": _remove, "replace": _replace, "move": _move, "copy": _copy, "test": _test,
}  # fmt: skip


def _value(whole: Json, path: str) -> Json:
    home, last = _home(whole, path)
    return home[_place(home, last, path)]


def _home(whole: Json, path: str, make: bool = False) -> tuple[Json, str]:
    """The object or list that the last part of a path stands in, and that part. `whole` has the document at ""."""
    if path and not path.startswith("/"):
        raise PatchError(f"{path}: a path begins with /")
    parts = [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")]
    home = whole
    for part, following in pairwise(parts):
        home = _made(home, part, following, path) if make else home[_place(home, part, path)]
    if not isinstance(home, dict | list):
        raise PatchError(f"{path}: leads into a value")
    return home, parts[-1]


def _made(home: Json, part: str, following: str, path: str) -> Json:
    """What a part leads to. Where that is nothing it is made: a list where an index follows, else an object."""
    made: Json = [] if following == "-" or following.isdecimal() else {}
    if isinstance(home, dict):
        return home.setdefault(part, made)
    if isinstance(home, list) and part in ("-", str(len(home))):
        home.append(made)
        return made
    return home[_place(home, part, path)]


def _place(home: Json, part: str, path: str) -> Any:
    if isinstance(home, list):
        return _index(home, part, path, longest=len(home) - 1)
    if not isinstance(home, dict) or part not in home:
        raise PatchError(f"{path}: leads to nothing")
    return part


def _index(home: list[Json], part: str, path: str, longest: int) -> int:
    try:
        index = int(part)
    except ValueError as error:
        raise PatchError(f"{path}: {part!r} is no index") from error
    if not -len(home) <= index <= longest:
        raise PatchError(f"{path}: {part} is beyond the list")
    return index + len(home) if index < 0 else index
