"""Secrets as this package reads and writes them: content, names, keys and revocation lists of tokens."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import structlog
from attrs import evolve, field, frozen
from cryptography.hazmat.primitives.asymmetric import rsa
from frozendict import frozendict

from certs import tokens
from certs.tokens import C, Claims, Refused, Ring, SigningKey, Trusted
from kuma.clock import Clock
from kuma.model import Key, Resource
from kuma.store.api import NotFound, Reader, Unavailable

log = structlog.get_logger()

FRESH = 1.0


class NoSigningKey(Exception):
    """No key can sign tokens of this kind yet."""


def content(resource: Resource) -> bytes:
    """What a Secret or GlobalSecret holds."""
    data: bytes = resource.spec.data or b""
    return data


@frozen
class StaticKey:
    """A public key from the settings; in an empty mesh it is good for tokens of every mesh."""

    kid: str
    key: rsa.RSAPublicKey = field(repr=False, eq=False)
    mesh: str = ""


@frozen
class _Known:
    trusted: Trusted
    signing: Mapping[int, bytes] = field(repr=False)
    at: float


class SigningKeys:
    """The token keys in a store's secrets, remembered for a second, and for as long as the store is away.

    Tokens are verified against keys from the settings first, and then, if `use_secrets`, against those in secrets.
    """

    def __init__(
        self, reader: Reader, clock: Clock, static: tuple[StaticKey, ...] = (), use_secrets: bool = True
    ) -> None:
        self._reader = reader
        self._clock = clock
        self._static = static
        self._use_secrets = use_secrets
        self._known: dict[Ring, _Known] = {}
        self._loading: dict[Ring, asyncio.Task[_Known]] = {}

    async def latest(self, ring: Ring) -> SigningKey:
        """The key that signs new tokens: the one of the highest serial number. Raises NoSigningKey."""
        known = await self._current(ring)
        if not known.signing:
            known = await self._loaded(ring)
        if not known.signing:
            raise NoSigningKey(f'there is no signing key in the control plane: no {ring.kind} "{ring.secret(1).name}"')
        serial = max(known.signing)
        return tokens.signing_key(str(serial), known.signing[serial])

    async def issue(self, ring: Ring, claims: Claims, valid_for: timedelta) -> str:
        """A new token. Raises NoSigningKey."""
        return tokens.issue(claims, await self.latest(ring), self._clock.now(), valid_for)

    async def verify(self, ring: Ring, kind: type[C], token: str) -> C:
        """The claims of a good token. Raises `certs.tokens.Refused`."""
        kid = tokens.key_id(token)
        known = await self._current(ring)
        static = next((one.key for one in self._static if one.kid == kid and one.mesh in ("", ring.mesh)), None)
        if static is not None:
            return tokens.verify(kind, token, evolve(known.trusted, keys={kid: static}), self._clock.now())
        if not self._use_secrets:
            raise Refused(f"there is no signing key with KID {kid}")
        if kid not in known.trusted.keys:
            known = await self._loaded(ring)
        if kid not in known.trusted.keys:
            raise Refused(ring.missing(kid))
        return tokens.verify(kind, token, known.trusted, self._clock.now())

    async def _current(self, ring: Ring) -> _Known:
        known = self._known.get(ring)
        if known is not None and self._clock.monotonic() - known.at < FRESH:
            return known
        return await self._loaded(ring)

    async def _loaded(self, ring: Ring) -> _Known:
        """Read the ring again; callers that come while it is being read share the answer."""
        loading = self._loading.get(ring)
        if loading is None:
            loading = self._loading[ring] = asyncio.ensure_future(self._load(ring))
            loading.add_done_callback(lambda _: self._loading.pop(ring))
        try:
            known = await asyncio.shield(loading)
        except Unavailable:
            if (old := self._known.get(ring)) is None:
                raise
            return old
        self._known[ring] = known
        return known

    async def _load(self, ring: Ring) -> _Known:
        at = self._clock.monotonic()
        signing = {
            serial: content(resource)
            for resource in await self._reader.list(ring.kind, ring.mesh)
            if (serial := ring.serial(resource.name)) is not None
        }
        revoked = [await self._revoked(key) for key in ring.revocations]
        return _Known(Trusted(_public(ring, signing), frozenset().union(*revoked)), frozendict(signing), at)

    async def _revoked(self, key: Key) -> frozenset[str]:
        try:
            return tokens.revoked_ids(content(await self._reader.get(key)))
        except NotFound:
            return frozenset()


def _public(ring: Ring, signing: Mapping[int, bytes]) -> Mapping[str, rsa.RSAPublicKey]:
    """The keys that can be read: an unreadable one must not refuse the tokens of the others."""
    found: dict[str, rsa.RSAPublicKey] = {}
    for serial, pem in signing.items():
        try:
            found[str(serial)] = tokens.public_key(pem)
        except Refused as problem:
            log.warning("signing key unreadable", secret=str(ring.secret(serial)), reason=str(problem))
    return frozendict(found)
