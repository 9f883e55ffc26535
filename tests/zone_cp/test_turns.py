"""Turns: nobody starves, newcomers come first, and a crowd at the door gets most of the time."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from kuma.clock import SystemClock
from zone_cp.turns import AT_ONCE, MOST, NEW_TO_OLD, ROUND, Queue, Turns, fitting, some_at_once


def waiting():
    return asyncio.get_running_loop().create_future()


async def test_newcomers_come_first_and_the_others_are_not_forgotten():
    queue = Queue()
    new, old = [waiting() for _ in range(6)], [waiting() for _ in range(2)]
    queue.new.extend(new)
    queue.old.extend(old)
    assert list(queue.in_turn()) == [*new[:NEW_TO_OLD], old[0], *new[NEW_TO_OLD:], old[1]]


async def test_the_others_are_not_forgotten_in_short_rounds_either():
    queue = Queue()
    new, old = [waiting() for _ in range(6)], [waiting() for _ in range(2)]
    queue.new.extend(new)
    queue.old.extend(old)
    assert [next(queue.in_turn()) for _ in range(8)] == [*new[:NEW_TO_OLD], old[0], *new[NEW_TO_OLD:], old[1]]


async def test_who_has_gone_gets_no_turn():
    queue = Queue()
    gone, here = waiting(), waiting()
    gone.cancel()
    queue.old.extend((gone, here))
    assert list(queue.in_turn()) == [here]


async def test_everybody_who_asks_gets_a_turn():
    turns = Turns(SystemClock())
    asked = [waiting() for _ in range(300)]
    for place, one in enumerate(asked):
        turns.ask(one, new=place % 3 == 0)
    async with asyncio.timeout(5):
        await asyncio.gather(*asked)
    later = waiting()
    turns.ask(later, new=False)
    async with asyncio.timeout(5):
        await later


class Hands(SystemClock):
    def __init__(self):
        self.slept = []

    async def sleep(self, seconds):
        self.slept.append(seconds)
        await asyncio.sleep(0)


async def test_while_there_is_a_crowd_the_loop_is_left_to_it_after_each_round():
    for crowded in (True, False):
        hands = Hands()
        turns = Turns(hands, lambda crowded=crowded: crowded)
        asked = [waiting() for _ in range(10)]
        for one in asked:
            turns.ask(one, new=True)
        async with asyncio.timeout(5):
            await asyncio.gather(*asked)
        await asyncio.sleep(0)
        assert bool(hands.slept) is crowded


@given(st.integers(1, MOST), st.floats(0, 1))
def test_long_rounds_become_shorter_and_short_ones_longer(at_once, took):
    after = fitting(at_once, took)
    assert 1 <= after <= MOST
    assert after <= at_once or took < ROUND
    assert after < at_once or took <= ROUND or at_once == 1


async def test_of_much_work_a_little_is_waited_for_at_a_time_and_results_keep_their_order():
    now, most = set(), [0]

    async def work(number):
        now.add(number)
        most[0] = max(most[0], len(now))
        await asyncio.sleep(0)
        now.discard(number)
        return number

    assert await some_at_once(work(number) for number in range(100)) == list(range(100))
    assert most == [AT_ONCE]
    assert await some_at_once(()) == []
