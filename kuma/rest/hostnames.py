"""Under which hostnames a service is reached, and in which zones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from attrs import evolve

from kuma.hostnames import rendered, selects
from kuma.kinds import KINDS
from kuma.model import ORIGIN, ORIGIN_GLOBAL, ORIGIN_ZONE, Key, Labels, Resource
from kuma.rest.api import Api
from kuma.rest.calls import Answer, Call, Route, resource_document
from kuma.rest.errors import invalid
from kuma.template import TemplateError
from kuma.vips import ADDRESSED

SERVICE = "could not retrieve service"
INSPECTED = {KINDS[kind].path: kind for kind in ADDRESSED}
OTHERS = 'only "meshservices,meshexternalservices,meshmultizoneservices" are available for inspection'


async def hostnames(api: Api, call: Call) -> Answer:
    """The hostnames that the HostnameGenerators make of a service, whether it has been given them yet or not."""
    if call.args["path"] not in INSPECTED:
        raise invalid(OTHERS)
    key = Key(INSPECTED[call.args["path"]], await api.mesh(call), call.args["name"])
    service = await api.found(key, SERVICE)
    zones: defaultdict[str, set[str]] = defaultdict(set)
    for generator in await api.resources.list("HostnameGenerator"):
        for name in _names(api, generator, service):
            zones[name].add(_zone(service))
    items = [{"hostname": name, "zones": [{"name": zone} for zone in sorted(zones[name])]} for name in sorted(zones)]
    return resource_document({"total": len(items), "items": items or None})


def _names(api: Api, generator: Resource, service: Resource) -> Iterator[str]:
    seen = _as_seen_by_zones(service) if api.about.mode == "global" else (service,)
    if any(selects(generator, one) for one in seen):
        try:
            yield rendered(generator.spec.template, service, api.about.zone)
        except TemplateError:
            return  # the service has no such name: its status says why


def _as_seen_by_zones(service: Resource) -> Iterator[Resource]:
    """In its own zone a service is the zone's, in all others it came from the global control plane."""
    for origin in (ORIGIN_ZONE, ORIGIN_GLOBAL):
        yield evolve(service, labels=Labels(service.labels | {ORIGIN: origin}))


def _zone(service: Resource) -> str:
    """The zone a service is of: its label says so, or else the first part of its name, as in `east.backend`."""
    return service.zone or service.name.partition(".")[0]


ROUTES = (Route("GET", "/meshes/<mesh>/<path>/<name>/_hostnames", hostnames, SERVICE),)
