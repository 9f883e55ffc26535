"""What is left of ServiceInsights, service by service."""

from __future__ import annotations

from tests.kuma.rest.served import served

INSIGHT = {
    "type": "ServiceInsight",
    "mesh": "default",
    "name": "all-services-default",
    "services": {
        "web": {"status": "online", "dataplanes": {"online": 2, "offline": 1}, "issuedBackends": {"ca-1": 2}},
        "bank": {"serviceType": "external"},
        "kong": {"serviceType": "gateway_delegated", "dataplanes": {"online": 1}},
    },
}


async def test_services_stand_alone():
    async with served() as api:
        await api.mesh()
        await api.store_document(INSIGHT)
        found = (await api.get("/service-insights")).json
        assert [(one["mesh"], one["name"]) for one in found["items"]] == [
            ("default", "bank"),
            ("default", "kong"),
            ("default", "web"),
        ]
        bank, kong, web = found["items"]
        assert (bank["addressPort"], bank["dataplanes"]) == ("bank.mesh:80", {})
        assert "addressPort" not in kong
        assert (web["dataplanes"], web["issuedBackends"]) == ({"total": 3, "online": 2, "offline": 1}, {"ca-1": 2})
        assert (await api.get("/meshes/default/service-insights/web")).json == web


async def test_some_of_them():
    async with served() as api:
        await api.mesh()
        await api.store_document(INSIGHT)
        path = "/meshes/default/service-insights"
        page = (await api.get(f"{path}?size=1&type=internal,external")).json
        assert ([one["name"] for one in page["items"]], page["total"]) == (["bank"], 2)
        assert page["next"].endswith("offset=1&size=1&type=internal%2Cexternal")
        assert (await api.get(f"{path}?name=on")).json["total"] == 1
        refused = await api.get(f"{path}?type=random")
        assert (refused.status, refused.json["detail"]) == (400, "bad request: unsupported service type")
        assert (await api.get(f"{path}/nobody")).json["title"] == "Could not retrieve a resource"
        assert (await api.get("/meshes/nowhere/service-insights")).json["title"] == "Failed to retrieve Mesh"


async def test_they_are_only_looked_at():
    async with served() as api:
        await api.mesh()
        reply = await api.put("/meshes/default/service-insights/a", {"type": "ServiceInsight", "name": "a"})
        assert reply.status == 405
