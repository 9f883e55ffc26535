"""Every store, for the tests that each must pass."""

import pytest

from kuma.loop import future
from kuma.store.memory import MemoryStore
from tests.postgres import dsn, opened, postgres

__all__ = ["dsn", "postgres", "store"]


@pytest.fixture(params=["memory", "postgres"])
async def store(request):
    if request.param == "memory":
        yield MemoryStore()
        return
    found = opened(request.getfixturevalue("dsn"))
    yield found
    await future(found.stopService())
