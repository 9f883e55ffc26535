"""What a zone finds out from Envoys when they do not answer, and what it does not pass on."""

from __future__ import annotations

import json

import pytest
from twisted.internet import reactor

from certs.admin import load_ca, new_ca
from kuma.ports import free_ports
from kuma.rest.envoys import Look, NotTold
from kuma.store.memory import MemoryStore
from tests.zones import put, resource
from zone_cp.envoys import ZoneEnvoys, without_tokens

DATAPLANE = resource("Dataplane", "web-1", "default", networking={"address": "127.0.0.1"})
AUTHORITY = load_ca(new_ca())


async def insight(store, **metadata):
    await put(store, resource("Mesh", "default"))
    await put(store, resource("DataplaneInsight", "web-1", "default", metadata=metadata))


async def authority():
    return AUTHORITY


async def test_envoys_that_do_not_answer():
    store = MemoryStore()
    envoys = ZoneEnvoys(store, authority, reactor)
    with pytest.raises(NotTold, match="has no admin interface, or has not connected yet"):
        await envoys.look(DATAPLANE, Look("stats"))
    (port,) = free_ports(1)
    await insight(store, **{"dataplane.admin.port": str(port), "dataplane.admin.address": "127.0.0.1"})
    with pytest.raises(NotTold, match=rf"Envoy does not answer at http://127.0.0.1:{port}/stats\?usedonly: Connection"):
        await envoys.look(DATAPLANE, Look("stats"))


async def test_without_an_authority():
    async def none():
        return None

    store = MemoryStore()
    await insight(store, **{"dataplane.admin.port": "9901", "dataplane.admin.socketPath": "/run/admin.sock"})
    with pytest.raises(NotTold, match="there is no secret envoy-admin-ca"):
        await ZoneEnvoys(store, none, reactor).look(DATAPLANE, Look("clusters"))


def test_tokens_are_not_passed_on():
    service = {"grpc_services": [{"initial_metadata": [{"key": "authorization", "value": "secret"}]}]}
    dump = {"configs": [{"bootstrap": service}, {"initialMetadata": [{"value": "secret"}]}, "secret?"]}
    shown = without_tokens(json.dumps(dump).encode())
    assert b'"secret"' not in shown
    assert json.loads(shown)["configs"][0]["bootstrap"]["grpc_services"][0]["initial_metadata"] == [
        {"key": "authorization", "value": "[redacted]"}
    ]
    with pytest.raises(NotTold):
        without_tokens(b"no JSON")
