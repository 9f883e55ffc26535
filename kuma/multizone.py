"""Destinations of several zones: a MeshMultiZoneService gathers the MeshServices that it selects."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve

from kuma.destinations import ByPort, Destinations, Places, Service, in_order, port_of
from kuma.model import Resource, kri

SHORT = "mzsvc"


def members_of(service: Resource, destinations: Destinations) -> tuple[Service, ...]:
    """The services behind it, sorted by name."""
    found = destinations.carrying("MeshService", service.spec.selector.mesh_service.match_labels)
    return tuple(sorted(found, key=lambda member: member.resource.name))


def multizone_of(service: Resource, members: Iterable[Service]) -> Service:
    """Its ports. The proxies behind them always speak mTLS, and are those of all members."""
    sans = tuple(sorted({one for member in members for port in member.ports for one in port.sans}))
    ports = (port_of(service, SHORT, port) for port in service.spec.ports)
    return Service(service, tuple(evolve(port, tls=True, sans=sans) for port in ports))


def multizone_places(service: Resource, members: Iterable[Service], places: Places) -> ByPort:
    """The endpoints of each port: those of the members' ports of the same name."""
    ports = [port for member in members for port in member.ports]
    return {
        str(kri(SHORT, service, own.section)): in_order({
            endpoint for port in ports if port.kri.section == own.section for endpoint in places.by_name[port.name]
        })
        for own in service.spec.ports
    }  # fmt: skip
