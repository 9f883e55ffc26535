"""Whether proxies hold what was made of resources: asked by who has just written them, and wants to know."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, Protocol

from attrs import frozen

from kuma.kinds import BY_SHORT, spec_json
from kuma.model import EFFECT, Key, Resource
from kuma.rest.calls import Answer, Call, Route, document
from kuma.rest.kri import found, parse
from kuma.rest.resources import may_read
from kuma.store.api import NotFound

if TYPE_CHECKING:
    from kuma.rest.api import Api

TITLE = "Could not retrieve the delivery"

Stamps = Mapping[str, str]
"""What each resource says, as a digest by its KRI: control planes keep copies of one resource under other names."""


@frozen
class Delivery:
    """How far one proxy is: whether it holds what it should, and if not, why."""

    state: Literal["delivered", "pending", "rejected", "offline", "unknown"]
    reasons: tuple[str, ...] = ()

    def shown(self) -> dict[str, Any]:
        """As a document."""
        return {"state": self.state, "reasons": list(self.reasons)}


OFFLINE = Delivery("offline", ("the proxy is not connected; it gets everything when it connects",))


class Deliveries(Protocol):
    """Whoever can tell how far proxies are."""

    async def delivered(self, dataplane: Resource, stamps: Stamps) -> Delivery:
        """How far the proxy of a Dataplane is with these resources."""


def digest(resource: Resource) -> str:
    """What a resource says, in short; the same on every control plane that has it."""
    said = [spec_json(resource), resource.labels.get(EFFECT, "")]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


async def delivery(api: Api, call: Call) -> Answer:
    """How far a proxy is with the resources that are asked for by their KRIs."""
    dataplane = await api.found(Key("Dataplane", await api.mesh(call), call.args["name"]), TITLE)
    stamps = {text: digest(await _resource(api, call, text)) for text in call.all_asked("kri")}
    if not await _is_online(api, dataplane):
        return document(OFFLINE.shown())
    if api.deliveries is None:
        return document(Delivery("unknown", ("this control plane asks no proxies",)).shown())
    return document((await api.deliveries.delivered(dataplane, stamps)).shown())


async def _resource(api: Api, call: Call, text: str) -> Resource:
    kri = parse(text)
    may_read(api, call, BY_SHORT[kri.short])
    return await found(api, kri)


async def _is_online(api: Api, dataplane: Resource) -> bool:
    try:
        insight = await api.resources.get(Key("DataplaneInsight", dataplane.mesh, dataplane.name))
    except NotFound:
        return False
    return bool(insight.spec.online)


QUERY = {"kri": {"type": "array", "items": {"type": "string"}}}
ROUTES = (Route("GET", "/meshes/<mesh>/dataplanes/<name>/_delivery", delivery, TITLE, QUERY),)
