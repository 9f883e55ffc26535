"""What this control plane is, what it holds, and who is asking."""

from __future__ import annotations

from typing import Any

from attrs import fields

from kuma.kinds import KINDS
from kuma.model import Kind
from kuma.rest.access import require
from kuma.rest.api import Api
from kuma.rest.calls import Answer, Call, Route, document
from kuma.version import VERSION

PRODUCT = "Kuma"


async def index(api: Api, _: Call) -> Answer:
    """Which control plane this is; nobody has to say who is asking."""
    about = api.about
    return document(
        {
            "hostname": about.hostname,
            "product": PRODUCT,
            "version": VERSION,
            "instanceId": about.instance_id,
            "clusterId": about.cluster_id(),
            "gui": "",
        }
    )


async def config(api: Api, call: Call) -> Answer:
    """The configuration without its secrets. It tells much of what surrounds us, so it is for admins."""
    require(api.access.control_plane_metadata, call.user, "control-plane metadata")
    require(api.access.admin_resources, call.user, "control-plane metadata")
    return document(api.config)


async def who_am_i(_: Api, call: Call) -> Answer:
    """Who the caller is taken for."""
    return document({"name": call.user.name, "groups": list(call.user.groups)})


async def policies(api: Api, _: Call) -> Answer:
    """The kinds that are policies."""
    return document({"policies": [_policy(api, kind) for kind in _served() if kind.policy]})


async def kinds(api: Api, _: Call) -> Answer:
    """Every kind that has a path."""
    return document({"resources": [_kind(api, kind) for kind in _served()]})


def _served() -> list[Kind]:
    return sorted((kind for kind in KINDS.values() if kind.path), key=lambda kind: kind.name)


def _policy(api: Api, kind: Kind) -> dict[str, Any]:
    return {
        "name": kind.name,
        "readOnly": api.about.is_read_only(kind),
        "path": kind.path,
        **_names(kind),
        "isExperimental": False,
        "isTargetRefBased": True,
        "isInbound": _has(kind, "rules"),
        "isOutbound": _has(kind, "to"),
    }


def _kind(api: Api, kind: Kind) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "name": kind.name,
        "scope": "Mesh" if kind.mesh_scoped else "Global",
        "readOnly": api.about.is_read_only(kind),
        "path": kind.path,
        **_names(kind),
        "shortName": kind.short,
        "includeInFederation": kind.global_to_zone and not kind.read_only,
    }
    if kind.policy:
        shown["policy"] = {
            "hasToTargetRef": _has(kind, "to"),
            "hasFromTargetRef": False,
            "hasRulesTargetRef": _has(kind, "rules"),
            "isTargetRef": True,
            "isFromAsRules": False,
        }
    return shown


def _names(kind: Kind) -> dict[str, str]:
    return {"singularDisplayName": kind.title, "pluralDisplayName": kind.titles}


def _has(kind: Kind, name: str) -> bool:
    return any(attribute.name == name for attribute in fields(kind.spec))


ROUTES = (
    Route("GET", "/", index, "Could not retrieve index"),
    Route("GET", "/config", config, "Could not retrieve config"),
    Route("GET", "/who-am-i", who_am_i, "Could not retrieve user"),
    Route("GET", "/policies", policies, "Could not retrieve policies"),
    Route("GET", "/_resources", kinds, "Could not retrieve resources"),
)
