"""The certificates with which control plane and Envoy trust each other at Envoy's admin port."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from attrs import field, frozen
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from certs.ca import (
    TEN_YEARS,
    CertificateAuthority,
    alternative_name,
    load_authority,
    self_signed,
    serial_number,
    usage,
)
from certs.keys import key_like, key_pem

SECRET = "envoy-admin-ca"
CLIENT_NAME = "kuma-cp"
EARLIER = timedelta(minutes=5)


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


def server_pair(authority: CertificateAuthority, hosts: Iterable[str], now: datetime) -> KeyPair:
    """What a proxy's admin listener shows; `hosts` are the addresses it is reached at."""
    return _leaf(authority, hosts, ExtendedKeyUsageOID.SERVER_AUTH, now)


def client_pair(authority: CertificateAuthority, now: datetime) -> KeyPair:
    """What the control plane shows to a proxy's admin listener."""
    return _leaf(authority, (CLIENT_NAME,), ExtendedKeyUsageOID.CLIENT_AUTH, now)


def _leaf(
    authority: CertificateAuthority, hosts: Iterable[str], purpose: x509.ObjectIdentifier, now: datetime
) -> KeyPair:
    key = key_like(authority.key)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .public_key(key.public_key())
        .serial_number(serial_number())
        .not_valid_before(now - EARLIER)
        .not_valid_after(now + TEN_YEARS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage("digital_signature", "key_encipherment"), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        # critical, as RFC 5280 asks where the subject is empty
        .add_extension(x509.SubjectAlternativeName([alternative_name(host) for host in hosts]), critical=True)
    )
    if (issuer := authority.issuer_id) is not None:
        builder = builder.add_extension(issuer, critical=False)
    return KeyPair(authority.sign(builder).public_bytes(Encoding.PEM), key_pem(key))
