"""Looking at what proxies were given, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kuma import inspection
from kuma.kinds import BY_PATH, KINDS
from kuma.layout import layout as _layout
from kuma.match import Listener
from kuma.members import Selectors
from kuma.mesh import Mesh, mesh_of
from kuma.model import Key, Resource
from kuma.policies import BY_KIND
from kuma.rest.api import Api
from kuma.rest.calls import Answer, Call, Handler, Route, document, resource_document
from kuma.rest.difference import patch
from kuma.rest.errors import NO_ROUTE, Problem, bad_request
from kuma.rest.kri import parse
from kuma.rest.pages import PARAMETERS, page_of, query_of

CONFIG = "Failed to fetch dataplane insight"
DATAPLANE = "Could not retrieve Dataplane"
POLICY = "Could not retrieve policy"
SERVICE = "Could not retrieve a resource"
BUILDING = "Failed building response"
LAYOUT = "Failed to retrieve Dataplane"
SIDECAR = "SidecarDataplane"
WHOLE = {"type": "dataplane", "name": "", "service": ""}
OF_CONFIGS: Mapping[str, Any] = {"shadow": {"type": "boolean"}, "include": {"type": "string", "enum": ["diff"]}}
BOOLEANS = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}
VISIBLE = frozenset({"Mesh", "MeshIdentity", "MeshService", "MeshExternalService", "MeshMultiZoneService", *BY_KIND})


async def dataplane_config(api: Api, call: Call) -> Answer:
    """The Envoy config that a proxy of this zone is to have; nothing secret is in it."""
    if api.dataplane_config is None:
        raise Problem(405, "Not allowed on global CP", "Ask the control plane of the proxy's zone.")
    shadow, diff = _shadow(call), _diff(call)
    key = Key("Dataplane", await api.mesh(call), call.args["name"])
    await api.found(key, CONFIG)
    config = await api.dataplane_config(key, shadow)
    if config is None:
        raise Problem(404, CONFIG, "Not found")
    if not diff:
        return document({"xds": config})
    real = await api.dataplane_config(key, False) if shadow else config
    return document({"xds": config, "diff": patch(real, config)})


def _shadow(call: Call) -> bool:
    said = call.asked("shadow") or "false"
    if said.lower() not in BOOLEANS:
        raise bad_request("bad request: unsupported value for query parameter 'shadow'")
    return BOOLEANS[said.lower()]


def _diff(call: Call) -> bool:
    wanted = {part for part in (call.asked("include") or "").split(",") if part}
    if wanted - {"diff"}:
        raise bad_request("bad request: unsupported value for query parameter 'include'")
    return bool(wanted)


async def layout(api: Api, call: Call) -> Answer:
    """What a proxy listens on and reaches for."""
    return resource_document(_layout(*await _proxy(api, call, LAYOUT)))


async def _proxy(api: Api, call: Call, title: str = DATAPLANE) -> tuple[Mesh, Resource]:
    """The proxy that a call is about, and all that its policies may point at. Raises a problem."""
    mesh = await api.mesh(call)
    dataplane = await api.found(Key("Dataplane", mesh, call.args["name"]), title)
    return await visible(api, mesh), dataplane


async def visible(api: Api, mesh: str) -> Mesh:
    """A mesh, with all that policies may point at, and the policies."""
    found = [one for kind in sorted(VISIBLE & KINDS.keys()) for one in await _resources(api, kind, mesh)]
    return mesh_of(mesh, api.about.zone, found)


async def _resources(api: Api, kind: str, mesh: str) -> Iterable[Resource]:
    return await api.resources.list(kind, mesh if KINDS[kind].mesh_scoped else None)


async def rules(api: Api, call: Call) -> Answer:
    """Everything that policies say of a proxy."""
    return resource_document(inspection.rules(*await _proxy(api, call)))


async def policies(api: Api, call: Call) -> Answer:
    """What policies say of a proxy as a whole."""
    return _policies(inspection.proxy_policies(*await _proxy(api, call)))


async def inbound_policies(api: Api, call: Call) -> Answer:
    """What policies say of one of a proxy's listeners."""
    kri = parse(call.args["kri"])
    mesh, dataplane = await _proxy(api, call)
    return _policies(inspection.inbound_policies(mesh, dataplane, _listener(dataplane, kri.section)))


def _listener(dataplane: Resource, section: str) -> Listener:
    networking = dataplane.spec.networking
    for one in (*networking.inbound, *networking.listeners):
        if section == one.section:
            return one.address or networking.address, one.port
    raise Problem(404, BUILDING, f'the Dataplane has no inbound or listener "{section}"')


async def outbound_policies(api: Api, call: Call) -> Answer:
    """What policies say of a destination, as this proxy sees it."""
    kri = parse(call.args["kri"])
    return _policies(inspection.outbound_policies(*await _proxy(api, call), kri))


async def routes(api: Api, call: Call) -> Answer:
    """Where this proxy's requests to a destination go."""
    kri = parse(call.args["kri"])
    return resource_document({"routes": inspection.routes(*await _proxy(api, call), kri)})


async def route_policies(api: Api, call: Call) -> Answer:
    """What policies say of one route to a destination."""
    route, kri = parse(call.args["route"]), parse(call.args["kri"])
    return _policies(inspection.outbound_policies(*await _proxy(api, call), route, kri))


def _policies(found: list[dict[str, Any]]) -> Answer:
    return resource_document({"policies": found})


async def selected(api: Api, call: Call) -> Answer:
    """The proxies that a policy selects."""
    policy = await policy_of(api, call)
    return _dataplanes(call, inspection.selected(policy, await api.resources.list("Dataplane", policy.mesh)), POLICY)


async def policy_of(api: Api, call: Call) -> Resource:
    """The policy that a call is about. Raises a problem."""
    kind = BY_PATH.get(call.args["path"])
    if kind is None or not kind.policy:
        raise NO_ROUTE
    return await api.found(Key(kind.name, await api.mesh(call), call.args["name"]), POLICY)


async def attached(api: Api, call: Call) -> Answer:
    """The proxies that a policy selects, as clients of earlier versions ask for them."""
    policy = await policy_of(api, call)
    found = inspection.selected(policy, await api.resources.list("Dataplane", policy.mesh))
    items = [
        {"kind": SIDECAR, "dataplane": {"mesh": one.mesh, "name": one.name}, "attachments": [WHOLE]} for one in found
    ]
    return resource_document({"total": len(items), "items": items})


async def matched(api: Api, call: Call) -> Answer:
    """The policies that select a proxy, as clients of earlier versions ask for them."""
    mesh, dataplane = await _proxy(api, call)
    every = ((one.kind, one.selection.policies) for one in inspection.matched(mesh, dataplane))
    policies = {kind: [inspection.meta(policy) for policy in found] for kind, found in every if found}
    items = [{"type": "dataplane", "matchedPolicies": policies}] if policies else []
    return resource_document({"kind": SIDECAR, "total": len(items), "items": items})


async def members(api: Api, call: Call) -> Answer:
    """The proxies behind a service."""
    mesh = await api.mesh(call)
    service = await api.found(Key("MeshService", mesh, call.args["name"]), SERVICE)
    behind = Selectors().changed((), (service,))
    found = [one for one in await api.resources.list("Dataplane", mesh) if service.name in behind.selecting(one)]
    return _dataplanes(call, found, SERVICE)


def _dataplanes(call: Call, found: Iterable[Resource], title: str) -> Answer:
    page = page_of(call, query_of(call, call.path, title), list(found))
    following = {"next": page.next} if page.next else {}
    items = [inspection.meta(one) for one in page.items]
    return resource_document({"total": page.total, "items": items, **following})


def _of_proxy(path: str, answer: Handler) -> Route:
    return Route("GET", f"/meshes/<mesh>/dataplanes/<name>/{path}", answer, DATAPLANE)


ROUTES = (
    Route("GET", "/meshes/<mesh>/dataplanes/<name>/_config", dataplane_config, CONFIG, OF_CONFIGS),
    _of_proxy("_layout", layout),
    _of_proxy("_rules", rules),
    _of_proxy("_policies", policies),
    _of_proxy("_inbounds/<kri>/_policies", inbound_policies),
    _of_proxy("_outbounds/<kri>/_policies", outbound_policies),
    _of_proxy("_outbounds/<kri>/_routes", routes),
    _of_proxy("_outbounds/<kri>/_routes/<route>/_policies", route_policies),
    _of_proxy("policies", matched),
    Route("GET", "/meshes/<mesh>/<path>/<name>/_resources/dataplanes", selected, POLICY, PARAMETERS),
    Route("GET", "/meshes/<mesh>/<path>/<name>/dataplanes", attached, POLICY),
    Route("GET", "/meshes/<mesh>/meshservices/<name>/_dataplanes", members, SERVICE, PARAMETERS),
)
