"""Levels of a log: the nearest component that has one counts, whenever it is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuma.levels import LEVELS, MOST, Levels, TooMany

COMPONENTS = st.lists(st.sampled_from("ab"), min_size=1, max_size=3).map(".".join)
SAID = st.dictionaries(COMPONENTS, st.sampled_from(sorted(LEVELS)))


@given(SAID, COMPONENTS)
def test_it_does_not_matter_when_somebody_begins_to_speak(said, component):
    early, late = Levels(), Levels()
    before = early.of(component)
    for levels in (early, late):
        for name, level in said.items():
            levels.set(name, level)
    assert before is early.of(component)
    assert before.level == late.of(component).level


@given(SAID, COMPONENTS)
def test_what_is_forgotten_was_never_said(said, component):
    levels = Levels("error")
    threshold = levels.of(component)
    for name, level in said.items():
        levels.set(name, level)
    assert levels.reset() == said
    assert (levels.said, threshold.level) == ({}, LEVELS["error"])


def test_the_nearest_counts():
    levels = Levels("info")
    levels.set("zone_cp", "error")
    levels.set("zone_cp.ads", "debug")
    told = {name: levels.of(name).level for name in ("zone_cp.ads.streams", "zone_cp.adstuff", "kuma.kds")}
    assert told == {"zone_cp.ads.streams": 10, "zone_cp.adstuff": 40, "kuma.kds": 20}
    assert levels.reset("zone_cp.ads") == {"zone_cp.ads": "debug"}
    assert levels.reset("zone_cp.ads") == {}
    assert levels.of("zone_cp.ads.streams").level == 40


def test_not_everybody_has_a_level():
    levels = Levels()
    for number in range(MOST):
        levels.set(f"c{number}", "debug")
    with pytest.raises(TooMany):
        levels.set("another", "debug")
    levels.set("c0", "off")
