"""`kumactl export`: what one control plane holds, taken to another one."""

from __future__ import annotations

import pytest
import yaml
from attrs import evolve

from kuma.kinds import KINDS
from kuma.rest import index
from kuma.rest.api import About
from tests.cli.ran import connected
from tests.kuma.rest.served import served

SECRET = {"type": "Secret", "mesh": "default", "name": "word", "data": "aGVsbG8="}
TIMEOUT = {
    "type": "MeshTimeout",
    "mesh": "default",
    "name": "slow",
    "labels": {"kuma.io/origin": "zone", "team": "a"},
    "spec": {"targetRef": {"kind": "Mesh"}, "to": [{"targetRef": {"kind": "Mesh"}, "default": {"idleTimeout": "15s"}}]},
}
DATAPLANE = {"type": "Dataplane", "mesh": "default", "name": "web-1", "networking": {"address": "10.0.0.1"}}
STORED = [
    {"type": "GlobalSecret", "name": "user-token-signing-key-1", "data": "aGVsbG8="},
    {"type": "GlobalSecret", "name": "inter-cp-ca", "data": "aGVsbG8="},
    {"type": "GlobalSecret", "name": "zone-token-signing-key-1", "data": "aGVsbG8="},
    {"type": "Mesh", "name": "default"},
    TIMEOUT,
    SECRET,
    DATAPLANE,
    {"type": "Zone", "name": "west"},
]


async def exported(cli, *arguments) -> list:
    done = await cli("export", *arguments)
    assert done.code == 0, done.err
    return [one for one in yaml.safe_load_all(done.out) if one]


def named(documents) -> list[tuple[str, str]]:
    return [(one["type"], one["name"]) for one in documents]


async def test_profiles(cli):
    async with served() as api:
        for document in STORED:
            await api.store_document(document)
        await connected(cli, api)
        keys = [("GlobalSecret", "zone-token-signing-key-1"), ("GlobalSecret", "user-token-signing-key-1")]
        mesh, secret = ("Mesh", "default"), ("Secret", "word")
        assert named(await exported(cli)) == [mesh, secret, *keys]
        policies = await exported(cli, "--profile", "federation-with-policies")
        assert named(policies) == [mesh, secret, ("MeshTimeout", "slow"), *keys]
        assert policies[0]["skipCreatingInitialPolicies"] == ["*"]
        assert policies[2]["labels"] == {"team": "a"}
        every = [("Dataplane", "web-1"), ("MeshTimeout", "slow"), ("Zone", "west")]
        assert named(await exported(cli, "-p", "all")) == [mesh, *every]
        assert named(await exported(cli, "-p", "no-dataplanes", "-a")) == [mesh, secret, *every[1:], *keys]


async def test_what_is_exported_can_be_applied(cli, tmp_path):
    async with served(about=About(mode="zone", zone="east")) as api:
        for document in STORED:
            await api.store_document(document)
        await connected(cli, api)
        done = await cli("export", "--profile", "federation-with-policies")
        assert done.out.startswith("# Product: Kuma, Version: ")
        assert done.err == ""
    file = tmp_path / "all.yaml"
    file.write_text(done.out)
    async with served(about=About(mode="global")) as api:
        await connected(cli, api)
        applied = await cli("apply", "-f", str(file))
        assert (applied.code, applied.err) == (0, "")
        assert applied.out.count("Created") == 5
        kept = (await api.get("/meshes/default/meshtimeouts/slow")).json
        assert (kept["labels"]["team"], kept["labels"]["kuma.io/origin"]) == ("a", "global")
        assert (await api.get("/meshtimeouts")).json["total"] == 1


async def test_manifests(cli):
    async with served() as api:
        elsewhere = {**TIMEOUT, "name": "fast.shop", "labels": {"k8s.kuma.io/namespace": "shop"}}
        for document in (*STORED, elsewhere):
            await api.store_document(document)
        await connected(cli, api)
        found = await exported(cli, "-f", "kubernetes", "-p", "federation-with-policies", "-n", "mesh")
        assert [(one["kind"], one["metadata"].get("namespace"), one["metadata"]["name"]) for one in found] == [
            ("Mesh", None, "default"),
            ("Secret", "mesh", "word"),
            ("MeshTimeout", "mesh", "slow"),
            ("Secret", "mesh", "zone-token-signing-key-1"),
            ("Secret", "mesh", "user-token-signing-key-1"),
        ]
        assert found[0]["spec"]["skipCreatingInitialPolicies"] == ["*"]
        assert "kuma.io/origin" not in found[2]["metadata"]["labels"]
        every = await exported(cli, "-f", "kubernetes", "-p", "all", "-n", "mesh")
        assert ("shop", "fast") in [(one["metadata"].get("namespace"), one["metadata"]["name"]) for one in every]


async def test_pages_are_followed(cli, monkeypatch):
    monkeypatch.setattr("kuma.cli.kumactl.client.PAGE", 2)
    async with served() as api:
        for name in ("a", "b", "c", "d", "e"):
            await api.mesh(name)
        await connected(cli, api)
        assert [one["name"] for one in await exported(cli)] == ["a", "b", "c", "d", "e"]


async def test_kinds_that_only_the_server_knows(cli, monkeypatch):
    known = index._served()
    strange = evolve(KINDS["Zone"], name="Strange")
    monkeypatch.setattr(index, "_served", lambda: [*known, strange])
    async with served() as api:
        await api.mesh()
        await connected(cli, api)
        done = await cli("export", "-p", "all")
        told = "The following types won't be exported because they are unknown to kumactl: Strange"
        assert f"# {told}\n" in done.out
        assert done.err == f"WARNING: {told}. Are you using a compatible version of kumactl?\n"


@pytest.mark.parametrize(
    ("arguments", "told"), [(["-p", "some"], 'invalid profile: "some"'), (["-f", "xml"], 'invalid format: "xml"')]
)
async def test_what_is_not_known(cli, arguments, told):
    done = await cli("export", *arguments)
    assert (done.code, done.err.startswith(f"Error: {told}, known are ")) == (1, True)
