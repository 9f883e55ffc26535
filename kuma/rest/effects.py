"""What policies are good for: where something would be different without them, and where not, why."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any

from kuma.effects import Standing, standing
from kuma.inspection import meta
from kuma.mesh import Mesh
from kuma.model import Resource
from kuma.policies import POLICIES
from kuma.rest.api import Api
from kuma.rest.calls import Answer, Call, Route, document
from kuma.rest.inspect import POLICY, policy_of, visible

MESH = "Could not retrieve policies"


async def effect(api: Api, call: Call) -> Answer:
    """Whether a policy makes a difference, and for how many proxies."""
    policy = await policy_of(api, call)
    mesh = await visible(api, policy.mesh)
    return document(shown(standing(policy, mesh, await api.resources.list("Dataplane", policy.mesh))))


async def effects(api: Api, call: Call) -> Answer:
    """The same of every policy of a mesh."""
    name = await api.mesh(call)
    mesh, dataplanes = await visible(api, name), await api.resources.list("Dataplane", name)
    items = [shown(standing(policy, mesh, dataplanes)) async for policy in _every(mesh)]
    return document({"total": len(items), "items": items})


async def _every(mesh: Mesh) -> AsyncIterator[Resource]:
    for policy in POLICIES:
        for one in sorted(mesh.policies.of(policy.kind.name), key=lambda found: found.name):
            yield one
            await asyncio.sleep(0)  # others have their turns


def shown(one: Standing) -> dict[str, Any]:
    """How a policy stands, as a document."""
    counts = {"selected": one.selected, "effective": one.effective}
    return {"resource": meta(one.policy), "state": one.state, "dataplanes": counts, "overriddenBy": _metas(one.by)}


def _metas(found: Iterable[Resource]) -> list[dict[str, Any]]:
    return [meta(one) for one in found]


ROUTES = (
    Route("GET", "/meshes/<mesh>/_effects", effects, MESH),
    Route("GET", "/meshes/<mesh>/<path>/<name>/_effect", effect, POLICY),
)
