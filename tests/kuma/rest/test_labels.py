"""Which labels may be written on which control plane, and what is said of the others."""

from __future__ import annotations

import pytest

from kuma.labels import NO_WORKLOAD
from kuma.names import LABEL_VALUE, QUALIFIED_NAME
from kuma.rest.api import About
from tests.kuma.rest.served import served

GLOBAL = About(mode="global")
ZONE = About(mode="zone", zone="east", federated=True)
ALONE = About(mode="zone", zone="east")

OUTWARD = {"spec": {"to": [{"targetRef": {"kind": "Mesh"}, "default": {"connectionTimeout": "5s"}}]}}
EXTERNAL = {"spec": {"match": {"port": 443}, "endpoints": [{"address": "example.com", "port": 443}]}}
KINDS = {"MeshTimeout": ("meshtimeouts", OUTWARD), "MeshExternalService": ("meshexternalservices", EXTERNAL)}

HARMLESS = {
    "kuma.io/mesh": "default",
    "kuma.io/display-name": "another",
    "kuma.io/env": "kubernetes",
    "kuma.io/workload": "backend",
    "k8s.kuma.io/service-account": "backend",
    "k8s.kuma.io/namespace": "demo",
    "kuma.io/policy-role": "system",
    "kuma.io/proxy-type": "sidecar",
    "kuma.io/foo": "bar",
    "k8s.kuma.io/baz": "bar",
}
FROM_GLOBAL = "the origin label must be set to 'global'"
FROM_ZONE = "the origin label must be set to 'zone'"


async def put(api, kind, labels, name="one", **more):
    path, said = KINDS[kind]
    body = {"type": kind, "mesh": "default", "name": name, "labels": labels, **said, **more}
    return await api.put(f"/meshes/default/{path}/{name}", body)


def refused(reply):
    """What is wrong, as the legacy fields and the new ones tell it alike."""
    assert (reply.status, reply.json["title"]) == (400, "Could not process a resource")
    assert reply.json["detail"] == reply.json["details"] == "Resource is not valid"
    assert reply.json["type"] == "/std-errors"
    causes = [(one["field"], one["message"]) for one in reply.json["causes"]]
    assert causes == [(one["field"], one["reason"]) for one in reply.json["invalid_parameters"]]
    return causes


def at(label, *messages):
    return [(f'labels["{label}"]', message) for message in messages]


def cases(*rows):
    return pytest.mark.parametrize(("labels", "wrong"), rows)


KIND = pytest.mark.parametrize("kind", KINDS)


@pytest.mark.scenario("M-labels-global-01")
@KIND
async def test_labels_that_do_no_harm_on_global(kind):
    async with served(about=GLOBAL) as api:
        await api.mesh()
        harmless = [
            {},
            {"kuma.io/origin": "global"},
            {"kuma.io/mesh": "nobody"},
            {"kuma.io/zone": "west"},
            *({key: value} for key, value in HARMLESS.items()),
        ]
        for index, labels in enumerate(harmless):
            reply = await put(api, kind, labels, name=f"one-{index}")
            assert (reply.status, reply.json) == (201, {}), labels


@pytest.mark.scenario("M-labels-global-02")
@KIND
@cases(
    ({"kuma.io/origin": "zone"}, at("kuma.io/origin", FROM_GLOBAL)),
    ({"kuma.io/origin": "bogus"}, at("kuma.io/origin", 'unknown resource origin "bogus"', FROM_GLOBAL)),
)
async def test_origins_on_global(kind, labels, wrong):
    async with served(about=GLOBAL) as api:
        await api.mesh()
        assert refused(await put(api, kind, labels)) == wrong


@pytest.mark.scenario("M-labels-global-03")
@KIND
@pytest.mark.parametrize("about", [GLOBAL, ZONE])
@cases(
    ({"kuma.io/Not Valid!": "x"}, at("kuma.io/Not Valid!", QUALIFIED_NAME)),
    ({"kuma.io/custom": "not valid!!"}, at("kuma.io/custom", LABEL_VALUE)),
)
async def test_what_is_no_label(kind, about, labels, wrong):
    async with served(about=about) as api:
        await api.mesh()
        assert refused(await put(api, kind, labels | {"kuma.io/origin": about.mode})) == wrong


@pytest.mark.scenario("M-labels-zone-01")
@KIND
@cases(
    ({}, at("kuma.io/origin", FROM_ZONE)),
    ({"kuma.io/origin": "global"}, at("kuma.io/origin", FROM_ZONE)),
    ({"kuma.io/origin": "bogus"}, at("kuma.io/origin", 'unknown resource origin "bogus"', FROM_ZONE)),
)
async def test_origins_in_a_zone(kind, labels, wrong):
    async with served(about=ZONE) as api:
        await api.mesh()
        assert refused(await put(api, kind, labels)) == wrong
    async with served(about=ALONE) as api:
        await api.mesh()
        assert (await put(api, kind, {})).status == 201


@pytest.mark.scenario("M-labels-zone-02", "M-labels-zone-03")
@KIND
@cases(
    (
        {"kuma.io/mesh": "another"},
        at("kuma.io/mesh", "kuma.io/mesh label must not differ from mesh set on resource"),
    ),
    ({"kuma.io/zone": "west"}, at("kuma.io/zone", "kuma.io/zone label should have east value")),
    (
        {"kuma.io/zone": "west", "kuma.io/mesh": "another", "kuma.io/a!": "b"},
        [
            *at("kuma.io/zone", "kuma.io/zone label should have east value"),
            *at("kuma.io/mesh", "kuma.io/mesh label must not differ from mesh set on resource"),
            *at("kuma.io/a!", QUALIFIED_NAME),
        ],
    ),
)
async def test_another_mesh_or_zone(kind, labels, wrong):
    async with served(about=ZONE) as api:
        await api.mesh()
        assert refused(await put(api, kind, labels | {"kuma.io/origin": "zone"})) == wrong
        own = {"kuma.io/zone": "east", "kuma.io/mesh": "default", "kuma.io/origin": "zone"}
        assert (await put(api, kind, own)).status == 201


@pytest.mark.scenario("M-labels-zone-04")
@KIND
async def test_labels_that_do_no_harm_in_a_zone(kind):
    async with served(about=ZONE) as api:
        await api.mesh()
        for index, (key, value) in enumerate(HARMLESS.items()):
            reply = await put(api, kind, {"kuma.io/origin": "zone", key: value}, name=f"one-{index}")
            assert (reply.status, reply.json) == (201, {}), key


@pytest.mark.parametrize("about", [GLOBAL, ZONE])
async def test_only_policies_have_a_role_and_only_that_of_the_system(about):
    labels = {"kuma.io/origin": about.mode, "kuma.io/policy-role": "producer"}
    async with served(about=about) as api:
        await api.mesh()
        message = "kuma.io/policy-role label should have system value, got producer"
        assert refused(await put(api, "MeshTimeout", labels)) == at("kuma.io/policy-role", message)
        assert (await put(api, "MeshExternalService", labels)).status == 201


@pytest.mark.parametrize(
    ("about", "length", "wrong"),
    [
        (ZONE, 247, []),
        (ZONE, 248, ["the length of the name must be shorter"]),
        (ALONE, 253, []),
        (GLOBAL, 253, []),
        (GLOBAL, 254, ["value length must less or equal 253"]),
    ],
)
async def test_names_that_fit_on_global_too(about, length, wrong):
    async with served(about=about) as api:
        await api.mesh()
        labels = {"kuma.io/origin": about.mode}
        reply = await put(api, "MeshTimeout", labels, name="a" * length)
        found = [] if reply.status == 201 else refused(reply)
        assert found == [("name", message) for message in wrong]


async def test_everything_that_is_wrong_in_order():
    async with served(about=ZONE) as api:
        await api.mesh()
        body = {"type": "MeshTimeout", "mesh": "Other!", "name": "Two", "labels": {"a!": "b"}, **OUTWARD}
        fields = [field for field, _ in refused(await api.put("/meshes/default/meshtimeouts/one", body))]
        assert fields == ["name", "mesh", 'labels["kuma.io/origin"]', 'labels["a!"]', "name", "mesh"]


async def test_workloads_of_dataplanes():
    proxy = {"type": "Dataplane", "mesh": "default", "name": "one", "networking": {"address": "10.0.0.1"}}
    async with served(about=ZONE) as api:
        await api.mesh()
        reply = await api.put("/meshes/default/dataplanes/one", proxy | {"labels": {"kuma.io/workload": "A"}})
        assert (reply.status, reply.json["title"]) == (400, "Bad Request")
        assert reply.json["detail"].startswith(f'bad request: labels["kuma.io/workload"]: {NO_WORKLOAD}: ')
        assert (await api.put("/meshes/default/dataplanes/one", proxy)).status == 201
        changed = await api.put("/meshes/default/dataplanes/one", proxy | {"labels": {"kuma.io/workload": "A"}})
        assert changed.status == 200
