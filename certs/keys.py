"""Private keys: the families we sign with, and their PEM."""

from __future__ import annotations

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
    load_pem_private_key,
)

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey

RSA_BITS = 2048


class BadKey(ValueError):
    """What should be a private key is none, or is of a family that we do not sign with."""


def new_key() -> ec.EllipticCurvePrivateKey:
    """A new ECDSA P-256 key: what everything that we generate ourselves has."""
    return ec.generate_private_key(ec.SECP256R1())


def new_rsa_key() -> rsa.RSAPrivateKey:
    """A new RSA key. It takes long enough that an event loop should have a thread do it."""
    return rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)


def key_like(key: PrivateKey) -> PrivateKey:
    """A new key of the same family, and for ECDSA of the same curve."""
    match key:
        case rsa.RSAPrivateKey():
            return new_rsa_key()
        case ec.EllipticCurvePrivateKey():
            return ec.generate_private_key(key.curve)
        case _:
            return ed25519.Ed25519PrivateKey.generate()


def signature_hash(key: PrivateKey) -> hashes.SHA256 | hashes.SHA384 | hashes.SHA512 | None:
    """The hash that a signature with this key is over; Ed25519 brings its own."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return None
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.key_size > 256:
        return hashes.SHA384() if key.curve.key_size <= 384 else hashes.SHA512()
    return hashes.SHA256()


def key_pem(key: PrivateKey) -> bytes:
    """PKCS#1 (`RSA PRIVATE KEY`) for RSA, as other control planes write it, PKCS#8 for the rest."""
    form = PrivateFormat.TraditionalOpenSSL if isinstance(key, rsa.RSAPrivateKey) else PrivateFormat.PKCS8
    return key.private_bytes(Encoding.PEM, form, NoEncryption())


def load_key(content: bytes) -> PrivateKey:
    """The private key in a PEM file (or raw DER). Raises BadKey, which never quotes the content."""
    try:
        key = load_pem_private_key(content, None) if b"-----BEGIN" in content else load_der_private_key(content, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadKey("not an unencrypted private key in PEM") from None
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
        raise BadKey("the private key must be RSA, ECDSA or Ed25519")
    return key
