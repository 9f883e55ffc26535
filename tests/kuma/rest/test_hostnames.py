"""Under which hostnames a service is reached."""

from __future__ import annotations

import pytest

from kuma.rest.api import About
from tests.kuma.rest.served import served


def service(name, **labels):
    document = {"type": "MeshService", "mesh": "default", "name": name, "spec": {"ports": [{"port": 80}]}}
    return document | {"labels": {"kuma.io/display-name": "web", **labels}}


def generator(name, template, **labels):
    spec = {"selector": {"meshService": {"matchLabels": labels}}, "template": template}
    return {"type": "HostnameGenerator", "name": name, "spec": spec}


SYNCED = generator("synced", "{{ .DisplayName }}.svc.{{ .Zone }}.mesh.local", **{"kuma.io/origin": "global"})
LOCAL = generator("local", "{{ .DisplayName }}.svc.mesh.local", **{"kuma.io/origin": "zone"})
EAST = {"kuma.io/zone": "east", "kuma.io/origin": "zone"}


async def told(mode, *documents, path="meshservices/web"):
    async with served(about=About(mode=mode, zone="east" if mode == "zone" else "")) as server:
        await server.mesh()
        for one in documents:
            await server.store_document(one)
        return await server.get(f"/meshes/default/{path}/_hostnames")


async def test_a_zone_tells_what_it_calls_its_own():
    reply = await told("zone", service("web", **EAST), SYNCED, LOCAL)
    item = {"hostname": "web.svc.mesh.local", "zones": [{"name": "east"}]}
    assert reply.json == {"total": 1, "items": [item]}


async def test_the_global_one_tells_what_all_zones_call_it():
    reply = await told("global", service("web", **EAST), SYNCED, LOCAL)
    assert [one["hostname"] for one in reply.json["items"]] == ["web.svc.east.mesh.local", "web.svc.mesh.local"]


@pytest.mark.parametrize("template", ['{{ label "none" }}.mesh', "{{ .DisplayName }}.mesh"])
async def test_what_no_generator_names_has_no_hostnames(template):
    labels = {} if "label" in template else {"app": "other"}
    reply = await told("zone", service("web", **EAST), generator("one", template, **labels))
    assert reply.json == {"total": 0, "items": None}


@pytest.mark.parametrize(
    ("path", "status", "title"),
    [
        ("meshservices/none", 404, "could not retrieve service"),
        ("dataplanes/web", 400, 'only "meshservices,meshexternalservices,meshmultizoneservices" are available'),
    ],
)
async def test_what_has_no_hostnames_is_refused(path, status, title):
    reply = await told("zone", path=path)
    assert reply.status == status
    assert reply.json["title"].startswith(title)
