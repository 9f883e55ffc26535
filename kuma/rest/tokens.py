"""Issuing tokens: what a proxy, a zone or a user shows to prove who it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from frozendict import frozendict

from certs import tokens
from certs.secrets import SigningKeys
from certs.tokens import Claims, DataplaneClaims, Ring, UserClaims, ZoneClaims
from kuma.rest.access import require
from kuma.rest.api import Api
from kuma.rest.body import json_object
from kuma.rest.calls import Answer, Call, Route, text
from kuma.rest.errors import Problem, bad_request
from kuma.schema import Violation, parse_go_duration
from kuma.schema.describe import GO_DURATION

TITLE = "Could not issue a token"
TEN_YEARS = timedelta(days=3650)
EMPTY = "cannot be empty"
UNSAID = "cannot be empty or nil"


async def dataplane(api: Api, call: Call) -> Answer:
    """A token for dataplanes."""
    keys = _issuer(api, "dataplane")
    body = json_object(call, "token request")
    mesh, kind = _text(body, "mesh"), _text(body, "type")
    violations = [Violation("mesh", EMPTY)] * (not mesh)
    if kind not in ("", "dataplane"):
        violations.append(Violation("type", f"{kind} is not a valid proxy type"))
    valid_for = _valid_for(body, violations) or TEN_YEARS
    _refuse(violations)
    require(api.access.generate_dp_token, call.user, "generate dataplane token")
    claims = DataplaneClaims(_text(body, "name"), mesh, _tags(body), kind, _text(body, "workload"))
    return await _issued(keys, tokens.proxies(mesh), claims, valid_for)


async def zone(api: Api, call: Call) -> Answer:
    """A token for a zone control plane."""
    keys = _issuer(api, "zone")
    body = json_object(call, "token request")
    name = _text(body, "zone")
    require(api.access.generate_zone_token, call.user, f"generate zone token for zone '{name}'")
    violations: list[Violation] = []
    valid_for = _valid_for(body, violations) or TEN_YEARS
    _refuse(violations)
    return await _issued(keys, tokens.ZONES, ZoneClaims(name, _texts(body, "scope")), valid_for)


async def user(api: Api, call: Call) -> Answer:
    """A token for a user of this API."""
    keys = _issuer(api, "user")
    require(api.access.generate_user_token, call.user, "generate user token")
    body = json_object(call, "token request")
    violations = [Violation("name", EMPTY)] * (not _text(body, "name"))
    valid_for = _valid_for(body, violations)
    if not valid_for:
        violations.append(Violation("validFor", UNSAID if "validFor" in body else EMPTY))
    _refuse(violations)
    claims = UserClaims(_text(body, "name"), _texts(body, "groups"))
    return await _issued(keys, tokens.USERS, claims, valid_for or TEN_YEARS)


def _issuer(api: Api, kind: str) -> SigningKeys:
    if api.keys is None or kind not in api.issues:
        raise Problem(400, TITLE, "issuing tokens using the control plane is disabled.")
    return api.keys


async def _issued(keys: SigningKeys, ring: Ring, claims: Claims, valid_for: timedelta) -> Answer:
    return text(await keys.issue(ring, claims, valid_for))


def _refuse(violations: Sequence[Violation]) -> None:
    if violations:
        raise Problem(400, "Invalid request", "Resource is not valid", tuple(violations))


def _valid_for(body: Mapping[str, Any], violations: list[Violation]) -> timedelta | None:
    """How long the token is to be good; None where that was not said or can't be."""
    said = _text(body, "validFor")
    if not said:
        return None
    try:
        duration = parse_go_duration(said)
    except ValueError as error:
        violations.append(Violation("validFor", f"is invalid: {error}"))
        return None
    if duration < timedelta() or duration > TEN_YEARS * 10:
        violations.append(Violation("validFor", "is invalid: must be positive, and at most 100 years"))
    return duration


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise bad_request(f"{name} must be a string")
    return value


def _texts(body: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = body.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise bad_request(f"{name} must be a list of strings")
    return tuple(value)


def _tags(body: Mapping[str, Any]) -> Any:
    value = body.get("tags")
    if value is None:
        return frozendict()
    if not isinstance(value, dict):
        raise bad_request("tags must be an object whose values are lists of strings")
    return {key: _texts(value, key) for key in value}


TEXT = {"type": "string"}
TEXTS = {"type": "array", "items": TEXT}
VALID_FOR = {"validFor": GO_DURATION}


def _asks(required: str, **properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": [required], "properties": {**properties, **VALID_FOR}}


OF_PROXIES = _asks(
    "mesh", mesh=TEXT, name=TEXT, type=TEXT, workload=TEXT, tags={"type": "object", "additionalProperties": TEXTS}
)
ROUTES = (
    Route("POST", "/tokens/dataplane", dataplane, TITLE, body=OF_PROXIES),
    Route("POST", "/tokens/zone", zone, TITLE, body=_asks("zone", zone=TEXT, scope=TEXTS)),
    Route("POST", "/tokens/user", user, TITLE, body=_asks("name", name=TEXT, groups=TEXTS)),
)
