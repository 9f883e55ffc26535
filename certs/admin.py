"""The certificates with which control plane and Envoy trust each other at Envoy's admin port."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from attrs import field, frozen
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from certs.ca import (
    CertificateAuthority,
    alternative_name,
    load_authority,
    self_signed,
    usage,
)
from certs.keys import PrivateKey, key_pem

SECRET = "envoy-admin-ca"
CLIENT_NAME = "kuma-cp"
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@frozen
class KeyPair:
    """A certificate and its key, both PEM."""

    certificate: bytes
    key: bytes = field(repr=False)


def new_ca(now: datetime | None = None) -> bytes:
    """The content of a zone's `envoy-admin-ca` secret: certificate, then key."""
    return bundle(self_signed("Envoy Admin CA", now or datetime.now(UTC)))


def bundle(authority: CertificateAuthority) -> bytes:
    """Certificate and key in one file."""
    return authority.pem + authority.key_pem


def load_ca(content: bytes) -> CertificateAuthority:
    """The authority in such a secret. Raises `certs.ca.BadAuthority`."""
    begin = content.rfind(b"-----BEGIN")
    return load_authority(content[:begin], content[begin:])


def server_pair(authority: CertificateAuthority, hosts: Iterable[str]) -> KeyPair:
    """What a proxy's admin listener shows; `hosts` are the addresses it is reached at."""
    return _leaf(authority, hosts, ExtendedKeyUsageOID.SERVER_AUTH)


def client_pair(authority: CertificateAuthority) -> KeyPair:
    """What the control plane shows to a proxy's admin listener."""
    return _leaf(authority, (CLIENT_NAME,), ExtendedKeyUsageOID.CLIENT_AUTH)


def _leaf(authority: CertificateAuthority, hosts: Iterable[str], purpose: x509.ObjectIdentifier) -> KeyPair:
    """A function of its arguments: its key, its number and its signature are derived from the authority's key.

    It stands inside a listener, which would be replaced, with its connections, if another one came after a restart.
    """
    names = x509.SubjectAlternativeName([alternative_name(host) for host in hosts])
    seed = _derived(authority.key, names.public_bytes() + purpose.dotted_string.encode())
    key = ec.derive_private_key(int.from_bytes(seed[:40], "big") % (P256_ORDER - 1) + 1, ec.SECP256R1())
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .public_key(key.public_key())
        .serial_number(int.from_bytes(seed[40:], "big") + 1)
        .not_valid_before(authority.certificate.not_valid_before_utc)
        .not_valid_after(authority.certificate.not_valid_after_utc)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage("digital_signature", "key_encipherment"), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        # critical, as RFC 5280 asks where the subject is empty
        .add_extension(names, critical=True)
    )
    if (issuer := authority.issuer_id) is not None:
        builder = builder.add_extension(issuer, critical=False)
    return KeyPair(authority.sign(builder, deterministic=True).public_bytes(Encoding.PEM), key_pem(key))


def _derived(key: PrivateKey, context: bytes) -> bytes:
    """56 bytes that follow from a private key (RFC 5869)."""
    secret = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return HKDF(SHA256(), 56, b"envoy admin certificate", context).derive(secret)
