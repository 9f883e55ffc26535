"""Resources of every kind: lists, items, and writing them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve

from kuma.described import parse_written
from kuma.kinds import BY_PATH, KINDS, show_document, warnings
from kuma.labels import Where, wrong_labels, wrong_workload
from kuma.model import Key, Kind, Resource
from kuma.names import LONGEST_NAME, label_violations, meta_violations
from kuma.rest.access import permits, require
from kuma.rest.api import Api
from kuma.rest.body import json_object
from kuma.rest.calls import Answer, Call, Route, document, resource_document
from kuma.rest.errors import NO_ROUTE, bad_request, invalid, titled
from kuma.rest.kubernetes import FORMATS, manifest
from kuma.rest.pages import PARAMETERS, page_of, query_of
from kuma.schema import Invalid, Violation, violations
from kuma.store.api import NotFound

DEFAULT_MESH = "default"
LIST, GET, PUT, DELETE = (
    "Could not retrieve resources",
    "Could not retrieve a resource",
    "Could not process a resource",
    "Could not delete a resource",
)


def kind_at(call: Call) -> Kind:
    """The kind whose resources a path holds. Raises a problem."""
    kind = BY_PATH.get(call.args["path"])
    if kind is None or (not kind.mesh_scoped and "mesh" in call.args):
        raise NO_ROUTE
    return kind


def may_read(api: Api, call: Call, kind: Kind) -> None:
    """Raise AccessDenied unless the caller may see resources of a kind."""
    if kind.admin_only:
        require(api.access.admin_resources, call.user, f'the resource of type "{kind.name}"')


def may_write(api: Api, call: Call, kind: Kind) -> None:
    """Raise AccessDenied unless the caller may change resources of a kind."""
    may_read(api, call, kind)
    if not permits(api.access.admin_resources, call.user):
        require(api.access.write_resources, call.user, f'the resource of type "{kind.name}" for writing')


async def list_(api: Api, call: Call) -> Answer:
    """One page of the resources of a kind, in one mesh or in all."""
    kind = kind_at(call)
    may_read(api, call, kind)
    mesh = await api.mesh(call) if "mesh" in call.args else None
    query = query_of(call, route_of(call, kind), LIST)
    page = page_of(call, query, await api.resources.list(kind.name, mesh))
    return resource_document(page.body([show_document(resource) for resource in page.items]))


def route_of(call: Call, kind: Kind) -> str:
    """A list's path as the routes write it."""
    return f"/meshes/{{mesh}}/{kind.path}" if "mesh" in call.args else f"/{kind.path}"


async def get(api: Api, call: Call) -> Answer:
    """One resource."""
    kind = kind_at(call)
    key = await key_at(api, call, kind)
    may_read(api, call, kind)
    return shown(await api.found(key, GET), call)


def shown(resource: Resource, call: Call) -> Answer:
    """A resource in the format that a call asks for."""
    wanted = call.asked("format") or "universal"
    if wanted not in FORMATS:
        raise invalid(GET, Violation("", '"format" must be one of ["k8s", "kubernetes", "universal"]'))
    if wanted == "universal":
        return resource_document(show_document(resource))
    return resource_document(manifest(resource, call.asked("namespace") or ""))


async def key_at(api: Api, call: Call, kind: Kind) -> Key:
    """The key that a path names, in a mesh that exists. Raises a problem."""
    if not kind.mesh_scoped:
        return Key(kind.name, "", call.args["name"])
    if "mesh" not in call.args:
        raise NO_ROUTE
    return Key(kind.name, await api.mesh(call), call.args["name"])


async def put(api: Api, call: Call) -> Answer:
    """Create a resource, or say anew what it says."""
    kind = kind_at(call)
    api.writable(kind)
    may_write(api, call, kind)
    key = await key_at(api, call, kind)
    wanted = _parsed(json_object(call, kind.name), key, api.resources.where)
    try:
        existing = await api.resources.get(key)
    except NotFound:
        return await _created(api, wanted)
    with titled("Failed to update a resource"):
        updated = await api.resources.update(evolve(wanted, version=existing.version, status=existing.status))
    return document(_warned(updated))


async def _created(api: Api, wanted: Resource) -> Answer:
    if wanted.kind == "Dataplane":
        for wrong in wrong_workload(wanted, api.resources.where):
            raise bad_request(f"bad request: {wrong}")
    with titled("Failed to create a resource"):
        return document(_warned(await api.resources.create(wanted)), 201)


def _warned(resource: Resource) -> dict[str, Any]:
    said = warnings(resource)
    return {"warnings": list(said)} if said else {}


async def delete(api: Api, call: Call) -> Answer:
    """Remove a resource."""
    kind = kind_at(call)
    api.writable(kind)
    may_write(api, call, kind)
    await api.resources.delete(await key_at(api, call, kind))
    return document({})


def _parsed(body: dict[str, Any], key: Key, where: Where) -> Resource:
    """The resource in a body, which must be the one that the path names, and say what can be. Raises Invalid."""
    kind = KINDS[key.kind]
    _refuse_other_than_text(body, kind)
    if not kind.inline and body.get("type") != kind.name:
        raise Invalid((Violation("", f"type in body should be one of [{kind.name}]"),))
    named = {"name": key.name, "type": key.kind, **({"mesh": key.mesh} if key.mesh else {})}
    said = body if kind.inline else {"mesh": DEFAULT_MESH, **body}
    document = {**body, **named}
    if not kind.inline:
        document.pop("status", None)  # the control plane's own to say
    resource = parse_written(document)
    wrong = (
        *violations(resource.spec, "" if kind.inline else "spec"),
        *_misnamed(said, named, where),
        *wrong_labels(kind, resource, where),
        *label_violations(dict(sorted(resource.labels.items()))),
        *meta_violations(_text(said.get("name")), _text(said.get("mesh")), kind.mesh_scoped),
    )
    if wrong:
        raise Invalid(wrong)
    return resource


def _misnamed(said: Mapping[str, Any], named: Mapping[str, str], where: Where) -> Iterator[Violation]:
    """Where a body names another resource than the path, or one whose name would be too long on global."""
    for field, meant in named.items():
        if said.get(field) != meant:
            yield Violation(field, f"{field} from the URL has to be the same as in body")
        if field == "name" and where.federated and len(f"{where.zone}.{meant}") >= LONGEST_NAME:
            yield Violation("name", "the length of the name must be shorter")


def _refuse_other_than_text(body: dict[str, Any], kind: Kind) -> None:
    """Raise a problem where what names a resource is no text: then nothing else can be said about it."""
    for name in ("type", "mesh", "name"):
        if not isinstance(body.get(name) or "", str):
            raise bad_request(f'invalid {kind.name} object: "{name} must be text"')


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


AS: Mapping[str, Any] = {
    "format": {"type": "string", "enum": list(FORMATS)},
    "namespace": {"type": "string", "description": "Where it is to lie on Kubernetes."},
}
"""How one resource may be asked for."""

ROUTES = (
    Route("GET", "/<path>", list_, LIST, PARAMETERS),
    Route("GET", "/<path>/<name>", get, GET, AS),
    Route("PUT", "/<path>/<name>", put, PUT),
    Route("DELETE", "/<path>/<name>", delete, DELETE),
    Route("GET", "/meshes/<mesh>/<path>", list_, LIST, PARAMETERS),
    Route("GET", "/meshes/<mesh>/<path>/<name>", get, GET, AS),
    Route("PUT", "/meshes/<mesh>/<path>/<name>", put, PUT),
    Route("DELETE", "/meshes/<mesh>/<path>/<name>", delete, DELETE),
)
