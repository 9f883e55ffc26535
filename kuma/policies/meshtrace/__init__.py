"""MeshTrace: which requests are traced, and where the spans of all proxies on their way are sent."""

from __future__ import annotations

from attrs import evolve

from kuma.policies.meshtrace.spec import Conf, MeshTrace
from kuma.policy import Policy, policy_kind
from kuma.telemetry import Status

KIND = evolve(policy_kind("MeshTrace", MeshTrace, "mtr"), status=Status)

POLICY = Policy(KIND, order=700, conf=Conf, single=True)
