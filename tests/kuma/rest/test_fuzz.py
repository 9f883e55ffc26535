"""A few questions that nobody would think of; `make fuzz` asks many more."""

from __future__ import annotations

import asyncio
import re

from kuma.kinds import KINDS
from kuma.rest.api import About
from tests.kuma.rest.fuzz import filled, fuzz
from tests.kuma.rest.served import served

ASKED = frozenset({"Dataplane", "GlobalSecret", "Mesh", "MeshHTTPRoute", "MeshTimeout", "Secret"})
"""Kinds of every sort; the others take the same way."""
OTHERS = re.compile(
    f"(^|/)({'|'.join(kind.path for kind in KINDS.values() if kind.path and kind.name not in ASKED)})(/|$)"
)


async def test_no_question_breaks_a_zone():
    async with served() as api:
        await filled(api)
        assert await asyncio.to_thread(fuzz, api.url, 2, 0, OTHERS) == []


async def test_no_question_breaks_a_global_control_plane():
    async with served(about=About(mode="global")) as api:
        await filled(api)
        assert await asyncio.to_thread(fuzz, api.url, 1, 1, OTHERS) == []
