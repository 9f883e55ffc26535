"""What a proxy reaches for whose application knows nothing of it: every service at its address, under its names."""

from __future__ import annotations

from collections.abc import Iterator

from kuma.dns import dns_records, hostnames
from kuma.mesh import Mesh, Proxy
from kuma.redirection import BIND_OUTBOUNDS, listens_for_all, redirection
from kuma.vips import ADDRESSED
from zone_cp.generate.outward import Everywhere, Outlook, reachable
from zone_cp.generate.subject import Subject


def everywhere(mesh: Mesh, proxy: Proxy) -> Everywhere | None:
    """The outbounds of a proxy that has one for each service; None for one whose Dataplane lists them."""
    if not listens_for_all(proxy):
        return None
    said = proxy.dataplane.spec.networking.transparent_proxying
    wanted = None if said is None or said.reachable_backends is None else said.reachable_backends.refs
    taken = frozenset(_taken(proxy, mesh.destinations.vips))
    return Everywhere(wanted, taken, BIND_OUTBOUNDS in proxy.metadata.features)


def _taken(proxy: Proxy, vips: frozenset[str]) -> Iterator[tuple[str, int]]:
    """The addresses of services at which the proxy or its application listens: of its own pod, say."""
    for ends in proxy.dataplane.spec.networking.interfaces():
        for address, port in (ends.listens, ends.serves):
            if address in vips:
                yield address, port


def resolved(subject: Subject, outlook: Outlook) -> str | None:
    """The DNS records of what a proxy reaches for, one text for all who look outward alike; None where nobody asks."""
    found, mesh = redirection(subject.proxy), subject.mesh
    if found is None or not found.resolves:
        return None
    services = tuple(mesh.of(kind) for kind in ADDRESSED)
    names = subject.shelf.latest("hostnames", "all", services, lambda: hostnames(mesh))
    key = (names, outlook.outbounds, mesh.destinations, found.ipv6)
    return subject.shelf.part("records", key, lambda: dns_records(names, _addresses(mesh, outlook), found.ipv6))


def _addresses(mesh: Mesh, outlook: Outlook) -> frozenset[str]:
    if isinstance(outlook.outbounds, Everywhere):
        return frozenset(address for (address, _), _ in reachable(mesh.destinations, outlook.outbounds))
    return frozenset(outbound.listens[0] for outbound in outlook.outbounds)
