"""Modifications of complete configs: shared as far as they can be, and consistent."""

from __future__ import annotations

import pytest
from attrs import evolve

from kuma.policies.meshproxypatch import PatchFailed
from tests.zone_cp.test_generate_sharing import client
from tests.zone_cp.worlds import documents, proxy, shop
from zone_cp.generate import CDS, EDS, LDS, Workshop, generate
from zone_cp.generate.patched import origin_of

BACKEND = "kri_msvc_shop_z1__backend_http"
FRONTEND = "kri_msvc_shop_z1__frontend_3000"


def patch(*changes: str, target: str = "{kind: Mesh}") -> str:
    lines = "\n".join(f"    - {change}" for change in changes)
    spec = f"  targetRef: {target}\n  default:\n    appendModifications:\n{lines}\n"
    return f"type: MeshProxyPatch\nmesh: shop\nname: patch\nspec:\n{spec}"


SLOWER = "{cluster: {operation: Patch, match: {name: %s}, value: 'connectTimeout: 9s'}}" % BACKEND  # noqa: UP031


def test_a_patched_cluster_takes_its_endpoints_along():
    plain = generate(mesh := shop(), proxy(mesh, "frontend-01"), Workshop())
    patched = generate(after := shop(patch(SLOWER)), proxy(after, "frontend-01"), Workshop())
    assert documents(patched, "Cluster", CDS)[BACKEND]["connectTimeout"] == "9s"
    changed = {
        (url, name)
        for url in (CDS, EDS, LDS)
        for name, packed in patched.resources(url).items()
        if packed.version != plain.resources(url)[name].version
    }
    assert {(CDS, BACKEND), (EDS, BACKEND)} <= changed
    assert (LDS, BACKEND) not in changed


def test_a_removed_cluster_takes_its_endpoints_away():
    mesh = shop(patch("{cluster: {operation: Remove, match: {origin: outbound}}}"))
    config = generate(mesh, proxy(mesh, "frontend-01"), Workshop())
    assert not config.resources(EDS)
    assert not [name for name in config.resources(CDS) if name.startswith("kri_")]
    assert "self_inbound_dp_3000" in config.resources(CDS)


def test_what_is_added_is_the_proxys_own():
    mesh = shop(patch("{cluster: {operation: Add, value: '{name: extra, connectTimeout: 1s}'}}"))
    config = generate(mesh, proxy(mesh, "frontend-01"), Workshop())
    assert documents(config, "Cluster", CDS)["extra"] == {"name": "extra", "connectTimeout": "1s"}


def test_only_those_are_patched_whom_the_policy_selects():
    mesh = shop(patch(SLOWER, target="{kind: Dataplane, labels: {kuma.io/workload: backend}}"))
    config = generate(mesh, proxy(mesh, "frontend-01"), Workshop())
    assert documents(config, "Cluster", CDS)[BACKEND]["connectTimeout"] != "9s"


def test_proxies_that_are_patched_alike_share_what_they_shared():
    mesh, workshop = shop(patch(SLOWER), *(client(index) for index in range(20))), Workshop()
    first, *others = (generate(mesh, proxy(mesh, f"client-{index:03}"), workshop) for index in range(20))
    for one in others:
        for url in (CDS, EDS, LDS):
            assert one.by_type[url][0] is first.by_type[url][0]


def test_a_modification_that_fails_keeps_the_whole_config_back():
    step = "{op: replace, path: /nothing/here, value: 1}"
    mesh = shop(patch(f"{{listener: {{operation: Patch, jsonPatches: [{step}]}}}}"))
    with pytest.raises(PatchFailed):
        generate(mesh, proxy(mesh, "frontend-01"), Workshop())


def test_shadow_policies_patch_nothing():
    made = shop(patch(SLOWER))
    shadow = evolve(made.get("MeshProxyPatch", "patch"), labels=made.resource.labels.set("kuma.io/effect", "shadow"))
    mesh = made.changed([shadow])
    assert (
        documents(generate(mesh, proxy(mesh, "frontend-01"), Workshop()), "Cluster", CDS)[BACKEND]["connectTimeout"]
        != "9s"
    )


@pytest.mark.parametrize(
    ("name", "zoned", "origin"),
    [
        ("self_inbound_dp_http", False, "inbound"),
        ("self_transparentproxy_passthrough_outbound_ipv4", False, "transparent"),
        ("self_zoneegress_dp_egress", True, "egress"),
        (BACKEND, False, "outbound"),
        (BACKEND, True, "ingress"),
        ("kri_extsvc_shop___payments_443", True, "egress"),
        ("kri_extsvc_shop___payments_443", False, "outbound"),
        ("system_envoy_admin", False, "admin"),
        ("system_meshtrace_zipkin_http---jaeger", False, "mesh-trace"),
    ],
)
def test_names_say_what_things_are_for(name, zoned, origin):
    assert origin_of(name, zoned) == origin
