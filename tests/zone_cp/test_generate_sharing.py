"""Parts are built once and shared; a change rebuilds what depends on it and nothing else."""

from __future__ import annotations

from collections import Counter

import pytest
from attrs import evolve

from kuma.mesh import Certificate, Mesh, Proxy
from kuma.model import Resource
from kuma.xds.config import Config
from tests.zone_cp.worlds import METADATA, SECRET, proxy, resources, shop
from zone_cp.generate import CDS, EDS, LDS, SDS, Workshop, generate, prepare
from zone_cp.generate.workshop import TURN

MANY = 100
OUTBOUND = ("plan", "view", "cluster", "outbound listener", "assignment")
BACKEND = "kri_msvc_shop_z1__backend_http"


def client(index: int) -> str:
    return f"""
type: Dataplane
mesh: shop
name: client-{index:03}
labels: {{kuma.io/workload: client, kuma.io/zone: z1, kuma.io/origin: zone}}
networking:
  address: 10.1.0.{index}
  inbound: [{{port: 8080, protocol: http}}]
  outbound:
  - {{port: 20001, backendRef: {{kind: MeshService, name: frontend, port: 3000}}}}
  - {{port: 20002, backendRef: {{kind: MeshService, name: backend, port: 80}}}}
"""


def backend(index: int, **changes: str) -> Resource:
    (made,) = resources(f"""
type: Dataplane
mesh: shop
name: backend-{index:02}
labels: {{kuma.io/workload: backend, kuma.io/zone: z1, kuma.io/origin: zone}}
networking: {{address: 10.0.0.{index + 1}, inbound: [{{name: http, port: 80, protocol: http}}]}}
""")
    return made.labelled(**changes)


@pytest.fixture(scope="module")
def mesh() -> Mesh:
    return shop(*map(client, range(MANY)))


def clients(mesh: Mesh) -> list[Proxy]:
    """Each with a certificate of its own."""
    return [
        evolve(proxy(mesh, f"client-{index:03}"), certificate=Certificate(SECRET, b"chain %d" % index, b"key"))
        for index in range(MANY)
    ]


def configs(mesh: Mesh, workshop: Workshop) -> list[Config]:
    return [generate(mesh, one, workshop) for one in clients(mesh)]


def built(workshop: Workshop, before: Counter[str]) -> dict[str, int]:
    return dict(workshop.built - before)


def test_proxies_that_look_outward_alike_have_their_outbound_parts_built_once(mesh):
    workshop = Workshop()
    made = configs(mesh, workshop)
    assert {kind: workshop.built[kind] for kind in OUTBOUND} == {
        "plan": 1, "view": 1, "cluster": 2, "outbound listener": 2, "assignment": 2,
    }  # fmt: skip
    assert workshop.built["inbound"] == MANY
    for url in (CDS, EDS, LDS, SDS):
        shared = {id(config.by_type[url][0]) for config in made}
        assert len(shared) == 1, url


def test_asking_again_builds_nothing(mesh):
    workshop = Workshop()
    first = configs(mesh, workshop)
    before = workshop.built.copy()
    second = configs(mesh, workshop)
    assert not built(workshop, before)
    assert [one.versions() for one in first] == [one.versions() for one in second]


def test_an_endpoint_that_comes_rebuilds_one_load_assignment(mesh):
    workshop = Workshop()
    old = configs(mesh, workshop)
    before = workshop.built.copy()
    after = mesh.changed([backend(7)])
    new = configs(after, workshop)
    assert built(workshop, before) == {"assignment": 1, "view": 1}
    for was, now in zip(old, new, strict=True):
        for url in (CDS, LDS, SDS):
            assert all(a is b for a, b in zip(was.by_type[url], now.by_type[url], strict=True)), url
        changed = {
            name for name, packed in now.resources(EDS).items() if packed.version != was.resources(EDS)[name].version
        }
        assert changed == {BACKEND}


def test_an_endpoint_that_goes_and_comes_back_rebuilds_nothing_the_second_time(mesh):
    workshop = Workshop()
    more = mesh.changed([backend(7)])
    configs(mesh, workshop)
    configs(more, workshop)
    before = workshop.built.copy()
    configs(more.changed(deletes=[backend(7).key]), workshop)
    assert built(workshop, before).get("assignment", 0) == 0


def test_what_no_config_shows_rebuilds_nothing(mesh):
    workshop = Workshop()
    configs(mesh, workshop)
    before = workshop.built.copy()
    service = mesh.get("MeshService", "backend")
    status = evolve(service.status, dataplane_proxies=evolve(service.status.dataplane_proxies, connected=7))
    again = mesh.changed([evolve(service, status=status, version="next")])
    assert again is not mesh
    configs(again, workshop)
    assert not built(workshop, before)


def test_a_policy_rebuilds_the_parts_whose_conf_it_changes(mesh):
    workshop = Workshop()
    configs(mesh, workshop)
    before = workshop.built.copy()
    timeout = resources("""
type: MeshTimeout
mesh: shop
name: slow-backend
spec:
  to:
  - targetRef: {kind: MeshService, labels: {kuma.io/display-name: backend}}
    default: {connectionTimeout: 11s}
""")
    configs(mesh.changed(timeout), workshop)
    parts = built(workshop, before)
    assert {kind: parts.get(kind, 0) for kind in OUTBOUND} == {
        "plan": 1, "view": 1, "cluster": 1, "outbound listener": 1, "assignment": 1,
    }  # fmt: skip
    assert "inbound" not in parts


def test_another_identity_of_one_proxy_changes_only_its_secret(mesh):
    workshop = Workshop()
    one = clients(mesh)[0]
    was = generate(mesh, one, workshop)
    now = generate(mesh, evolve(one, certificate=Certificate(SECRET, b"renewed", b"key")), workshop)
    changed = {url for url, version in now.versions().items() if version != was.versions()[url]}
    assert changed == {SDS}


def test_parts_can_be_prepared_in_steps(mesh):
    prepared, straight = Workshop(), Workshop()
    one = clients(mesh)[0]
    assert len(list(prepare(mesh, one, prepared))) == 2
    before = prepared.built.copy()
    config = generate(mesh, one, prepared)
    assert {kind for kind in OUTBOUND if built(prepared, before).get(kind)} == {"plan", "view"}
    assert config.versions() == generate(mesh, one, straight).versions()
    assert list(prepare(mesh, clients(mesh)[1], prepared)) == []


def test_proxies_that_look_outward_otherwise_do_not_share(mesh):
    workshop = Workshop()
    one = clients(mesh)[0]
    generate(mesh, one, workshop)
    generate(mesh, evolve(one, certificate=None), workshop)
    generate(mesh, evolve(one, metadata=evolve(METADATA, ipv6=True)), workshop)
    assert workshop.built["plan"] == 3
    assert workshop.built["cluster"] == 4  # TCP and HTTP, with an identity and without; the proxy's IPv6 is no matter


def test_a_load_assignment_follows_its_cluster_so_that_envoy_stops_warming(mesh):
    workshop = Workshop()
    one = clients(mesh)[0]
    secured = generate(mesh, one, workshop).resources(EDS)[BACKEND]
    plain = generate(mesh, evolve(one, certificate=None), workshop).resources(EDS)[BACKEND]
    assert secured.body == plain.body
    assert secured.version != plain.version


def test_parts_that_no_recent_mesh_uses_are_dropped(mesh):
    workshop = Workshop()
    shelf = workshop.shelf(mesh)
    one = clients(mesh)[0]
    sizes = []
    for turn in range(4 * TURN):
        mesh = mesh.changed([backend(7, **{"turn": str(turn)})])
        generate(mesh, one, workshop)
        sizes.append(len(shelf))
    assert max(sizes[3 * TURN :]) <= max(sizes[2 * TURN : 3 * TURN])


def test_what_is_a_proxys_own_stays_however_long_nothing_concerns_it(mesh):
    workshop = Workshop()
    quiet, busy = clients(mesh)[:2]
    generate(mesh, quiet, workshop)
    for turn in range(4 * TURN):
        mesh = mesh.changed([backend(7, **{"turn": str(turn)})])
        generate(mesh, busy, workshop)
    before = workshop.built["own"]
    generate(mesh, quiet, workshop)
    assert workshop.built["own"] == before


def test_what_a_config_has_is_not_built_again_however_long_nobody_asked_for_it(mesh):
    workshop = Workshop()
    quiet, busy = clients(mesh)[0], evolve(clients(mesh)[1], certificate=None)
    config = generate(mesh, quiet, workshop)
    for turn in range(4 * TURN):
        mesh = mesh.changed([backend(7, **{"turn": str(turn)})])
        generate(mesh, busy, workshop)
    before = workshop.built.copy()
    again = generate(mesh, quiet, workshop)
    assert not built(workshop, before).keys() & {"outbound listener", "cluster"}
    assert again.versions()[LDS] == config.versions()[LDS]


def test_what_no_config_has_any_more_is_built_again(mesh):
    workshop = Workshop()
    quiet, busy = clients(mesh)[0], evolve(clients(mesh)[1], certificate=None)
    generate(mesh, quiet, workshop)
    for turn in range(4 * TURN):
        mesh = mesh.changed([backend(7, **{"turn": str(turn)})])
        generate(mesh, busy, workshop)
    before = workshop.built.copy()
    generate(mesh, quiet, workshop)
    assert built(workshop, before)["cluster"] == 2


def test_what_was_a_proxys_own_goes_with_its_dataplane(mesh):
    gone, busy = clients(mesh)[:2]
    after = mesh.changed((), [gone.dataplane.key])

    def size(*proxies):
        workshop, now = Workshop(), after
        for one in proxies:
            generate(mesh, one, workshop)
        for turn in range(4 * TURN):
            now = now.changed([backend(7, **{"turn": str(turn)})])
            generate(now, busy, workshop)
        return len(workshop.shelf(now))

    assert size(gone, busy) == size(busy, busy)


def test_a_mesh_that_is_gone_is_forgotten(mesh):
    workshop = Workshop()
    generate(mesh, clients(mesh)[0], workshop)
    workshop.forget("shop")
    assert len(workshop.shelf(mesh)) == 0


def test_a_policy_on_what_is_reached_leaves_proxies_own_sides_as_they_are(mesh):
    workshop = Workshop()
    for name in ("client-001", "client-002"):
        generate(mesh, proxy(mesh, name), workshop)
    before = workshop.built.copy()
    after = mesh.changed(
        resources("""
type: MeshTimeout
mesh: shop
name: reached
spec: {to: [{targetRef: {kind: Mesh}, default: {http: {requestTimeout: 3s}}}]}
""")
    )
    for name in ("client-001", "client-002"):
        generate(after, proxy(after, name), workshop)
    rebuilt = built(workshop, before)
    assert rebuilt["outbound listener"] == 2
    assert not rebuilt.keys() & {"own", "inbound"}
