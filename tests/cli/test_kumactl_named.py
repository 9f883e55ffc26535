"""What kumactl tells of the hostnames of services."""

from __future__ import annotations

import json

from tests.cli.ran import Done, connected
from tests.kuma.rest.served import served
from tests.kuma.rest.test_hostnames import EAST, LOCAL, service


async def test_how_services_are_called(cli):
    async with served() as api:
        await api.mesh()
        await connected(cli, api)
        for one in (service("web", **EAST), service("nameless"), LOCAL):
            await api.store_document(one)
        shown = await cli("inspect", "meshservice", "web")
        assert [line.split() for line in shown.out.splitlines()] == [
            ["HOSTNAME", "ZONES"],
            ["web.svc.mesh.local", "east"],
        ]
        assert json.loads((await cli("inspect", "meshservice", "web", "-o", "json")).out)["total"] == 1
        assert (await cli("inspect", "meshservice", "nameless")).out.split() == ["HOSTNAME", "ZONES"]
        assert await cli("inspect", "meshservice", "x") == Done(
            1, "", "Error: could not retrieve service (Not found)\n"
        )
        assert (await cli("inspect", "meshservice", "web", "-o", "xml")).err == 'Error: unknown output format "xml"\n'
        assert "meshmultizoneservice" in (await cli("inspect", "--help")).out
