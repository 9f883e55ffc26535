"""A case on disk, and what came of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from attrs import define, frozen

from tests.conformance.compare import parse, pruned


class Missing(Exception):
    """What a case is about does not exist in the product, or no adapter knows how to ask for it."""


@define(slots=False)
class Case:
    """One case: a folder with `case.yaml`, inputs and expectations."""

    folder: Path

    @cached_property
    def about(self) -> Mapping[str, Any]:
        """What `case.yaml` says."""
        return parse(self.text("case.yaml"))

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def suite(self) -> str:
        return self.folder.parent.name

    @property
    def run(self) -> str:
        """The word for what is done in the case."""
        return str(self.about.get("run", ""))

    @property
    def fixed(self) -> Mapping[str, Any]:
        """Inputs that stand in `case.yaml` itself."""
        return self.about.get("fixed") or {}

    @property
    def fixtures(self) -> Path:
        """The folder of what the cases of a suite share."""
        return self.folder.parent.parent / "_fixtures"

    def has(self, file: str) -> bool:
        """Whether the case has such a file."""
        return (self.folder / file).exists()

    def text(self, file: str) -> str:
        """A file of the case as it is."""
        return (self.folder / file).read_text()

    def yaml(self, file: str) -> Any:
        """A file of the case, read."""
        return parse(self.text(file))

    def documents(self, file: str) -> list[Any]:
        """All documents of a file that may be missing or empty."""
        if not self.has(file):
            return []
        found = self.yaml(file)
        return [one for one in found if one is not None] if isinstance(found, list) else [found] if found else []

    @property
    def input(self) -> Any:
        return self.yaml("input.yaml") if self.has("input.yaml") else {}

    @property
    def expected(self) -> Any:
        return self.yaml("expected.yaml")


@frozen
class Outcome:
    """What a case expects and what the product does, made comparable."""

    expected: Any
    actual: Any

    @property
    def passed(self) -> bool:
        return bool(self.expected == self.actual)


Adapter = Callable[[Case], Outcome | Awaitable[Outcome]]


def by_run(table: Mapping[str, Adapter]) -> Adapter:
    """An adapter for a suite whose cases do different things."""

    def adapter(case: Case) -> Outcome | Awaitable[Outcome]:
        if case.run not in table:
            raise Missing(f"no adapter for run: {case.run}")
        return table[case.run](case)

    return adapter


def value(function: Callable[[Any], Any], key: str = "expected") -> Adapter:
    """An adapter for a pure function of `input.yaml` whose result stands under one key of `expected.yaml`."""

    def adapter(case: Case) -> Outcome:
        return Outcome(pruned((case.expected or {}).get(key)), pruned(function(case.input or {})))

    return adapter
