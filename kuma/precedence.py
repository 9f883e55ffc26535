"""The order of policies: among those of one kind, who has the last word."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kuma.model import POLICY_ROLE, Resource

KINDS = {
    "Mesh": 1,
    "Dataplane": 2,
    "MeshService": 5,
    "MeshExternalService": 6,
    "MeshMultiZoneService": 7,
    "MeshHTTPRoute": 9,
}
ORIGINS = {"global": 1, "zone": 3}
ROLES = {"system": 1, "producer": 2, "consumer": 3, "workload-owner": 4}


def top_kind(policy: Resource) -> str:
    """The kind of what the policy as a whole is for; without a targetRef it is for the mesh."""
    target = policy.spec.target_ref
    return "Mesh" if target is None else str(target.kind)


def role_of(policy: Resource) -> str:
    """For whom the policy was written."""
    return policy.labels.get(POLICY_ROLE) or "system"


def section_of(policy: Resource) -> str:
    """The one section of a dataplane that the policy is for; empty: all of them."""
    target = policy.spec.target_ref
    return "" if target is None or target.kind != "Dataplane" else target.section_name or ""


def rank(policy: Resource) -> tuple[int, bool, int, int]:
    """What counts before the name: what the policy is for, who wrote it, and for whom."""
    role = ROLES.get(role_of(policy), 1)
    return KINDS.get(top_kind(policy), 0), bool(section_of(policy)), ORIGINS.get(policy.origin, 2), role


def precedence(policies: Iterable[Resource]) -> list[Resource]:
    """Policies of one kind, least precedence first; among equals the alphabetically first name comes last and wins."""
    by_name = sorted(policies, key=lambda policy: policy.display_name, reverse=True)  # stable in reverse, too
    return sorted(by_name, key=rank)


def aim(ref: Any) -> int:
    """What a `to` item's targetRef counts: it comes after `rank`, but before the policy's name."""
    return 2 * KINDS.get(ref.kind, 0) + (ref.kind == "MeshService" and bool(ref.section_name))
