"""Tokens: signed claims that say who a user, a proxy or a zone is. RFC 7519, signed with RS256 and nothing else."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, TypeVar, cast

import jwt
from attrs import field, frozen
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
    load_pem_public_key,
)
from frozendict import frozendict

from certs.keys import key_pem, new_rsa_key
from kuma.model import WORKLOAD, Key, Resource

ALGORITHM = "RS256"
EARLIER = timedelta(seconds=5)
CLAIMS_ARE_OURS = {f"verify_{claim}": False for claim in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")}


class Refused(Exception):
    """A token is not accepted; the message says why, and holds nothing of the token's signature."""


@frozen
class Ring:
    """The signing keys of one kind of token: secrets named `<prefix>-<serial>`, in a mesh or global."""

    prefix: str
    mesh: str = ""
    revocations: tuple[Key, ...] = ()

    @property
    def kind(self) -> Literal["Secret", "GlobalSecret"]:
        """The kind of secret that holds the keys."""
        return "Secret" if self.mesh else "GlobalSecret"

    def secret(self, serial: int) -> Key:
        """The secret that holds this key; serial 0 is the bare prefix."""
        return Key(self.kind, self.mesh, f"{self.prefix}-{serial}" if serial else self.prefix)

    def serial(self, name: str) -> int | None:
        """The serial number in a secret's name; None for a secret that is none of these keys."""
        if name == self.prefix:
            return 0
        number = name.removeprefix(f"{self.prefix}-")
        return int(number) if number != name and number.isascii() and number.isdigit() else None

    def missing(self, kid: str) -> str:
        """What to tell the bearer of a token that a missing key signed."""
        name = self.prefix if kid == "0" else f"{self.prefix}-{kid}"
        where = f'Secret of name "{name}" in mesh "{self.mesh}"' if self.mesh else f'GlobalSecret of name "{name}"'
        return (
            f"there is no signing key with KID {kid}. {where} is not found. "
            "If signing key was rotated, regenerate the token"
        )


USERS = Ring("user-token-signing-key", revocations=(Key("GlobalSecret", "", "user-token-revocations"),))
ZONES = Ring("zone-token-signing-key", revocations=(Key("GlobalSecret", "", "zone-token-revocations"),))
ZONE_PUBLIC_PREFIX = "zone-token-signing-public-key"


def proxies(mesh: str) -> Ring:
    """The keys of a mesh's dataplane tokens; revocations are honoured in the mesh and as a global secret."""
    revocations = f"dataplane-token-revocations-{mesh}"
    return Ring(
        f"dataplane-token-signing-key-{mesh}",
        mesh,
        (Key("Secret", mesh, revocations), Key("GlobalSecret", "", revocations)),
    )


@frozen
class UserClaims:
    """Who a user is, and to which groups she belongs."""

    name: str
    groups: tuple[str, ...] = ()

    def payload(self) -> dict[str, Any]:
        """The claims under their names in the token."""
        return {"Name": self.name, "Groups": list(self.groups) or None}

    @classmethod
    def of(cls, payload: Mapping[str, Any]) -> UserClaims:
        """What a payload says. Raises Refused."""
        return cls(_text(payload, "Name"), _texts(payload.get("Groups"), "Groups"))


@frozen
class DataplaneClaims:
    """For which dataplanes a token is good; what is empty is not asked for."""

    name: str = ""
    mesh: str = ""
    tags: Mapping[str, tuple[str, ...]] = field(factory=frozendict, converter=frozendict)
    type: str = ""
    workload: str = ""

    def payload(self) -> dict[str, Any]:
        """The claims under their names in the token."""
        tags = {key: list(values) for key, values in self.tags.items()}
        return {"Name": self.name, "Mesh": self.mesh, "Tags": tags, "Type": self.type, "Workload": self.workload}

    @classmethod
    def of(cls, payload: Mapping[str, Any]) -> DataplaneClaims:
        """What a payload says. Raises Refused."""
        tags = payload.get("Tags") or {}
        if not isinstance(tags, dict):
            raise Refused("token claim Tags must be an object")
        allowed = {key: _texts(values, "Tags") for key, values in tags.items()}
        kind = _text(payload, "Type")
        if kind not in ("", "dataplane"):
            raise Refused(f"token is of type {kind!r}, not for dataplanes")
        return cls(_text(payload, "Name"), _text(payload, "Mesh"), allowed, kind, _text(payload, "Workload"))

    def check(self, dataplane: Resource, identity_from_workload: bool) -> None:
        """Raise Refused unless the token is good for this dataplane.

        `identity_from_workload` says whether its best MeshIdentity derives the SPIFFE ID from the workload label.
        """
        if self.name and self.name != dataplane.name:
            raise Refused(f"proxy name from requestor: {dataplane.name} is different than in token: {self.name}")
        if self.mesh and self.mesh != dataplane.mesh:
            raise Refused(f"proxy mesh from requestor: {dataplane.mesh} is different than in token: {self.mesh}")
        self._check_tags(dataplane)
        self._check_workload(dataplane.labels.get(WORKLOAD, ""), identity_from_workload)

    def _check_tags(self, dataplane: Resource) -> None:
        for tag, allowed in self.tags.items():
            value = dataplane.labels.get(tag)
            if value is None:
                raise Refused(f'dataplane has no tag "{tag}" required by the token')
            if value not in allowed:
                raise Refused(
                    f'dataplane contains tag "{tag}" with value "{value}" which is not allowed with this token. '
                    f"Allowed values in token are [{' '.join(allowed)}]"
                )

    def _check_workload(self, workload: str, identity_from_workload: bool) -> None:
        if self.workload and not workload:
            raise Refused("dataplane has no workload label required by the token")
        if self.workload and workload != self.workload:
            raise Refused(
                f'dataplane workload "{workload}" is not allowed with this token. '
                f'Allowed workload in token is "{self.workload}"'
            )
        if workload and not self.workload and identity_from_workload:
            raise Refused(
                f'dataplane with "{WORKLOAD}" label "{workload}" derives its identity from the workload, '
                "so it requires a workload-bound token"
            )


@frozen
class ZoneClaims:
    """Which zone may connect, and for what."""

    zone: str
    scope: tuple[str, ...] = ()

    def payload(self) -> dict[str, Any]:
        """The claims under their names in the token."""
        return {"Zone": self.zone, "Scope": list(self.scope) or None}

    @classmethod
    def of(cls, payload: Mapping[str, Any]) -> ZoneClaims:
        """What a payload says. Raises Refused."""
        return cls(_text(payload, "Zone"), _texts(payload.get("Scope"), "Scope"))


Claims = UserClaims | DataplaneClaims | ZoneClaims
C = TypeVar("C", UserClaims, DataplaneClaims, ZoneClaims)


@frozen
class SigningKey:
    """A key that signs tokens, and the name by which they refer to it."""

    kid: str
    key: rsa.RSAPrivateKey = field(repr=False, eq=False)


@frozen
class Trusted:
    """What tokens are verified against: public keys by their kid, and the ids of revoked tokens."""

    keys: Mapping[str, rsa.RSAPublicKey] = field(factory=frozendict, repr=lambda keys: repr(sorted(keys)))
    revoked: frozenset[str] = frozenset()


def issue(claims: Claims, key: SigningKey, now: datetime, valid_for: timedelta) -> str:
    """A new token; it is good from a moment ago, so that clocks may differ a little."""
    began = now - EARLIER
    payload = claims.payload() | {
        "exp": int((now + valid_for).timestamp()),
        "nbf": int(began.timestamp()),
        "iat": int(began.timestamp()),
        "jti": str(uuid.uuid4()),
    }
    return jwt.encode(payload, key.key, algorithm=ALGORITHM, headers={"kid": key.kid})


def key_id(token: str) -> str:
    """The kid of the key that a token says it is signed with, unverified. Raises Refused."""
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.InvalidTokenError, UnicodeError, RecursionError) as problem:
        raise Refused(f"could not parse token: {problem}") from None
    if (algorithm := header.get("alg")) != ALGORITHM:
        raise Refused(f"unsupported token alg {algorithm}. Allowed algorithm is {ALGORITHM}")
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid:
        raise Refused("JWT token must have kid header")
    return kid


def verify(kind: type[C], token: str, trusted: Trusted, now: datetime) -> C:
    """The claims of a token that one of our keys signed, that is good now and not revoked. Raises Refused."""
    kid = key_id(token)
    if (key := trusted.keys.get(kid)) is None:
        raise Refused(f"there is no signing key with KID {kid}")
    try:
        payload = jwt.decode(token, key, algorithms=[ALGORITHM], options=cast("Any", CLAIMS_ARE_OURS))
    except (jwt.InvalidTokenError, UnicodeError, RecursionError) as problem:
        raise Refused(f"could not parse token: {problem}") from None
    _check_times(payload, now)
    if payload.get("jti") in trusted.revoked:
        raise Refused("token is revoked")
    return kind.of(payload)


def revoked_ids(content: bytes) -> frozenset[str]:
    """The token ids in a revocation list: separated by commas, one newline may end it."""
    return frozenset(content.decode(errors="replace").removesuffix("\n").split(",")) - {""}


def new_signing_key() -> bytes:
    """The content of a new signing key's secret: RSA, in PEM (PKCS#1). Takes a while: let a thread do it."""
    return key_pem(new_rsa_key())


def signing_key(kid: str, content: bytes) -> SigningKey:
    """The key in a secret or file: PEM, or raw DER. Raises Refused."""
    return SigningKey(kid, _private(content))


def public_key(content: bytes) -> rsa.RSAPublicKey:
    """A public key in PEM (`PUBLIC KEY` or `RSA PUBLIC KEY`), or that of a private one. Raises Refused."""
    if not re.search(rb"-----BEGIN (RSA )?PUBLIC KEY-----", content):
        return _private(content).public_key()
    return _public(content)


def public_pem(content: bytes) -> bytes:
    """The public half of a signing key, as zones get it: `RSA PUBLIC KEY`. Raises Refused."""
    return public_key(content).public_bytes(Encoding.PEM, PublicFormat.PKCS1)


@lru_cache(maxsize=256)
def _public(content: bytes) -> rsa.RSAPublicKey:
    key = _loaded(load_pem_public_key, content)
    if not isinstance(key, rsa.RSAPublicKey):
        raise Refused("the signing key must be RSA")
    return key


@lru_cache(maxsize=256)
def _private(content: bytes) -> rsa.RSAPrivateKey:
    key = _loaded(_load_private, content)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise Refused("the signing key must be RSA")
    return key


def _load_private(content: bytes) -> object:
    loader = load_pem_private_key if b"-----BEGIN" in content else load_der_private_key
    # the check of the primes takes longer than all else, and who can write the secret can sign anyway
    return loader(content, None, unsafe_skip_rsa_key_validation=True)


def _loaded(load: Callable[[bytes], object], content: bytes) -> object:
    try:
        return load(content)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Refused("the signing key is not a key in PEM") from None


def _check_times(payload: Mapping[str, Any], now: datetime) -> None:
    seconds = now.timestamp()
    expires, begins, issued = (_number(payload, claim) for claim in ("exp", "nbf", "iat"))
    if expires is not None and seconds >= expires:
        raise Refused("token is expired")
    if begins is not None and seconds < begins:
        raise Refused("token is not valid yet")
    if issued is not None and seconds < issued:
        raise Refused("token used before issued")


def _number(payload: Mapping[str, Any], claim: str) -> float | None:
    value = payload.get(claim)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(f"token claim {claim} must be a number")
    return value


def _text(payload: Mapping[str, Any], claim: str) -> str:
    value = payload.get(claim, "")
    if not isinstance(value, str):
        raise Refused(f"token claim {claim} must be a string")
    return value


def _texts(value: object, claim: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, Sequence) or isinstance(value, str) or not all(isinstance(one, str) for one in value):
        raise Refused(f"token claim {claim} must be a list of strings")
    return tuple(value)
