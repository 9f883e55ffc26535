"""What kumactl tells of policies that make a difference, and of those that make none."""

from __future__ import annotations

import json

from tests.cli.ran import connected
from tests.kuma.rest.served import served
from tests.kuma.rest.test_inspect import DATAPLANE, INBOUND, TIMEOUT

MISSED = {
    "type": "MeshTimeout", "mesh": "default", "name": "missed",
    "spec": {"targetRef": {"kind": "Dataplane", "labels": {"app": "gone"}}, "rules": [{"default": {}}]},
}  # fmt: skip
WEAK = {
    "type": "MeshTimeout", "mesh": "default", "name": "weak",
    "spec": {"to": [{"targetRef": {"kind": "Mesh"}, "default": {"idleTimeout": "9s"}}]},
}  # fmt: skip


async def test_every_policy_with_its_state(cli):
    async with served() as api:
        await api.mesh()
        await connected(cli, api)
        for one in (DATAPLANE, TIMEOUT, INBOUND, MISSED, WEAK):
            await api.store_document(one)
        shown = await cli("inspect", "policies")
        assert [line.split() for line in shown.out.splitlines()] == [
            ["KIND", "NAME", "STATE", "DATAPLANES", "OVERRIDDEN", "BY"],
            ["MeshTimeout", "in", "in", "effect", "1/1"],
            ["MeshTimeout", "missed", "matches", "nothing", "0/0"],
            ["MeshTimeout", "slow", "in", "effect", "1/1"],
            ["MeshTimeout", "weak", "overridden", "0/1", "slow"],
        ]
        assert json.loads((await cli("inspect", "policies", "-o", "json")).out)["total"] == 4
        assert (await cli("inspect", "policies", "-o", "xml")).err == 'Error: unknown output format "xml"\n'
        assert (await cli("inspect", "policies", "-m", "none")).code == 1
