"""What proxies' admin listeners serve with: certificates of the zone's own authority, made from a secret."""

from __future__ import annotations

from functools import lru_cache

import structlog

from certs.admin import SECRET, load_ca, server_pair
from certs.ca import BadAuthority, CertificateAuthority
from certs.secrets import content
from kuma.mesh import AdminTls
from kuma.model import Key, Resource
from kuma.store.api import NotFound, Reader, StoreError

log = structlog.get_logger()

CA = Key("GlobalSecret", "", SECRET)


class AdminCertificates:
    """The admin certificates of this zone's proxies. The authority is read once: another one needs a restart."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._authority: CertificateAuthority | None = None
        self._made = lru_cache(maxsize=16_384)(self._make)

    async def certificate(self, dataplane: Resource) -> AdminTls | None:
        """What the proxy at this Dataplane's address serves with; None while there is no authority."""
        authority, address = await self.authority(), dataplane.spec.networking.address
        return None if authority is None or not address else self._made(address)

    async def authority(self) -> CertificateAuthority | None:
        """The authority, for the control plane's own client certificate; None while there is none."""
        if self._authority is None:
            self._authority = await self._load()
        return self._authority

    async def _load(self) -> CertificateAuthority | None:
        try:
            return load_ca(content(await self._reader.get(CA)))
        except NotFound:
            return None
        except (BadAuthority, StoreError) as problem:
            log.warning("admin authority not read", reason=str(problem))
            return None

    def _make(self, address: str) -> AdminTls:
        assert self._authority is not None, "it is read before"
        pair = server_pair(self._authority, (address,))
        return AdminTls(pair.certificate, pair.key, self._authority.pem)
