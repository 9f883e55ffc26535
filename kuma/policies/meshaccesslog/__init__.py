"""MeshAccessLog: who is told of every request and connection, and in which words."""

from __future__ import annotations

from attrs import evolve

from kuma.policies.meshaccesslog.spec import Conf, MeshAccessLog
from kuma.policy import Policy, policy_kind
from kuma.telemetry import Status

KIND = evolve(policy_kind("MeshAccessLog", MeshAccessLog, "mal"), status=Status)

POLICY = Policy(KIND, order=600, conf=Conf)
