"""Looking at what proxies were given."""

from __future__ import annotations

from kuma.model import Key
from kuma.rest.api import Api
from kuma.rest.calls import Answer, Call, Route, document
from kuma.rest.errors import Problem

CONFIG = "Failed to fetch dataplane insight"


async def dataplane_config(api: Api, call: Call) -> Answer:
    """The Envoy config that a proxy of this zone is to have; nothing secret is in it."""
    if api.dataplane_config is None:
        raise Problem(405, "Not allowed on global CP", "Ask the control plane of the proxy's zone.")
    key = Key("Dataplane", await api.mesh(call), call.args["name"])
    await api.found(key, CONFIG)
    config = await api.dataplane_config(key)
    if config is None:
        raise Problem(404, CONFIG, "Not found")
    return document({"xds": config})


ROUTES = (Route("GET", "/meshes/<mesh>/dataplanes/<name>/_config", dataplane_config, CONFIG),)
