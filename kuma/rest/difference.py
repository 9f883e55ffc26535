"""What changes one JSON value into another, as a JSON patch (RFC 6902). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Operation = dict[str, Any]


def patch(before: Any, after: Any, path: str = "") -> list[Operation]:
    """The operations that make `after` of `before`; each that takes something away first tests that it is there."""
    return list(_operations(before, after, path))


def _operations(before: Any, after: Any, path: str) -> Iterator[Operation]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _objects(before, after, path)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _lists(before, after, path)
    else:
        yield from _removed(path, before)
        yield _added(path, after)


def _objects(before: dict[str, Any], after: dict[str, Any], path: str) -> Iterator[Operation]:
    for key in sorted(before.keys() | after.keys()):
        place = f"{path}/{key.replace('~', '~0').replace('/', '~1')}"
        if key not in after:
            yield from _removed(place, before[key])
        elif key not in before:
            yield _added(place, after[key])
        else:
            yield from _operations(before[key], after[key], place)


def _lists(before: list[Any], after: list[Any], path: str) -> Iterator[Operation]:
    """Item by item; what one has more than the other is at its end."""
    for index, (old, new) in enumerate(zip(before, after, strict=False)):
        yield from _operations(old, new, f"{path}/{index}")
    for index in reversed(range(len(after), len(before))):
        yield from _removed(f"{path}/{index}", before[index])
    for item in after[len(before) :]:
        yield _added(f"{path}/-", item)


def _removed(path: str, value: Any) -> Iterator[Operation]:
    yield {"op": "test", "path": path, "value": value}
    yield {"op": "remove", "path": path, "value": value}


def _added(path: str, value: Any) -> Operation:
    return {"op": "add", "path": path, "value": value}
