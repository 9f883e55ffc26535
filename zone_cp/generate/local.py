"""A proxy's own side: its inbounds, what serves the proxy itself, and the secrets that are its alone."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from attrs import frozen

from kuma.envoy import clusters, listeners, names, routes, tls
from kuma.envoy.draft import Caller, Identity, Inbound
from kuma.envoy.endpoints import socket_address
from kuma.match import InboundRules
from kuma.mesh import Mesh, Proxy
from kuma.policy import Policy
from kuma.protocols import HTTP, forwarded
from kuma.xds.config import NOTHING, Layer, Packed, layer, pack
from zone_cp.generate.caller import around, caller_of
from zone_cp.generate.matched import Rules
from zone_cp.generate.system import system
from zone_cp.generate.workshop import Workshop

if TYPE_CHECKING:
    from kuma.envoy.api import FilterChain

NO_WORKLOAD = 49151  # the port of an inbound that stands for no workload
REUSE_PORT = "feature-reuse-port"

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
    caller: Caller
    identity: Identity | None
    reuse_port: bool
    internal: tuple[str, ...]
    rules: tuple[InboundRules, ...]  # in the order of the policies


def own(mesh: Mesh, proxy: Proxy, rules: Rules, workshop: Workshop) -> Own:
    """A proxy's own part of its config; built anew only when something of its own has changed."""
    shelf = workshop.shelf(mesh)
    heard = tuple(one for policy, one in zip(workshop.policies, rules.outward, strict=True) if policy.system)
    inputs = (proxy, rules.inward, heard, mesh.trust, around(mesh))
    return shelf.latest("own", proxy.dataplane.key, inputs, lambda: _own(mesh, proxy, rules, workshop))


def identity_of(mesh: Mesh, proxy: Proxy) -> Identity | None:
    """What TLS has to know of a proxy; None for one that has no identity."""
    return None if proxy.certificate is None else Identity(proxy.certificate.secret, mesh.trust.domains)


def internal_of(proxy: Proxy, workshop: Workshop) -> tuple[str, ...]:
    """The networks whose callers count as the mesh's own, at this proxy."""
    return listeners.internal_addresses(workshop.internal, proxy.metadata.ipv6)


def _own(mesh: Mesh, proxy: Proxy, rules: Rules, workshop: Workshop) -> Own:
    shelf, caller = workshop.shelf(mesh), caller_of(mesh, proxy)
    served = [
        shelf.part("inbound", one, partial(_inbound, one, workshop.policies))
        for one in _served(mesh, proxy, rules, workshop)
    ]
    serves = system(proxy, caller, rules, workshop.policies)
    return Own(
        layer((*(one for one, _ in served), *serves.listeners)),
        layer((*(one for _, one in served), *serves.clusters)),
        _secrets(proxy),
    )


def _served(mesh: Mesh, proxy: Proxy, rules: Rules, workshop: Workshop) -> Iterator[Served]:
    networking, caller = proxy.dataplane.spec.networking, caller_of(mesh, proxy)
    for inbound in networking.inbound:
        if inbound.port == NO_WORKLOAD:
            continue
        address, port = networking.listens(inbound)
        yield Served(
            section=inbound.section,
            address=address,
            port=port,
            protocol=forwarded(inbound.protocol),
            target=networking.serves(inbound),
            caller=caller,
            identity=identity_of(mesh, proxy),
            reuse_port=REUSE_PORT in proxy.metadata.features,
            internal=internal_of(proxy, workshop),
            rules=rules.inward.listeners[address, port],
        )


def _inbound(served: Served, policies: tuple[Policy, ...]) -> Pair:
    name = names.inbound(served.section)
    listener = listeners.listener(name, served.address, served.port, "INBOUND")
    listener.enable_reuse_port.value = served.reuse_port
    listeners.tag(listener, served.caller.labels or {names.UNIFIED_NAME: name})
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
        caller=served.caller,
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


def _secrets(proxy: Proxy) -> Layer:
    certificate = proxy.certificate
    if certificate is None or not certificate.chain:
        return NOTHING
    secret = tls.certificate(certificate.secret, certificate.chain, certificate.key)
    return layer((pack(secret.name, secret),))
