"""MeshProxyPatch: the last word on a proxy's config, in Envoy's own terms."""

from __future__ import annotations

from kuma.policies.meshproxypatch.modify import Modifications, PatchFailed, Place, added, merge, modified
from kuma.policies.meshproxypatch.spec import Conf, MeshProxyPatch
from kuma.policy import Policy, policy_kind

__all__ = [
    "KIND",
    "POLICY",
    "Conf",
    "MeshProxyPatch",
    "Modifications",
    "PatchFailed",
    "Place",
    "added",
    "merge",
    "modified",
]

KIND = policy_kind("MeshProxyPatch", MeshProxyPatch, "mpp")

# edits no part: it changes what all the parts have become
POLICY = Policy(KIND, order=9999, conf=Conf, single=True)
