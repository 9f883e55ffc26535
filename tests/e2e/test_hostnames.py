"""Addresses and hostnames of services: each zone's own, and the same again after whatever happens to its leader.

Nothing redirects traffic here, which takes privileges. So a name is resolved by the name server of a kuma-dp whose
workload is only said to be redirected; and what stands behind it is called through an explicit outbound, by that name.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

import pytest
from twisted.names import dns

from kuma.cli.demo.parts import Proxy, through
from kuma.cli.demo.world import MESH, World, filled
from kuma.dns import mapped
from kuma.model import hashed_name
from tests.e2e.conftest import HOST, bring_up, free_ports, wait_for, world

OTHER_NETWORK = {"KUMA_IPAM_MESH_SERVICE_CIDR": "251.0.0.0/8"}
HERE, NOWHERE = "here", "not-my-mesh"


@pytest.fixture(scope="module")
def zones() -> Iterator[World]:
    """Two zones, of which west has a network of its own for its services."""
    with world() as made:
        bring_up(made, west=OTHER_NETWORK)
        yield made


def service(world: World, plane: str, name: str, zone: str) -> dict[str, Any] | None:
    """The MeshService of a zone, as a control plane has it, once it has an address and a name."""
    found = world.planes[plane].api.get(f"/meshes/{MESH}/meshservices")["items"]
    wanted = {"kuma.io/display-name": name, "kuma.io/zone": zone}
    one = next((one for one in found if wanted.items() <= one["labels"].items()), None)
    if one is None or not one["spec"].get("identities"):
        return None
    return one if one["status"].get("vips") and one["status"].get("addresses") else None


def known(world: World, plane: str, name: str, zone: str) -> dict[str, Any]:
    return wait_for(f"{name} of {zone} in {plane}", lambda: service(world, plane, name, zone))


def vip(found: dict[str, Any]) -> str:
    (one,) = found["status"]["vips"]
    return one["ip"]


def names_of(found: dict[str, Any]) -> set[str]:
    return {address["hostname"] for address in found["status"]["addresses"]}


def identities(found: dict[str, Any]) -> list[str]:
    return [one["value"] for one in found["spec"]["identities"]]


@pytest.mark.scenario("M-ms-sync-01")
def test_a_service_has_one_address_of_its_zones_network(zones):
    backend = known(zones, "east", "backend", "east")
    assert vip(backend).startswith("241.0.0.")
    assert identities(backend) == ["spiffe://default.east.mesh.local/workload/backend"]


@pytest.mark.scenario("M-ms-sync-02")
def test_global_shows_its_address_and_another_zone_gives_it_another(zones):
    own, copy = known(zones, "east", "backend", "east"), known(zones, "west", "backend", "east")
    name = hashed_name(MESH, "backend", "east")
    shown = wait_for("the address on global", lambda: service(zones, "global", "backend", "east"))
    assert (shown["name"], copy["name"]) == (name, name)
    assert (vip(shown), identities(shown)) == (vip(own), identities(own))
    assert vip(copy).startswith("251.0.0.")
    assert identities(copy) == identities(own)


def test_every_service_has_its_own_address(zones):
    for plane in ("east", "west"):
        found = [known(zones, plane, name, zone) for name, zone in (("backend", "east"), ("backend", "west"))]
        assert len({vip(one) for one in found}) == 2


def test_names_tell_the_zone_of_what_is_elsewhere(zones):
    assert names_of(known(zones, "east", "backend", "east")) == {"backend.svc.mesh.local"}
    assert names_of(known(zones, "east", "backend", "west")) == {"backend.svc.west.mesh.local"}
    assert names_of(known(zones, "west", "backend", "west")) == {"backend.svc.mesh.local"}


@pytest.mark.scenario("M-mmzs-01", "M-mmzs-02")
def test_a_destination_of_both_zones_has_an_address_and_a_name(zones):
    def both() -> dict[str, Any] | None:
        (found,) = zones.planes["east"].api.get(f"/meshes/{MESH}/meshmultizoneservices")["items"]
        status = found["status"]
        complete = status.get("addresses") and status.get("vips") and len(status.get("meshServices", ())) == 2
        return status if complete else None

    status = wait_for("its members, address and name, which are told one after the other", both)
    assert [address["hostname"] for address in status["addresses"]] == ["backend.mzsvc.mesh.local"]
    assert [one["ip"].split(".")[0] for one in status["vips"]] == ["243"]


OUTSIDE = """
type: MeshExternalService
mesh: default
name: {{ name }}
labels: { kuma.io/origin: {{ origin }} }
spec:
  match: { type: HostnameGenerator, port: 80, protocol: http }
  endpoints: [ { address: 192.0.2.1, port: 80 } ]
"""


@pytest.mark.parametrize(("plane", "origin"), [("global", "global"), ("east", "zone")])
def test_what_is_outside_has_an_address_and_a_name_wherever_it_was_written(zones, plane, origin):
    name = f"outside-of-{origin}"
    zones.planes[plane].api.apply(filled(OUTSIDE, {"name": name, "origin": origin}))

    def status() -> dict[str, Any] | None:
        found = zones.planes["east"].api.get(f"/meshes/{MESH}/meshexternalservices")["items"]
        one = next((one for one in found if one["labels"]["kuma.io/display-name"] == name), None)
        return one["status"] if one and one["status"].get("addresses") and one["status"].get("vip") else None

    said = wait_for(f"the name of {name}", status)
    assert said["vip"]["ip"].startswith("242.0.0.")
    assert [address["hostname"] for address in said["addresses"]] == [f"{name}.extsvc.mesh.local"]


def generators(world: World, plane: str) -> set[str]:
    found = world.planes[plane].api.get("/hostnamegenerators")["items"]
    return {one["labels"].get("kuma.io/display-name", one["name"]) for one in found}


@pytest.mark.scenario("M-defaults-02")
@pytest.mark.parametrize("zone", ["east", "west"])
def test_zones_are_told_the_global_generators(zones, zone):
    wait_for("synced generators", lambda: any(name.startswith("synced-") for name in generators(zones, zone)))


@pytest.mark.scenario("M-defaults-03")
def test_global_is_shown_the_zones_generators(zones):
    wait_for("local generators", lambda: any(name.startswith("local-") for name in generators(zones, "global")))


def generator(name: str, mesh: str) -> dict[str, Any]:
    labels = {"kuma.io/mesh": mesh}
    template = "{{ .DisplayName }}.svc.{{ .Zone }}." + name + ".local"
    spec = {"selector": {"meshService": {"matchLabels": labels}}, "template": template}
    return {"type": "HostnameGenerator", "name": name, "spec": spec}


LISTENING = """
type: Dataplane
mesh: default
name: {{ name }}
labels: { kuma.io/workload: {{ workload }} }
networking:
  address: {{ address }}
  inbound: [ { name: http, port: {{ port }}, protocol: http } ]
  transparentProxying:
    redirectPortInbound: {{ inward }}
    redirectPortOutbound: {{ outward }}
"""
ONLY_REPORTS = """
    reachableBackends: { refs: [ { kind: MeshService, labels: { kuma.io/display-name: reports } } ] }
"""


def resolved(world: World, zone: str, name: str) -> list[str]:
    """The addresses that a workload of a zone gets for a name, in both families."""
    found = world.proxies.get(f"listener-{zone}") or start_listener(world, zone, f"listener-{zone}", LISTENING)
    return told(found, name)


def told(proxy: Proxy, name: str) -> list[str]:
    """The addresses that the name server of a proxy gives for a name, in both families."""
    found = []
    for kind in (dns.A, dns.AAAA):
        message = dns.Message(id=1)
        message.addQuery(name.encode(), kind)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(10)
            asking.sendto(message.toStr(), (HOST, proxy.dns))
            said = dns.Message()
            said.fromStr(asking.recv(512))
        found += [str(ip_address(one.payload.address)) for one in said.answers]
    return found


def start_listener(world: World, zone: str, name: str, definition: str) -> Proxy:
    """A proxy whose workload is said to be redirected, so that it is told all names that it may reach."""
    port, inward, outward = free_ports(3)
    numbers = {"port": str(port), "inward": str(inward), "outward": str(outward)}
    named = {"name": name, "workload": "listener", "address": HOST, **numbers}
    world.proxies[name] = world.sidecars(zone).start(MESH, definition, named)
    world.proxies[name].wait()
    return world.proxies[name]


def vip_of(found: dict[str, Any]) -> list[str]:
    """What the name of a service stands for."""
    return [vip(found), str(ip_address(mapped(vip(found))))]


def called(world: World, outbound: str, name: str) -> str:
    """Which instance answers a client who asks for this name."""
    return through(HOST, world.outbounds[outbound], host=name).json["instance"]


@pytest.mark.scenario("M-ms-connect-05")
def test_generators_on_global_name_what_has_their_labels(zones):
    for name, mesh in ((HERE, MESH), (NOWHERE, "no-such-mesh")):
        zones.global_.api.put(generator(name, mesh))
    reports = known(zones, "east", "reports", "west")
    wait_for("the name of this mesh", lambda: resolved(zones, "east", f"reports.svc.west.{HERE}.local"))
    assert resolved(zones, "east", f"reports.svc.west.{HERE}.local") == vip_of(reports)
    assert called(zones, "reports", f"reports.svc.west.{HERE}.local") == "reports-west"
    for zone in ("east", "west"):
        own = f"backend.svc.{zone}.{HERE}.local"
        wait_for(own, lambda zone=zone, own=own: resolved(zones, zone, own))
        assert resolved(zones, zone, own) == vip_of(known(zones, zone, "backend", zone))
        assert resolved(zones, zone, f"reports.svc.west.{NOWHERE}.local") == []


def test_a_workload_is_told_only_the_names_of_what_it_may_reach(zones):
    for name, zone in (("backend", "east"), ("reports", "west")):
        known(zones, "east", name, zone)
    choosy = start_listener(zones, "east", "choosy", LISTENING + ONLY_REPORTS)
    wait_for("reports is told", lambda: told(choosy, "reports.svc.west.mesh.local"))
    assert told(choosy, "backend.svc.mesh.local") == []
    wait_for("others are told all", lambda: resolved(zones, "east", "backend.svc.mesh.local"))


OWN_SERVICE = """
type: MeshService
mesh: default
name: shop-backend
labels: { app: backend, kuma.io/origin: zone }
spec:
  selector: { dataplaneLabels: { matchLabels: { kuma.io/workload: backend } } }
  ports: [ { port: 80, targetPort: http, appProtocol: http, name: http } ]
---
type: HostnameGenerator
name: own-tld
labels: { kuma.io/origin: zone }
spec:
  selector: { meshService: { matchLabels: { app: backend } } }
  template: "{{ .Name }}.own-tld"
"""
CALLER = """
type: Dataplane
mesh: default
name: {{ name }}
labels: { kuma.io/workload: {{ workload }} }
networking:
  address: {{ address }}
  inbound: [ { name: http, port: {{ port }}, protocol: http } ]
  outbound: [ { port: {{ outbound }}, backendRef: { kind: MeshService, name: shop-backend, port: 80 } } ]
"""


@pytest.mark.scenario("U-meshservice-01")
def test_a_service_that_somebody_wrote_has_the_default_name_and_its_own(zones):
    zones.planes["east"].api.apply(OWN_SERVICE)
    port, outbound = free_ports(2)
    zones.outbounds["shop-backend"] = outbound
    named = {"name": "caller", "workload": "caller", "address": HOST, "port": str(port), "outbound": str(outbound)}
    caller = zones.sidecars("east").start(MESH, CALLER, named)
    zones.proxies["caller"] = caller
    caller.wait()
    for name in ("shop-backend.svc.mesh.local", "shop-backend.own-tld"):
        wait_for(name, lambda name=name: resolved(zones, "east", name))
        assert resolved(zones, "east", name) == vip_of(known(zones, "east", "shop-backend", "east"))
        wait_for("an answer", lambda name=name: through(HOST, outbound, host=name).status == 200)
        assert {called(zones, "shop-backend", name) for _ in range(10)} == {"backend-east"}
    told = zones.planes["east"].api.get(f"/meshes/{MESH}/meshservices/shop-backend/_hostnames")
    assert {one["hostname"] for one in told["items"]} >= {"shop-backend.svc.mesh.local", "shop-backend.own-tld"}


def test_a_name_that_is_taken_is_not_given_twice(zones):
    taken = generator("taken", MESH)
    taken["spec"]["template"] = "everybody.local"
    zones.global_.api.put(taken)

    def said() -> dict[str, str]:
        """What became of it on each service: nothing to say where there is a name."""
        found = zones.planes["east"].api.get(f"/meshes/{MESH}/meshservices")["items"]
        return {
            one["name"]: condition["message"]
            for one in found
            for status in one["status"].get("hostnameGenerators", ())
            if status["hostnameGeneratorRef"]["coreName"].startswith("taken")
            for condition in status["conditions"]
        }

    told = wait_for("all are told", lambda: said() if len(said()) >= 4 else None)
    (holder,) = (name for name, message in told.items() if not message)
    others = {message for message in told.values() if message}
    assert others == {f"Hostname collision with MeshService: {holder}"}
    found = zones.planes["east"].api.get(f"/meshes/{MESH}/meshservices")["items"]
    assert [one["name"] for one in found if "everybody.local" in names_of(one)] == [holder]


def test_the_next_leader_changes_nothing(zones):
    def seen() -> dict[str, Any]:
        found = zones.planes["east"].api.get(f"/meshes/{MESH}/meshservices")["items"]
        return {one["name"]: (one["status"]["vips"], one["status"]["addresses"]) for one in found}

    before = seen()
    zones.planes["east"].kill()
    zones.planes["east"].start()
    zones.planes["east"].wait()
    zones.start_service("east", "newcomer")
    newcomer = known(zones, "east", "newcomer", "east")
    after = seen()
    assert vip(newcomer) not in [one["ip"] for vips, _ in before.values() for one in vips]
    assert {name: after[name] for name in before} == before
