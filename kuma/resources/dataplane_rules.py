"""The rules of a Dataplane: ports and addresses that can exist together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from kuma.names import allowed_values, identifier_problem, is_domain, is_ip, is_port
from kuma.protocols import protocol
from kuma.schema import Violation

if TYPE_CHECKING:
    from kuma.resources.dataplane import (
        BackendRef,
        Gateway,
        Inbound,
        Networking,
        Outbound,
        ReachableBackendRef,
        ServiceProbe,
    )

PORT = "port must be in the range [1, 65535]"
POSITIVE = "must have a positive value"
LOOPBACK = "127.0.0.1"
DESTINATIONS = ("MeshExternalService", "MeshMultiZoneService", "MeshService")
WRONG_DESTINATION = f"invalid value. Available values are: {','.join(DESTINATIONS)}"
REACHABLE = "transparentProxing.reachableBackends.refs"
"""The misspelling is part of the interface."""

TAG_NAME = re.compile(r"[a-zA-Z0-9.\-_:/]*")
TAG_VALUE = re.compile(r"[a-zA-Z0-9.\-_:]*")


def networking_violations(networking: Networking) -> Iterator[Violation]:
    """What is wrong with what a proxy listens on; fields are relative to `networking`."""
    if networking.gateway is not None:
        yield from _gateway(networking, networking.gateway)
    yield from _address(networking.address)
    for index, inbound in enumerate(networking.inbound):
        yield from _under(f"inbound[{index}]", _inbound(inbound, networking.address))
    for index, outbound in enumerate(networking.outbound):
        yield from _under(f"outbound[{index}]", _outbound(outbound))
    transparent = networking.transparent_proxying
    if transparent is not None and transparent.reachable_backends is not None:
        for index, ref in enumerate(transparent.reachable_backends.refs):
            yield from _under(f"{REACHABLE}[{index}]", _reachable(ref))
    yield from _listeners(networking)


def admin_violations(networking: Networking) -> Iterator[Violation]:
    """Envoy's administration listens on loopback, where nothing else may take its port."""
    if networking.admin is None:
        return
    place = (LOOPBACK, networking.admin.port)
    if networking.takes_inbound(place):
        yield Violation("admin.port", "must differ from inbound")
    if networking.takes_outbound(place):
        yield Violation("admin.port", "must differ from outbound")


def _under(path: str, violations: Iterator[Violation]) -> Iterator[Violation]:
    return (violation.under(path) for violation in violations)


def _address(address: str) -> Iterator[Violation]:
    if not address:
        yield Violation("address", "address can't be empty")
    elif address in ("0.0.0.0", "::"):
        yield Violation("address", "must not be 0.0.0.0 or ::")
    elif not is_ip(address) and not is_domain(address):
        yield Violation("address", "address has to be valid IP address or domain name")


def _gateway(networking: Networking, gateway: Gateway) -> Iterator[Violation]:
    if networking.inbound:
        yield Violation("inbound", "inbound cannot be defined for delegated gateways")
    if networking.listeners:
        yield Violation("listeners", "listeners cannot be defined for delegated gateways")
    if gateway.tags and "kuma.io/service" not in gateway.tags:
        yield Violation("gateway.tags", 'mandatory tag "kuma.io/service" is missing')
    for name, value in sorted(gateway.tags.items()):
        for message in _tag(name, value):
            yield Violation(f'gateway.tags["{name}"]', message)


def _tag(name: str, value: str) -> Iterator[str]:
    if not name:
        yield "tag name must be non-empty"
    if not value:
        yield "tag value must be non-empty"
    if not TAG_NAME.fullmatch(name):
        yield "tag name must consist of alphanumeric characters, dots, dashes, slashes and underscores"
    if not TAG_VALUE.fullmatch(value):
        yield "tag value must consist of alphanumeric characters, dots, dashes and underscores"
    if name == "kuma.io/protocol" and value and value != "tcp":
        yield f'other values than tcp are not allowed, provided value "{value}"'


def _inbound(inbound: Inbound, proxy: str) -> Iterator[Violation]:
    if not is_port(inbound.port):
        yield Violation("port", PORT)
    if inbound.service_port and not is_port(inbound.service_port):
        yield Violation("servicePort", PORT)
    if inbound.service_address:
        yield from _service_address(inbound, proxy)
    if inbound.address and not is_ip(inbound.address):
        yield Violation("address", "address has to be valid IP address")
    if inbound.service_probe is not None:
        yield from _under("serviceProbe", _probe(inbound.service_probe))
    if inbound.protocol and not protocol(inbound.protocol):
        allowed = allowed_values(("grpc", "http", "http2", "tcp"))
        yield Violation("protocol", f'has an invalid value "{inbound.protocol}". {allowed}')


def _service_address(inbound: Inbound, proxy: str) -> Iterator[Violation]:
    if not is_ip(inbound.service_address):
        yield Violation("serviceAddress", "serviceAddress has to be valid IP address")
    if inbound.service_address in (proxy, inbound.address) and inbound.service_port == inbound.port:
        yield Violation("serviceAddress", "serviceAddress and servicePort has to differ from address and port")


def _probe(probe: ServiceProbe) -> Iterator[Violation]:
    for name, duration in (("interval", probe.interval), ("timeout", probe.timeout)):
        if duration is not None and duration <= timedelta():
            yield Violation(name, POSITIVE)
    thresholds = {"unhealthyThreshold": probe.unhealthy_threshold, "healthyThreshold": probe.healthy_threshold}
    for name, threshold in thresholds.items():
        if threshold == 0:
            yield Violation(name, POSITIVE)


def _outbound(outbound: Outbound) -> Iterator[Violation]:
    if not is_port(outbound.port):
        yield Violation("port", PORT)
    if outbound.address and not is_ip(outbound.address):
        yield Violation("address", "address has to be valid IP address")
    if outbound.backend_ref is None:
        yield Violation("backendRef", "must be defined")
    else:
        yield from _under("backendRef", _backend(outbound.backend_ref))


def _backend(ref: BackendRef) -> Iterator[Violation]:
    if ref.kind not in DESTINATIONS:
        yield Violation("kind", WRONG_DESTINATION)
    if not ref.name and not ref.labels:
        yield Violation("", "either 'name' or 'labels' should be specified")
    if ref.kind != "MeshExternalService" and not is_port(ref.port):
        yield Violation("port", PORT)


def _reachable(ref: ReachableBackendRef) -> Iterator[Violation]:
    if ref.kind not in DESTINATIONS:
        yield Violation("kind", WRONG_DESTINATION)
    if ref.name and (problem := identifier_problem(ref.name)):
        yield Violation("name", problem)
    if not ref.name and ref.namespace:
        yield Violation("name", "name is required, when namespace is defined")
    elif not ref.name and not ref.labels:
        yield Violation("name", "name or labels are required")
    if ref.name and ref.labels:
        yield Violation("labels", "labels cannot be defined when name is specified")


def _listeners(networking: Networking) -> Iterator[Violation]:
    names = {inbound.section for inbound in networking.inbound}
    inbounds = {(inbound.address or networking.address, inbound.port) for inbound in networking.inbound}
    types: dict[tuple[str, int], str] = {}
    for index, listener in enumerate(networking.listeners):
        path, place = f"listeners[{index}]", (listener.address, listener.port)
        if listener.type == "Unspecified":
            yield Violation(f"{path}.type", "type must be ZoneIngress or ZoneEgress")
        yield from _under(path, _address(listener.address))
        if not is_port(listener.port):
            yield Violation(f"{path}.port", PORT)
        if listener.name and listener.name in names:
            yield Violation(f"{path}.name", f'name "{listener.name}" must be unique across inbounds and listeners')
        if message := _collision(types.get(place), listener.type, place in inbounds):
            yield Violation(path, f"address:port {listener.address}:{listener.port} {message}")
        names.add(listener.section)
        types.setdefault(place, listener.type)


def _collision(earlier: str | None, kind: str, inbound: bool) -> str:
    if earlier is not None:
        return "is already used by another listener" if earlier == kind else "is used by listeners of different types"
    return "collides with an inbound listener" if inbound else ""
