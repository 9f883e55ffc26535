"""Telemetry: the collectors that policies point at, as proxies need to know them.

A policy names a MeshOpenTelemetryBackend by labels; of several that carry them, the oldest is meant.
"""

from __future__ import annotations

from attrs import frozen

from kuma.resources.parts import Condition


@frozen
class Status:
    """What a control plane found out about a policy that names collectors."""

    conditions: tuple[Condition, ...] = ()
