"""What the process is busy with is seen without stopping it."""

import asyncio

import pytest

from kuma import profile
from kuma.clock import SystemClock


async def busy(until: asyncio.Event) -> None:
    while not until.is_set():
        sum(range(1000))
        await asyncio.sleep(0)


async def test_stacks_of_the_main_thread_are_counted():
    done = asyncio.Event()
    working = asyncio.ensure_future(busy(done))
    looking = asyncio.ensure_future(profile.folded(0.5, SystemClock()))
    await asyncio.sleep(0)
    with pytest.raises(profile.Busy):
        await profile.folded(0.5, SystemClock())
    seen = await looking
    done.set()
    await working
    stacks = [line.rpartition(" ") for line in seen.splitlines()]
    assert all(count.isdigit() for _, _, count in stacks)
    assert any("test_profile.busy:" in stack for stack, _, _ in stacks)


async def test_what_tasks_wait_for_is_told():
    done = asyncio.Event()
    waiting = asyncio.create_task(busy(done), name="the busy one")
    name, _, stack = profile.tasks().partition("the busy one\n")[2].partition("\n")[0].partition("test_profile.")
    assert stack.startswith("busy:"), name
    assert "MainThread" in profile.threads()
    done.set()
    await waiting
