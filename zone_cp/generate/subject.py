"""The proxy whose config is made, and all that its own side is made of."""

from __future__ import annotations

from functools import cached_property, lru_cache

from attrs import frozen

from kuma.envoy.draft import Caller, Identity
from kuma.envoy.listeners import internal_addresses
from kuma.mesh import Mesh, Proxy
from zone_cp.generate.caller import caller_of
from zone_cp.generate.matched import Rules
from zone_cp.generate.workshop import Shelf, Workshop


def identity_of(mesh: Mesh, proxy: Proxy) -> Identity | None:
    """What TLS has to know of a proxy; None for one that has no identity."""
    return None if proxy.certificate is None else Identity(proxy.certificate.secret, mesh.trust.domains)


def internal_of(proxy: Proxy, workshop: Workshop) -> tuple[str, ...]:
    """The networks whose callers count as the mesh's own, at this proxy."""
    return _internal(workshop.internal, proxy.metadata.ipv6)


@lru_cache
def _internal(networks: tuple[str, ...], ipv6: bool) -> tuple[str, ...]:
    """Found once: there are few answers, and every proxy asks again with each change."""
    return internal_addresses(networks, ipv6)


@frozen(eq=False)
class Subject:
    """A proxy in its mesh, with what policies say of it, and where its parts are kept."""

    mesh: Mesh
    proxy: Proxy
    rules: Rules
    workshop: Workshop

    @property
    def shelf(self) -> Shelf:
        """Where its parts are kept."""
        return self.workshop.shelf(self.mesh)

    @cached_property
    def identity(self) -> Identity | None:
        """What TLS has to know of it."""
        return identity_of(self.mesh, self.proxy)

    @cached_property
    def caller(self) -> Caller:
        """What policies may know of it."""
        return caller_of(self.mesh, self.proxy)

    @property
    def internal(self) -> tuple[str, ...]:
        """The networks whose callers count as the mesh's own."""
        return internal_of(self.proxy, self.workshop)
