"""What does not count when two results are compared: how times, durations, numbers and nothing are written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from kuma.documents import Loader, load
from kuma.schema.text import parse_go_duration

TIME = re.compile(r'\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d[^"\s]*')
NO_TIME = "0001-01-01T00:00:00Z"
CONFS = ("Conf", "conf", "Entry", "default")


class Lenient(Loader):
    """Of a key that stands twice, the last counts: what cases put into a store was once read so."""


Lenient.add_constructor("tag:yaml.org,2002:map", yaml.CSafeLoader.construct_yaml_map)


def resources(text: str) -> list[Any]:
    """The documents in a YAML text that are to be there before anything is asked."""
    return [document for document in yaml.load_all(text, Loader=Lenient) if document is not None]


def parse(text: str) -> Any:
    """The document in a YAML text, a list of them where there are many, None where there is none."""
    found = load(text)
    return None if not found else found[0] if len(found) == 1 else list(found)


def pruned(found: Any) -> Any:
    """Without what says nothing."""
    if isinstance(found, Mapping):
        return {key: pruned(one) for key, one in found.items() if one is not None}
    return [pruned(one) for one in found] if isinstance(found, (list, tuple)) else found


def numbers(found: Any) -> Any:
    """1 and 1.0 are the same number."""
    return _leaves(found, lambda leaf: int(leaf) if isinstance(leaf, float) and leaf.is_integer() else leaf)


def durations(found: Any) -> Any:
    """`1m41s` and `101s` are the same duration."""
    return _leaves(found, lambda leaf: _duration(leaf) if isinstance(leaf, str) else leaf)


def _duration(text: str) -> Any:
    try:
        return {"duration": parse_go_duration(text).total_seconds()}
    except ValueError:
        return text


def _leaves(found: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(found, Mapping):
        return {key: _leaves(one, change) for key, one in found.items()}
    return [_leaves(one, change) for one in found] if isinstance(found, (list, tuple)) else change(found)


def violations(found: Any) -> list[tuple[str, str]]:
    """Fields and messages, in order."""
    listed = (found or {}).get("violations") or []
    return [(one.get("field", ""), one.get("message", "")) for one in listed]


def policies(found: Any) -> list[dict[str, Any]]:
    """A list of policies: what identifies them, and what they say."""
    items = (found or {}).get("items") or []
    kept = [{key: one.get(key) for key in ("type", "name", "mesh")} for one in items]
    said = [{"labels": one.get("labels") or {}, "spec": numbers(durations(one.get("spec")))} for one in items]
    return [one | more for one, more in zip(kept, said, strict=True)]


def rules(found: Any) -> Any:
    """Rules: of a resource that is mentioned its name, mesh and labels count; durations by how long they are."""
    return numbers(_rules(found))


def _rules(found: Any) -> Any:
    if isinstance(found, (list, tuple)):
        return [_rules(one) for one in found]
    if not isinstance(found, Mapping):
        return found
    if _is_mention(found):
        return _mention(found)
    kept = ((key, one) for key, one in found.items() if one is not None)
    return {key: durations(one) if key in CONFS else _rules(one) for key, one in kept}


def _is_mention(found: Mapping[str, Any]) -> bool:
    named = "Name" in found or "name" in found
    whole = "spec" in found or "networking" in found
    return named and not whole and any(key in found for key in ("Mesh", "kri", "creationTime"))


def _mention(found: Mapping[str, Any]) -> dict[str, Any]:
    name, mesh = found.get("Name", found.get("name")), found.get("Mesh", found.get("mesh")) or ""
    labels = found.get("Labels", found.get("labels"))
    return {"name": name, "mesh": mesh} | ({"labels": labels} if labels else {})


def api_body(text: str, address: str = "") -> Any:
    """An answer's body: when does not count, nor where the server listens."""
    if address:
        text = text.replace(address, "{{address}}")
    return numbers(json.loads(TIME.sub(NO_TIME, text))) if text.strip() else None
