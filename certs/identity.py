"""Identities: X.509 certificates that carry one SPIFFE ID (X509-SVID), each with a key of its own."""

from __future__ import annotations

from datetime import datetime, timedelta

from attrs import field, frozen
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from certs.ca import SKEW, CertificateAuthority, in_pem, serial_number, usage
from certs.keys import key_like, key_pem

DEFAULT_EXPIRY = timedelta(days=5)
RENEWED_AT = 0.8  # of the lifetime

NOT_A_CA = x509.BasicConstraints(ca=False, path_length=None)
# X509-SVID, section 4.3; key agreement and encipherment are there for peers that ask for them
USAGE = usage("digital_signature", "key_encipherment", "key_agreement")
PURPOSES = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
NOBODY = x509.Name([])


@frozen
class Leaf:
    """An issued identity, PEM, and when it was made and ends. Its certificate brings those up to the root."""

    certificate: bytes
    key: bytes = field(repr=False)
    issued: datetime
    expires: datetime

    @property
    def renewal(self) -> datetime:
        """When its successor is due."""
        return self.issued + RENEWED_AT * (self.expires - self.issued)


def issue(authority: CertificateAuthority, spiffe_id: str, expiry: timedelta, now: datetime) -> Leaf:
    """A new certificate for this SPIFFE ID, with a new key of the authority's family.

    With an RSA authority this takes long enough that an event loop should have a thread do it.
    """
    key = key_like(authority.key)
    expires = now + expiry
    builder = (
        x509.CertificateBuilder()
        .subject_name(NOBODY)
        .public_key(key.public_key())
        .serial_number(serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(expires)
        .add_extension(NOT_A_CA, critical=True)
        .add_extension(USAGE, critical=True)
        .add_extension(PURPOSES, critical=False)
        # critical, as RFC 5280 asks where the subject is empty
        .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(spiffe_id)]), critical=True)
    )
    if (issuer := authority.issuer_id) is not None:
        builder = builder.add_extension(issuer, critical=False)
    signed = in_pem((authority.sign(builder),))
    return Leaf(signed + authority.shown, key_pem(key), now, expires)
