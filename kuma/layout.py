"""What a proxy listens on and reaches for, told to people. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from kuma import spiffe
from kuma.destinations import Destination, Destinations, Service
from kuma.envoy import names
from kuma.kinds import kri_of
from kuma.mesh import Mesh
from kuma.model import Resource

Json = dict[str, Any]

ZONE_LISTENERS = {"ZoneIngress": names.zone_ingress, "ZoneEgress": names.zone_egress}


def layout(mesh: Mesh, dataplane: Resource) -> Json:
    """A proxy's inbounds, its zone listeners and its destinations, each with its name in Envoy; and who it is."""
    networking = dataplane.spec.networking
    return {
        "kri": str(kri_of(dataplane)),
        "labels": dict(sorted(dataplane.labels.items())) or None,
        "inbounds": [_inbound(dataplane, one) for one in networking.inbound],
        "outbounds": [_outbound(one) for one in _reached(mesh.destinations, networking)],
        "listeners": [_listener(dataplane, one) for one in networking.listeners],
        **_identity(mesh, dataplane),
    }


def _inbound(dataplane: Resource, one: Any) -> Json:
    said = {"kri": str(kri_of(dataplane, one.section)), "port": one.port, "protocol": one.protocol}
    return said | {"proxyResourceName": names.inbound(one.section)}


def _listener(dataplane: Resource, one: Any) -> Json:
    said = {"kri": str(kri_of(dataplane, one.section)), "type": one.type, "port": one.port}
    return said | {"proxyResourceName": ZONE_LISTENERS[one.type](one.section)}


def _outbound(one: Destination) -> Json:
    return {"kri": one.name, "port": one.port, "protocol": one.protocol, "proxyResourceName": one.name}


def _reached(destinations: Destinations, networking: Any) -> list[Destination]:
    """The destinations that the Dataplane names; all of the mesh where it names none."""
    transparent = networking.transparent_proxying
    reachable = transparent.reachable_backends if transparent is not None else None
    if reachable is not None:
        refs: Iterable[Any] = reachable.refs
    elif networking.outbound:
        refs = (one.backend_ref for one in networking.outbound if one.backend_ref is not None)
    else:
        return _sorted(destinations.by_name.values())
    return _sorted(port for ref in refs for port in _meant(destinations, ref))


def _sorted(found: Iterable[Destination]) -> list[Destination]:
    return list({one.name: one for one in sorted(found, key=lambda one: one.name)}.values())


def _meant(destinations: Destinations, ref: Any) -> Iterator[Destination]:
    for service in _services(destinations, ref):
        if not ref.port:
            yield from service.ports
        elif (port := service.numbered(ref.port)) is not None:
            yield port


def _services(destinations: Destinations, ref: Any) -> Iterable[Service]:
    if ref.labels:
        return destinations.carrying(ref.kind, ref.labels)
    named = destinations.called(ref.kind, ref.name)
    return () if named is None else (named,)


def _identity(mesh: Mesh, dataplane: Resource) -> Json:
    identity = spiffe.best(filter(spiffe.is_ready, mesh.identities), dataplane)
    if identity is None:
        return {}
    try:
        return {"spiffeId": spiffe.spiffe_id(identity, dataplane, spiffe.Local(mesh.zone))}
    except spiffe.BadSpiffeId:
        return {}
