"""A global control plane and its zones, synced until nothing changes any more."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attrs import evolve

from kuma.kinds import KINDS, parse_document, show_document
from kuma.model import NEVER
from kuma.store.memory import MemoryStore
from tests.conformance.case import Case, Outcome
from tests.zones import global_cp, stop, zone_cp

PATIENCE = 20.0
POLL = 0.05
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
NEVER_TEXT = "0001-01-01T00:00:00Z"
COMES_AND_GOES = ("subscriptions", "kdsStreams", "envoyAdminStreams")
"""Parts of a ZoneInsight that depend on who connected when."""


async def full_sync(case: Case) -> Outcome:
    """What stands in every store once all have spoken to each other."""
    zones: list[str] = case.fixed["zones"]
    async with _running(case, zones) as stores:
        expected = {name: case.documents(f"expected.{name}.yaml") for name in stores}
        actual = await _settled(stores, expected)
    return Outcome(expected, actual)


@asynccontextmanager
async def _running(case: Case, zones: list[str]) -> AsyncIterator[dict[str, MemoryStore]]:
    stores = {name: await _filled(case.documents(f"input.{name}.yaml")) for name in ("global", *zones)}
    with TemporaryDirectory() as folder:
        world = global_cp(Path(folder), stores["global"])
        clients = [zone_cp(world, zone, stores[zone]) for zone in zones]
        try:
            yield stores
        finally:
            for service in (*clients, world.server):
                await stop(service)


async def _filled(documents: list[Any]) -> MemoryStore:
    store = MemoryStore()
    for document in documents:
        await store.create(evolve(parse_document(document), created=NEVER, modified=NEVER))
    return store


async def _settled(stores: dict[str, MemoryStore], expected: dict[str, list[Any]]) -> dict[str, list[Any]]:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE
    while True:
        actual = {name: await _dump(store) for name, store in stores.items()}
        if actual == expected or loop.time() > deadline:
            return actual
        await asyncio.sleep(POLL)


async def _dump(store: MemoryStore) -> list[Any]:
    """Everything in a store, by kind and name."""
    found = [one for kind in sorted(KINDS) for one in sorted(await store.list(kind), key=lambda one: one.name)]
    return [_timeless(show_document(one)) for one in found]


def _timeless(found: Any) -> Any:
    if isinstance(found, dict):
        return {key: _timeless(one) for key, one in found.items() if key not in COMES_AND_GOES}
    if isinstance(found, list):
        return [_timeless(one) for one in found]
    return NEVER_TEXT if isinstance(found, str) and MOMENT.fullmatch(found) else found


SUITES = {"kds-full-sync": full_sync}
