"""Transparent proxying: what takes connections that no inbound and no outbound takes, or that go to pods directly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from kuma.envoy import api, clusters, listeners, names
from kuma.envoy.endpoints import socket_address
from kuma.mesh import Mesh, Proxy
from kuma.redirection import Redirection, redirection
from kuma.resources.dataplane import Networking

if TYPE_CHECKING:
    from kuma.envoy.api import Cluster, FilterChain, Listener

NO_WORKLOAD = 49151  # the port of an inbound that stands for no workload
STRICT = "feature-strict-inbound-ports"
REUSE_PORT = "feature-reuse-port"
SERVICE = "kuma.io/service"
EVERY = "*"

# the sources by which the redirection knows the proxy's own connections to the application
SOURCES = {4: "127.0.0.6", 6: "::6"}

Place = tuple[str, int]


def passing_clusters(proxy: Proxy) -> list[Cluster]:
    """What passthrough listeners send to: wherever a connection was going, or nowhere."""
    found = redirection(proxy)
    if found is None or not found.passes:
        return []
    made = [api.Cluster(name=names.NO_DESTINATION, alt_stat_name=names.NO_DESTINATION, type="STATIC")]
    made[0].connect_timeout.FromTimedelta(clusters.CONNECT_TIMEOUT)
    for version in _versions(found):
        outbound, inbound = (clusters.as_addressed(names.passthrough(way, version)) for way in ("outbound", "inbound"))
        clusters.connect_from(inbound, SOURCES[version])
        made += [outbound, inbound]
    return made


def passing_listeners(proxy: Proxy) -> list[Listener]:
    """The listeners that redirected connections come to; Envoy hands over those that another listener is for."""
    found = redirection(proxy)
    if found is None or not found.passes:
        return []
    chains = _strict(proxy)
    return [one for version in _versions(found) for one in _pair(found, version, proxy, chains)]


def _versions(found: Redirection) -> tuple[int, ...]:
    return (4, 6) if found.ipv6 else (4,)


def _pair(found: Redirection, version: int, proxy: Proxy, ports: tuple[int, ...]) -> Iterator[Listener]:
    address = "::" if version == 6 else "0.0.0.0"
    outbound = names.passthrough("outbound", version)
    yield _passing(outbound, address, found.outbound, "OUTBOUND", (listeners.tcp_chain(outbound, ((outbound, 1),)),))
    if found.inbound:
        inbound = names.passthrough("inbound", version)
        chains = tuple(_inbound_chain(inbound, port) for port in ports) or (anywhere(inbound),)
        listener = _passing(inbound, address, found.inbound, "INBOUND", chains)
        listener.enable_reuse_port.value = REUSE_PORT in proxy.metadata.features
        yield listener


def _passing(name: str, address: str, port: int, direction: str, chains: Iterable[FilterChain]) -> Listener:
    listener = listeners.listener(name, address, port, direction)
    listener.use_original_dst.value = True
    listener.filter_chains.extend(chains)
    return listener


def _strict(proxy: Proxy) -> tuple[int, ...]:
    """The ports that connections from outside may reach, where they may not reach all."""
    if STRICT not in proxy.metadata.features or proxy.certificate is None:
        return ()
    return tuple(dict.fromkeys(inbound.port for inbound in proxy.dataplane.spec.networking.inbound))


def _inbound_chain(name: str, port: int) -> FilterChain:
    to = names.NO_DESTINATION if port == NO_WORKLOAD else name
    chain = listeners.tcp_chain(name, ((to, 1),))
    chain.filter_chain_match.destination_port.value = port
    return chain


def anywhere(name: str) -> FilterChain:
    """A chain that lets connections go on to wherever they were going."""
    return listeners.tcp_chain(name, ((name, 1),))


# Direct access: pods that are called by their own address.


def called_directly(mesh: Mesh, proxy: Proxy) -> tuple[Place, ...]:
    """The places of other proxies' inbounds that this one's application may call by address, sorted."""
    networking = proxy.dataplane.spec.networking
    wanted = _directly(networking)
    if not wanted or redirection(proxy) is None:
        return ()
    others = (one for name, one in mesh.of("Dataplane").items() if name != proxy.dataplane.name)
    meant = (one for one in others if EVERY in wanted or one.labels.get(SERVICE) in wanted)
    places = {place for one in meant for place in map(one.spec.networking.listens, one.spec.networking.inbound)}
    return tuple(sorted(places - _taken(networking)))


def _taken(networking: Networking) -> set[Place]:
    """Where the proxy itself listens: Envoy takes no second listener there."""
    outbounds = {outbound.listens for outbound in networking.outbound}
    return outbounds.union(*(map(networking.listens, one) for one in (networking.inbound, networking.listeners)))


def _directly(networking: Networking) -> tuple[str, ...]:
    said = networking.transparent_proxying
    return () if said is None else said.direct_access_services


def direct_clusters(proxy: Proxy) -> list[Cluster]:
    """Where direct calls go: to the address itself."""
    if redirection(proxy) is None or not _directly(proxy.dataplane.spec.networking):
        return []
    return [clusters.as_addressed(names.DIRECT_ACCESS)]


def direct_listeners(places: Iterable[Place]) -> list[Listener]:
    """A listener for each place that is called directly."""
    return [_direct(*place) for place in places]


def _direct(address: str, port: int) -> Listener:
    name = f"{names.DIRECT_ACCESS}_{address}:{port}"
    made = api.Listener(
        name=name,
        address=socket_address(address, port),
        traffic_direction="OUTBOUND",
        bind_to_port={"value": False},
    )
    made.filter_chains.append(listeners.tcp_chain(name, ((names.DIRECT_ACCESS, 1),)))
    return made
