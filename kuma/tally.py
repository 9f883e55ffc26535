"""A counter whose series has the name that dashboards and alerts know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric, UnknownMetricFamily
from prometheus_client.registry import Collector


class Tally(Collector):
    """A counter whose series is named exactly as given: the library's own would add `_total` to it."""

    def __init__(self, name: str, documentation: str, labels: tuple[str, ...], registry: CollectorRegistry) -> None:
        self._described = name, documentation
        self._labels = labels
        self._counts: Counter[tuple[str, ...]] = Counter()
        registry.register(self)

    def add(self, *labels: str, count: int = 1) -> None:
        """One more, or so many, of these label values."""
        self._counts[labels] += count

    def count(self, *labels: str) -> int:
        """How many of these label values there were."""
        return self._counts[labels]

    def collect(self) -> Iterable[Metric]:
        """All series, for the registry."""
        family = UnknownMetricFamily(*self._described, labels=self._labels)
        for labels, count in sorted(self._counts.items()):
            family.add_metric(labels, count)
        yield family
