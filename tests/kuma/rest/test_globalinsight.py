"""The numbers of everything that a control plane knows."""

from __future__ import annotations

from tests.kuma.rest.served import served

CONNECTED = [{"id": "1", "connectTime": "2030-01-01T00:00:00Z"}]
NUMBERS = {"online": 2, "offline": 1, "partiallyDegraded": 1, "total": 4}


def gateway(name, tags, connected):
    networking = {"address": "10.0.0.1", "gateway": {"tags": tags}}
    yield {"type": "Dataplane", "mesh": "default", "name": name, "networking": networking}
    if connected:
        yield {"type": "DataplaneInsight", "mesh": "default", "name": name, "subscriptions": CONNECTED}


def service(name, **proxies):
    spec = {"selector": {"dataplaneLabels": {"matchLabels": {"app": name}}}, "ports": [{"port": 80}]}
    status = {"dataplaneProxies": proxies} if proxies else {}
    return {"type": "MeshService", "mesh": "default", "name": name, "spec": spec, "status": status}


STORED = [
    {"type": "Mesh", "name": "other"},
    {
        "type": "MeshInsight",
        "name": "default",
        "dataplanesByType": {"standard": NUMBERS, "gatewayDelegated": {"online": 1, "total": 1}},
        "resources": {"MeshTimeout": {"total": 2}, "Dataplane": {"total": 5}},
    },
    {"type": "MeshInsight", "name": "other", "dataplanesByType": {"standard": NUMBERS}, "resources": {}},
    {"type": "Zone", "name": "east"},
    {"type": "Zone", "name": "west"},
    {"type": "ZoneInsight", "name": "east", "subscriptions": CONNECTED},
    {"type": "GlobalSecret", "name": "word", "data": "aGVsbG8="},
    service("web", connected=2, healthy=2, total=2),
    service("db", connected=2, healthy=1, total=2),
    service("idle"),
    *gateway("kong-1", {"kuma.io/service": "kong"}, True),
    *gateway("kong-2", {"kuma.io/service": "kong"}, False),
    *gateway("alone", {}, True),
]


async def test_everything_is_counted():
    async with served() as api:
        await api.mesh()
        for document in STORED:
            await api.store_document(document)
        told = (await api.get("/global-insight")).json
        assert told.pop("createdAt")
        assert told == {
            "meshes": {"total": 2},
            "zones": {
                "controlPlanes": {"online": 1, "total": 1},
                "zoneEgresses": {"online": 0, "total": 0},
                "zoneIngresses": {"online": 0, "total": 0},
            },
            "dataplanes": {
                "standard": {word: 2 * number for word, number in NUMBERS.items()},
                "gatewayDelegated": {"online": 1, "offline": 0, "partiallyDegraded": 0, "total": 1},
            },
            "policies": {"total": 2},
            "services": {
                "total": 5,
                "internal": {"online": 1, "offline": 1, "partiallyDegraded": 1, "total": 3},
                "external": {"total": 0},
                "gatewayDelegated": {"online": 1, "offline": 0, "partiallyDegraded": 1, "total": 2},
            },
            "resources": {"Dataplane": {"total": 5}, "MeshTimeout": {"total": 2}},
        }


async def test_nothing_is_there_yet():
    async with served() as api:
        told = (await api.get("/global-insight")).json
        assert told["resources"] == {}
        assert told["services"]["total"] == told["zones"]["controlPlanes"]["total"] == 0


async def test_what_belongs_to_no_mesh():
    async with served() as api:
        await api.mesh()
        await api.store_document({"type": "Zone", "name": "east"})
        told = (await api.get("/global-insights")).json
        assert told["type"] == "GlobalInsights"
        totals = {kind: one["total"] for kind, one in told["resources"].items()}
        assert {"Mesh": 1, "Zone": 1, "GlobalSecret": 0}.items() <= totals.items()
        assert "MeshInsight" not in totals
