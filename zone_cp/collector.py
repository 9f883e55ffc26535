"""Dataplanes whose proxies are long gone, and nobody removed them. For the leader only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from attrs import evolve, frozen
from twisted.application.service import MultiService

from kuma.admission import Forbidden, Resources
from kuma.clock import Clock
from kuma.insights import newest
from kuma.model import Key, Resource
from kuma.store.api import NotFound, StoreError
from kuma.tasks import Running

log = structlog.get_logger()

BROUGHT = "dataplane.resource"  # in the node metadata of a proxy that brought its Dataplane along


@frozen
class Ages:
    """How long a Dataplane stays after its proxy was seen last: if an operator wrote it, and if the proxy brought it.

    A Dataplane that a proxy brought is normally removed by the instance that it was connected to. If that instance died
    together with the proxy, its connection is ended by the finalizer, and the Dataplane goes here.
    """

    written: timedelta = timedelta(hours=72)
    brought: timedelta = timedelta(seconds=10)


def dead(insights: Iterable[Resource], ages: Ages, now: datetime) -> tuple[Key, ...]:
    """The Dataplanes that have been without a proxy for too long."""
    return tuple(evolve(insight.key, kind="Dataplane") for insight in insights if _is_dead(insight, ages, now))


def _is_dead(insight: Resource, ages: Ages, now: datetime) -> bool:
    last = newest(insight.spec)
    if insight.spec.online or last is None or last.disconnect_time is None:
        return False
    brought = BROUGHT in (insight.spec.metadata or {})
    return bool(now - last.disconnect_time > (ages.brought if brought else ages.written))


class Collector(MultiService):
    """Removes dead Dataplanes, looking every `interval`; what others own goes with them."""

    def __init__(self, resources: Resources, ages: Ages, interval: timedelta, clock: Clock) -> None:
        super().__init__()
        Running("collector", self._run, clock=clock).setServiceParent(self)
        self._resources = resources
        self._ages = ages
        self._interval = interval
        self._clock = clock

    async def _run(self) -> None:
        while True:
            try:
                await self._collect()
            except StoreError as error:
                log.warning("dead dataplanes not removed", reason=str(error))
            await self._clock.sleep(self._interval.total_seconds())

    async def _collect(self) -> None:
        insights = await self._resources.list("DataplaneInsight")
        for key in dead(insights, self._ages, self._clock.now()):
            try:
                await self._resources.delete(key)
            except NotFound:
                continue
            except Forbidden as forbidden:
                log.warning("dead dataplane not removed", proxy=key.name, mesh=key.mesh, reason=str(forbidden))
                continue
            log.info("dead dataplane removed", proxy=key.name, mesh=key.mesh)
