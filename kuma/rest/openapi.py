"""The API described as OpenAPI 3.1, out of the routes and the classes that it is made of."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from kuma.described import document_schema
from kuma.kinds import KINDS
from kuma.model import Kind
from kuma.rest.api import Api
from kuma.rest.calls import JSON, Answer, Call, Route, document
from kuma.rest.errors import Problem
from kuma.version import VERSION

Json = dict[str, Any]

PARAMETER = re.compile(r"<(\w+)>")
OF_ANY_KIND = "<path>"
BELOW: Mapping[str, Callable[[Kind], bool]] = {
    "/_resources/dataplanes": lambda kind: kind.policy,
    "/dataplanes": lambda kind: kind.policy,
    "/_effect": lambda kind: kind.policy,
    "/_hostnames": lambda kind: kind.destination,
}
"""What stands below single resources, and of which kinds."""
TEXT: Json = {"type": "string"}
ARGUMENTS: Mapping[str, Json] = {
    "mesh": {**TEXT, "minLength": 1, "example": "default"},
    "name": {**TEXT, "minLength": 1},
    "kri": {**TEXT, "pattern": "^kri_[^/]+$", "example": "kri_m____default_"},
    "route": {**TEXT, "pattern": "^kri_[^/]+$"},
    "service": {**TEXT, "minLength": 1},
    "kind": {**TEXT, "enum": sorted(KINDS)},
}
INVALID: Json = {"type": "object", "properties": {"field": TEXT, "reason": TEXT, "message": TEXT}}
PROBLEM: Json = {
    "type": "object",
    "description": "What went wrong, in the fields of RFC 9457 and once more under their older names.",
    "required": ["type", "status", "title", "detail"],
    "properties": {
        "type": TEXT,
        "status": {"type": "integer"},
        "title": TEXT,
        "detail": TEXT,
        "details": TEXT,
        "instance": TEXT,
        "invalid_parameters": {"type": "array", "items": INVALID},
        "causes": {"type": "array", "items": INVALID},
    },
}
WRITTEN: Json = {"type": "object", "properties": {"warnings": {"type": "array", "items": TEXT}}}


def described(routes: Iterable[Route]) -> Json:
    """The OpenAPI document of these routes; those of any kind stand once for each kind."""
    paths: dict[str, Json] = {}
    for route, kind in (each for one in routes for each in _of_kinds(one)):
        operations = paths.setdefault(PARAMETER.sub(r"{\1}", route.path), {})
        operations.setdefault(route.method.lower(), _operation(route, kind))
    return {
        "openapi": "3.1.0",
        "info": {"title": "Kuma control plane", "version": VERSION, "description": "Manages a service mesh."},
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {"Problem": PROBLEM, **{kind.name: document_schema(kind) for kind in _shown()}},
            "securitySchemes": {"userToken": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"userToken": []}],
    }


def _shown() -> Iterator[Kind]:
    return (kind for kind in KINDS.values() if kind.path)


def _of_kinds(route: Route) -> Iterator[tuple[Route, Kind | None]]:
    """The route, once for each kind that it is for."""
    if OF_ANY_KIND not in route.path:
        yield route, None
        return
    below = next((has for end, has in BELOW.items() if route.path.endswith(f"<name>{end}")), None)
    for kind in _shown():
        if below is not None:
            if below(kind):
                yield _at(route, kind.path), None
        elif _has_route(kind, route):
            yield _at(route, kind.path), kind


def _has_route(kind: Kind, route: Route) -> bool:
    if kind.read_only and route.method != "GET":
        return False
    if "<mesh>" in route.path:
        return kind.mesh_scoped
    return not (kind.mesh_scoped and "<name>" in route.path)


def _at(route: Route, path: str) -> Route:
    return Route(
        route.method, route.path.replace(OF_ANY_KIND, path), route.answer, route.title, route.query, route.body
    )


def _operation(route: Route, kind: Kind | None) -> Json:
    body = {"$ref": f"#/components/schemas/{kind.name}"} if kind and route.method == "PUT" else route.body
    return {
        "summary": (inspect.getdoc(route.answer) or "").partition("\n")[0],
        "parameters": [*_arguments(route.path), *_query(route.query)],
        **({"requestBody": {"required": True, "content": {JSON: {"schema": body}}}} if body is not None else {}),
        "responses": {
            **_answers(route, kind),
            "default": {
                "description": "It could not be done.",
                "content": {JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        },
    }


def _arguments(path: str) -> Iterator[Json]:
    for name in PARAMETER.findall(path):
        yield {"name": name, "in": "path", "required": True, "schema": ARGUMENTS[name]}


def _query(query: Mapping[str, Any]) -> Iterator[Json]:
    for name, schema in query.items():
        yield {"name": name, "in": "query", "schema": schema}


def _answers(route: Route, kind: Kind | None) -> Json:
    if kind is None:
        return {"200": {"description": "It is so."}}
    if route.method == "GET":
        return {"200": _answer("What was asked for.", _content(route, kind))}
    answers = {"200": _answer("It is done.", WRITTEN)}
    return answers | ({"201": _answer("It is created.", WRITTEN)} if route.method == "PUT" else {})


def _answer(description: str, schema: Json) -> Json:
    return {"description": description, "content": {JSON: {"schema": schema}}}


def _content(route: Route, kind: Kind) -> Json:
    one = {"$ref": f"#/components/schemas/{kind.name}"}
    if "<name>" in route.path:
        return {"anyOf": [one, {"type": "object", "required": ["apiVersion", "kind", "metadata"]}]}
    return {
        "type": "object",
        "required": ["total", "items", "next"],
        "properties": {
            "total": {"type": "integer"},
            "items": {"type": "array", "items": one},
            "next": {"type": ["string", "null"]},
        },
    }


async def _schema(_: Api, call: Call) -> Answer:
    """The JSON Schema of the documents of one kind."""
    kind = KINDS.get(call.args["kind"])
    if kind is None:
        raise Problem(404, "Could not retrieve a schema", f'there is no kind "{call.args["kind"]}"')
    return document({"$schema": "https://json-schema.org/draft/2020-12/schema", **document_schema(kind)})


def routes(others: tuple[Route, ...]) -> tuple[Route, ...]:
    """The routes that the description stands on; it is of the others and of these."""

    @cache
    def whole() -> Answer:
        return document(described((*own, *others)))

    async def openapi(_: Api, __: Call) -> Answer:
        """This description."""
        return whole()

    own = (
        Route("GET", "/openapi.json", openapi, "Could not retrieve the description"),
        Route("GET", "/_schemas/<kind>", _schema, "Could not retrieve a schema"),
    )
    return own
