"""Whether the collectors that policies point at are there, and who points at those that are, as statuses tell.

They are for people to read. Configs are generated from the references themselves, and do not wait for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import attrs
from attrs import evolve, frozen

from kuma.kinds import KINDS
from kuma.mirror import Mirror
from kuma.model import Resource
from kuma.resources import meshopentelemetrybackend
from kuma.resources.parts import Condition
from kuma.targetref import BackendResourceRef
from kuma.telemetry import Status, oldest_first, resolved
from zone_cp.conditions import with_condition
from zone_cp.generated import Converging, Plan, Planner, Writing

COLLECTOR = meshopentelemetrybackend.KIND.name
POINTING = tuple(name for name, kind in KINDS.items() if kind.status is Status)
KINDS_SEEN = (COLLECTOR, *POINTING)

RESOLVED, REFERENCED = "BackendRefsResolved", "ReferencedByPolicies"


def references(said: Any) -> Iterator[BackendResourceRef]:
    """Every reference to a collector somewhere in what a policy says."""
    if isinstance(said, BackendResourceRef):
        yield said
    elif isinstance(said, tuple):
        for one in said:
            yield from references(one)
    elif attrs.has(type(said)):
        for attribute in attrs.fields(type(said)):
            yield from references(getattr(said, attribute.name))


def policy_now(policy: Resource, backends: Iterable[Resource]) -> Resource:
    """A policy whose status says whether all that it points at is there."""
    known, refs = tuple(backends), tuple(references(policy.spec))
    missing = sorted({_spelled(ref) for ref in refs if resolved(known, ref.labels) is None})
    before = policy.status or Status()
    condition = _resolution(bool(refs), missing)
    return evolve(policy, status=evolve(before, conditions=with_condition(before.conditions, condition)))


def _spelled(ref: BackendResourceRef) -> str:
    return "labels:" + ",".join(f"{key}={value}" for key, value in sorted((ref.labels or {}).items()))


def _resolution(any_refs: bool, missing: Sequence[str]) -> Condition:
    if missing:
        listed = ", ".join(missing)
        message = f"Unresolved MeshOpenTelemetryBackend references: {listed}"
        return Condition(RESOLVED, "False", "UnresolvedBackendRefs", message)
    none, all_there = "No {} references configured", "All {} references are resolved"
    return Condition(RESOLVED, "True", "AllBackendRefsResolved", (all_there if any_refs else none).format(COLLECTOR))


def backends_now(backends: Sequence[Resource], policies: Iterable[Resource]) -> Iterator[Resource]:
    """The collectors, whose statuses say how often policies point at them."""
    ordered = oldest_first(backends)
    found = (resolved(ordered, ref.labels) for policy in policies for ref in references(policy.spec))
    counted = Counter(one.name for one in found if one is not None)
    for backend in backends:
        before = backend.status or meshopentelemetrybackend.Status()
        conditions = with_condition(before.conditions, _reference(counted[backend.name]))
        yield evolve(backend, status=evolve(before, conditions=conditions))


def _reference(number: int) -> Condition:
    if not number:
        return Condition(REFERENCED, "False", "NotReferenced", "Not referenced by any observability policy")
    return Condition(REFERENCED, "True", "Referenced", f"Referenced by {number} policy backend(s)")


@frozen
class References:
    """Makes the service that keeps these statuses. `mirror` holds the kinds in `KINDS_SEEN`."""

    mirror: Mirror

    def service(self, writing: Writing) -> Converging:
        """For the leader only."""
        planner = Planner("telemetry-status-updater", frozenset({"Mesh", *KINDS_SEEN}), self._plan)
        return Converging(planner, self.mirror, writing)

    def _plan(self, mesh: str) -> Plan:
        backends = tuple(self.mirror.of(COLLECTOR, mesh))
        policies = tuple(policy for kind in POINTING for policy in self.mirror.of(kind, mesh))
        after = (*backends_now(backends, policies), *(policy_now(policy, backends) for policy in policies))
        pairs = zip((*backends, *policies), after, strict=True)
        return Plan(tuple(new for old, new in pairs if new != old))
