"""Instances over real connections: those that follow tell the one that leads, and it writes down who is there."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from attrs import define, evolve
from twisted.application.service import Service

from certs import peers
from kuma import defaults
from kuma.admission import Resources
from kuma.clock import SystemClock
from kuma.labels import Where
from kuma.loop import future
from kuma.peers.calls import AUTHORITY, Calls, Unreachable
from kuma.peers.catalog import Peer
from kuma.peers.instances import Instances, Standing
from kuma.ports import free_ports
from kuma.settings.servers import Catalog
from kuma.store.leader import AloneLock
from kuma.store.memory import MemoryStore
from tests.plugin import eventually

CLOCK = SystemClock()
SOON = timedelta(milliseconds=20)
OFTEN = Catalog(heartbeat_interval=SOON, writer_interval=5 * SOON)
HOST = "127.0.0.1"
PING = "/kuma.system.v1alpha1.InterCpPingService/Ping"


@define
class OneOf:
    """A lock that this instance has, or has not."""

    ours: bool

    async def acquire(self) -> bool:
        return self.ours

    async def renew(self) -> bool:
        return self.ours

    async def release(self) -> None:
        return None


def instance(store, name, lock, **more) -> Instances:
    (port,) = free_ports(1)
    resources = Resources(store, Where("global", ""), CLOCK)
    standing = Standing(resources, lock, Peer(name, HOST, port, **more), Calls(store, 2**20), OFTEN)
    return Instances(standing, Service)


@asynccontextmanager
async def running(*instances):
    for one in instances:
        one.startService()
    try:
        yield
    finally:
        for one in instances:
            if one.running:
                await future(one.stopService())


async def known(store) -> dict[str, bool]:
    """Who is in the catalog, and whether it leads."""
    return {peer.id: peer.leader for peer in await Calls(store, 2**20).peers()}


async def with_authority() -> MemoryStore:
    store = MemoryStore()
    await Resources(store, Where("global", ""), CLOCK).create(defaults.secret(AUTHORITY, peers.new_ca(CLOCK.now())))
    return store


async def test_the_leader_knows_who_follows_and_forgets_who_leaves():
    store = await with_authority()
    leader, follower = instance(store, "a", AloneLock()), instance(store, "b", OneOf(False), version="3.1")

    async def shows(wanted):
        return await known(store) == wanted

    async with running(leader, follower):
        await eventually(lambda: shows({"a": True, "b": False}))
        assert (await Calls(store, 2**20).peer("b")).version == "3.1"
        await future(follower.stopService())
        await eventually(lambda: shows({"a": True}))
    assert await known(store) == {"a": False}


async def test_nobody_listens_before_there_is_an_authority():
    store = MemoryStore()
    alone = instance(store, "a", AloneLock())
    async with running(alone):
        await eventually(lambda: known(store))
        calls = Calls(store, 2**20)
        own = await calls.peer("a")
        await Resources(store, Where("global", ""), CLOCK).create(defaults.secret(AUTHORITY, peers.new_ca(CLOCK.now())))

        async def answers():
            try:
                return await calls.call(own, PING, b"", timedelta(seconds=5)) == b"\x08\x01"  # it leads
            except Unreachable:
                return False

        await eventually(answers)
        with pytest.raises(Unreachable, match="instance a: "):
            await calls.call(own, PING, b"\xff", timedelta(seconds=5))
        with pytest.raises(Unreachable, match="instance a: "):
            await calls.call(evolve(own, port=free_ports(1)[0]), PING, b"", timedelta(seconds=5))
    with pytest.raises(Unreachable, match="instance not found: b"):
        await calls.peer("b")


async def test_who_shows_a_certificate_of_another_authority_is_not_answered():
    store, other = await with_authority(), await with_authority()
    alone = instance(store, "a", AloneLock())
    async with running(alone):
        await eventually(lambda: known(store))
        own = await Calls(store, 2**20).peer("a")

        async def answered():
            try:
                await Calls(store, 2**20).call(own, PING, b"", timedelta(seconds=5))
            except Unreachable:
                return False
            return True

        await eventually(answered)
        with pytest.raises(Unreachable):
            await Calls(other, 2**20).call(own, PING, b"", timedelta(seconds=2))
