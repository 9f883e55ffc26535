"""How a control plane is doing: alive, ready to serve, and what it counted."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen
from frozendict import frozendict
from prometheus_client import CollectorRegistry, generate_latest

from kuma.rest.calls import Answer, Call, text

PROMETHEUS = frozendict({"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})


@frozen
class Diagnostics:
    """Answers `/healthy`, `/ready` and `/metrics`. `unready` names the parts that don't serve yet."""

    unready: Callable[[], tuple[str, ...]]
    registry: CollectorRegistry

    async def answer(self, call: Call) -> Answer:
        """The answer to one call."""
        if call.path == "/healthy":
            return text("ok\n")
        if call.path == "/ready":
            missing = self.unready()
            return text(f"waiting for {', '.join(missing)}\n", 503) if missing else text("ok\n")
        if call.path == "/metrics":
            return Answer(200, generate_latest(self.registry), PROMETHEUS)
        return text("404: Page Not Found", 404)
