"""Settings from environment variables: which variable says what, and how its text is read."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Literal

import attrs
from attrs import frozen
from frozendict import frozendict

from kuma.schema import Violation
from kuma.schema.shape import Slot, bare, slots

Path = tuple[str, ...]

RENAMED = {
    "ACCESS_STATIC_VIEW_CONFIG_DUMP_": "ACCESS_STATIC_GET_CONFIG_DUMP_",
    "DP_SERVER_HDS_CHECK_DEFAULTS_": "DP_SERVER_HDS_CHECK_",
    "METRICS_OPEN_TELEMETRY_": "METRICS_OPENTELEMETRY_",
    "POLICIES_PLUGIN_POLICIES_ENABLED": "PLUGIN_POLICIES_ENABLED",
    "RUNTIME_KUBERNETES_INJECTOR_APPLICATION_PROBE_PROXY_PORT": "RUNTIME_KUBERNETES_APPLICATION_PROBE_PROXY_PORT",
    "RUNTIME_KUBERNETES_INJECTOR_EXCEPTIONS_": "RUNTIME_KUBERNETES_EXCEPTIONS_",
    "RUNTIME_KUBERNETES_INJECTOR_INIT_CONTAINER_": "INJECTOR_INIT_CONTAINER_",
    "RUNTIME_KUBERNETES_INJECTOR_SIDECAR_CONTAINER_GID": "RUNTIME_KUBERNETES_INJECTOR_SIDECAR_CONTAINER_GUI",
    "RUNTIME_KUBERNETES_INJECTOR_SIDECAR_CONTAINER_RESOURCES_": "INJECTOR_SIDECAR_CONTAINER_RESOURCES_",
    "RUNTIME_KUBERNETES_INJECTOR_SIDECAR_TRAFFIC_": "RUNTIME_KUBERNETES_SIDECAR_TRAFFIC_",
    "RUNTIME_KUBERNETES_INJECTOR_TRANSPARENT_PROXY_CONFIG_MAP": (
        "RUNTIME_KUBERNETES_INJECTOR_TRANSPARENT_PROXY_CONFIGMAP_NAME"
    ),
    "RUNTIME_KUBERNETES_INJECTOR_VALIDATION_CONTAINER_RESOURCES_": "INJECTOR_VALIDATION_CONTAINER_RESOURCES_",
    "TRACING_OPEN_TELEMETRY_": "TRACING_OPENTELEMETRY_",
    "XDS_SERVER_DATAPLANE_DEREGISTRATION_DELAY": "XDS_DATAPLANE_DEREGISTRATION_DELAY",
}
"""Variables that are not called as their setting; what ends in `_` stands for everything below."""

BOOLEANS = dict.fromkeys(("1", "t", "T", "TRUE", "true", "True"), True)
BOOLEANS |= dict.fromkeys(("0", "f", "F", "FALSE", "false", "False"), False)


@frozen
class Variable:
    """One environment variable: its name, the setting it sets, and how its text becomes a document's value."""

    name: str
    path: Path
    read: Callable[[str], Any]


def variables(cls: Any, path: Path = (), words: Path = ()) -> Iterator[Variable]:
    """The variables of every setting below a class; lists of objects have none."""
    for slot in slots(cls):
        inner, here = (*path, slot.json), (*words, slot.name.strip("_").upper())
        kind, _ = bare(slot.type)
        if attrs.has(kind):
            yield from variables(kind, inner, here)
        elif (read := _reader(slot)) is not None:
            yield Variable(_name("_".join(here)), inner, read)


def from_environment(cls: Any, environ: Mapping[str, str]) -> tuple[dict[Path, Any], list[Violation]]:
    """What the environment says, by setting, and what it says that can't be read."""
    values: dict[Path, Any] = {}
    problems: list[Violation] = []
    for variable in variables(cls):
        if (text := environ.get(variable.name)) is None:
            continue
        try:
            values[variable.path] = variable.read(text)
        except ValueError as problem:
            problems.append(Violation(".".join(variable.path), f"{variable.name}: {problem}"))
    return values, problems


def _name(convention: str) -> str:
    for prefix, name in RENAMED.items():
        if convention.startswith(prefix):
            return "KUMA_" + name + convention.removeprefix(prefix)
    return "KUMA_" + convention


def _reader(slot: Slot) -> Callable[[str], Any] | None:
    kind, _ = bare(slot.type)
    origin = typing.get_origin(kind)
    if origin is tuple:
        item, _ = bare(typing.get_args(kind)[0])
        return LISTS.get(item)
    if origin is Literal:
        return str
    return READERS.get(origin or kind)


def _bool(text: str) -> bool:
    if text not in BOOLEANS:
        raise ValueError(f"{text!r} is not true or false")
    return BOOLEANS[text]


def _int(text: str) -> int:
    try:
        return int(text, 0)
    except ValueError:
        raise ValueError(f"{text!r} is not a whole number") from None


def _list(text: str) -> list[str]:
    return text.split(",") if text.strip() else []


def _ints(text: str) -> list[int]:
    return [_int(one) for one in _list(text)]


def _map(text: str) -> dict[str, str]:
    found = {}
    for entry in _list(text):
        key, colon, value = entry.partition(":")
        if not colon:
            raise ValueError(f"{entry!r} is not a key and a value with a colon between them")
        found[key] = value
    return found


READERS: Mapping[Any, Callable[[str], Any]] = {bool: _bool, int: _int, str: str, timedelta: str, frozendict: _map}
LISTS: Mapping[Any, Callable[[str], Any]] = {str: _list, int: _ints}
