"""Cycles are found while there is work, and whoever does nothing does not look for them."""

import gc
from itertools import count
from weakref import ref

import pytest

from kuma.clock import SystemClock
from kuma.garbage import Garbage
from kuma.loop import future
from tests.plugin import eventually


class Knot:
    def __init__(self):
        self.itself = self


@pytest.fixture
def collector():
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


def running(spent):
    garbage = Garbage(SystemClock(), spent)
    garbage.startService()
    gc.set_threshold(0)  # Python itself does not look
    return garbage


async def test_a_cycle_is_found_while_there_is_work(collector):
    garbage = running(count().__next__)
    knot = ref(Knot())
    await eventually(lambda: knot() is None)
    await future(garbage.stopService())


async def test_who_does_nothing_does_not_look(collector):
    asked = count()
    garbage = running(lambda: 0.0 * next(asked))
    knot = ref(Knot())
    await eventually(lambda: next(asked) > 5)
    assert knot() is not None
    await future(garbage.stopService())
