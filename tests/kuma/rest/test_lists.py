"""Lists: pages and filters."""

from __future__ import annotations

import pytest

from tests.kuma.rest.served import served


async def fill(api, count=5):
    await api.mesh()
    await api.mesh("other")
    for index in range(count):
        await api.store_document(
            {
                "type": "Dataplane",
                "mesh": "default" if index % 2 else "other",
                "name": f"dp-{index}",
                "labels": {"app": "web" if index < 2 else "db", "kuma.io/zone": "east"},
                "networking": {"address": f"10.0.0.{index}", "inbound": [{"port": 80}]},
            }
        )


def names(reply) -> list[str]:
    return [one["name"] for one in reply.json["items"]]


async def test_pages_lead_to_the_next():
    async with served() as api:
        await fill(api)
        seen, path = [], "/dataplanes?size=2"
        while path:
            reply = await api.get(path)
            assert reply.json["total"] == 5
            seen += names(reply)
            following = reply.json["next"]
            assert following is None or following.startswith(f"{api.url}/dataplanes?offset=")
            path = following and following.removeprefix(api.url)
        assert seen == ["dp-1", "dp-3", "dp-0", "dp-2", "dp-4"]
        beyond = await api.get("/dataplanes?offset=99")
        assert (beyond.json["items"], beyond.json["next"], beyond.json["total"]) == ([], None, 5)


async def test_filters():
    async with served() as api:
        await fill(api)
        assert names(await api.get("/meshes/default/dataplanes")) == ["dp-1", "dp-3"]
        assert names(await api.get("/dataplanes?name=p-3")) == ["dp-3"]
        assert names(await api.get("/dataplanes?filter[labels.app]=web")) == ["dp-1", "dp-0"]
        assert names(await api.get("/dataplanes?filter[labels.app]=web&filter[labels.kuma.io/zone]=west")) == []
        assert names(await api.get("/dataplanes?tag=app:we&tag=kuma.io/zone:*")) == ["dp-1", "dp-0"]
        assert names(await api.get("/dataplanes?gateway=true")) == []
        assert len(names(await api.get("/dataplanes?gateway=FALSE"))) == 5


@pytest.mark.parametrize(
    ("query", "field", "reason"),
    [
        ("size=x", "size", "invalid format"),
        ("size=0", "size", "must be greater than 0"),
        ("size=-1", "size", "must be greater than 0"),
        ("size=1001", "size", "invalid page size of 1001. Maximum page size is 1000"),
        ("filter[labelds.a]=b", "/meshes/{mesh}/dataplanes.filter[labelds.a]", "filters are only supported on labels"),
        (
            "filter[labels.a][eq]=b",
            "/meshes/{mesh}/dataplanes.filter[labels.a][eq]",
            "advanced filters are not supported",
        ),
        (
            "gateway=builtin",
            "/meshes/{mesh}/dataplanes.gateway",
            "should use `true`, `false` or `delegated` instead of builtin",
        ),
    ],
)
async def test_questions_that_make_no_sense(query, field, reason):
    async with served() as api:
        await api.mesh()
        reply = await api.get(f"/meshes/default/dataplanes?{query}")
        assert (reply.status, reply.json["title"]) == (400, "Could not retrieve resources")
        assert reply.json["invalid_parameters"] == [{"field": field, "reason": reason}]


@pytest.mark.parametrize(
    ("offset", "why"),
    [
        ("x", 'strconv.Atoi: parsing "x": invalid syntax'),
        ("-1", "must be non-negative"),
        ("9223372036854775808", "exceeds maximum value"),
    ],
)
async def test_offsets_that_are_none(offset, why):
    async with served() as api:
        reply = await api.get(f"/meshes?offset={offset}")
        assert (reply.status, reply.json["detail"]) == (400, f"invalid: invalid offset: {why}")


async def test_overviews_join_what_is_known():
    async with served() as api:
        await fill(api, 2)
        await api.store_document(
            {
                "type": "DataplaneInsight",
                "mesh": "default",
                "name": "dp-1",
                "subscriptions": [{"id": "1", "controlPlaneInstanceId": "cp"}],
            }
        )
        for path in ("/meshes/default/dataplanes/_overview", "/meshes/default/dataplanes+insights"):
            (shown,) = (await api.get(path)).json["items"]
            assert (shown["type"], shown["name"]) == ("DataplaneOverview", "dp-1")
            assert shown["dataplane"]["networking"]["address"] == "10.0.0.1"
            assert shown["dataplaneInsight"]["subscriptions"][0]["id"] == "1"
        alone = (await api.get("/meshes/other/dataplanes/dp-0/_overview")).json
        assert alone["dataplaneInsight"] == {}
        await api.store_document({"type": "Zone", "name": "east"})
        assert (await api.get("/zones/_overview")).json["items"][0]["type"] == "ZoneOverview"
        assert (await api.get("/zones+insights/east")).json["zoneInsight"] == {}


async def test_zone_ingresses_alone():
    async with served() as api:
        await fill(api)
        listener = {"type": "ZoneIngress", "name": "in", "address": "10.0.0.9", "port": 10001, "state": "Ready"}
        body = {
            "type": "Dataplane",
            "mesh": "default",
            "name": "way-in",
            "networking": {"address": "10.0.0.9", "listeners": [listener]},
        }
        assert (await api.put("/meshes/default/dataplanes/way-in", body)).status == 201
        assert names(await api.get("/meshes/default/dataplanes/_overview?ingress=true")) == ["way-in"]
