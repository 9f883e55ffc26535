"""Whether an Envoy holds what it should: what it says beside what is made."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from attrs import evolve
from frozendict import frozendict

from kuma.envoy import api
from kuma.kinds import kri_of
from kuma.mesh import mesh_of
from kuma.rest.deliveries import Delivery, digest
from kuma.rest.envoys import NotTold
from kuma.xds.config import Config, Packed, layer, pack
from tests.zones import resource
from zone_cp.deliveries import NOT_HERE, ZoneDeliveries, compared
from zone_cp.session import CLUSTERS, ENDPOINTS, LISTENERS

LISTENER = evolve(pack("in", api.Listener(name="in")), version="2")
WANTED = Config(
    frozendict(
        {
            CLUSTERS: (layer([Packed("c", "1", b"")]),),
            ENDPOINTS: (layer([Packed("e", "1", b"")]),),
            LISTENERS: (layer([LISTENER, Packed("system_envoy_admin", "9", b"")]),),
        }
    )
)
TIMEOUT = resource("MeshTimeout", "slow", "default", spec={"rules": [{"default": {"idleTimeout": "5s"}}]})
DATAPLANE = resource("Dataplane", "web-1", "default", networking={"address": "10.0.0.1"})


def dump(*listeners, cluster="1"):
    clusters = [{"version_info": cluster, "cluster": {"name": "c"}}]
    return {"configs": [{"bootstrap": {}}, {"dynamic_active_clusters": clusters}, {"dynamic_listeners": listeners}]}


def active(version, **more):
    return {"name": "in", "active_state": {"version_info": version}, **more}


@pytest.mark.parametrize(
    ("held", "refused", "expected"),
    [
        (dump(active("2")), {}, Delivery("delivered")),
        (dump(active("2")), {CLUSTERS: "something older"}, Delivery("delivered")),
        (dump(active("2"), cluster="0"), {}, Delivery("pending", ("c",))),
        (dump(active("2"), cluster="0"), {CLUSTERS: "no such filter"}, Delivery("rejected", ("c: no such filter",))),
        (dump(), {}, Delivery("pending", ("in",))),
        (dump(active("1", error_state={"details": "why"})), {}, Delivery("rejected", ("in: why",))),
        (
            dump({"error_state": {"details": "why", "failed_configuration": {"name": "in"}}}),
            {},
            Delivery("rejected", ("in: why",)),
        ),
        (
            dump(
                active(
                    "1", error_state={"details": "why", "failed_configuration": {"name": "in", "trafficDirection": 1}}
                )
            ),
            {LISTENERS: "why"},
            Delivery("pending", ("in",)),
        ),
        ({}, {}, Delivery("pending", ("c", "in"))),
    ],
    ids=str,
)
def test_what_is_held_beside_what_is_wanted(held, refused, expected):
    assert compared(WANTED, held, refused) == expected


def test_a_listener_is_known_by_its_content_where_it_shows_an_older_version():
    """Envoy keeps the version of a listener of which only filter chains are replaced."""
    listener = api.Listener(name="in", filter_chains=[api.FilterChain(name="tls")])
    listener.connection_balance_config.exact_balance.SetInParent()
    wanted = Config(frozendict({LISTENERS: (layer([pack("in", listener)]),)}))
    shown = {"@type": "type.googleapis.com/envoy.config.listener.v3.Listener", **api.document(listener)}
    others = ({**shown, "name": "other"}, {**shown, "unheardOf": 1}, {})
    assert compared(wanted, dump(holding(shown)), {}) == Delivery("delivered")
    for other in others:
        assert compared(wanted, dump(holding(other)), {}) == Delivery("pending", ("in",))


def holding(shown):
    return {"name": "in", "active_state": {"version_info": "an older one", "listener": shown}}


class Inspection:
    """A zone with one proxy whose config is `WANTED`."""

    def __init__(self, *more):
        mesh = mesh_of("default", "east", [resource("Mesh", "default"), DATAPLANE, *more])
        self.meshes = SimpleNamespace(current=lambda name: mesh if name == "default" else None)

    async def made(self, mesh, name):
        return WANTED if mesh.get("Dataplane", name) else None


class Envoys:
    def __init__(self, answer=b""):
        self.answer = answer

    async def look(self, dataplane, look):
        if not self.answer:
            raise NotTold("Envoy does not answer")
        return self.answer


async def test_a_zone_must_have_heard_of_it():
    told = json.dumps(dump(active("2"))).encode()
    stamps = {str(kri_of(TIMEOUT)): digest(TIMEOUT)}
    here = ZoneDeliveries(Inspection(TIMEOUT), Envoys(told), lambda key: {})
    assert await here.delivered(DATAPLANE, stamps) == Delivery("delivered")
    assert await here.delivered(DATAPLANE, dict.fromkeys(stamps, "other")) == Delivery("pending", (NOT_HERE,))
    away = ZoneDeliveries(Inspection(), Envoys(told), lambda key: {})
    assert await away.delivered(DATAPLANE, stamps) == Delivery("pending", (NOT_HERE,))
    other = resource("Dataplane", "web-2", "default", networking={"address": "10.0.0.1"})
    assert await here.delivered(other, {}) == Delivery("pending", (NOT_HERE,))
    silent = ZoneDeliveries(Inspection(), Envoys(), lambda key: {})
    assert await silent.delivered(DATAPLANE, {}) == Delivery("unknown", ("Envoy does not answer",))
