"""What proxies would hold if policies that only cast a shadow were in effect, and the words to say what differs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from attrs import frozen

from kuma.cli.demo.processes import Failed
from kuma.cli.demo.world import MESH, example
from kuma.envoy.names import CDS, EDS, LDS
from kuma.model import EFFECT
from tests.e2e.conftest import free_ports
from tests.e2e.traffic import Client, Zone, lone_zone, service, wait_for

WITHIN = 30.0  # seconds for a shadow to be seen
ALIKE = 12  # looks in a row, each of which takes some time
TYPES = {CDS: "cluster", LDS: "listener", EDS: "endpoints"}
SERVER, OTHER, CLIENT = "server", "other", "client"
TO_SERVER, TO_OTHER = "kri_msvc_default_lone__server_http", "kri_msvc_default_lone__other_http"
HTTP_INBOUND, TCP_INBOUND = "self_inbound_dp_http", "self_inbound_dp_raw"
EVERYBODY_OF_MESH = "spiffe://default.lone.mesh.local/workload"

FILTER = "filterChains/0/filters/0/typedConfig"
ROUTE = f"{FILTER}/routeConfig/virtualHosts/0/routes/0"
HTTP = "typedExtensionProtocolOptions/envoy.extensions.upstreams.http.v3.HttpProtocolOptions/commonHttpProtocolOptions"

Difference = Mapping[str, tuple[Any, Any]]
"""What is and what would be (None for nothing), by place: `cluster NAME/connectTimeout`."""


def read(operations: list[dict[str, Any]]) -> dict[str, tuple[Any, Any]]:
    """A JSON patch (RFC 6902) as what is and what would be.

    Of several items that a list gets at one place the last comes first; the others have a `+` behind the place.
    """
    found: dict[str, tuple[Any, Any]] = {}
    for one in operations:
        place = _place(one["path"])
        if one["op"] == "remove":
            found[place] = (one["value"], None)
        elif one["op"] == "add":
            while found.get(place, (None, None))[1] is not None:
                place += "+"
            found[place] = (found.get(place, (None, None))[0], one["value"])
    return found


def _place(pointer: str) -> str:
    _, kind, *rest = (part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/"))
    return f"{TYPES[kind]} {'/'.join(rest)}"


def policy(kind: str, name: str = "tested", **spec: Any) -> dict[str, Any]:
    """A policy's document. `target_ref` is its `targetRef`."""
    if "target_ref" in spec:
        spec["targetRef"] = spec.pop("target_ref")
    return {"type": kind, "mesh": MESH, "name": name, "spec": spec}


def route(name: str, prefix: str) -> dict[str, Any]:
    """A MeshHTTPRoute of the server's requests, which get a header more."""
    more = {"type": "RequestHeaderModifier", "requestHeaderModifier": {"add": [{"name": "x-added", "value": "yes"}]}}
    rule = {"matches": [{"path": {"type": "PathPrefix", "value": prefix}}], "default": {"filters": [more]}}
    return policy("MeshHTTPRoute", name, to=[{"targetRef": service(SERVER), "rules": [rule]}])


def of_route(name: str) -> dict[str, Any]:
    """How policies name a MeshHTTPRoute."""
    return {"kind": "MeshHTTPRoute", "labels": {"kuma.io/display-name": name}}


@frozen
class Look:
    """What a proxy would hold, and how that differs from what it holds."""

    xds: Mapping[str, Mapping[str, Any]]
    difference: Difference

    @property
    def changed(self) -> set[str]:
        """Which resources differ, as `cluster NAME`."""
        return {place.partition("/")[0] for place in self.difference}

    def of(self, resource: str) -> dict[str, tuple[Any, Any]]:
        """What differs in one resource, by the place in it."""
        start = f"{resource}/"
        return {place.removeprefix(start): both for place, both in self.difference.items() if place.startswith(start)}

    def cluster(self, name: str) -> dict[str, Any]:
        return dict(self.xds[CDS][name])

    def listener(self, name: str) -> dict[str, Any]:
        return dict(self.xds[LDS][name])

    def manager(self, name: str) -> dict[str, Any]:
        """What a listener's first chain says of HTTP."""
        return dict(self.listener(name)["filterChains"][0]["filters"][0]["typedConfig"])

    def routes(self, name: str) -> list[dict[str, Any]]:
        """The routes of a listener's first chain."""
        return list(self.manager(name)["routeConfig"]["virtualHosts"][0]["routes"])


Real = tuple[dict[str, Any], dict[str, Any]]
"""What Envoys have, and what they are due."""


def real(zone: Zone) -> Real:
    """What counts now, whatever casts a shadow."""
    due = {name: config(zone, name, shadow=False) for name in zone.world.proxies}
    return zone.configured(), due


def config(zone: Zone, name: str, shadow: bool) -> dict[str, Any]:
    """A Dataplane's config as the API tells it. Raises Failed where there is none."""
    asked = f"shadow={str(shadow).lower()}&include=diff"
    found = zone.api.get(f"/meshes/{MESH}/dataplanes/{name}/_config?{asked}")
    if found is None:
        raise Failed(f"no config of {name} yet")
    return dict(found)


@frozen
class Shade:
    """A zone, and what its proxies would hold."""

    zone: Zone

    def config(self, name: str, shadow: bool = True) -> dict[str, Any]:
        """A Dataplane's config, and how it differs from the one in effect. Raises Failed where there is none."""
        return config(self.zone, name, shadow)

    def look(self, name: str) -> Look:
        """What a Dataplane's proxy would hold if shadow policies were in effect."""
        found = self.config(name)
        return Look(found["xds"], read(found["diff"]))

    def seen(self, name: str, *texts: str) -> Look:
        """The same once there is a difference in which all these are to be read."""

        def found() -> Look | None:
            look = self.look(name)
            told = json.dumps(look.difference)
            return look if look.difference and all(one in told for one in texts) else None

        return wait_for(f"{texts} in the shadow that falls on {name}", found, WITHIN)

    @contextmanager
    def shadow(self, *policies: Mapping[str, Any]) -> Iterator[None]:
        """Policies that are only looked at, for a while: what Envoys have and are due does not change by them."""
        before = real(self.zone)
        for one in policies:
            self.zone.api.put({**one, "labels": {EFFECT: "shadow"}})
        try:
            yield
            assert real(self.zone) == before
        finally:
            for one in policies:
                self.zone.api.delete(one["type"], one["name"], MESH)
        wait_for("no shadow is left", lambda: not any(self.config(name)["diff"] for name in before[1]), WITHIN)


@contextmanager
def known_zone() -> Iterator[Zone]:
    """A lone zone whose proxies have identities and may all call each other."""
    with lone_zone() as zone:
        zone.api.apply(example("identity.yaml"))
        everybody = {"spiffeID": {"type": "Prefix", "value": EVERYBODY_OF_MESH}}
        zone.api.put(policy("MeshTrafficPermission", "everybody", rules=[{"default": {"allow": [everybody]}}]))
        yield zone


def settled(zone: Zone, client: Client) -> None:
    """Wait until all proxies are known to be online, all services to speak TLS, and all answer the client."""
    zone.ready()
    for name in (*zone.instances, client.name):
        wait_for(f"{name} speaks TLS", partial(_speaks_tls, zone, name))
    for name in client.outbounds:
        wait_for(f"{name} answers", partial(_answers, client, name))
    for name in zone.world.proxies:
        wait_for(f"{name} is online", partial(_online, zone, name))
    looks = [real(zone)]
    wait_for("nothing changes any more", partial(_steady, zone, looks))


def _steady(zone: Zone, looks: list[Real]) -> bool:
    """Whether so many looks in a row were alike: services become known one after another."""
    looks.append(real(zone))
    return len(looks) > ALIKE and all(one == looks[-1] for one in looks[-ALIKE:])


@contextmanager
def shades() -> Iterator[Shade]:
    """A server of requests, another, and a client that has an inbound of connections."""
    with known_zone() as zone:
        zone.serve(SERVER, "127.0.0.2", {"http": "http"})
        zone.serve(OTHER, "127.0.0.3", {"http": "http"})
        refs = {name: zone.backend(name) for name in (SERVER, OTHER)}
        client = zone.client(CLIENT, refs, {"port": free_ports(1)[0], "name": "raw", "protocol": "tcp"})
        settled(zone, client)
        yield Shade(zone)


def _speaks_tls(zone: Zone, name: str) -> bool:
    """Whether a MeshService's status tells that callers may use TLS."""
    found = zone.api.get(f"/meshes/{MESH}/meshservices/{name}") or {}
    return bool(found.get("status", {}).get("tls", {}).get("status") == "Ready")


def _answers(client: Client, name: str) -> bool:
    return client.status(name) == 200


def _online(zone: Zone, name: str) -> bool:
    """Whether a Dataplane's insight tells of a connection."""
    found = zone.api.get(f"/meshes/{MESH}/dataplanes/{name}/_overview") or {}
    subscriptions = found.get("dataplaneInsight", {}).get("subscriptions", ())
    return any("disconnectTime" not in one for one in subscriptions)
