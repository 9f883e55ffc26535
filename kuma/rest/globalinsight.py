"""The numbers of everything that this control plane knows."""

from __future__ import annotations

from kuma.globalinsight import SEEN, global_insight
from kuma.kinds import KINDS
from kuma.rest.api import Api
from kuma.rest.calls import Answer, Call, Route, document
from kuma.schema.text import moment_text

TITLE = "Could not retrieve insights"
OF_NO_MESH = tuple(
    kind.name for kind in KINDS.values() if kind.path and not kind.mesh_scoped and not kind.name.endswith("Insight")
)


async def insight(api: Api, _: Call) -> Answer:
    """How many meshes, zones, proxies, services and policies there are, and how they are."""
    found = {kind: await api.resources.list(kind) for kind in SEEN}
    return document({"createdAt": moment_text(api.resources.clock.now()), **global_insight(found)})


async def totals(api: Api, _: Call) -> Answer:
    """How many resources there are that belong to no mesh."""
    resources = {kind: {"total": len(await api.resources.list(kind))} for kind in OF_NO_MESH}
    now = moment_text(api.resources.clock.now())
    return document({"type": "GlobalInsights", "creationTime": now, "resources": resources})


ROUTES = (Route("GET", "/global-insight", insight, TITLE), Route("GET", "/global-insights", totals, TITLE))
