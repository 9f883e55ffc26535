"""Resources over HTTP: written, read, listed, removed; and what is said when that can't be."""

from __future__ import annotations

import pytest

from kuma.rest.api import About
from kuma.store.api import Unavailable
from tests.kuma.rest.served import served

DATAPLANE = {
    "type": "Dataplane",
    "mesh": "default",
    "name": "web-1",
    "labels": {"app": "web"},
    "networking": {"address": "10.0.0.1", "inbound": [{"port": 8080}]},
}
TIMEOUT = {
    "type": "MeshTimeout",
    "mesh": "default",
    "name": "slow",
    "spec": {"targetRef": {"kind": "Mesh"}, "to": [{"targetRef": {"kind": "Mesh"}, "default": {"idleTimeout": "15s"}}]},
}
SECRET = {"type": "Secret", "mesh": "default", "name": "word", "data": "aGVsbG8="}
WRITTEN = [
    ("/meshes/shop", {"type": "Mesh", "name": "shop"}),
    ("/meshes/default/dataplanes/web-1", DATAPLANE),
    ("/meshes/default/meshtimeouts/slow", TIMEOUT),
    ("/meshes/default/secrets/word", SECRET),
    ("/global-secrets/word", {"type": "GlobalSecret", "name": "word", "data": "aGVsbG8="}),
    ("/zones/west", {"type": "Zone", "name": "west"}),
]


@pytest.mark.parametrize(("path", "document"), WRITTEN, ids=[document["type"] for _, document in WRITTEN])
async def test_a_round_of_writing(path, document):
    async with served() as api:
        await api.mesh()
        created = await api.put(path, document)
        assert (created.status, created.json) == (201, {})
        shown = (await api.get(path)).json
        assert document.items() <= {**shown, "labels": document.get("labels", shown.get("labels"))}.items()
        assert (await api.put(path, document)).status == 200
        assert [one["name"] for one in (await api.get(path.rpartition("/")[0])).json["items"]].count(
            document["name"]
        ) == 1
        assert (await api.delete(path)).json == {}
        gone = await api.get(path)
        assert (gone.status, gone.json["detail"]) == (404, "Not found")


async def test_the_body_of_a_problem():
    async with served() as api:
        await api.mesh()
        reply = await api.get("/meshes/default/dataplanes/nobody")
        assert reply.headers["content-type"] == "application/json"
        assert reply.json == {
            "type": "/std-errors",
            "status": 404,
            "title": "Could not retrieve a resource",
            "detail": "Not found",
            "details": "Not found",
        }
        assert reply.body.startswith(b'{\n "type"')
        assert reply.body.endswith(b"}\n")


async def test_what_is_wrong_is_named_by_field():
    async with served() as api:
        await api.mesh()
        reply = await api.put("/meshes/default/dataplanes/web-1", {**DATAPLANE, "name": "web-2"})
        assert reply.status == 400
        assert reply.json["title"] == "Could not process a resource"
        assert reply.json["invalid_parameters"] == [
            {"field": "name", "reason": "name from the URL has to be the same as in body"}
        ]
        assert reply.json["causes"][0]["field"] == "name"
        wrong = {**DATAPLANE, "networking": {"address": "10.0.0.1", "inbound": [{"port": 70_000}]}}
        reply = await api.put("/meshes/default/dataplanes/web-1", wrong)
        assert reply.status == 400
        assert any("port" in one["field"] for one in reply.json["invalid_parameters"])
        assert (await api.get("/meshes/default/dataplanes/web-1")).status == 404


async def test_another_type_is_named():
    async with served() as api:
        await api.mesh()
        reply = await api.put("/meshes/default/meshtimeouts/slow", {**TIMEOUT, "type": "Timeout"})
        assert reply.json["causes"] == [{"field": "", "message": "type in body should be one of [MeshTimeout]"}]
        reply = await api.put("/meshes/default/secrets/word", {**SECRET, "type": "Zone"})
        assert reply.json["causes"] == [{"field": "type", "message": "type from the URL has to be the same as in body"}]


async def test_a_mesh_that_is_not_there():
    async with served() as api:
        for reply in (
            await api.get("/meshes/nowhere/dataplanes"),
            await api.put("/meshes/nowhere/dataplanes/web-1", DATAPLANE),
            await api.delete("/meshes/nowhere/dataplanes/web-1"),
        ):
            assert (reply.status, reply.json["title"]) == (404, "Failed to retrieve Mesh")


async def test_paths_and_methods_that_are_not():
    async with served() as api:
        assert (await api.get("/nothing")).status == 404
        assert (await api.get("/meshes/default/zones")).status == 404
        assert (await api.get("/dataplanes/web-1")).status == 404
        assert (await api.call("PATCH", "/meshes/default")).status == 405
        assert (await api.call("POST", "/meshes/default", {})).status == 405


async def test_what_can_not_be_written_here():
    async with served(about=About(mode="global")) as api:
        await api.mesh()
        reply = await api.put("/meshes/default/dataplanes/web-1", DATAPLANE)
        assert (reply.status, reply.json["title"]) == (405, "Method not allowed")
        assert reply.json["detail"].startswith("On global control plane you can not modify dataplane resources")
    async with served(about=About(mode="zone", zone="east", federated=True)) as api:
        assert (await api.put("/meshes/shop", {"type": "Mesh", "name": "shop"})).status == 405
    async with served(about=About(mode="zone", zone="east", read_only=True)) as api:
        assert (await api.put("/zones/west", {"type": "Zone", "name": "west"})).status == 405


async def test_a_lost_update_is_a_conflict(monkeypatch):
    async with served() as api:
        await api.mesh()
        await api.put("/zones/west", {"type": "Zone", "name": "west"})
        get = api.store.get

        async def stale(key):
            resource = await get(key)
            if key.kind == "Zone":
                await api.store.update(resource)
            return resource

        monkeypatch.setattr(type(api.resources), "get", lambda _, key: stale(key))
        reply = await api.put("/zones/west", {"type": "Zone", "name": "west"})
        assert (reply.status, reply.json["title"]) == (409, "Conflict")


async def test_a_store_that_is_away(monkeypatch):
    async with served() as api:

        async def away(*_):
            raise Unavailable("no connection to Postgres")

        monkeypatch.setattr(type(api.resources), "get", away)
        reply = await api.get("/meshes/default")
        assert (reply.status, reply.json["title"]) == (503, "Service unavailable")
        assert "no connection to Postgres" in reply.json["detail"]
        assert int(reply.headers["retry-after"]) > 0


async def test_the_unexpected_tells_nothing(monkeypatch):
    async with served() as api:

        async def broken(*_):
            raise RuntimeError("secret word: swordfish")

        monkeypatch.setattr(type(api.resources), "get", broken)
        reply = await api.get("/meshes/default")
        assert (reply.status, reply.json["detail"]) == (500, "Internal Server Error")
        assert b"swordfish" not in reply.body
        assert b"Traceback" not in reply.body


async def test_manifests_for_kubernetes():
    async with served() as api:
        await api.mesh()
        shown = (await api.get("/meshes/default?format=k8s")).json
        assert (shown["kind"], shown["apiVersion"], shown["metadata"]["name"]) == (
            "Mesh",
            "kuma.io/v1alpha1",
            "default",
        )
        assert (await api.get("/meshes/default")).json["type"] == "Mesh"
        await api.store_document(SECRET)
        secret = (await api.get("/meshes/default/secrets/word?format=kubernetes")).json
        assert (secret["kind"], secret["apiVersion"], secret["type"]) == ("Secret", "v1", "system.kuma.io/secret")
        assert secret["data"] == {"value": "aGVsbG8="}
        odd = await api.get("/meshes/default?format=xml")
        assert odd.json["causes"][0]["message"] == '"format" must be one of ["k8s", "kubernetes", "universal"]'


async def test_by_kri():
    async with served() as api:
        await api.mesh()
        await api.put("/meshes/default/dataplanes/web-1", DATAPLANE)
        name = (await api.get("/meshes/default/dataplanes/web-1")).json["kri"]
        assert (await api.get(f"/_kri/{name}")).json["name"] == "web-1"
        assert (await api.get(f"/_kri/{name.replace('web-1', 'web-9')}")).status == 404
        bad = await api.get("/_kri/kri_nope_default_x__web-1_")
        assert bad.json["detail"] == 'bad request: unknown short name of resource type: "nope"'
        assert (await api.get("/_kri/x")).status == 400
        assert (await api.get("/_kri/abc_dp_default_x__web-1_")).status == 400


@pytest.mark.parametrize("changed", [{"name": 12}, {"mesh": ["default"]}, {"type": {"a": 1}}], ids=str)
async def test_a_resource_is_named_by_text(changed):
    async with served() as api:
        await api.mesh()
        reply = await api.put("/meshes/default/dataplanes/web-1", DATAPLANE | changed)
        (name,) = changed
        assert (reply.status, reply.json["title"]) == (400, "Bad Request")
        assert reply.json["detail"] == f'invalid Dataplane object: "{name} must be text"'


async def test_a_workload_is_named_as_a_service_could_be():
    async with served() as api:
        await api.mesh()
        reply = await api.put("/meshes/default/dataplanes/web-1", DATAPLANE | {"labels": {"kuma.io/workload": "Web"}})
        assert (reply.status, reply.json["title"]) == (400, "Bad Request")
        assert reply.json["detail"].startswith(
            'bad request: labels["kuma.io/workload"]: must be a valid DNS-1035 label'
        )
