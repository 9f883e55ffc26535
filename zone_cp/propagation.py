"""Labels that a generated service takes over from its Dataplanes, and gives back when they lose them. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from attrs import evolve, frozen
from frozendict import frozendict

from kuma.labels import is_reserved
from kuma.model import NO_LABELS, Labels, Resource
from kuma.names import label_value, qualified_name

INVALID = "invalid"
MARK = "kuma.io/pkey-"


@frozen
class Contribution:
    """What one Dataplane gives its service, and how many labels it could not give, by reason."""

    labels: Labels = NO_LABELS
    dropped: Mapping[str, int] = frozendict()


def contribution(labels: Mapping[str, str], allowed: Collection[str] = ()) -> Contribution:
    """Which labels of a Dataplane its service may take over: those with an allowed key, or any if none is named.

    The control plane's own labels say something of the Dataplane only. A key or value that is no label on Kubernetes
    could not be stored there.
    """
    wanted = {key: value for key, value in labels.items() if not is_reserved(key) and (not allowed or key in allowed)}
    good = {key: value for key, value in wanted.items() if not qualified_name(key) and not label_value(value)}
    dropped = len(wanted) - len(good)
    return Contribution(Labels(good), frozendict({INVALID: dropped} if dropped else {}))


def together(dataplanes: Iterable[Resource], allowed: Collection[str] = ()) -> Contribution:
    """What several Dataplanes give their service: of each key the value that most of them have.

    Among values that as many have, the one of the Dataplane that was created last counts, then the smallest.
    """
    said: dict[str, dict[str, list[datetime]]] = {}
    dropped: dict[str, int] = {}
    for one in dataplanes:
        given = contribution(one.labels, allowed)
        for reason, count in given.dropped.items():
            dropped[reason] = dropped.get(reason, 0) + count
        for key, value in given.labels.items():
            said.setdefault(key, {}).setdefault(value, []).append(one.created)
    return Contribution(Labels((key, _decided(values)) for key, values in said.items()), frozendict(dropped))


@frozen
class Propagation:
    """Which labels services take over, if any; `drop` is told why one can't be, each time it is looked at."""

    enabled: bool = False
    allowed: tuple[str, ...] = ()
    drop: Callable[[str, int], None] = lambda _reason, _count: None

    def applied(self, service: Resource, dataplanes: Iterable[Resource]) -> Resource:
        """The service with the labels of the Dataplanes behind it."""
        if not self.enabled:
            return service
        given = together(dataplanes, self.allowed)
        for reason, count in given.dropped.items():
            self.drop(reason, count)
        return evolve(service, labels=marked(given.labels) | service.labels)


NOTHING = Propagation()


def _decided(values: Mapping[str, Sequence[datetime]]) -> str:
    most = max((len(created), max(created)) for created in values.values())
    return min(value for value, created in values.items() if (len(created), max(created)) == most)


def marked(labels: Labels) -> Labels:
    """These labels, each with a mark beside it that says it was taken over."""
    return Labels({**labels, **dict.fromkeys(map(mark, labels), "")})


def mark(key: str) -> str:
    """The label that says that another one was taken over."""
    return MARK + hashlib.sha256(key.encode()).hexdigest()[:16]


def taken_over(labels: Mapping[str, str]) -> Iterator[str]:
    """The keys among these labels that were taken over, and their marks."""
    return (key for key in labels if key.startswith(MARK) or mark(key) in labels)
