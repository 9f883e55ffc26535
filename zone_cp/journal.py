"""Tells in the log which proxies' configs have changed: one line for all that changed alike, and not one for each."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog

from kuma.clock import Clock
from kuma.model import Key
from kuma.xds.config import Config, Layers, alike

log = structlog.get_logger()

PAUSE = 0.1  # seconds in which changes gather
MOST = 100  # proxies in one line

Changed = tuple[str, tuple[tuple[str, Layers], ...]]  # the mesh, and by type what is new


class Journal:
    """Gathers changes for a moment, so that a change of all proxies does not cost a line for each of them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._changed: dict[Changed, list[str]] = {}
        self._proxies: set[Key] = set()
        self._telling: asyncio.Task[None] | None = None

    def changed(self, key: Key, before: Config | None, after: Config) -> bool:
        """A proxy has another config now; whether it is another one is the answer."""
        old = {} if before is None else before.by_type
        new = tuple((url, layers) for url, layers in after.by_type.items() if not alike(old.get(url), layers))
        if not new:
            return False
        if key in self._proxies:
            self.tell()  # what was before stands before
        self._proxies.add(key)
        self._changed.setdefault((key.mesh, new), []).append(key.name)
        if self._telling is None or self._telling.done():
            self._telling = asyncio.ensure_future(self._tell_soon())
        return True

    def tell(self) -> None:
        """Write down what has gathered."""
        changed, self._changed, self._proxies = self._changed, {}, set()
        for (mesh, layers), proxies in changed.items():
            versions = _versions(dict(layers))
            for at in range(0, len(proxies), MOST):
                log.info("configs changed", mesh=mesh, proxies=proxies[at : at + MOST], versions=versions)

    async def _tell_soon(self) -> None:
        await self._clock.sleep(PAUSE)
        self.tell()


def _versions(layers: Mapping[str, Layers]) -> Mapping[str, str]:
    """The versions that are new, by the short name of their type."""
    return {url.rpartition(".")[2]: version for url, version in Config(layers).versions().items()}
