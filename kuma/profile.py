"""What the process is busy with: stacks, as they are and as they were seen over a while."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from types import FrameType
from typing import Any

from kuma.clock import Clock

EVERY = 0.01  # seconds of CPU time between looks at the stack


class Busy(Exception):
    """Somebody else is having a profile taken."""


async def folded(seconds: float, clock: Clock) -> str:
    """How often each stack of the main thread was seen at work, as flame graphs are drawn from. Raises Busy.

    Looks are taken by a signal, between two steps of the interpreter: another thread would see the main one only where
    it lets others have their turn.
    """
    if signal.getitimer(signal.ITIMER_PROF) != (0.0, 0.0):
        raise Busy
    seen: Counter[str] = Counter()
    signal.signal(signal.SIGPROF, lambda _, frame: seen.update((";".join(_names(frame)),)))
    signal.siginterrupt(signal.SIGPROF, False)
    signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)
    try:
        await clock.sleep(seconds)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, signal.SIG_IGN)  # one more may be on its way; by default it ends the process
    return "".join(f"{stack} {count}\n" for stack, count in sorted(seen.items()))


def threads() -> str:
    """The stacks of all threads."""
    frames, names = sys._current_frames(), {one.ident: one.name for one in threading.enumerate()}
    return "".join(_shown(names.get(ident, str(ident)), _names(frame)) for ident, frame in frames.items())


def tasks() -> str:
    """What each task of the running loop waits for."""
    every = sorted(asyncio.all_tasks(), key=lambda task: task.get_name())
    return "".join(_shown(task.get_name(), _awaited(task.get_coro())) for task in every)


def _shown(name: str, stack: Iterator[str]) -> str:
    return f"{name}\n" + "".join(f"  {one}\n" for one in stack)


def _awaited(coroutine: Any) -> Iterator[str]:
    """Where a coroutine is, and those that it waits for, down to what is no coroutine."""
    while (frame := getattr(coroutine, "cr_frame", None)) is not None:
        yield _name(frame)
        coroutine = coroutine.cr_await


def _names(frame: FrameType | None) -> Iterator[str]:
    """The stack from its bottom up."""
    stack = []
    while frame is not None:
        stack.append(_name(frame))
        frame = frame.f_back
    return reversed(stack)


def _name(frame: FrameType) -> str:
    return f"{frame.f_globals.get('__name__', '?')}.{frame.f_code.co_qualname}:{frame.f_lineno}"
