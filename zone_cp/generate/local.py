"""A proxy's own side: its inbounds and zone listeners, and the secrets that are its alone."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from attrs import frozen

from ingress.zone import ingress, inside
from kuma.envoy import clusters, listeners, names, routes, tls
from kuma.envoy.draft import Identity, Inbound, ZoneListener
from kuma.envoy.endpoints import socket_address
from kuma.match import InboundRules
from kuma.mesh import Mesh, Proxy
from kuma.model import Labels
from kuma.policy import Policy
from kuma.xds.config import NOTHING, Layer, Packed, layer, pack
from zone_cp.generate.admin import admin
from zone_cp.generate.matched import Inward
from zone_cp.generate.workshop import Workshop

if TYPE_CHECKING:
    from kuma.envoy.api import FilterChain

NO_WORKLOAD = 49151  # the port of an inbound that stands for no workload
INGRESS = "ZoneIngress"
REUSE_PORT = "feature-reuse-port"
HTTP = frozenset({"http", "http2", "grpc"})

Rules = tuple[InboundRules, ...]  # in the order of the policies
Pair = tuple[Packed, Packed]  # a listener and its cluster


@frozen(eq=False)
class Own:
    """What only one proxy holds."""

    listeners: Layer
    clusters: Layer
    secrets: Layer


@frozen(cache_hash=True)
class Served:
    """All that one inbound's listener and cluster are built from."""

    section: str
    address: str
    port: int
    protocol: str
    target: tuple[str, int]
    labels: Labels
    identity: Identity | None
    reuse_port: bool
    internal: tuple[str, ...]
    rules: Rules


def own(mesh: Mesh, proxy: Proxy, matched: Inward, workshop: Workshop) -> Own:
    """A proxy's own part of its config; built anew only when something of its own has changed."""
    shelf = workshop.shelf(mesh)
    leads_inside = mesh.destinations if is_ingress(proxy) else None
    inputs = (proxy.dataplane, proxy.metadata, proxy.certificate, proxy.admin, matched, mesh.trust, leads_inside)
    return shelf.latest("own", proxy.dataplane.key, inputs, lambda: _own(mesh, proxy, matched, workshop))


def identity_of(mesh: Mesh, proxy: Proxy) -> Identity | None:
    """What TLS has to know of a proxy; None for one that has no identity."""
    return None if proxy.certificate is None else Identity(proxy.certificate.secret, mesh.trust.domains)


def internal_of(proxy: Proxy, workshop: Workshop) -> tuple[str, ...]:
    """The networks whose callers count as the mesh's own, at this proxy."""
    return listeners.internal_addresses(workshop.internal, proxy.metadata.ipv6)


def is_ingress(proxy: Proxy) -> bool:
    """Whether the proxy takes other zones' connections."""
    return any(one.type == INGRESS for one in proxy.dataplane.spec.networking.listeners)


def _own(mesh: Mesh, proxy: Proxy, matched: Inward, workshop: Workshop) -> Own:
    shelf = workshop.shelf(mesh)
    served = [
        shelf.part("inbound", one, partial(_inbound, one, workshop.policies))
        for one in _served(mesh, proxy, matched, workshop)
    ]
    system = admin(proxy, workshop.policies)
    zone = _zone_listeners(mesh, proxy, matched, workshop.policies)
    return Own(
        layer((*(one for one, _ in served), *system.listeners, *zone)),
        layer((*(one for _, one in served), *system.clusters)),
        _secrets(proxy),
    )


def _served(mesh: Mesh, proxy: Proxy, matched: Inward, workshop: Workshop) -> Iterator[Served]:
    networking, labels = proxy.dataplane.spec.networking, proxy.dataplane.labels
    for inbound in networking.inbound:
        if inbound.port == NO_WORKLOAD:
            continue
        address = inbound.address or networking.address
        yield Served(
            section=inbound.section,
            address=address,
            port=inbound.port,
            protocol=inbound.protocol or "tcp",
            target=(inbound.service_address or address, inbound.service_port or inbound.port),
            labels=labels,
            identity=identity_of(mesh, proxy),
            reuse_port=REUSE_PORT in proxy.metadata.features,
            internal=internal_of(proxy, workshop),
            rules=matched.listeners[address, inbound.port],
        )


def _inbound(served: Served, policies: tuple[Policy, ...]) -> Pair:
    name = names.inbound(served.section)
    listener = listeners.listener(name, served.address, served.port, "INBOUND")
    listener.enable_reuse_port.value = served.reuse_port
    listeners.tag(listener, served.labels or {names.UNIFIED_NAME: name})
    listener.filter_chains.append(_chain(name, served))
    cluster = clusters.static(name, socket_address(*served.target), clusters.INBOUND_CONNECT_TIMEOUT)
    clusters.speak(cluster, served.protocol)
    clusters.idle_after(cluster, served.protocol, listeners.INBOUND_IDLE)
    draft = Inbound(
        served.section,
        served.address,
        served.port,
        served.protocol,
        served.identity,
        listener=listener,
        cluster=cluster,
    )
    for policy, rules in zip(policies, served.rules, strict=True):
        if policy.inbound is not None:
            policy.inbound(draft, rules)
    return pack(name, listener), pack(name, cluster)


def _chain(name: str, served: Served) -> FilterChain:
    if served.protocol not in HTTP:
        return listeners.tcp_chain(name, ((name, 1),), idle_timeout=listeners.INBOUND_IDLE)
    return listeners.http_chain(
        name,
        routes.configuration(name, (routes.everything(name),), request_headers_to_remove=["x-kuma-tags"]),
        served.internal,
        served.protocol == "grpc",
        forward_client_cert_details="SANITIZE_SET",
        set_current_client_cert_details={"uri": True},
        stream_idle_timeout=listeners.INBOUND_STREAM_IDLE,
        common_http_protocol_options={"idle_timeout": listeners.INBOUND_IDLE},
    )


def _zone_listeners(mesh: Mesh, proxy: Proxy, matched: Inward, policies: tuple[Policy, ...]) -> Iterator[Packed]:
    networking = proxy.dataplane.spec.networking
    for one in networking.listeners:
        if one.type != INGRESS:
            continue
        address = one.address or networking.address
        listener = ingress(one.section, address, one.port, inside(mesh))
        if listener is None:
            continue
        listener.enable_reuse_port.value = REUSE_PORT in proxy.metadata.features
        draft = ZoneListener(one.section, address, one.port, False, identity_of(mesh, proxy), listener=listener)
        for policy, rules in zip(policies, matched.listeners[address, one.port], strict=True):
            if policy.zone_listener is not None:
                policy.zone_listener(draft, rules)
        yield pack(listener.name, listener)


def _secrets(proxy: Proxy) -> Layer:
    certificate = proxy.certificate
    if certificate is None or not certificate.chain:
        return NOTHING
    secret = tls.certificate(certificate.secret, certificate.chain, certificate.key)
    return layer((pack(secret.name, secret),))
