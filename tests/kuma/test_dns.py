"""The document from which a proxy's DNS answers."""

import json
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from kuma.dns import Hostname, dns_document, dns_records, hostnames, mapped
from kuma.mesh import mesh_of
from kuma.model import NO_LABELS
from kuma.vips import ADDRESSED, vip_of, with_vip
from tests.zone_cp.worlds import resources

NAMES = (Hostname("a.svc.mesh.local", "241.0.0.1"), Hostname("b.mzsvc.mesh.local", "243.0.0.0"))
(PROXY,) = resources("""
type: Dataplane
mesh: shop
name: web
labels: {kuma.io/workload: web, kuma.io/zone: z1, k8s.kuma.io/namespace: "", team: blue}
networking: {address: 10.0.0.1}
""")
SERVICES = resources("""
type: MeshService
mesh: shop
name: backend
spec: {ports: [{port: 80}]}
status:
  vips: [{ip: 241.0.0.1}, {ip: 241.0.0.9}]
  addresses: [{hostname: backend.svc.mesh.local}, {hostname: also.svc.mesh.local}]
---
type: MeshMultiZoneService
mesh: shop
name: everywhere
spec: {selector: {meshService: {matchLabels: {app: backend}}}, ports: [{port: 80}]}
status:
  vips: [{ip: 243.0.0.1}]
  addresses: [{hostname: all.mzsvc.mesh.local}]
---
type: MeshService
mesh: shop
name: new
spec: {ports: [{port: 80}]}
status: {addresses: [{hostname: new.svc.mesh.local}]}
---
type: MeshService
mesh: other
name: backend
spec: {ports: [{port: 80}]}
status:
  vips: [{ip: 241.0.0.2}]
  addresses: [{hostname: backend.svc.mesh.local}]
""")


def test_every_name_of_the_mesh_stands_for_the_first_address_of_its_service():
    assert hostnames(mesh_of("shop", "z1", SERVICES)) == (
        Hostname("all.mzsvc.mesh.local", "243.0.0.1"),
        Hostname("also.svc.mesh.local", "241.0.0.1"),
        Hostname("backend.svc.mesh.local", "241.0.0.1"),
    )


def test_a_proxy_is_told_the_names_of_what_it_reaches():
    assert dns_records(NAMES, {"241.0.0.1"}, ipv6=False) == '[{"name":"a.svc.mesh.local","ips":["241.0.0.1"]}]'
    assert json.loads(dns_records(NAMES, {"241.0.0.1", "243.0.0.0"}, ipv6=True)) == [
        {"name": "a.svc.mesh.local", "ips": ["241.0.0.1", "::ffff:f100:1"]},
        {"name": "b.mzsvc.mesh.local", "ips": ["243.0.0.0", "::ffff:f300:0"]},
    ]
    assert dns_records(NAMES, (), ipv6=True) == "[]"


def test_an_ipv6_address_is_told_once():
    assert dns_records((Hostname("x", "fd00::1"),), {"fd00::1"}, True) == '[{"name":"x","ips":["fd00::1"]}]'


def test_the_document_says_whose_it_is():
    document = dns_document("[]", PROXY)
    assert document == '{"records":[],"ttl":30,"extraLabels":{"kuma_io_zone":"z1","kuma_workload":"web","mesh":"shop"}}'


def test_equal_documents_have_equal_tags():
    names = (
        Hostname("backend.test-ns.svc.8080.mesh", "240.0.0.0"),
        Hostname("backend_test-ns_svc_8080.mesh", "240.0.0.0"),
        Hostname("httpbin.mesh", "240.0.0.1"),
    )
    nobody = evolve(PROXY, key=evolve(PROXY.key, mesh=""), labels=NO_LABELS)
    document = dns_document(dns_records(names, {one.vip for one in names}, ipv6=False), nobody)
    assert len(document) == 214
    assert sha256(document.encode()).hexdigest().startswith("25dc947e8714423d")


@given(st.ip_addresses(v=4))
def test_a_mapped_address_is_the_same_address(address: IPv4Address):
    assert IPv6Address(mapped(str(address))).ipv4_mapped == address


@given(st.ip_addresses(v=6))
def test_an_ipv6_address_needs_no_mapping(address):
    assert mapped(str(address)) == str(address)


@given(st.sampled_from([one for one in SERVICES if one.mesh == "shop"]))
def test_an_address_is_kept_beside_the_rest_of_a_status(service):
    after = with_vip(service, "241.2.3.4")
    assert vip_of(after) == "241.2.3.4"
    assert after.status.addresses == service.status.addresses
    bare = evolve(service, status=None)
    assert vip_of(bare) == ""
    assert vip_of(with_vip(bare, "241.2.3.4")) == "241.2.3.4"


def test_kinds_with_addresses_are_found_by_their_status():
    assert {"MeshService", "MeshMultiZoneService"} <= set(ADDRESSED)
