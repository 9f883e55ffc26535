"""MeshHTTPRoute: where requests to a destination go, by what they say."""

from __future__ import annotations

from kuma.policies.meshhttproute.envoy import envoy_routes
from kuma.policies.meshhttproute.routing import HttpRoute, routes
from kuma.policies.meshhttproute.spec import Conf, MeshHTTPRoute
from kuma.policy import Policy, policy_kind

__all__ = ["KIND", "POLICY", "HttpRoute", "MeshHTTPRoute", "envoy_routes", "routes"]

KIND = policy_kind("MeshHTTPRoute", MeshHTTPRoute, "mhttpr")

# edits nothing: listeners are built from its routes, and from a default where there are none
POLICY = Policy(KIND, order=100, conf=Conf)
