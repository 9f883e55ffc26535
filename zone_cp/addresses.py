"""What the DNS names in resources stand for: looked up in the background, and again every few seconds."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable

import structlog
from twisted.application.service import MultiService

from kuma.clock import Clock
from kuma.names import is_ip
from kuma.tasks import Running

log = structlog.get_logger()

Lookup = Callable[[str], Awaitable[Iterable[str]]]

AGAIN = 10.0  # seconds after which a name is looked up again, if nothing else is said
PATIENCE = 5.0  # seconds a lookup may take


async def system_lookup(name: str) -> Iterable[str]:
    """Ask the machine's resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return [str(address[0]) for _, _, _, _, address in found]


class Addresses(MultiService):
    """Knows the address of every name it was asked for; tells followers which name's address has changed.

    Of several addresses the smallest as text is taken, so that control planes agree. A name that can't be looked up any
    more keeps its last address: an outage of the resolver must not take endpoints away.
    """

    def __init__(self, clock: Clock, lookup: Lookup = system_lookup, again: float = AGAIN) -> None:
        super().__init__()
        Running("addresses: new names", self._answer, clock=clock).setServiceParent(self)
        Running("addresses: known names", self._refresh, clock=clock).setServiceParent(self)
        self._clock = clock
        self._lookup = lookup
        self._again = again
        self._known: dict[str, str | None] = {}
        self._asked = asyncio.Event()
        self._follower: Callable[[str], None] = _nobody

    def follow(self, follower: Callable[[str], None]) -> None:
        """Whom to tell the names whose address has changed."""
        self._follower = follower

    def ip(self, address: str) -> str | None:
        """The IP of a name as far as known now, or an IP itself; an unknown name is looked up soon."""
        if is_ip(address):
            return address
        if address not in self._known:
            self._known[address] = None
            self._asked.set()
        return self._known[address]

    def keep(self, names: Iterable[str]) -> None:
        """Forget every name but these."""
        self._known = {name: self._known.get(name) for name in names}

    async def _answer(self) -> None:
        while True:
            await self._asked.wait()
            self._asked.clear()
            await self._look_up([name for name, known in self._known.items() if known is None])

    async def _refresh(self) -> None:
        while True:
            await self._clock.sleep(self._again)
            await self._look_up(list(self._known))

    async def _look_up(self, names: Iterable[str]) -> None:
        await asyncio.gather(*(self._look_up_one(name) for name in names))

    async def _look_up_one(self, name: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                found = await self._lookup(name)
        except (OSError, TimeoutError, UnicodeError) as error:
            log.warning("name not resolved", name=name, reason=str(error) or type(error).__name__)
            return
        address = min(found, default=None)
        if name not in self._known or address is None or address == self._known[name]:
            return
        self._known[name] = address
        self._follower(name)


def _nobody(_: str) -> None:
    """Nobody follows yet."""
