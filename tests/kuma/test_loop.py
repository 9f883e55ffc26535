"""The test plugin itself: coroutines and fixtures share Twisted's loop."""

import asyncio

import pytest
from twisted.internet import reactor, task

from kuma.loop import future


@pytest.fixture
async def number():
    await asyncio.sleep(0)
    return 42


async def test_a_deferred_can_be_awaited(number):
    assert await future(task.deferLater(reactor, 0, lambda: number)) == 42
