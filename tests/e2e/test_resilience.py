"""What goes on while a part is gone, and what is the same when it is back: two zones under steady requests."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import pytest

from kuma.cli.demo.http import Admin
from kuma.cli.demo.parts import ControlPlane, Proxy
from kuma.cli.demo.processes import Failed
from kuma.cli.demo.world import MESH, World, example
from kuma.kinds import KINDS
from kuma.model import Kind
from tests.e2e.conftest import HOST, wait_for
from tests.e2e.load import Anew, KeepAlive, Load

OF_WEST, OF_BOTH = f"kri_msvc_{MESH}_west__backend_http", f"kri_mzsvc_{MESH}___backend_http"

DENIAL: Mapping[str, Any] = {
    "type": "MeshTrafficPermission",
    "mesh": MESH,
    "name": "not-the-client",
    "labels": {"kuma.io/origin": "zone"},
    "spec": {"rules": [{"default": {"deny": [{"spiffeID": {"type": "Prefix", "value": "spiffe://default.east."}}]}}]},
}

TIMEOUT: Mapping[str, Any] = {
    "type": "MeshTimeout",
    "mesh": MESH,
    "name": "patience",
    "labels": {"kuma.io/origin": "zone"},
    "spec": {"to": [{"targetRef": {"kind": "Mesh"}, "default": {"connectionTimeout": "7s"}}]},
}

# What Envoy counts when it is sent a listener or a cluster, and when one of them is not what it was.
SENT = ("listener_manager.lds.update_success", "cluster_manager.cds.update_success")
CHANGED = (
    "listener_manager.listener_added",
    "listener_manager.listener_modified",
    "listener_manager.listener_removed",
    "cluster_manager.cluster_modified",
    "cluster_manager.cluster_removed",
)


NOTHING = 200  # bytes: a response without resources, which is what a stream begins with for who has everything


@pytest.fixture(scope="module")
def settled(two_zones: World) -> World:
    """Everybody answers, and every proxy has the config that it keeps."""
    for name in two_zones.outbounds:
        wait_for(f"{name} answers", partial(_answers, two_zones, name))
    wait_for("the zones and global have the same", partial(same, two_zones))
    quiet(two_zones)
    return two_zones


@pytest.fixture
def load(settled: World) -> Iterator[Load]:
    """Requests to both services, on connections that last and on new ones."""
    ports = settled.outbounds.values()
    with Load([kind(HOST, port) for kind in (KeepAlive, Anew) for port in ports]).running() as load:
        yield load
        assert not load.failures, load.failures


def _answers(made: World, name: str) -> bool:
    return made.call(name).status == 200


def counted(made: World) -> dict[str, dict[str, int]]:
    """What every Envoy has counted of what was sent to it."""
    return {name: _of_config(proxy.admin) for name, proxy in made.proxies.items()}


def _of_config(admin: Admin) -> dict[str, int]:
    found = admin.stats("^(listener|cluster)_manager")
    return {name: found[name] for name in (*SENT, *CHANGED)}


def quiet(made: World, seconds: float = 2.0) -> dict[str, dict[str, int]]:
    """Wait until nothing has been sent to any Envoy for a while."""
    began, seen = time.monotonic(), counted(made)

    def still() -> bool:
        nonlocal began, seen
        if (now := counted(made)) != seen:
            began, seen = time.monotonic(), now
        return time.monotonic() - began > seconds

    wait_for("nothing is sent any more", still, 40)
    return seen


def versions(proxy: Proxy) -> dict[str, str]:
    """Every resource that an Envoy has from its control plane, with its version; identities are new each time."""
    dump = proxy.admin.get("/config_dump?include_eds").json["configs"]
    found = {f"{kind} {name}": version for part in dump for kind, name, version in _dynamic(part)}
    return {name: version for name, version in found.items() if "kri_mid_" not in name}


def _dynamic(part: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for one in part.get("dynamic_listeners", ()):
        yield "listener", one["name"], one["active_state"]["version_info"]
    for one in part.get("dynamic_active_clusters", ()):
        yield "cluster", one["cluster"]["name"], one["version_info"]
    for one in part.get("dynamic_endpoint_configs", ()):  # those that stand in their clusters have no version
        yield "endpoints", one["endpoint_config"]["cluster_name"], json.dumps(one["endpoint_config"], sort_keys=True)
    for one in part.get("dynamic_active_secrets", ()):
        yield "secret", one["name"], one["version_info"]


def same(made: World) -> bool:
    """Whether every zone has what global has. Raises Failed with the differences."""
    if found := differences(made):
        raise Failed("\n".join(found))
    return True


def differences(made: World) -> list[str]:
    """Where a zone and global do not have the same, of what travels between them."""
    return [
        f"{zone}: {kind.name}: only on global {sorted(sent - had)}, only in the zone {sorted(had - sent)}"
        for zone in made.zones
        for kind in KINDS.values()
        for sent, had in [_both(made, zone, kind)]
        if sent != had
    ]


def _both(made: World, zone: str, kind: Kind) -> tuple[set[str], set[str]]:
    on_global, in_zone = (_listed(made, plane, kind) for plane in ("global", zone))
    down = [{_asked(one) for one in found if _origin(one) == "global"} for found in (on_global, in_zone)]
    # of what is only observed, a zone has its own alone, and has no need to say so
    own = in_zone if kind.read_only else [one for one in in_zone if _zone(one) == zone]
    up = [{_essence(one) for one in found} for found in ([one for one in on_global if _zone(one) == zone], own)]
    both = [(down[at] if kind.global_to_zone else set()) | (up[at] if kind.zone_to_global else set()) for at in (0, 1)]
    return both[0], both[1]


def _listed(made: World, plane: str, kind: Kind) -> list[dict[str, Any]]:
    if not (kind.mesh_scoped and (kind.global_to_zone or kind.zone_to_global)):
        return []
    return list(made.planes[plane].api.get(f"/meshes/{MESH}/{kind.path}")["items"])


def _labels(document: Mapping[str, Any]) -> Mapping[str, str]:
    return document.get("labels") or {}


def _origin(document: Mapping[str, Any]) -> str:
    return _labels(document).get("kuma.io/origin", "")


def _zone(document: Mapping[str, Any]) -> str:
    return _labels(document).get("kuma.io/zone", "") if _origin(document) == "zone" else ""


def _essence(document: Mapping[str, Any]) -> str:
    """What is the same wherever it is: all but the times and the name, which has a hash in copies."""
    own = {"name", "creationTime", "modificationTime", "kri"}
    kept = {key: value for key, value in document.items() if key not in own}
    labels = dict(_labels(document))
    if document["type"].endswith("Insight"):  # labelled when they travel
        labels = {"kuma.io/display-name": labels.get("kuma.io/display-name", document["name"])}
    return json.dumps(kept | {"labels": labels}, sort_keys=True)


def _asked(document: Mapping[str, Any]) -> str:
    """What is the same of what came from global; how far that is, each zone says for itself."""
    return _essence({key: value for key, value in document.items() if key != "status"})


def test_zones_go_on_without_global_and_are_not_disturbed_when_it_is_back(settled: World, load: Load) -> None:
    assert settled.global_.stop() == 0
    load.holds(3)
    settled.planes["east"].api.put(TIMEOUT)
    wait_for("a change in the zone reaches its proxies", partial(_waits_seven_seconds, settled))
    before = quiet(settled)
    settled.global_.start()
    settled.global_.wait()
    settled.connect_zones()
    wait_for("global has what changed without it", partial(same, settled))
    load.holds(2)
    assert counted(settled) == before


def _waits_seven_seconds(made: World) -> bool:
    clusters = made.proxies["web"].admin.configured("dynamic_active_clusters")
    return any(one["cluster"].get("connect_timeout") == "7s" for one in clusters)


def test_a_zones_own_permission_applies_without_global(settled: World) -> None:
    west = settled.planes["west"].api
    settled.global_.kill()
    west.put(DENIAL)
    wait_for("denied", lambda: settled.call("reports").status == 403)
    west.delete("MeshTrafficPermission", "not-the-client", MESH)
    wait_for("allowed", lambda: settled.call("reports").status == 200)
    settled.global_.start()
    settled.global_.wait()
    settled.connect_zones()
    wait_for("the same everywhere", partial(same, settled))


def test_a_write_on_global_arrives_after_it_was_away(settled: World) -> None:
    settled.global_.api.delete("MeshTrafficPermission", "everybody-of-this-mesh", MESH)
    wait_for("denied", lambda: settled.call("reports").status == 403)
    settled.global_.api.apply(example("permission.yaml"))
    for name in settled.outbounds:
        wait_for(f"{name} answers", partial(_answers, settled, name))


def test_a_killed_zone_control_plane_comes_back_with_the_same_bytes(settled: World, load: Load) -> None:
    ours = [proxy for name, proxy in settled.proxies.items() if not name.endswith("west")]
    changed = _changed(quiet(settled))
    before = {proxy.name: versions(proxy) for proxy in ours}
    plane = settled.planes["east"]
    known = _connections(settled)
    plane.kill()
    load.holds(2)
    plane.start()
    plane.wait()
    wait_for("every proxy is connected again", partial(_all_anew, settled, known))
    load.holds(2)
    assert _changed(quiet(settled)) == changed
    assert {proxy.name: versions(proxy) for proxy in ours} == before
    assert all(before.values())
    for kind in ("Listener", "Cluster"):
        assert 0 < mean_size(plane, kind) < NOTHING, kind


def _changed(counters: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    return {proxy: {name: found[name] for name in CHANGED} for proxy, found in counters.items()}


def mean_size(plane: ControlPlane, kind: str) -> float:
    """Bytes of the responses that a control plane has sent of a type of resource, since it started."""
    found = {name: value for name, value in plane.metrics().items() if f'.{kind}"' in name}
    name = "xds_responses_sent_bytes"
    total, count = (
        sum(v for series, v in found.items() if series.startswith(f"{name}_{of}{{")) for of in ("sum", "count")
    )
    return total / count


def _connections(made: World) -> dict[str, set[str]]:
    """The connections of every proxy of east that its control plane has written down and not seen end."""
    found = made.planes["east"].api.get(f"/meshes/{MESH}/dataplanes/_overview")["items"]
    return {
        one["name"]: {s["id"] for s in one["dataplaneInsight"].get("subscriptions", ()) if "disconnectTime" not in s}
        for one in found
        if _zone(one) == "east" and "dataplaneInsight" in one
    }


def _all_anew(made: World, known: Mapping[str, set[str]]) -> bool:
    now = _connections(made)
    return now.keys() == known.keys() and all(now[name] - known[name] for name in known)


def endpoints(proxy: Proxy, cluster: str) -> list[tuple[str, int]]:
    """Where an Envoy sends the requests for a service."""
    clusters = proxy.admin.get("/clusters?format=json").json["cluster_statuses"]
    hosts = next((one.get("host_statuses", ()) for one in clusters if one["name"] == cluster), ())
    found = [host["address"]["socket_address"] for host in hosts]
    return [(where["address"], where["port_value"]) for where in found]


def test_a_dead_servers_endpoint_leaves_in_every_zone(settled: World) -> None:
    at = {
        "ingress-west": endpoints(settled.proxies["ingress-west"], OF_WEST),
        "web": endpoints(settled.proxies["web"], OF_BOTH),
    }
    assert [len(found) for found in at.values()] == [1, 2]
    _kill(settled, "backend-west")
    wait_for("west's ingress has none", lambda: not endpoints(settled.proxies["ingress-west"], OF_WEST), 15)
    wait_for("east's client has its own zone's", lambda: len(endpoints(settled.proxies["web"], OF_BOTH)) == 1, 15)
    for plane in settled.planes:
        wait_for(f"{plane} knows that nobody serves", partial(_unavailable, settled, plane), 15)
    assert _instance(settled) == "backend-east"
    settled.services["backend-west"].process.start()
    settled.proxies["backend-west"].process.start()
    wait_for("it is back in both", lambda: len(endpoints(settled.proxies["web"], OF_BOTH)) == 2)
    settled.proxies["backend-west"].wait()


def _unavailable(made: World, plane: str) -> bool:
    """What a control plane says of west's `backend`."""
    found = made.planes[plane].api.get(f"/meshes/{MESH}/meshservices")["items"]
    ours = {"kuma.io/display-name": "backend", "kuma.io/zone": "west"}
    (state,) = [one["spec"]["state"] for one in found if ours.items() <= one["labels"].items()]
    return bool(state == "Unavailable")


def _kill(made: World, name: str) -> None:
    """The server and its sidecar at once, as if their machine had gone."""
    made.services[name].process.kill()
    made.proxies[name].kill()


def test_the_service_of_both_zones_goes_on_in_the_other(settled: World) -> None:
    assert _instance(settled) == "backend-east"
    _kill(settled, "backend-east")
    wait_for("the other zone answers", lambda: _instance(settled) == "backend-west", 15)
    with Load([Anew(HOST, settled.outbounds["backend"])]).running() as load:
        load.holds(2)
    assert not load.failures
    assert _instance(settled) == "backend-west"


def _instance(made: World) -> str:
    answer = made.call("backend")
    return str(answer.json["instance"]) if answer.status == 200 else ""
