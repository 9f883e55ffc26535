"""Every policy, in the order in which they edit. To add one: its file, and its line here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from kuma.table import Table

if TYPE_CHECKING:
    from kuma.policy import Policy

ORDER = (
    "MeshHTTPRoute",
    "MeshTCPRoute",
    "MeshTLS",
    "MeshLoadBalancingStrategy",
    "MeshPassthrough",
    "MeshAccessLog",
    "MeshTrace",
    "MeshFaultInjection",
    "MeshRateLimit",
    "MeshTimeout",
    "MeshTrafficPermission",
    "MeshHealthCheck",
    "MeshCircuitBreaker",
    "MeshRetry",
    "MeshMetric",
    "MeshProxyPatch",
)

MODULES: Mapping[str, str] = {kind: f"kuma.policies.{kind.lower()}" for kind in ORDER}
BY_KIND: Mapping[str, Policy] = Table(MODULES, "POLICY")
POLICIES: Collection[Policy] = BY_KIND.values()
