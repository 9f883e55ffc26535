"""One timer for many keys."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kuma.loop import future
from kuma.model import Key
from tests.hands import Hands
from tests.plugin import run
from zone_cp.alarms import Alarms

KEYS = [Key("Dataplane", "default", name) for name in "abc"]

steps = st.lists(
    st.one_of(
        st.tuples(st.just("set"), st.sampled_from(KEYS), st.integers(0, 8)),
        st.tuples(st.just("off"), st.sampled_from(KEYS), st.just(0)),
        st.tuples(st.just("wait"), st.sampled_from(KEYS), st.integers(1, 4)),
    ),
    max_size=30,
)


def expected(taken) -> list[tuple[float, Key]]:
    """The moments that were set last, of those that were reached."""
    due: dict[Key, int] = {}
    rung, now = [], 0
    for what, key, seconds in [*taken, ("wait", KEYS[0], 10)]:
        if what == "set":
            due[key] = now + seconds
        elif what == "off":
            due.pop(key, None)
        else:
            now += seconds
            rung += [(at, key) for key, at in due.items() if at <= now]
            due = {key: at for key, at in due.items() if at > now}
    return sorted(rung)


@settings(max_examples=60, deadline=None)
@given(steps)
def test_every_key_rings_once_at_the_moment_that_was_set_last(taken):
    run(_test(taken))


async def _test(taken):
    clock, rung = Hands(), []
    alarms = Alarms(clock, lambda key: rung.append((clock.seconds, key)))
    alarms.startService()
    await clock.advance(0)
    for what, key, seconds in [*taken, ("wait", KEYS[0], 10)]:
        if what == "set":
            alarms.set(key, seconds)
        elif what == "off":
            alarms.off(key)
        else:
            await clock.advance(seconds, step=1)
    await future(alarms.stopService())
    assert sorted(rung) == expected(taken)


async def test_alarms_that_are_set_again_and_again_take_no_room():
    alarms = Alarms(Hands(), lambda key: None)
    for seconds in range(10_000):
        alarms.set(KEYS[0], seconds)
    assert len(alarms._heap) < 50
