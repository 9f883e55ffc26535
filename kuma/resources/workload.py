"""Workload: all proxies that carry the same workload label, seen as one."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from kuma.model import Kind
from kuma.schema import Int32


@frozen
class Workload:
    """Nothing to say: a workload is its name."""


@frozen
class DataplaneProxies:
    """How many proxies the workload has."""

    connected: Int32
    healthy: Int32
    total: Int32


@frozen
class Status:
    """What the control plane found out."""

    dataplane_proxies: DataplaneProxies | None = None


def _too_long(name: str) -> Iterator[str]:
    if len(name) > 253:
        yield "must not be longer than 253 characters"


KIND = Kind(
    "Workload",
    "workloads",
    Workload,
    short="wl",
    status=Status,
    zone_to_global=True,
    provided_by_global=False,
    singular="workload",
    title="Workload",
    name_problems=_too_long,
)
