"""Settings that depend on where proxies run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from attrs import frozen

from kuma.schema import Violation, field
from kuma.settings.kubernetes import Kubernetes
from kuma.settings.words import positive


@frozen
class UniversalSpire:
    """The SPIRE agent's socket on machines."""

    socket_path: str = "/tmp/spire-agent/public/api.sock"


@frozen
class WorkloadGeneration:
    """Workloads made from dataplanes."""

    generation_interval: timedelta = timedelta(seconds=2)

    def violations(self) -> Iterator[Violation]:
        """What the settings of this part contradict."""
        yield from positive(self, "generation_interval")


@frozen
class Universal:
    """Proxies on machines."""

    dataplane_cleanup_age: timedelta = timedelta(hours=72)
    spire: UniversalSpire = field(factory=UniversalSpire)
    workload: WorkloadGeneration = field(factory=WorkloadGeneration)

    def violations(self) -> Iterator[Violation]:
        """What the settings of this part contradict."""
        yield from positive(self, "dataplane_cleanup_age")


@frozen
class Runtime:
    """What depends on where proxies run."""

    kubernetes: Kubernetes = field(factory=Kubernetes)
    universal: Universal = field(factory=Universal)
