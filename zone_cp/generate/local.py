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
from kuma.mesh import Proxy
from kuma.names import is_ipv6
from kuma.policy import Policy
from kuma.protocols import HTTP, forwarded
from kuma.redirection import redirection
from kuma.xds.config import NOTHING, Layer, Packed, layer, pack
from zone_cp.generate.caller import around as beside
from zone_cp.generate.subject import Subject
from zone_cp.generate.system import Around, system
from zone_cp.generate.transparent import NO_WORKLOAD, REUSE_PORT, SOURCES

if TYPE_CHECKING:
    from kuma.envoy.api import Cluster, FilterChain

LOOPBACK = ("127.0.0.1", "::1")

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
    is_transparent: bool = False


def own(subject: Subject, around: Around) -> Own:
    """A proxy's own part of its config; built anew only when something of its own has changed."""
    place, rules = subject.proxy.dataplane.key, subject.rules
    heard = subject.shelf.latest("heard", place, (rules.inward, rules.outward), lambda: _heard(subject))
    inputs = (subject.proxy, *heard, subject.mesh.trust, beside(subject.mesh), around)
    return subject.shelf.latest("own", place, inputs, lambda: _own(subject, around))


def _heard(subject: Subject) -> tuple[object, ...]:
    """As much of what policies say as its own side is made of: most of them only speak of what it reaches for."""
    rules = subject.rules
    said = zip(subject.workshop.policies, rules.inward.selections, rules.outward, strict=True)
    speaking = tuple((selection.policies, outward) for policy, selection, outward in said if policy.system)
    return rules.inward.listeners, speaking


def _own(subject: Subject, around: Around) -> Own:
    policies = subject.workshop.policies
    served = [subject.shelf.part("inbound", one, partial(_inbound, one, policies)) for one in _served(subject)]
    serves = system(subject.proxy, subject.caller, around, (subject.rules, policies))
    return Own(
        layer((*(one for one, _ in served), *serves.listeners)),
        layer((*(one for _, one in served), *serves.clusters)),
        _secrets(subject.proxy),
    )


def _served(subject: Subject) -> Iterator[Served]:
    networking, is_transparent = subject.proxy.dataplane.spec.networking, redirection(subject.proxy) is not None
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
            caller=subject.caller,
            identity=subject.identity,
            reuse_port=REUSE_PORT in subject.proxy.metadata.features,
            internal=subject.internal,
            rules=subject.rules.inward.listeners[address, port],
            is_transparent=is_transparent,
        )


def _inbound(served: Served, policies: tuple[Policy, ...]) -> Pair:
    name = names.inbound(served.section)
    listener = listeners.listener(name, served.address, served.port, "INBOUND")
    listener.enable_reuse_port.value = served.reuse_port
    listeners.tag(listener, served.caller.labels or {names.UNIFIED_NAME: name})
    listener.filter_chains.append(_chain(name, served))
    cluster = clusters.static(name, socket_address(*served.target), clusters.INBOUND_CONNECT_TIMEOUT)
    if served.is_transparent:
        listener.bind_to_port.value = False  # Envoy hands over what was redirected to its passthrough listener
        _by_itself(cluster, served.target[0])
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


def _by_itself(cluster: Cluster, target: str) -> None:
    """Connect to the application such that the connection is not redirected again; loopback never is."""
    if target not in LOOPBACK:
        clusters.connect_from(cluster, SOURCES[6 if is_ipv6(target) else 4])


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
