"""Transparent proxying: how the application's connections come to its proxy, and go out through it.

Said by the Dataplane, or by kuma-dp in its node metadata where it has configured the redirection itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from attrs import evolve, frozen

from kuma.mesh import Proxy
from kuma.resources.dataplane import Networking

IN_METADATA = "feature-transparent-proxy-in-dataplane-metadata"
BIND_OUTBOUNDS = "feature-bind-outbounds"
INBOUND_PORT, OUTBOUND_PORT = 15006, 15001
ONLY_IPV4 = "ipv4"


@frozen
class Redirection:
    """Which connections are redirected: ports are 0 where they are not. `binds`: outbounds listen for themselves."""

    inbound: int = 0
    outbound: int = 0
    dns: bool = False
    ipv6: bool = True
    binds: bool = False

    @property
    def passes(self) -> bool:
        """Whether connections to anywhere come to the proxy."""
        return bool(self.outbound) and not self.binds

    @property
    def resolves(self) -> bool:
        """Whether the application asks its proxy for names."""
        return self.dns and not self.binds

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where passthrough listeners listen: on every address of each family."""
        return ("0.0.0.0", "::") if self.ipv6 else ("0.0.0.0",)


def redirection(proxy: Proxy) -> Redirection | None:
    """How a proxy's connections are redirected; None where they are not."""
    networking, metadata = proxy.dataplane.spec.networking, proxy.metadata
    in_metadata = IN_METADATA in metadata.features
    found = _of_metadata(metadata.transparent_proxy) if in_metadata else _of_dataplane(networking)
    if not (found.inbound or found.outbound) or not (found.ipv6 or _is_ipv4(networking.address)):
        return None
    return evolve(found, dns=metadata.dns_port > 0, binds=BIND_OUTBOUNDS in metadata.features)


def listens_for_all(proxy: Proxy) -> bool:
    """Whether the proxy has an outbound for each service that it may reach, at the service's virtual address."""
    return redirection(proxy) is not None or BIND_OUTBOUNDS in proxy.metadata.features


def _of_metadata(said: Mapping[str, Any]) -> Redirection:
    redirect = said.get("redirect") or {}
    return Redirection(
        inbound=_port(redirect.get("inbound") or {}, INBOUND_PORT),
        outbound=_port(redirect.get("outbound") or {}, OUTBOUND_PORT),
        ipv6=str(said.get("ipFamilyMode", "")).lower() != ONLY_IPV4,
    )


def _port(said: Mapping[str, Any], usual: int) -> int:
    return int(said.get("port") or usual) if said.get("enabled", True) else 0


def _of_dataplane(networking: Networking) -> Redirection:
    said = networking.transparent_proxying
    if said is None:
        return Redirection()
    ipv6 = said.ip_family_mode.lower() != ONLY_IPV4
    return Redirection(said.redirect_port_inbound, said.redirect_port_outbound, ipv6=ipv6)


def _is_ipv4(address: str) -> bool:
    try:
        return ip_address(address).version == 4
    except ValueError:
        return False
