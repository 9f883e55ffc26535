"""The services in what is left of ServiceInsights, one by one: a mesh keeps all of its services in one resource."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve, frozen

from kuma.kinds import KINDS
from kuma.model import Resource
from kuma.resources.serviceinsight import DataplaneStat, Service, ServiceType
from kuma.rest.api import Api
from kuma.rest.calls import Answer, Call, Route, resource_document
from kuma.rest.errors import Problem, bad_request
from kuma.rest.pages import PARAMETERS, cut, query_of
from kuma.rest.resources import GET, LIST, route_of
from kuma.schema import show
from kuma.schema.text import moment_text

KIND = KINDS["ServiceInsight"]
TYPES = frozenset(typing.get_args(ServiceType))
ADDRESSED = frozenset({"internal", "external"})
PORT = 80


@frozen(order=True)
class Named:
    """One service, and the resource that tells of it."""

    mesh: str
    name: str
    insight: Resource

    @property
    def service(self) -> Service:
        """How it is."""
        return typing.cast("Service", self.insight.spec.services[self.name])

    def shown(self) -> Mapping[str, Any]:
        """Its document."""
        said, name = self.service, self.name
        counted = said.dataplanes or DataplaneStat()
        address = f"{name}.mesh:{PORT}" if said.service_type in ADDRESSED else said.address_port
        total = evolve(counted, total=counted.online + counted.offline)
        return {
            "type": KIND.name,
            "mesh": self.mesh,
            "name": name,
            "creationTime": moment_text(self.insight.created),
            "modificationTime": moment_text(self.insight.modified),
            **show(evolve(said, dataplanes=total, address_port=address)),
        }


async def list_(api: Api, call: Call) -> Answer:
    """One page of services, of one mesh or of all."""
    mesh = await api.mesh(call) if "mesh" in call.args else None
    types, query = _types(call), query_of(call, route_of(call, KIND), LIST)
    found = [one for one in await _services(api, mesh) if query.name in one.name and one.service.service_type in types]
    page = cut(call, query, found)
    return resource_document(page.body([one.shown() for one in page.items]))


def _types(call: Call) -> frozenset[str]:
    wanted = frozenset(one for one in (call.asked("type") or "").split(",") if one)
    if wanted - TYPES:
        raise bad_request("bad request: unsupported service type")
    return wanted or TYPES


async def _services(api: Api, mesh: str | None) -> list[Named]:
    return sorted(_each(await api.resources.list(KIND.name, mesh)), key=lambda one: (one.mesh, one.name))


def _each(insights: Any) -> Iterator[Named]:
    return (Named(insight.mesh, name, insight) for insight in insights for name in insight.spec.services)


async def get(api: Api, call: Call) -> Answer:
    """One service."""
    found = await _services(api, await api.mesh(call))
    named = next((one for one in found if one.name == call.args["service"]), None)
    if named is None:
        raise Problem(404, GET, "Not found")
    return resource_document(named.shown())


QUERY = {**PARAMETERS, "type": {"type": "string", "description": f"Some of {', '.join(sorted(TYPES))}."}}
ROUTES = (
    Route("GET", "/service-insights", list_, LIST, QUERY),
    Route("GET", "/meshes/<mesh>/service-insights", list_, LIST, QUERY),
    Route("GET", "/meshes/<mesh>/service-insights/<service>", get, GET),
)
