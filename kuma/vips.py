"""Virtual addresses: which service has which, in the status of every kind that can be a destination."""

from __future__ import annotations

from collections.abc import Container
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any

from attrs import evolve, field, fields_dict, frozen

from kuma.kinds import KINDS
from kuma.model import Resource
from kuma.resources.parts import Vip


def _has_vip(status: type[Any]) -> bool:
    return not fields_dict(status).keys().isdisjoint({"vip", "vips"})


ADDRESSED = tuple(kind.name for kind in KINDS.values() if kind.status is not None and _has_vip(kind.status))
"""The kinds whose resources have a virtual address and hostnames."""


def vip_of(service: Resource) -> str:
    """Its virtual address, the first where it has several; empty when it has none yet."""
    status = service.status
    if status is None:
        return ""
    first = status.vips[0] if getattr(status, "vips", ()) else getattr(status, "vip", None)
    return "" if first is None else str(first.ip)


def with_vip(service: Resource, ip: str) -> Resource:
    """The service with this address; the rest of its status stays as it is."""
    status: Any = outline(service)
    said = {"vips": (Vip(ip),)} if hasattr(status, "vips") else {"vip": Vip(ip)}
    return evolve(service, status=evolve(status, **said))


Network = IPv4Network | IPv6Network


@frozen
class Pool:
    """A network whose addresses are handed out one after the other, from its first to its last and then again.

    So an address that is free again stays unused for as long as possible: whoever still remembers it must not meet
    somebody else there.
    """

    network: Network
    handed_out: int = field(default=0)  # how many addresses were passed so far

    def next(self, taken: Container[str]) -> tuple[str, Pool] | None:
        """The next address that is not taken, and the pool after it; None when there is none."""
        size = self.network.num_addresses
        for step in range(size):
            place = (self.handed_out + step) % size
            address = str(self.network[place])
            if address not in taken:
                return address, evolve(self, handed_out=place + 1)
        return None

    def holds(self, address: str) -> bool:
        """Whether an address is one of the network's."""
        try:
            return ip_address(address) in self.network
        except ValueError:
            return False


def outline(service: Resource) -> Any:
    """Its status; an empty one when nothing was found out yet."""
    kind = KINDS[service.kind]
    assert kind.status is not None, f"{kind.name} has no status"
    return kind.status() if service.status is None else service.status
