"""The API's questions about Envoys: who may ask, how, and what is said when there is no answer."""

from __future__ import annotations

import pytest
from attrs import define, field

from kuma.rest.envoys import Look, NotTold
from kuma.settings.access import Allowed, StaticAccess
from tests.kuma.rest.served import REMOTE, served

WEB = "/meshes/default/dataplanes/web-1"


@define
class Envoys:
    """Remembers what it was asked."""

    asked: list[Look] = field(factory=list)
    refused: str = ""

    async def look(self, dataplane, look):
        self.asked.append(look)
        if self.refused:
            raise NotTold(self.refused)
        return b'{"configs": []}' if look.as_json else b"server.live: 1\n"


@pytest.mark.parametrize(
    ("path", "look"),
    [
        ("xds", Look("config_dump", as_json=True)),
        ("xds?include_eds=true", Look("config_dump", include_eds=True, as_json=True)),
        ("stats", Look("stats")),
        ("stats?usedonly=false&format=json", Look("stats", as_json=True, used_only=False)),
        ("clusters", Look("clusters")),
        ("clusters?format=json", Look("clusters", as_json=True)),
    ],
)
async def test_pages(path, look):
    envoys = Envoys()
    async with served(envoys=envoys) as api:
        await api.mesh()
        await api.store_document(
            {"type": "Dataplane", "mesh": "default", "name": "web-1", "networking": {"address": "10.0.0.1"}}
        )
        reply = await api.get(f"{WEB}/{path}")
        assert (reply.status, envoys.asked) == (200, [look])
        assert reply.headers["content-type"].startswith("application/json" if look.as_json else "text/plain")


async def test_refusals():
    envoys = Envoys(refused="zone is offline")
    access = StaticAccess(view_stats=Allowed())
    async with served(envoys=envoys, access=access) as api:
        await api.mesh()
        gone = await api.get(f"{WEB}/stats")
        assert (gone.status, gone.json["title"]) == (404, "Could not get dataplane resource")
        await api.store_document(
            {"type": "Dataplane", "mesh": "default", "name": "web-1", "networking": {"address": "10.0.0.1"}}
        )
        reply = await api.get(f"{WEB}/stats")
        assert (reply.status, reply.json["title"], reply.json["detail"]) == (
            400,
            "Could not execute admin operation",
            "zone is offline",
        )
        denied = await api.get(f"{WEB}/stats", headers=REMOTE)
        assert (denied.status, denied.json["title"]) == (403, "Access Denied")
        assert denied.json["detail"].endswith("cannot access envoy proxy info")
        assert (await api.get(f"{WEB}/xds", headers=REMOTE)).status == 400
