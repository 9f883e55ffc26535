"""Settings that have no effect here: who changes one is told."""

from __future__ import annotations

import pytest

from kuma.settings import Settings, load
from kuma.settings.idle import IDLE, at, idle
from kuma.settings.layers import shown


def test_every_one_of_them_is_a_setting():
    document = shown(Settings())
    for name in IDLE:
        at(document, name)


def test_nobody_is_bothered_with_what_is_built_in():
    assert list(idle(load(None, {}))) == []


@pytest.mark.parametrize(
    ("variable", "value", "name"),
    [
        ("KUMA_STORE_POSTGRES_READ_REPLICA_HOST", "replica", "store.postgres.readReplica.host"),
        ("KUMA_STORE_CACHE_ENABLED", "false", "store.cache.enabled"),
        ("KUMA_REPORTS_ENABLED", "true", "reports.enabled"),
        ("KUMA_CORE_RESOURCES_STATUS_WORKLOAD_INTERVAL", "9s", "coreResources.status.workloadInterval"),
    ],
)
def test_what_is_changed_to_no_effect_is_told(variable: str, value: str, name: str):
    (told,) = idle(load(None, {variable: value}))
    assert (told.field, told.message) == (name, IDLE[name])
