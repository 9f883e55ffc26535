"""The API's description of itself: valid, whole, and true."""

from __future__ import annotations

import json
import re

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, assume, given, reject, settings

from kuma.described import document_schema, parse_written
from kuma.kinds import KINDS, show_document, validate
from kuma.rest.app import ROUTES
from kuma.rest.openapi import described
from kuma.schema import Invalid
from tests.kuma.rest.served import served
from tests.kuma.strategies import any_resource

DESCRIPTION = json.loads(json.dumps(described(ROUTES)))


def test_it_is_openapi():
    schemathesis.openapi.from_dict(DESCRIPTION).validate()


def test_every_route_and_every_kind_is_described():
    paths = DESCRIPTION["paths"]
    assert {"get", "put", "delete"} == set(paths["/meshes/{mesh}/meshtimeouts/{name}"])
    assert set(paths["/dataplanes"]) == {"get"}
    assert "put" not in paths.get("/mesh-insights/{name}", {})
    assert "/meshes/{mesh}/meshtimeouts/{name}/_resources/dataplanes" in paths
    assert "/meshes/{mesh}/dataplanes/{name}/_resources/dataplanes" not in paths
    for route in ROUTES:
        like = re.compile(re.sub(r"<(\w+)>", r"{\1}", route.path).replace("+", "[+]").replace("{path}", "[a-z-]+"))
        assert any(route.method.lower() in said for path, said in paths.items() if like.fullmatch(path)), route.path
    for operation in (one for operations in paths.values() for one in operations.values()):
        assert operation["summary"].endswith((".", "?", ")")), operation


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_schemas_are_json_schemas(kind):
    jsonschema_rs.meta.validate(
        {"$schema": "https://json-schema.org/draft/2020-12/schema", **document_schema(KINDS[kind])}
    )


@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(any_resource())
def test_what_can_be_written_is_as_described(resource):
    shown = show_document(resource)
    assume(not validate(resource))
    try:
        parse_written({name: value for name, value in shown.items() if name not in ("snis", "status")})
    except Invalid:
        reject()
    jsonschema_rs.validate(document_schema(KINDS[resource.kind]), json.loads(json.dumps(shown)))


async def test_where_it_stands():
    async with served() as api:
        whole = await api.get("/openapi.json")
        assert whole.json == DESCRIPTION
        timeout = (await api.get("/_schemas/MeshTimeout")).json
        assert timeout["properties"]["spec"]["properties"]["to"]["type"] == "array"
        assert (await api.get("/_schemas/Nothing")).status == 404
