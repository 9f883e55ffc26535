"""One of the instances that share a database: it leads or follows, answers the others, and is known to them."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen
from twisted.application.service import MultiService, Service

from kuma.admission import Resources
from kuma.peers.calls import Calls
from kuma.peers.catalog import Peer
from kuma.peers.heartbeats import Heard, Heartbeat, Writer
from kuma.peers.server import Handlers, PeerServer
from kuma.settings.servers import Catalog
from kuma.store.leader import Leader, Lock
from kuma.tasks import Running


@frozen
class Standing:
    """What an instance stands on. `own` is itself as others see it."""

    resources: Resources
    lock: Lock
    own: Peer
    calls: Calls
    catalog: Catalog


class Instances(MultiService):
    """Runs what each instance does for the others; on the one that leads, also what `make` makes."""

    def __init__(self, standing: Standing, make: Callable[[], Service], handlers: Handlers = ()) -> None:
        super().__init__()
        self.setName("instances")
        self._standing = standing
        self._make = make
        own, clock, store = standing.own, standing.resources.clock, standing.resources.store
        self._heard = Heard(lambda: self.leading)
        self._leader = Leader(standing.lock, self._led, clock)
        interval = standing.catalog.heartbeat_interval
        beat = Heartbeat(standing.calls, own, interval, clock, lambda: self.leading)
        served = (self._heard.handler(), *handlers)
        for part in (
            self._leader,
            PeerServer(store, own, served, standing.calls.largest, clock),
            Running("heartbeat", beat.run, clock=clock),
        ):
            part.setServiceParent(self)

    @property
    def leading(self) -> bool:
        """Whether this instance leads."""
        return self._leader.leading

    def _led(self) -> Service:
        led, standing = MultiService(), self._standing
        clock = standing.resources.clock
        writer = Writer(standing.resources, standing.own, self._heard, standing.catalog.writer_interval, clock)
        for part in (self._make(), Running("catalog", writer.run, clock=clock)):
            part.setServiceParent(led)
        return led
