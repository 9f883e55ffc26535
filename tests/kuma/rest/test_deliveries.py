"""The API's answer to how far a proxy is."""

from __future__ import annotations

from kuma.rest.deliveries import Delivery
from tests.kuma.rest.served import served

WEB = "/meshes/default/dataplanes/web-1/_delivery"
DATAPLANE = {"type": "Dataplane", "mesh": "default", "name": "web-1", "networking": {"address": "10.0.0.1"}}
INSIGHT = {
    "type": "DataplaneInsight",
    "mesh": "default",
    "name": "web-1",
    "subscriptions": [{"id": "1", "connectTime": "2030-01-01T00:00:00Z"}],
}


class Deliveries:
    async def delivered(self, dataplane, stamps):
        return Delivery("pending", tuple(stamps))


async def test_how_far_a_proxy_is():
    async with served(deliveries=Deliveries()) as api:
        await api.mesh()
        assert (await api.get(WEB)).status == 404
        await api.store_document(DATAPLANE)
        assert (await api.get(WEB)).json["state"] == "offline"
        await api.store_document(INSIGHT)
        mesh = "kri_m____default_"
        assert (await api.get(f"{WEB}?kri={mesh}")).json == {"state": "pending", "reasons": [mesh]}
        assert (await api.get(f"{WEB}?kri=kri_mt_default___none_")).status == 404
        assert (await api.get(f"{WEB}?kri=nonsense")).status == 400


async def test_a_control_plane_that_asks_nobody():
    async with served() as api:
        await api.mesh()
        await api.store_document(DATAPLANE)
        await api.store_document(INSIGHT)
        assert (await api.get(WEB)).json["state"] == "unknown"
