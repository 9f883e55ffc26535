"""What a shell is told when somebody presses the tab key."""

from __future__ import annotations

import asyncio

import pytest
from click.shell_completion import ShellComplete

from kuma.cli.kumactl.root import root
from tests.cli.ran import connected
from tests.kuma.rest.served import served


def completed(tmp_path, *typed, incomplete=""):
    shell = ShellComplete(root, {}, "kumactl", "_KUMACTL_COMPLETE")
    words = ["--config-file", str(tmp_path / "config"), *typed]
    return [item.value for item in shell.get_completions(words, incomplete)]


def test_commands_and_kinds(tmp_path):
    assert completed(tmp_path, incomplete="ex") == ["export"]
    assert completed(tmp_path, "get", incomplete="meshtim") == ["meshtimeout", "meshtimeouts"]
    assert "meshtimeout" in completed(tmp_path, "inspect", incomplete="mesht")


@pytest.mark.parametrize(
    "typed",
    [("get", "dataplane"), ("delete", "dataplane"), ("inspect", "dataplane"), ("get", "-m", "shop", "dataplane")],
)
async def test_names_that_the_control_plane_knows(cli, tmp_path, typed):
    async with served() as api:
        await connected(cli, api)
        await api.mesh()
        await api.mesh("shop")
        for mesh, name in (("default", "web-1"), ("default", "web-2"), ("default", "my-web"), ("shop", "web-3")):
            await api.store_document(
                {"type": "Dataplane", "mesh": mesh, "name": name, "networking": {"address": "10.0.0.1"}}
            )
        expected = ["web-3"] if "shop" in typed else ["web-1", "web-2"]
        assert await asyncio.to_thread(completed, tmp_path, *typed, incomplete="web") == expected
        assert await asyncio.to_thread(completed, tmp_path, "get", "nothing", incomplete="w") == []


async def test_nobody_is_bothered_while_typing(cli, tmp_path):
    await cli("config", "control-planes", "add", "--name", "x", "--address", "http://127.0.0.1:1", "--skip-check")
    assert await asyncio.to_thread(completed, tmp_path, "get", "mesh", incomplete="d") == []
