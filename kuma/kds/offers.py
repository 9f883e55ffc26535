"""The store's resources as offers: kept up to date change by change, shared by all streams that see the same."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable

import structlog
from attrs import define
from twisted.application.service import MultiService

from kuma.clock import Clock
from kuma.kds.metrics import Metrics
from kuma.mirror import Difference, Mirror
from kuma.model import Key, Resource
from kuma.sync.offer import Offer
from kuma.tasks import Running
from kuma.xds.config import Config

log = structlog.get_logger()

AT_ONCE = 50  # resources that are packed before others have a turn


@define(eq=False)
class _Follower:
    hidden: Callable[[], Iterable[str]]
    publish: Callable[[Config], None]


class Offers(MultiService):
    """One offer, and the streams that follow it.

    Nothing is published before the store was really read: what is missing from a first response gets deleted.
    """

    def __init__(self, mirror: Mirror, offer: Offer, clock: Clock, metrics: Metrics) -> None:
        super().__init__()
        Running("offers", self._run, clock=clock).setServiceParent(self)
        self._mirror = mirror
        self._offer = offer
        self._metrics = metrics
        self._pending: dict[Key, Resource | None] = {}
        self._stirred = asyncio.Event()
        self._ready = False
        self._followers: list[_Follower] = []

    def follow(self, hidden: Callable[[], Iterable[str]], publish: Callable[[Config], None]) -> Callable[[], None]:
        """Publish everything, but for what came from hidden zones, now and whenever it changes; call to stop."""
        follower = _Follower(hidden, publish)
        self._followers.append(follower)
        if self._ready:
            publish(self._offer.config(hidden()))
        return lambda: self._followers.remove(follower)

    async def _run(self) -> None:
        await self._mirror.completed()
        self._stirred.set()
        stop = self._mirror.subscribe(self._gather)
        try:
            while True:
                await self._stirred.wait()
                self._stirred.clear()
                await self._catch_up()
        finally:
            stop()

    def _gather(self, difference: Difference) -> None:
        self._pending |= {put.key: put for put in difference.puts}
        self._pending |= dict.fromkeys(difference.deletes)
        self._stirred.set()

    async def _catch_up(self) -> None:
        began, pending, self._pending = time.perf_counter(), self._pending, {}
        for index, (key, resource) in enumerate(pending.items(), start=1):
            self._change(key, resource)
            if index % AT_ONCE == 0:
                await asyncio.sleep(0)
        reason, self._ready = "event" if self._ready else "resync", True
        for follower in tuple(self._followers):
            follower.publish(self._offer.config(follower.hidden()))
        self._metrics.generated(time.perf_counter() - began, reason, bool(pending))

    def _change(self, key: Key, resource: Resource | None) -> None:
        if resource is None:
            self._offer.drop(key)
            return
        try:
            self._offer.put(resource)
        except Exception:  # peers keep the last copy that could be made; the others must not wait for this one
            log.exception("resource not offered", kind=key.kind, mesh=key.mesh, name=key.name)
            self._metrics.not_generated()
