"""The mesh: what proxies can see, kept up to date at the cost of what changed."""

from __future__ import annotations

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from kuma.envoy.endpoints import Endpoint
from kuma.mesh import Mesh, Metadata, mesh_of
from kuma.model import Key, Labels, Resource
from kuma.resources.dataplane import Dataplane, Health, Inbound, Networking
from kuma.resources.meshidentity import MeshIdentity
from kuma.resources.meshmultizoneservice import MeshMultiZoneService
from kuma.resources.meshmultizoneservice import Port as MultiZonePort
from kuma.resources.meshmultizoneservice import Selector as MultiZoneSelector
from kuma.resources.meshservice import DataplaneRef, MeshService, Port, Selector
from kuma.resources.meshzoneaddress import MeshZoneAddress
from kuma.resources.parts import LabelSelector
from tests.zone_cp.worlds import SHOP, resources, shop

NAMES = st.sampled_from(["a", "b", "c", "d"])
LABELS = st.dictionaries(st.sampled_from(["app", "version"]), st.sampled_from(["1", "2"]), max_size=2)
ZONES = st.sampled_from(["", "here", "there"])


def dataplanes() -> st.SearchStrategy[Resource]:
    inbound = st.builds(
        Inbound,
        port=st.sampled_from([80, 81]),
        name=st.sampled_from(["", "http"]),
        state=st.sampled_from(["Ready", "NotReady"]),
        health=st.sampled_from([None, Health(True), Health(False)]),
    )
    networking = st.builds(
        Networking, address=st.sampled_from(["10.0.0.1", "10.0.0.2"]), inbound=st.lists(inbound, max_size=2).map(tuple)
    )
    return st.builds(
        lambda name, labels, spec: Resource(Key("Dataplane", "m", name), Dataplane(spec), Labels(labels)),
        NAMES, LABELS, networking,
    )  # fmt: skip


def services() -> st.SearchStrategy[Resource]:
    selector = st.one_of(
        st.none(),
        st.builds(lambda name: Selector(dataplane_ref=DataplaneRef(name)), NAMES),
        st.builds(lambda labels: Selector(dataplane_labels=LabelSelector(Labels(labels))), LABELS),
    )
    ports = st.lists(
        st.builds(Port, port=st.sampled_from([80, 81]), target_port=st.sampled_from([None, 80, "http"])),
        max_size=2,
        unique_by=lambda port: port.port,
    ).map(tuple)
    return st.builds(
        lambda name, zone, spec: Resource(
            Key("MeshService", "m", name), spec, Labels({"kuma.io/zone": zone} if zone else {})
        ),
        NAMES, ZONES, st.builds(MeshService, selector=selector, ports=ports),
    )  # fmt: skip


def ways() -> st.SearchStrategy[Resource]:
    return st.builds(
        lambda name, zone, port: Resource(
            Key("MeshZoneAddress", "m", name), MeshZoneAddress("192.0.2.1", port), Labels({"kuma.io/zone": zone})
        ),
        NAMES, st.sampled_from(["here", "there"]), st.sampled_from([10001, 10002]),
    )  # fmt: skip


def multizones() -> st.SearchStrategy[Resource]:
    ports = st.sampled_from([(80,), (81,), (80, 81)])
    return st.builds(
        lambda name, zone, numbers: Resource(
            Key("MeshMultiZoneService", "m", name),
            MeshMultiZoneService(
                MultiZoneSelector(LabelSelector(Labels({"kuma.io/zone": zone}))),
                tuple(MultiZonePort(number) for number in numbers),
            ),
        ),
        NAMES, st.sampled_from(["here", "there"]), ports,
    )  # fmt: skip


IDENTITY = Resource(Key("MeshIdentity", "m", "i"), MeshIdentity())
RESOURCES = st.one_of(dataplanes(), services(), ways(), multizones(), st.just(IDENTITY))


def seen(mesh: Mesh) -> object:
    services = {
        key: (service.ports, dict(mesh.members.of(key.name))) for key, service in mesh.destinations.services.items()
    }
    return services, dict(mesh.destinations.by_name), dict(mesh.places.by_name)


@given(st.lists(st.lists(st.tuples(st.booleans(), RESOURCES), max_size=4), max_size=6))
@settings(max_examples=150, deadline=None)
def test_a_mesh_after_any_changes_is_the_mesh_of_what_is_left(batches):
    mesh, left = mesh_of("m", "here", []), {}
    for batch in batches:
        puts = {one.key: one for put, one in batch if put}
        deletes = {one.key for put, one in batch if not put} - puts.keys()
        left = {key: one for key, one in {**left, **puts}.items() if key not in deletes}
        mesh = mesh.changed(puts.values(), deletes)
    assert seen(mesh) == seen(mesh_of("m", "here", left.values()))


@given(st.lists(RESOURCES, max_size=8))
@settings(max_examples=100, deadline=None)
def test_members_are_those_whose_labels_a_service_selects(found):
    mesh = mesh_of("m", "here", found)
    for name, service in mesh.of("MeshService").items():
        assert mesh.members.of(name).keys() == {
            one.name for one in mesh.of("Dataplane").values() if _selects(service.spec.selector, one)
        }


def _selects(selector: Selector | None, dataplane: Resource) -> bool:
    if selector is None:
        return False
    if selector.dataplane_ref is not None:
        return selector.dataplane_ref.name == dataplane.name
    return selector.dataplane_labels.match_labels.items() <= dataplane.labels.items()


def test_what_did_not_change_is_the_same_object():
    mesh = shop()
    (more,) = [one for one in resources(SHOP) if one.name == "backend-01"]
    moved = mesh.changed([evolve(more, labels=more.labels | {"new": "label"})])
    assert moved is not mesh
    assert moved.places is not mesh.places
    assert moved.destinations is mesh.destinations
    assert moved.policies is mesh.policies
    assert moved.trust is mesh.trust


def test_a_change_that_is_none_is_the_same_mesh():
    mesh = shop()
    assert mesh.changed(resources(SHOP)) is mesh
    assert mesh.changed(deletes=[Key("Dataplane", "shop", "nobody")]) is mesh


def test_other_meshes_secrets_and_insights_are_not_seen():
    mesh = shop()
    unseen = [Key("Secret", "shop", "s"), Key("DataplaneInsight", "shop", "i"), Key("Dataplane", "other", "d")]
    assert mesh.changed([Resource(key, None) for key in unseen]) is mesh


def test_the_way_to_another_zone_is_its_ingress_and_takes_an_identity():
    far = Resource(Key("MeshService", "m", "far"), MeshService(ports=(Port(80),)), Labels({"kuma.io/zone": "there"}))
    way = Resource(Key("MeshZoneAddress", "m", "w"), MeshZoneAddress("192.0.2.1", 10001), far.labels)
    mesh = mesh_of("m", "here", [far, way])
    assert mesh.endpoints("kri_msvc_m_there__far_80") == ()
    (endpoint,) = mesh.changed([IDENTITY]).endpoints("kri_msvc_m_there__far_80")
    assert endpoint == Endpoint("192.0.2.1", 10001, "there", far.labels, remote=True)


def test_trust_gathers_the_bundles_of_each_domain():
    more = """
type: MeshTrust
mesh: shop
name: older
spec:
  trustDomain: shop.z1.mesh.local
  caBundles: [{type: Pem, pem: {value: "-----BEGIN CERTIFICATE-----\\nBBBB\\n-----END CERTIFICATE-----"}}]
"""
    ((domain, bundle),) = shop(more).trust.bundles
    assert domain == "shop.z1.mesh.local"
    assert bundle.count("BEGIN CERTIFICATE") == 2


def test_metadata_reads_numbers_that_are_text():
    read = Metadata.of({"dataplane.admin.port": "9901", "dataplane.dns.port": "", "version": {"envoy": {"build": "x"}}})
    assert (read.admin_port, read.dns_port, read.readiness_port) == (9901, 0, 0)
    assert read.ipv6
    assert hash(read) == hash(Metadata.of({"dataplane.admin.port": "9901", "version": {"envoy": {"build": "x"}}}))
