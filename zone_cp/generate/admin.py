"""A proxy's system side: Envoy's admin interface for the control plane alone, and for all whether it is ready."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kuma.envoy import api, clusters, listeners, names, routes, tls
from kuma.envoy.endpoints import Fields, pipe, socket_address
from kuma.mesh import AdminTls, Metadata, Proxy

if TYPE_CHECKING:
    from kuma.envoy.api import Cluster, FilterChain, Listener, Route

# what these addresses mean to whoever connects; no other may be an admin's
REACHED_AT = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1", "127.0.0.1": "127.0.0.1", "::1": "::1"}
READY = "/ready"
REUSE_PORT = "feature-reuse-port"
READINESS_SOCKET = "feature-readiness-unix-socket"


class WrongAdmin(ValueError):
    """The proxy says something of its admin interface that can't be."""


def clusters_of(proxy: Proxy) -> list[Cluster]:
    """What the admin listener sends to: Envoy's admin interface, and kuma-dp's word on whether the proxy is ready."""
    metadata = proxy.metadata
    if not metadata.admin_port:
        return []
    if not metadata.readiness_port:
        raise WrongAdmin("a proxy with an admin port has a readiness port")
    return [
        clusters.static(names.ADMIN, address_of(metadata)),
        clusters.static(names.READINESS, _readiness_address(proxy)),
    ]


def listeners_of(proxy: Proxy) -> list[Listener]:
    """The admin listener, where the proxy has an admin interface that is not there for all already."""
    address, metadata = proxy.dataplane.spec.networking.address, proxy.metadata
    if not metadata.admin_port:
        return []
    if not metadata.admin_socket and address == _reached_at(metadata):
        return []  # Envoy's admin interface is there already
    return [_listener(address, proxy)]


def address_of(metadata: Metadata) -> Fields:
    """Where Envoy itself reaches its admin interface. Raises WrongAdmin."""
    reached_at = _reached_at(metadata)
    if metadata.admin_socket:
        return pipe(metadata.admin_socket)
    return socket_address(reached_at, metadata.admin_port)


def _reached_at(metadata: Metadata) -> str:
    if metadata.admin_address not in REACHED_AT:
        raise WrongAdmin(f"the admin interface listens on a loopback address, not on {metadata.admin_address!r}")
    return REACHED_AT[metadata.admin_address]


def _readiness_address(proxy: Proxy) -> Fields:
    metadata = proxy.metadata
    if READINESS_SOCKET in metadata.features:
        return pipe(names.socket(metadata.workdir, "kuma-readiness-reporter"))
    return socket_address(_reached_at(metadata), metadata.readiness_port)


def _listener(address: str, proxy: Proxy) -> Listener:
    metadata = proxy.metadata
    made = api.Listener(
        name=names.ADMIN,
        traffic_direction="INBOUND",
        enable_reuse_port={"value": REUSE_PORT in metadata.features},
        address=socket_address(address, metadata.admin_port),
    )
    listeners.inspect_tls(made)
    ready = routes.rewritten(READY, names.READINESS)
    made.filter_chains.append(_chain((ready,), metadata))
    if proxy.admin is not None:
        made.filter_chains.append(_over_tls(_chain((ready, routes.rewritten("/", names.ADMIN)), metadata), proxy.admin))
    return made


def _over_tls(chain: FilterChain, served_with: AdminTls) -> FilterChain:
    chain.filter_chain_match.transport_protocol = "tls"
    tls.secure(chain, tls.admin(served_with.chain, served_with.key, served_with.ca))
    return chain


def _chain(made: tuple[Route, ...], metadata: Metadata) -> FilterChain:
    config = routes.configuration(names.ADMIN, made)
    config.name = ""
    return listeners.http_chain(names.ADMIN, config, listeners.internal_addresses(listeners.LOOPBACK, metadata.ipv6))
