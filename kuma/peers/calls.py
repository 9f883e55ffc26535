"""Calling other instances: with mutual TLS, by the authority that all of them have from the store."""

from __future__ import annotations

from datetime import timedelta

import grpc
import grpc.aio
from attrs import frozen

from certs import peers
from certs.ca import CertificateAuthority
from certs.secrets import content
from kuma.kds.instance import tuning
from kuma.model import Key
from kuma.peers.catalog import CATALOG, Peer, read
from kuma.store.api import NotFound, Reader

AUTHORITY = Key("GlobalSecret", "", peers.SECRET)


class Unreachable(Exception):
    """Another instance could not be asked, or refused; the message is fit for a user's eyes."""


@frozen
class Calls:
    """Asks other instances. Each call has a connection of its own: there are few, and so nothing is kept open."""

    store: Reader
    largest: int

    async def peers(self) -> tuple[Peer, ...]:
        """All instances that the leader knows. Raises StoreError."""
        try:
            return read((await self.store.get(CATALOG)).spec.config)
        except NotFound:
            return ()

    async def living(self) -> frozenset[str]:
        """The names of all instances that the leader knows. Raises StoreError."""
        return frozenset(peer.id for peer in await self.peers())

    async def peer(self, instance: str) -> Peer:
        """One instance. Raises Unreachable, StoreError."""
        found = next((peer for peer in await self.peers() if peer.id == instance), None)
        if found is None:
            raise Unreachable(f"instance not found: {instance}")
        return found

    async def call(self, peer: Peer, method: str, request: bytes, patience: timedelta) -> bytes:
        """The answer of another instance. Raises Unreachable, StoreError, `certs.ca.BadAuthority`."""
        credentials = peers.shown_to(await authority(self.store))
        try:
            async with grpc.aio.secure_channel(peer.target, credentials, options=tuning(self.largest)) as channel:
                asking = channel.unary_unary(method, None, None)
                answer: bytes = await asking(request, timeout=patience.total_seconds())
        except grpc.aio.AioRpcError as error:
            raise Unreachable(f"instance {peer.id}: {error.details() or error.code().name}") from None
        return answer


async def authority(store: Reader) -> CertificateAuthority:
    """The authority of all instances. Raises NotFound until the leader has made it, `certs.ca.BadAuthority`."""
    return peers.load_ca(content(await store.get(AUTHORITY)))
