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
from kuma.resources.dataplaneinsight import DataplaneInsight
from kuma.store.api import NotFound, StoreError
from kuma.tasks import Running
from zone_cp.dataplanes import DATAPLANE

log = structlog.get_logger()

RETURN = timedelta(seconds=60)  # Envoy tries to connect again every 30 seconds at least


@frozen
class Ages:
    """How long a Dataplane stays after its proxy was seen last: if an operator wrote it, and if the proxy brought it.

    A Dataplane that a proxy brought is normally removed by the instance that it was connected to. If that instance died
    together with the proxy, its connection is ended by the finalizer, and the Dataplane goes here.
    """

    written: timedelta = timedelta(hours=72)
    brought: timedelta = timedelta(seconds=10)


def dead(insights: Iterable[Resource], ages: Ages, began: datetime, now: datetime) -> tuple[Key, ...]:
    """The Dataplanes that have been without a proxy for too long; `began` is since when somebody looks.

    When a control plane restarts, all its proxies are away: the time in which they come back does not count.
    """
    watched = began + RETURN
    return tuple(evolve(one.key, kind="Dataplane") for one in insights if _is_dead(one.spec, ages, watched, now))


def _is_dead(insight: DataplaneInsight, ages: Ages, watched: datetime, now: datetime) -> bool:
    last = newest(insight)
    if insight.online or last is None or last.disconnect_time is None:
        return False
    if DATAPLANE in (insight.metadata or {}):
        return now - max(last.disconnect_time, watched) > ages.brought
    return now - last.disconnect_time > ages.written


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
        began = self._clock.now()
        while True:
            try:
                await self._collect(began)
            except StoreError as error:
                log.warning("dead dataplanes not removed", reason=str(error))
            await self._clock.sleep(self._interval.total_seconds())

    async def _collect(self, began: datetime) -> None:
        insights = await self._resources.list("DataplaneInsight")
        for key in dead(insights, self._ages, began, self._clock.now()):
            try:
                await self._resources.delete(key)
            except NotFound:
                continue
            except Forbidden as forbidden:
                log.warning("dead dataplane not removed", proxy=key.name, mesh=key.mesh, reason=str(forbidden))
                continue
            log.info("dead dataplane removed", proxy=key.name, mesh=key.mesh)
