"""Headers that Envoy adds: beside those that are there, or over them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

OVERWRITE, APPEND = "OVERWRITE_IF_EXISTS_OR_ADD", "APPEND_IF_EXISTS_OR_ADD"
TAGS = "x-kuma-tags"


def option(name: str, value: str, action: str) -> dict[str, Any]:
    """A `HeaderValueOption`."""
    return {"header": {"key": name, "value": value}, "append_action": action}


def options(name: str, value: str, action: str) -> list[dict[str, Any]]:
    """An option for each of the values that commas separate."""
    return [option(name, one, action) for one in value.split(",")]


def tags(labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Who calls, by labels, where there are any."""
    if not labels:
        return []
    value = "".join(f"&{key}={labels[key]}&" for key in sorted(labels))
    return [{"header": {"key": TAGS, "value": value}}]
