"""What changes one JSON value into another, as a JSON patch (RFC 6902). Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import SequenceMatcher
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
    """What is the same stays; what stands between it changes item by item, and the rest is taken away or put in.

    Places are those of the list as it is by then: up to where we are it is `after` already.
    """
    old, new = ([json.dumps(item, sort_keys=True) for item in items] for items in (before, after))
    for tag, start, end, at, until in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        changed = min(end - start, until - at)
        for step in range(changed):
            yield from _operations(before[start + step], after[at + step], f"{path}/{at + step}")
        for step in reversed(range(changed, end - start)):
            yield from _removed(f"{path}/{at + step}", before[start + step])
        # the last one first: all of them then stand where the first one will
        for item in reversed(after[at + changed : until]):
            yield _added(f"{path}/{at + changed}", item)


def _removed(path: str, value: Any) -> Iterator[Operation]:
    yield {"op": "test", "path": path, "value": value}
    yield {"op": "remove", "path": path, "value": value}


def _added(path: str, value: Any) -> Operation:
    return {"op": "add", "path": path, "value": value}
