"""What the control plane tells of metrics: whose they are, and which of them are published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve, field, frozen

from kuma.cli.dp.metrics.exposition import As, also
from kuma.cli.dp.metrics.profiles import Choice, choice


class Unreadable(ValueError):
    """Not what a control plane tells of metrics."""


@frozen
class Application:
    """Where an application has its metrics; without an address, at the proxy's own."""

    port: int
    path: str = "/metrics"
    address: str = ""
    name: str = ""

    def at(self, address: str) -> Application:
        """The same at an address."""
        return evolve(self, address=address)


@frozen
class Told:
    """The metrics of a proxy: its applications', the choice of its Envoy's, and what all are labelled with."""

    applications: tuple[Application, ...] = ()
    choice: Choice = field(factory=Choice)
    unused: bool = False
    labels: As = field(factory=As)

    @classmethod
    def of(cls, document: Any) -> Told:
        """What a `/meshmetric` document says. Raises Unreadable."""
        try:
            said = document["observability"]["metrics"]
            sidecar = said.get("sidecar") or {}
            return cls(
                tuple(_application(one) for one in said.get("applications") or ()),
                choice(sidecar.get("profiles")),
                bool(sidecar.get("includeUnused")),
                also((said.get("extraLabels") or {}).items()),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Unreadable(f"not a document of metrics: {error!r}") from None


def _application(said: Mapping[str, Any]) -> Application:
    address, name = said.get("address") or "", said.get("name") or ""
    return Application(int(said["port"]), said.get("path") or "/metrics", address, name)
