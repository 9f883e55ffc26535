"""The list of instances that the leader keeps for all: who they are, and where. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import evolve, frozen

from kuma.model import Key

CATALOG = Key("Config", "", "cp-catalog")


@frozen
class Peer:
    """One instance, and where others reach it."""

    id: str
    address: str
    port: int
    leader: bool = False
    version: str = ""

    @property
    def target(self) -> str:
        """Where gRPC connects to."""
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"

    def document(self) -> dict[str, Any]:
        """As it stands in the catalog."""
        said = {"id": self.id, "address": self.address, "interCpPort": self.port, "leader": self.leader}
        return said | ({"version": self.version} if self.version else {})


def written(peers: Iterable[Peer]) -> str:
    """The catalog as text: the same for the same instances."""
    return json.dumps({"instances": [peer.document() for peer in sorted(peers, key=lambda peer: peer.id)]})


def read(text: str) -> tuple[Peer, ...]:
    """The instances in a catalog; those that can't be read are left out."""
    try:
        found = json.loads(text)["instances"]
    except (ValueError, KeyError, TypeError):
        return ()
    return tuple(_peer(one) for one in found if _is_peer(one)) if isinstance(found, list) else ()


def led_by(leader: Peer, others: Iterable[Peer]) -> tuple[Peer, ...]:
    """These instances, of which one leads."""
    following = (evolve(other, leader=False) for other in others if other.id != leader.id)
    return (evolve(leader, leader=True), *following)


def without_leader(peers: Iterable[Peer], leader: str) -> tuple[Peer, ...]:
    """The same instances when this one leads no more."""
    return tuple(evolve(peer, leader=False) if peer.id == leader else peer for peer in peers)


def _is_peer(one: object) -> bool:
    return isinstance(one, Mapping) and all(one.get(name) for name in ("id", "address", "interCpPort"))


def _peer(one: Mapping[str, Any]) -> Peer:
    leads, version = bool(one.get("leader")), str(one.get("version") or "")
    return Peer(str(one["id"]), str(one["address"]), int(one["interCpPort"]), leads, version)
