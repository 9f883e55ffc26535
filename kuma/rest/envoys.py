"""What a proxy's Envoy says of itself: its config, its counters, its clusters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, Protocol

from attrs import frozen
from frozendict import frozendict

from kuma.model import Key, Resource
from kuma.rest.access import require
from kuma.rest.calls import JSON, TEXT, Answer, Call, Handler, Route
from kuma.rest.errors import Problem
from kuma.settings.access import Allowed

if TYPE_CHECKING:
    from kuma.rest.api import Api

Page = Literal["config_dump", "stats", "clusters"]

GET = "Could not get dataplane resource"
ASK = "Could not execute admin operation"
ACTION = "envoy proxy info"


class NotTold(Exception):
    """An Envoy could not be asked, or did not answer; the message is fit for a user's eyes."""


@frozen
class Look:
    """A page of Envoy's admin interface, and how to show it (https://www.envoyproxy.io/docs: "Administration")."""

    page: Page
    include_eds: bool = False
    as_json: bool = False
    used_only: bool = True

    @property
    def target(self) -> str:
        """The page's path and query in Envoy."""
        if self.page == "config_dump":
            said = ["include_eds"] if self.include_eds else []
        else:
            used = ["usedonly"] if self.page == "stats" and self.used_only else []
            said = [*used, *(["format=json"] if self.as_json else [])]
        return f"/{self.page}" + (f"?{'&'.join(said)}" if said else "")


class Envoys(Protocol):
    """Whoever can ask the Envoys of the Dataplanes that this control plane knows."""

    async def look(self, dataplane: Resource, look: Look) -> bytes:
        """A page. Raises NotTold."""


def _look_of(page: Page, call: Call) -> Look:
    return Look(
        page,
        include_eds=_is_set(call.asked("include_eds")),
        as_json=page == "config_dump" or call.asked("format") == "json",
        used_only=_is_set(call.asked("usedonly") or "true"),
    )


def _is_set(said: str | None) -> bool:
    return (said or "").lower() in ("true", "t", "1")


def _allowed(api: Api, page: Page) -> Allowed:
    access = api.access
    return {"config_dump": access.view_config_dump, "stats": access.view_stats, "clusters": access.view_clusters}[page]


def _page(page: Page) -> Handler:
    async def show(api: Api, call: Call) -> Answer:
        require(_allowed(api, page), call.user, ACTION)
        key = Key("Dataplane", await api.mesh(call), call.args["name"])
        dataplane, look = await api.found(key, GET), _look_of(page, call)
        if api.envoys is None:
            raise Problem(400, ASK, "this control plane asks no Envoys")
        try:
            content = await api.envoys.look(dataplane, look)
        except NotTold as reason:
            raise Problem(400, ASK, str(reason)) from None
        return Answer(200, content, frozendict({"Content-Type": JSON if look.as_json else TEXT}))

    show.__doc__ = f"What a proxy's Envoy tells at /{page}."
    return show


def _route(path: str, answer: Handler, query: Mapping[str, Any]) -> Route:
    return Route("GET", f"/meshes/<mesh>/dataplanes/<name>/{path}", answer, ASK, query)


FORMAT = {"format": {"type": "string", "enum": ["json"]}}
ROUTES = (
    _route("xds", _page("config_dump"), {"include_eds": {"type": "boolean"}}),
    _route("stats", _page("stats"), {**FORMAT, "usedonly": {"type": "boolean", "default": True}}),
    _route("clusters", _page("clusters"), FORMAT),
)
