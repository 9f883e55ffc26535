"""What is wrong with a document, and where."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve, frozen


@frozen
class Violation:
    """One thing wrong at one place: `spec.to[0].targetRef.kind`, `must be defined`."""

    field: str
    message: str

    def under(self, path: str) -> Violation:
        """The same violation seen from the outside, where this part stands at `path`."""
        return evolve(self, field=join(path, self.field))

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


class Invalid(ValueError):
    """A document that can't be accepted, with everything that is wrong with it."""

    def __init__(self, violations: Iterable[Violation]) -> None:
        self.violations = tuple(violations)
        super().__init__("; ".join(map(str, self.violations)))


def join(path: str, rest: str) -> str:
    """One field path after another: a dot between them, unless the second is an index."""
    if not path or not rest:
        return path or rest
    return path + rest if rest.startswith("[") else f"{path}.{rest}"
