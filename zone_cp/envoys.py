"""Asking the Envoys of this zone's proxies about themselves, at their admin listeners."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import Any

import treq
from attrs import field, frozen
from treq.client import HTTPClient
from twisted.internet.defer import CancelledError
from twisted.internet.error import ConnectError, ConnectionClosed, DNSLookupError
from twisted.internet.ssl import Certificate, PrivateCertificate, optionsForClientTLS
from twisted.python.failure import Failure
from twisted.web.client import Agent, ResponseFailed
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer  # type: ignore[import-untyped] # it publishes no types

from certs.admin import client_pair
from certs.ca import CertificateAuthority
from kuma.loop import future
from kuma.mesh import Metadata
from kuma.model import Key, Resource
from kuma.rest.envoys import Look, NotTold
from kuma.store.api import NotFound, Reader
from zone_cp.generate.admin import REACHED_AT

PATIENCE = 5.0  # seconds for a connection, and again for an answer
LARGEST = 128 * 1024 * 1024
FAILURES = (ConnectError, ConnectionClosed, DNSLookupError, ResponseFailed, CancelledError, OSError)
REDACTED = "[redacted]"
METADATA = frozenset({"initialMetadata", "initial_metadata"})
"""Where a bootstrap says what to show to the control plane: the token is there (Envoy's `GrpcService`)."""


@implementer(IPolicyForHTTPS)
@frozen
class MutualTls:
    """Shows the control plane's certificate, and believes the authority that signed it."""

    client: PrivateCertificate
    authority: Certificate

    @classmethod
    def of(cls, authority: CertificateAuthority) -> MutualTls:
        """With a certificate of this zone's admin authority."""
        pair = client_pair(authority)
        return cls(PrivateCertificate.loadPEM(pair.key + pair.certificate), Certificate.loadPEM(authority.pem))

    def creatorForNetloc(self, hostname: bytes, port: int) -> Any:  # noqa: ARG002, N802 - Twisted's signature
        """What a connection to this host is secured with."""
        host = hostname.decode().strip("[]")
        return optionsForClientTLS(host, trustRoot=self.authority, clientCertificate=self.client)


@frozen
class ZoneEnvoys:
    """Asks Envoys of Dataplanes in this zone, whichever instance they are connected to."""

    store: Reader
    authority: Callable[[], Awaitable[CertificateAuthority | None]]
    reactor: Any = field(repr=False)

    async def look(self, dataplane: Resource, look: Look) -> bytes:
        """A page of the admin interface. Raises NotTold."""
        place = await self._place(dataplane)
        content = await self._fetch(f"{place}{look.target}")
        if look.page != "config_dump":
            return content
        return await asyncio.to_thread(without_tokens, content)  # a fleet's dump may be tens of megabytes

    async def _place(self, dataplane: Resource) -> str:
        """Where the admin interface is reached: at a listener with mutual TLS, unless it is there for all already."""
        address, said = dataplane.spec.networking.address, await self._metadata(dataplane)
        if not said.admin_port:
            raise NotTold("the proxy has no admin interface, or has not connected yet")
        scheme = "https" if said.admin_socket or REACHED_AT.get(said.admin_address) != address else "http"
        return f"{scheme}://{_host(address)}:{said.admin_port}"

    async def _metadata(self, dataplane: Resource) -> Metadata:
        try:
            insight = await self.store.get(Key("DataplaneInsight", dataplane.mesh, dataplane.name))
        except NotFound:
            return Metadata()
        return Metadata.of(insight.spec.metadata or {})

    async def _fetch(self, url: str) -> bytes:
        authority = await self.authority()
        if authority is None:
            raise NotTold("there is no secret envoy-admin-ca to reach Envoys with")
        agent = Agent(self.reactor, contextFactory=MutualTls.of(authority), connectTimeout=PATIENCE)
        return await _fetched(HTTPClient(agent), url)


async def _fetched(client: HTTPClient, url: str) -> bytes:
    received = bytearray()

    def take(part: bytes) -> None:
        if len(received) + len(part) <= LARGEST:
            received.extend(part)

    try:
        response = await future(client.get(url, timeout=PATIENCE))
        await future(treq.collect(response, take))
    except FAILURES as error:
        raise NotTold(f"Envoy does not answer at {url}: {_reason(error)}") from None
    if response.code != 200:
        raise NotTold(f"Envoy answers {response.code} at {url}: {bytes(received[:200]).decode(errors='replace')}")
    return bytes(received)


def _reason(error: Exception) -> str:
    reasons = [one.value if isinstance(one, Failure) else one for one in getattr(error, "reasons", ())]
    return "; ".join(str(one) for one in reasons) or str(error) or type(error).__name__


def _host(address: str) -> str:
    try:
        return f"[{address}]" if ip_address(address).version == 6 else address
    except ValueError:
        return address


def without_tokens(dump: bytes) -> bytes:
    """A config dump without what the proxy shows to its control plane."""
    try:
        document = json.loads(dump)
    except ValueError:
        raise NotTold("Envoy's config dump is no JSON") from None
    return json.dumps(redacted(document), indent=1, ensure_ascii=False).encode()


def redacted(value: Any) -> Any:
    """A JSON value without the values of metadata that go with gRPC calls."""
    if isinstance(value, list):
        return [redacted(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {name: _hidden(one) if name in METADATA else redacted(one) for name, one in value.items()}


def _hidden(metadata: Any) -> Any:
    entries = metadata if isinstance(metadata, list) else []
    return [{**one, "value": REDACTED} if isinstance(one, dict) else REDACTED for one in entries]
