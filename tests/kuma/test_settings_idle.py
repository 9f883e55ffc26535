"""Settings that have no effect here: who changes one is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from kuma.settings import Machine, Settings, completed, load
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
        ("KUMA_RUNTIME_KUBERNETES_ADMISSION_SERVER_PORT", "1234", "runtime.kubernetes.admissionServer.port"),
        ("KUMA_DP_SERVER_HDS_REFRESH_INTERVAL", "3s", "dpServer.hds.refreshInterval"),
        ("KUMA_MONITORING_ASSIGNMENT_SERVER_PORT", "1234", "monitoringAssignmentServer.port"),
        ("KUMA_CORE_RESOURCES_STATUS_WORKLOAD_INTERVAL", "9s", "coreResources.status.workloadInterval"),
    ],
)
def test_what_is_changed_to_no_effect_is_told(variable: str, value: str, name: str):
    (told,) = idle(load(None, {variable: value}))
    assert told.field == name
    assert told.message == next(why for idler, why in IDLE.items() if name.startswith(idler))


def test_a_machine_that_fills_gaps_changes_nothing():
    assert list(idle(completed(load(None, {}), Machine(Path("/home/me"), "10.0.0.1")))) == []


def test_what_is_said_of_all_servers_is_told_of_those_that_have_no_use_for_it():
    told = idle(completed(load(None, {"KUMA_GENERAL_TLS_MIN_VERSION": "TLSv1_3"}), Machine(Path("/home/me"))))
    assert [one.field for one in told] == ["multizone.global.kds.tlsMinVersion", "interCp.server.tlsMinVersion"]
