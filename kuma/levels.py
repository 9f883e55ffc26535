"""Which lines of a log are written: a level for all of them, and others for single components while somebody looks."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from attrs import define

LEVELS: Mapping[str, int] = MappingProxyType({"debug": 10, "info": 20, "error": 40, "off": 100})
MOST = 200


class TooMany(Exception):
    """More components have a level of their own than anybody needs."""


@define(eq=False)
class Threshold:
    """The lowest level at which a component's lines are written, now."""

    component: str
    level: int


class Levels:
    """The levels of all components. Their names are those of modules; what is said of one holds for all below it."""

    def __init__(self, level: str = "info") -> None:
        self._default = LEVELS[level]
        self._thresholds: dict[str, Threshold] = {}
        self._said: dict[str, str] = {}

    @property
    def said(self) -> Mapping[str, str]:
        """The components that have a level of their own."""
        return dict(sorted(self._said.items()))

    def of(self, component: str) -> Threshold:
        """A component's threshold: the same object, whatever it will be set to."""
        found = self._thresholds.get(component)
        if found is None:
            found = self._thresholds[component] = Threshold(component, self._level(component))
        return found

    def set(self, component: str, level: str) -> None:
        """Give a component a level of its own. Raises TooMany."""
        if component not in self._said and len(self._said) >= MOST:
            raise TooMany
        self._said[component] = level
        self._refresh()

    def reset(self, component: str | None = None) -> Mapping[str, str]:
        """Forget what was said of one component, or (None) of any. Answers what was forgotten."""
        gone = {name: level for name, level in self.said.items() if component in (None, name)}
        for name in gone:
            del self._said[name]
        self._refresh()
        return gone

    def _refresh(self) -> None:
        for threshold in self._thresholds.values():
            threshold.level = self._level(threshold.component)

    def _level(self, component: str) -> int:
        """That of the nearest component above it, or itself, which has one."""
        parts = component.split(".")
        above = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
        return next((LEVELS[self._said[name]] for name in above if name in self._said), self._default)
