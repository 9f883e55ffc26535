"""Three zones that begin without identities, come to believe each other, and leave one by one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from attrs import frozen

from kuma.cli.demo.world import MESH, World
from kuma.model import hashed_name
from tests.e2e.conftest import wait_for, world
from tests.e2e.traffic import EVERYBODY, Client, Placed, Zone, settled

NAMES = ("east", "west", "north")
CALLERS = ("east", "west")
ADDRESSES = {"east": "127.0.0.2", "west": "127.0.0.3", "north": "127.0.0.4"}
PERMITTED = [{"spiffeID": {"type": "Prefix", "value": f"spiffe://{MESH}.{name}"}} for name in NAMES]
ALL = {
    "type": "MeshMultiZoneService",
    "mesh": MESH,
    "name": "all",
    "spec": {
        "selector": {"meshService": {"matchLabels": {"kuma.io/display-name": "server"}}},
        "ports": [{"name": "http", "port": 80, "appProtocol": "http"}],
    },
}
ANYWHERE = {"to": [{"targetRef": EVERYBODY, "default": {"localityAwareness": {"disabled": True}}}]}
IDENTITY = {
    "type": "MeshIdentity",
    "mesh": MESH,
    "name": "identity",
    "spec": {
        "selector": {"dataplane": {"matchLabels": {}}},
        "spiffeID": {"trustDomain": "{{ .Mesh }}.{{ .Zone }}"},
        "provider": {
            "type": "Bundled",
            "bundled": {
                "meshTrustCreation": "Enabled",
                "insecureAllowSelfSigned": True,
                "autogenerate": {"enabled": True},
            },
        },
    },
}
COPY = hashed_name(MESH, "identity")  # what the identity is called in each zone
LONGEST = "a-service-with-a-name-of-sixty-three-characters-which-is-longest"[:63]


@frozen
class Town:
    """A server in each zone, and clients that call each of them and all of them; where the ingresses are."""

    world: World
    zones: dict[str, Zone]
    clients: dict[str, Client]

    def listed(self, plane: str, kind: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.world.planes[plane].api.get(f"/meshes/{MESH}/{kind}")["items"]
        return found

    def copy(self, plane: str, kind: str, name: str) -> dict[str, Any]:
        """A resource that comes from elsewhere, once it has come."""
        return wait_for(
            f"{name} in {plane}", partial(self.world.planes[plane].api.get, f"/meshes/{MESH}/{kind}/{name}")
        )

    def everywhere(self) -> set[str]:
        """Who answers the client in east for the service of all zones."""
        return set(self.clients["east"].everybody(12, "all"))


def of(town: dict[str, Zone], zone: str) -> dict[str, Any]:
    labels = {"kuma.io/display-name": "server", "kuma.io/zone": zone}
    return {"kind": "MeshService", "labels": labels, "port": town[zone].ports["server", "http"]}


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    with world(zones=NAMES) as made:
        made.start_postgres()
        made.migrate()
        made.start_control_planes()
        made.connect_zones()
        api = made.global_.api
        api.put({"type": "MeshTrafficPermission", "mesh": MESH, "name": "zones"} | rules(allow=PERMITTED))
        api.put({"type": "MeshLoadBalancingStrategy", "mesh": MESH, "name": "anywhere", "spec": ANYWHERE})
        api.put(ALL)
        placed = Placed()
        zones = {name: Zone(made, name, made.planes[name].api, placed=placed) for name in NAMES}
        yield started(made, zones)


def rules(**default: Any) -> dict[str, Any]:
    return {"spec": {"rules": [{"default": default}]}}


def started(made: World, zones: dict[str, Zone]) -> Town:
    for name, zone in zones.items():
        wait_for(f"the mesh in {name}", partial(zone.api.get, f"/meshes/{MESH}"))
        made.start_ingress(name)
        zone.serve(f"server-{name}", ADDRESSES[name], {"http": "http"}, of="server")
    everyone = {"kind": "MeshMultiZoneService", "labels": {"kuma.io/display-name": "all"}, "port": 80}
    refs = {name: of(zones, name) for name in NAMES} | {"all": everyone}
    town = Town(made, zones, {name: zones[name].client(f"client-{name}", refs) for name in CALLERS})
    for proxy in made.proxies.values():
        proxy.wait()
    return town


@pytest.mark.scenario("M-ms-sync-03")
def test_services_of_two_zones_are_two_everywhere(town: Town) -> None:
    for plane in ("global", "north"):
        names = {town.copy(plane, "meshservices", hashed_name(MESH, "server", zone))["name"] for zone in CALLERS}
        assert len(names) == 2


@pytest.mark.scenario("M-ms-sync-04")
def test_a_service_with_the_longest_name_is_known_everywhere(town: Town) -> None:
    selector = {"dataplaneLabels": {"matchLabels": {"app": "none"}}}
    spec = {"selector": selector, "ports": [{"port": 80, "targetPort": 80, "appProtocol": "http"}]}
    labels = {"kuma.io/origin": "zone"}
    written = {"type": "MeshService", "mesh": MESH, "name": LONGEST, "labels": labels, "spec": spec}
    town.zones["west"].api.put(written)
    name = hashed_name(MESH, LONGEST, "west")
    for plane in ("global", "east", "north"):
        assert town.copy(plane, "meshservices", name)["labels"]["kuma.io/display-name"] == LONGEST
    town.zones["west"].api.delete("MeshService", LONGEST, MESH)
    for plane in ("global", "east", "north"):
        wait_for(f"it is gone in {plane}", lambda plane=plane: name not in names(town, plane))


def names(town: Town, plane: str) -> set[str]:
    return {one["name"] for one in town.listed(plane, "meshservices")}


def near(town: Town) -> bool:
    return all(client.who(zone) == f"server-{zone}" for zone, client in town.clients.items())


@pytest.fixture(scope="module")
def identified(town: Town) -> Town:
    """The zones once every proxy has an identity; until then they called each other in plain text."""
    settled("each zone's server answers its own zone", partial(near, town))
    town.world.global_.api.put(IDENTITY)
    return town


@pytest.mark.scenario("M-identity-01")
def test_each_zone_has_an_authority_of_its_own_and_its_traffic_is_fine(identified: Town) -> None:
    authorities = set()
    for zone in NAMES:
        identified.copy(zone, "meshidentities", COPY)
        bundle = wait_for(f"the trust of {zone}", partial(trusted, identified, zone, zone))
        authorities.add(bundle)
    assert len(authorities) == len(NAMES)
    # without a permissive MeshTLS, plain requests are refused from when a server has its identity until callers know
    settled("each zone's server answers its own zone", partial(near, identified))


def trusted(town: Town, plane: str, zone: str) -> str | None:
    """The authority of a zone as a control plane has it."""
    domain = f"{MESH}.{zone}"
    found = [one["spec"] for one in town.listed(plane, "meshtrusts")]
    bundles = [one["caBundles"] for one in found if one["trustDomain"] == domain and one.get("caBundles")]
    return str(bundles[0]) if bundles else None


@pytest.mark.scenario("M-identity-02")
def test_global_shows_the_trust_of_each_zone(identified: Town) -> None:
    for zone in NAMES:
        trust = identified.copy("global", "meshtrusts", hashed_name(MESH, COPY, zone))
        assert trust["spec"]["trustDomain"] == f"{MESH}.{zone}"


@pytest.fixture(scope="module")
def believing(identified: Town) -> Town:
    """The zones after an operator has given each the authorities of the others."""
    for zone in NAMES:
        spec = identified.copy("global", "meshtrusts", hashed_name(MESH, COPY, zone))["spec"]
        given = {"trustDomain": spec["trustDomain"], "caBundles": spec["caBundles"]}
        for other in NAMES:
            if other != zone:
                trust = {"type": "MeshTrust", "mesh": MESH, "name": f"of-{zone}", "labels": {"kuma.io/origin": "zone"}}
                identified.zones[other].api.put(trust | {"spec": given})
    return identified


@pytest.mark.scenario("M-identity-03")
@pytest.mark.parametrize("caller", CALLERS)
def test_zones_that_were_told_of_each_other_call_each_other(believing: Town, caller: str) -> None:
    client = believing.clients[caller]
    settled("all servers answer", lambda: all(client.who(zone) == f"server-{zone}" for zone in NAMES))


@pytest.mark.scenario("M-identity-04")
def test_a_service_of_all_zones_answers_from_each(believing: Town) -> None:
    wanted = {f"server-{zone}" for zone in NAMES}
    wait_for("all three answer", lambda: set(believing.clients["east"].everybody(50, "all")) == wanted)


def addresses(town: Town, plane: str) -> set[str]:
    """Whose ingresses a control plane knows."""
    return {one["labels"]["kuma.io/zone"] for one in town.listed(plane, "meshzoneaddresses")}


@pytest.mark.scenario("M-zone-disable-01", "M-zone-disable-02")
def test_zones_that_are_disabled_get_no_requests(believing: Town) -> None:
    wait_for("all are known", lambda: addresses(believing, "east") >= {"west", "north"})
    wait_for("all answer", lambda: len(believing.everywhere()) == 3)
    left = set(NAMES)
    for zone in ("north", "west"):
        left -= {zone}
        enabled(believing, zone, False)
        wait_for(f"{zone} is not known", lambda zone=zone: zone not in addresses(believing, "east"))
        wanted = {f"server-{one}" for one in left}
        settled(f"{left} answer", lambda wanted=wanted: believing.everywhere() == wanted, times=2)
    for zone in ("north", "west"):
        enabled(believing, zone, True)
    wait_for("all answer again", lambda: len(believing.everywhere()) == 3)


def enabled(town: Town, zone: str, is_enabled: bool) -> None:
    town.world.global_.api.put({"type": "Zone", "name": zone, "enabled": is_enabled})
