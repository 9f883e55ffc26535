"""Tables whose rows are modules, which are imported when somebody asks for them: a command that needs one loads one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from importlib import import_module
from typing import TypeVar

V = TypeVar("V")


class Table(Mapping[str, V]):
    """By name, what a module calls `attribute`; `modules` says where each name is at home, and in which order."""

    def __init__(self, modules: Mapping[str, str], attribute: str) -> None:
        self._modules = modules
        self._attribute = attribute
        self._loaded: dict[str, V] = {}

    def __getitem__(self, name: str) -> V:
        found = self._loaded.get(name)
        if found is None:
            found = self._loaded[name] = getattr(import_module(self._modules[name]), self._attribute)
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._modules

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


class Index(Mapping[str, V]):
    """The rows of a table by other words; it is made when first asked."""

    def __init__(self, make: Callable[[], Mapping[str, V]]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> Mapping[str, V]:
        return self._make()

    def __getitem__(self, word: str) -> V:
        return self._made[word]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)
