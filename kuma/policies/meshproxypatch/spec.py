"""What a MeshProxyPatch says: changes to the resources that were generated, and to which of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar

from attrs import fields, frozen
from frozendict import frozendict

from kuma.documents import Malformed, load
from kuma.envoy import api
from kuma.jsonpatch import OPERATIONS, Operation
from kuma.schema import Violation, field
from kuma.targetref import (
    MUST_BE_DEFINED,
    MUST_NOT_BE_EMPTY,
    TopLevelTargetRef,
    one_of,
    quoted,
    top_target,
    under,
)

MUST_NOT_BE_DEFINED = "must not be defined"
OPERATION = "invalid operation. Available operations: "
WITH_FROM = ("move", "copy")
WITH_VALUE = ("add", "replace")
PATCHES = "One of value and jsonPatches says what changes."

ADD, REMOVE, PATCH = "Add", "Remove", "Patch"
FIRST, LAST, BEFORE, AFTER = "AddFirst", "AddLast", "AddBefore", "AddAfter"
OF_RESOURCES = (ADD, PATCH, REMOVE)
OF_FILTERS = (FIRST, LAST, BEFORE, AFTER, PATCH, REMOVE)

# what Envoy's API requires of a resource that is whole (validate.rules)
REQUIRED: Mapping[str, Mapping[str, str]] = {
    "Cluster": {"name": "value length must be at least 1 runes"},
    "Filter": {"name": "value length must be at least 1 runes"},
    "HttpFilter": {"name": "value length must be at least 1 runes"},
    "Listener": {},
    "VirtualHost": {
        "name": "value length must be at least 1 runes",
        "domains": "value must contain at least 1 item(s)",
    },
}


@lru_cache(maxsize=1024)
def native(root: str, text: str) -> Any:
    """The Envoy message that a text says, in YAML or JSON. Not to be written to. Raises `ValueError`."""
    try:
        found = load(text)
    except Malformed as malformed:
        cut_off = malformed.line is not None and malformed.line > text.count("\n")
        raise ValueError("unexpected EOF" if cut_off else str(malformed)) from malformed
    document = found[0] if found else {}
    if isinstance(document, Mapping):
        return api.parsed(root, document)
    raise ValueError("an object is expected")


def _text_problems(root: str, text: str | None, whole: bool) -> Iterator[Violation]:
    if text is None:
        yield Violation("value", MUST_BE_DEFINED)
        return
    try:
        message = native(root, text)
    except ValueError as error:
        yield Violation("value", f"native Envoy resource is not valid: {error}")
        return
    for name, rule in REQUIRED[root].items() if whole else ():
        if not getattr(message, name):
            reason = f"invalid {root}.{name.capitalize()}: {rule}"
            yield Violation("value", f"native Envoy resource is not valid: {reason}")


@frozen
class JsonPatch:
    """One step of a JSON patch (RFC 6902)."""

    op: str = field(default="", doc="What is done.", one_of=tuple(OPERATIONS)[:5])
    path: str | None = field(default=None, doc="Where, as a JSON pointer.")
    origin: str | None = field(default=None, json="from", doc="Where from, for move and copy.")
    value: Any = field(default=None, doc="What is put there, for add and replace.")

    def operation(self) -> Operation:
        """The step, to be applied."""
        return Operation(self.op, self.path or "", _thawed(self.value), self.origin or "")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        yield from under("op", one_of("op", self.op, tuple(OPERATIONS)[:5]))
        yield from _only_with("from", bool(self.origin), self.op, WITH_FROM)
        yield from _only_with("value", self.value is not None, self.op, WITH_VALUE)
        if self.path is None:
            yield Violation("path", MUST_BE_DEFINED)
        elif self.path in ("", "/") and self.op == "remove":
            yield Violation("path", "root path cannot be removed")


def patch_problems(steps: Sequence[JsonPatch]) -> Iterator[Violation]:
    """What is wrong with a JSON patch."""
    if not steps:
        yield Violation("", "must not be empty")
    for index, step in enumerate(steps):
        yield from under(f"[{index}]", step.problems())


def _only_with(name: str, said: bool, op: str, operations: tuple[str, ...]) -> Iterator[Violation]:
    if op in operations and not said:
        yield Violation(name, f'"{name}" must not be empty when "op" is one of [{quoted(operations)}]')
    if op not in operations and said:
        yield Violation(name, f'"{name}" is allowed only when "op" is one of [{quoted(operations)}]')


def _thawed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _thawed(one) for key, one in value.items()}
    return [_thawed(one) for one in value] if isinstance(value, tuple) else value


@frozen
class ResourceMatch:
    """Which resources are meant; what is not said, matches."""

    origin: str | None = field(default=None, doc="What they were generated for: inbound, outbound, …")
    name: str | None = field(default=None, doc="Their name.")


@frozen
class ListenerMatch:
    """Which listeners are meant; what is not said, matches."""

    origin: str | None = field(default=None, doc="What they were generated for: inbound, outbound, …")
    name: str | None = field(default=None, doc="Their name.")
    tags: frozendict[str, str] | None = field(default=None, doc="What stands in their metadata; * is any value.")


@frozen
class FilterMatch:
    """Which filters are meant; what is not said, matches."""

    origin: str | None = field(default=None, doc="What their listeners were generated for: inbound, outbound, …")
    name: str | None = field(default=None, doc="Their name.")
    listener_name: str | None = field(default=None, doc="The name of their listeners.")
    listener_tags: frozendict[str, str] | None = field(default=None, doc="What stands in their listeners' metadata.")


@frozen
class VirtualHostMatch:
    """Which virtual hosts are meant; what is not said, matches."""

    origin: str | None = field(default=None, doc="What their listeners were generated for: inbound, outbound, …")
    name: str | None = field(default=None, doc="Their name.")
    route_configuration_name: str | None = field(default=None, doc="The name of their route configuration.")


@frozen
class _Change:
    operation: str = field(default="", doc="What is done with what matches.")
    value: str | None = field(default=None, doc="The resource, or what is merged into it, as Envoy's YAML or JSON.")
    json_patches: tuple[JsonPatch, ...] | None = field(default=None, doc=f"A JSON patch. {PATCHES}")

    root: ClassVar[str]
    operations: ClassVar[tuple[str, ...]] = OF_RESOURCES

    @property
    def steps(self) -> tuple[Operation, ...]:
        """The JSON patch, to be applied."""
        return tuple(one.operation() for one in self.json_patches or ())

    def problems(self, name: str) -> Iterator[Violation]:
        """What is wrong with it, when it is called by this name."""
        if self.operation not in self.operations:
            yield Violation("operation", OPERATION + quoted(self.operations))
        elif self.operation == REMOVE:
            if self.value is not None:
                yield Violation("value", MUST_NOT_BE_DEFINED)
        elif self.operation == PATCH:
            yield from self._match_problems()
            yield from self._patch_problems(name)
        else:
            yield from self._match_problems()
            yield from _text_problems(self.root, self.value, whole=True)

    def _match_problems(self) -> Iterator[Violation]:
        return iter(())

    def _patch_problems(self, name: str) -> Iterator[Violation]:
        if self.value is None and not self.json_patches:
            yield Violation("", f"{name} must have exactly one defined: value, jsonPatches")
        elif self.value is not None and self.json_patches:
            yield Violation("", f"{name} must have only one type defined: value, jsonPatches")
        elif self.value is not None:
            yield from _text_problems(self.root, self.value, whole=False)
        else:
            yield from under("jsonPatches", patch_problems(self.json_patches or ()))


@frozen
class ClusterChange(_Change):
    """A change of clusters."""

    match: ResourceMatch | None = field(default=None, doc="Which clusters; without it all.")
    root = "Cluster"

    def _match_problems(self) -> Iterator[Violation]:
        if self.operation == ADD and self.match is not None:
            yield Violation("match", MUST_NOT_BE_DEFINED)


@frozen
class ListenerChange(_Change):
    """A change of listeners."""

    match: ListenerMatch | None = field(default=None, doc="Which listeners; without it all.")
    root = "Listener"

    def _match_problems(self) -> Iterator[Violation]:
        if self.operation == ADD and self.match is not None:
            yield Violation("match", MUST_NOT_BE_DEFINED)


NEIGHBOUR = {
    BEFORE: f"{MUST_BE_DEFINED}. You need to pick a filter before which this one will be added",
    AFTER: f"{MUST_BE_DEFINED}. You need to pick a filter after which this one will be added",
    PATCH: MUST_BE_DEFINED,
}


@frozen
class _FilterChange(_Change):
    match: FilterMatch | None = field(default=None, doc="Which filters; without it all.")
    operations = OF_FILTERS

    def _match_problems(self) -> Iterator[Violation]:
        if self.operation in NEIGHBOUR and (self.match is None or not self.match.name):
            yield Violation("match.name", NEIGHBOUR[self.operation])


@frozen
class NetworkFilterChange(_FilterChange):
    """A change of the filters of filter chains."""

    root = "Filter"


@frozen
class HttpFilterChange(_FilterChange):
    """A change of the filters of HTTP connection managers."""

    root = "HttpFilter"


@frozen
class VirtualHostChange(_Change):
    """A change of virtual hosts."""

    match: VirtualHostMatch | None = field(default=None, doc="Which virtual hosts.")
    root = "VirtualHost"

    def _match_problems(self) -> Iterator[Violation]:
        if self.operation == ADD and self.match is not None and self.match.name is not None:
            yield Violation("match.name", MUST_NOT_BE_DEFINED)


@frozen
class Modification:
    """One change, of one kind of thing."""

    cluster: ClusterChange | None = field(default=None, doc="A change of clusters.")
    listener: ListenerChange | None = field(default=None, doc="A change of listeners.")
    network_filter: NetworkFilterChange | None = field(default=None, doc="A change of network filters.")
    http_filter: HttpFilterChange | None = field(default=None, doc="A change of HTTP filters.")
    virtual_host: VirtualHostChange | None = field(default=None, doc="A change of virtual hosts.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        said = [(NAMES[one.name], change) for one in fields(Modification) if (change := getattr(self, one.name))]
        if len(said) != 1:
            reason = "exactly one modification can be defined at a time. "
            yield Violation("", f"{reason}Currently, {len(said)} modifications are defined")
            return
        for name, change in said:
            yield from under(name, change.problems(name))


NAMES = {
    "cluster": "cluster", "listener": "listener", "network_filter": "networkFilter", "http_filter": "httpFilter",
    "virtual_host": "virtualHost",
}  # fmt: skip


@frozen(cache_hash=True)
class Conf:
    """Changes, one after another."""

    append_modifications: tuple[Modification, ...] | None = field(default=None, doc="The changes, in their order.")

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        if not self.append_modifications:
            yield Violation("appendModifications", MUST_NOT_BE_EMPTY)
        yield from _each(self.append_modifications or ())


def _each(modifications: Iterable[Modification]) -> Iterator[Violation]:
    for index, one in enumerate(modifications):
        yield from under(f"appendModifications[{index}]", one.problems())


@frozen
class MeshProxyPatch:
    """Changes to the config of proxies after it was generated."""

    target_ref: TopLevelTargetRef | None = field(default=None, doc="The proxies that the policy is for.")
    default: Conf = field(default=Conf(), doc="The changes.")

    def violations(self) -> Iterator[Violation]:
        """What is wrong with it."""
        yield from top_target(self.target_ref)
        yield from under("default", self.default.problems())
