"""Dataplanes and zones together with what is known of how they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from kuma.kinds import KINDS, show_document, spec_json
from kuma.model import Key, Resource
from kuma.rest.api import Api
from kuma.rest.calls import Answer, Call, Handler, Route, resource_document
from kuma.rest.pages import PARAMETERS, PROXIES, page_of, query_of
from kuma.rest.resources import GET, LIST, key_at, route_of
from kuma.store.api import NotFound

META = ("type", "mesh", "name", "creationTime", "modificationTime", "labels", "kri")


@frozen
class Overview:
    """A kind whose resources have insights of the same name."""

    kind: str
    insight: str
    spec_field: str
    insight_field: str

    async def list(self, api: Api, call: Call) -> Answer:
        """One page of overviews."""
        mesh = await api.mesh(call) if "mesh" in call.args else None
        query = query_of(call, f"{route_of(call, KINDS[self.kind])}/_overview", LIST)
        page = page_of(call, query, await api.resources.list(self.kind, mesh))
        insights = {(one.mesh, one.name): one for one in await api.resources.list(self.insight, mesh)}
        items = [self.show(resource, insights.get((resource.mesh, resource.name))) for resource in page.items]
        return resource_document(page.body(items))

    async def get(self, api: Api, call: Call) -> Answer:
        """One overview; without an insight yet, an empty one."""
        key = await key_at(api, call, KINDS[self.kind])
        resource = await api.found(key, GET)
        try:
            insight = await api.resources.get(Key(self.insight, key.mesh, key.name))
        except NotFound:
            return resource_document({**self.show(resource, None), self.insight_field: {}})
        return resource_document(self.show(resource, insight))

    def show(self, resource: Resource, insight: Resource | None) -> Mapping[str, Any]:
        """A resource and its insight, if there is one, as one document."""
        document = show_document(resource)
        meta = {name: document[name] for name in META if name in document}
        shown = {**meta, "type": f"{self.kind}Overview", self.spec_field: spec_json(resource)}
        return shown if insight is None else {**shown, self.insight_field: spec_json(insight)}


DATAPLANES = Overview("Dataplane", "DataplaneInsight", "dataplane", "dataplaneInsight")
ZONES = Overview("Zone", "ZoneInsight", "zone", "zoneInsight")


def _lists(lists: Handler, path: str, query: Mapping[str, Any]) -> tuple[Route, ...]:
    return (
        Route("GET", f"{path}/_overview", lists, LIST, query),
        Route("GET", f"{path}+insights", lists, LIST, query),
    )


def _items(gets: Handler, path: str) -> tuple[Route, ...]:
    return (Route("GET", f"{path}/<name>/_overview", gets, GET), Route("GET", f"{path}+insights/<name>", gets, GET))


OF_PROXIES = {**PARAMETERS, **PROXIES}
ROUTES = (
    *_lists(ZONES.list, "/zones", PARAMETERS),
    *_items(ZONES.get, "/zones"),
    *_lists(DATAPLANES.list, "/meshes/<mesh>/dataplanes", OF_PROXIES),
    *_items(DATAPLANES.get, "/meshes/<mesh>/dataplanes"),
    *_lists(DATAPLANES.list, "/dataplanes", OF_PROXIES),
)
