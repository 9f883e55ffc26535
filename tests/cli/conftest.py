"""What tests of commands share."""

from __future__ import annotations

import asyncio

import pytest

from tests.cli.ran import Done, ran


@pytest.fixture
def cli(tmp_path):
    """Runs kumactl in a thread, with a configuration of its own."""
    config = tmp_path / "config"

    async def run(*arguments, stdin="") -> Done:
        return await asyncio.to_thread(ran, ["--config-file", str(config), *arguments], stdin)

    return run
