"""What access logs and traces cost: who is not concerned shares all, and who is shares what is not theirs alone."""

from __future__ import annotations

from collections import Counter

import pytest
from attrs import evolve

from kuma.mesh import Mesh, Metadata
from kuma.telemetry import THROUGH_KUMA_DP
from tests.kuma.policies.telling import caller
from tests.zone_cp.static import bootstrap
from tests.zone_cp.test_generate_envoy import rejected
from tests.zone_cp.test_generate_sharing import MANY, OUTBOUND, client, clients, configs
from tests.zone_cp.worlds import documents, proxy, resources, shop
from zone_cp.generate import CDS, EDS, LDS, Workshop, generate
from zone_cp.generate.dynamic import dynamic_config

FILE = "{type: File, file: {path: /dev/null}}"
COLLECTOR = "{type: OpenTelemetry, openTelemetry: {backendRef: {kind: MeshOpenTelemetryBackend, labels: {team: a}}}}"
ONE_OF_EACH = {"plan": 1, "view": 1, "cluster": 2, "outbound listener": 2, "assignment": 2}


@pytest.fixture(scope="module")
def mesh() -> Mesh:
    return shop(*map(client, range(MANY)))


def logs(to: str, target: str = "{kind: Mesh}", backend: str = FILE) -> str:
    return f"""
type: MeshAccessLog
mesh: shop
name: logs
spec: {{targetRef: {target}, to: [{{targetRef: {to}, default: {{backends: [{backend}]}}}}]}}
"""


def trace(backend: str) -> str:
    return f"{{type: MeshTrace, mesh: shop, name: trace, spec: {{default: {{backends: [{backend}]}}}}}}"


def collector(address: str) -> str:
    return f"""
type: MeshOpenTelemetryBackend
mesh: shop
name: main
labels: {{team: a}}
spec: {{endpoint: {{address: {address}}}}}
"""


def built(mesh: Mesh, *documents: str) -> dict[str, int]:
    """How many outbound parts it takes for all clients."""
    workshop = Workshop()
    configs(mesh.changed([one for text in documents for one in resources(text)]), workshop)
    return {kind: workshop.built[kind] for kind in OUTBOUND}


def test_logs_of_one_proxy_leave_all_others_together(mesh):
    one = "{kind: Dataplane, labels: {kuma.io/display-name: client-000}}"
    assert built(mesh, logs("{kind: Mesh}", one)) == {
        "plan": 2, "view": 2, "cluster": 4, "outbound listener": 4, "assignment": 4,
    }  # fmt: skip


def test_logs_of_one_destination_leave_what_leads_to_others(mesh):
    to = "{kind: MeshService, labels: {kuma.io/display-name: backend}}"
    found = built(mesh, logs(to))
    assert found["outbound listener"] == MANY + 1
    assert (found["cluster"], found["assignment"]) == (2, 2)


def test_proxies_of_one_workload_are_traced_alike(mesh):
    assert built(mesh, trace(COLLECTOR), collector("10.9.9.9")) == ONE_OF_EACH


def test_collectors_that_nobody_names_change_nothing(mesh):
    workshop = Workshop()
    before = configs(mesh, workshop)
    counted = Counter(workshop.built)
    after = configs(mesh.changed(resources(collector("10.9.9.9"))), workshop)
    assert not {kind for kind in workshop.built - counted if kind in OUTBOUND}
    for old, new in zip(before, after, strict=True):
        assert old.versions() == new.versions()


def test_a_collector_that_moves_is_found_there(mesh):
    traced = mesh.changed([*resources(trace(COLLECTOR)), *resources(collector("10.9.9.9"))])
    moved, workshop = traced.changed(resources(collector("10.8.8.8"))), Workshop()
    (before, *_), (after, *_) = configs(traced, workshop), configs(moved, workshop)
    name = "system_meshtrace_otel_main"
    assert "10.9.9.9" in str(documents(before, "Cluster", CDS)[name])
    assert "10.8.8.8" in str(documents(after, "Cluster", CDS)[name])
    assert before.versions()[LDS] == after.versions()[LDS]
    assert before.versions()[EDS] == after.versions()[EDS]


def test_what_a_proxy_is_reaches_its_logs(mesh):
    logged = mesh.changed(resources(logs("{kind: Mesh}")))
    found = documents(generate(logged, clients(logged)[7], Workshop()), "Listener", LDS)
    told = str(found["kri_msvc_shop_z1__backend_http"])
    assert '"client" "backend" "10.1.0.7"' in told
    assert " shop 10.1.0.7(client)->" in str(found["kri_msvc_shop_z1__frontend_3000"])


REDIRECTED = {
    "features": ["feature-transparent-proxy-in-dataplane-metadata", THROUGH_KUMA_DP],
    "workdir": "/run/kdp",
    "ipv6Enabled": True,
    "transparentProxy": {
        "ipFamilyMode": "dualstack",
        "redirect": {"inbound": {"enabled": True, "port": 15006}, "outbound": {"enabled": True, "port": 15001}},
    },
}


def test_a_redirected_proxy_tells_of_what_leaves_the_mesh_by_way_of_kuma_dp(mesh, tmp_path):
    told = (logs("{kind: Mesh}", backend=COLLECTOR), trace(COLLECTOR), collector("10.9.9.9"))
    observed = mesh.changed([one for text in told for one in resources(text)])
    redirected = evolve(proxy(observed, "client-000", certificate=None), metadata=Metadata.of(REDIRECTED), admin=None)
    config = generate(observed, redirected, Workshop())
    listeners, clusters = documents(config, "Listener", LDS), documents(config, "Cluster", CDS)
    for version in (4, 6):
        passing = str(listeners[f"self_transparentproxy_passthrough_outbound_ipv{version}"])
        assert "(client)->%UPSTREAM_HOST%(external)" in passing
        assert "accessLog" not in str(listeners[f"self_transparentproxy_passthrough_inbound_ipv{version}"])
    for name in ("system_meshaccesslog_otel_main", "system_meshtrace_otel_main"):
        assert "/run/kdp/kuma-otel-main.sock" in str(clusters[name])
    served = str(listeners["system_dynamicconfig"])
    assert '"traces":{"enabled":true},"logs":{"enabled":true}' in served
    assert rejected(bootstrap(config), tmp_path) == ""


def test_kuma_dp_is_told_one_thing_after_the_other_whoever_tells_first():
    listeners = [dynamic_config(caller(), dict(told)) for told in ([("b", "2"), ("a", "1")], [("a", "1"), ("b", "2")])]
    assert listeners[0] == listeners[1]
