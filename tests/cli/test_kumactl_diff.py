"""`kumactl diff`: what files would change, and for whom; nothing is written."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager

from kuma.documents import load
from tests.cli.ran import connected
from tests.kuma.rest.served import served
from tests.zone_cp.test_offline import IDENTITY, PROXIES, SERVICE

TIMEOUT = """
type: MeshTimeout
mesh: shop
name: slow
spec:
  to: [{targetRef: {kind: Mesh}, default: {connectionTimeout: 9s}}]
"""
BACKEND = "kri_msvc_shop_default__backend_http"


@asynccontextmanager
async def world(cli):
    """A control plane with a mesh of two proxies."""
    async with served() as running:
        await connected(cli, running)
        await running.mesh("shop")
        for document in load("---".join((PROXIES, SERVICE, IDENTITY))):
            await running.store_document(document)
        yield running


async def test_who_is_affected_and_how(cli, tmp_path):
    file = tmp_path / "timeout.yaml"
    file.write_text(TIMEOUT)
    async with world(cli) as running:
        done = await cli("diff", "-f", file)
        assert (done.code, done.err) == (0, "")
        assert done.out.splitlines() == [
            "dataplane web of mesh shop",
            f"  cluster {BACKEND} changed: Envoy connects anew",
            "1 proxy would change",
        ]
        assert not await running.resources.list("MeshTimeout", "shop")


async def test_for_machines(cli, tmp_path):
    file = tmp_path / "timeout.yaml"
    file.write_text(TIMEOUT)
    async with world(cli):
        done = await cli("diff", "-f", file, "-o", "json")
    (item,) = json.loads(done.out)["items"]
    assert (item["mesh"], item["dataplane"]) == ("shop", "web")
    assert item["changes"] == [
        {"what": "cluster", "name": BACKEND, "change": "changed", "detail": "Envoy connects anew"}
    ]


async def test_what_a_deletion_would_change(cli, tmp_path):
    file = tmp_path / "service.yaml"
    file.write_text(TIMEOUT)
    async with world(cli) as running:
        for document in load(TIMEOUT):
            await running.store_document(document)
        assert (await cli("diff", "-f", file)).out == "0 proxies would change\n"
        assert f"cluster {BACKEND} changed" in (await cli("diff", "-f", file, "--delete")).out


async def test_files_that_are_not_valid_change_nothing(cli, tmp_path):
    file = tmp_path / "timeout.yaml"
    file.write_text(TIMEOUT.replace("9s", "-9s"))
    async with world(cli):
        done = await cli("diff", "-f", file)
    assert done.code == 1
    assert "connectionTimeout" in done.err
