"""Certificate authorities: made here, or brought by users and checked."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from attrs import field, frozen
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from certs.keys import BadKey, PrivateKey, key_pem, load_key, new_key, signature_hash

SKEW = timedelta(seconds=10)
TEN_YEARS = timedelta(days=3650)
USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


class BadAuthority(ValueError):
    """What a user brought as a certificate authority can't be one; the message says why."""


@frozen
class CertificateAuthority:
    """A certificate that may sign others, and its key; `chain` is who vouches for it, up to a root if that is known."""

    certificate: x509.Certificate = field(repr=lambda certificate: repr(certificate.subject.rfc4514_string()))
    key: PrivateKey = field(repr=False, eq=False)
    chain: tuple[x509.Certificate, ...] = field(default=(), repr=False)

    @property
    def pem(self) -> bytes:
        """The certificate alone."""
        return in_pem((self.certificate,))

    @property
    def root(self) -> bytes:
        """The certificate that peers must believe so that they believe what this authority signs; empty if unknown."""
        last = (self.certificate, *self.chain)[-1]
        return in_pem((last,)) if is_self_signed(last) else b""

    @property
    def trusted(self) -> bytes:
        """All the certificates, for peers to believe: what a verifier gets its path to the root from."""
        return in_pem((self.certificate, *self.chain))

    @property
    def shown(self) -> bytes:
        """The certificates that stand between a signed one and the root, for whoever knows the root alone."""
        return in_pem(one for one in (self.certificate, *self.chain) if not is_self_signed(one))

    @property
    def key_pem(self) -> bytes:
        """The private key: for secrets only."""
        return key_pem(self.key)

    @property
    def issuer_id(self) -> x509.AuthorityKeyIdentifier | None:
        """What a signed certificate says of its issuer, so that a verifier picks it out of several with one name."""
        try:
            known = self.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        except x509.ExtensionNotFound:
            return None
        return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(known.value)

    def sign(self, builder: x509.CertificateBuilder, deterministic: bool = False) -> x509.Certificate:
        """Issue what has been prepared; `deterministic` means that equal preparations give equal bytes (RFC 6979)."""
        ecdsa = deterministic if isinstance(self.key, ec.EllipticCurvePrivateKey) else None
        named = builder.issuer_name(self.certificate.subject)
        return named.sign(self.key, signature_hash(self.key), ecdsa_deterministic=ecdsa)


def in_pem(certificates: Iterable[x509.Certificate]) -> bytes:
    """Certificates as a PEM text."""
    return b"".join(one.public_bytes(Encoding.PEM) for one in certificates)


def serial_number() -> int:
    """A random serial number of 128 bits, never 0."""
    return secrets.randbits(127) + 1


def usage(*said: str) -> x509.KeyUsage:
    """A key usage extension with these bits (`key_cert_sign`, `digital_signature`, …)."""
    return x509.KeyUsage(**{bit: bit in said for bit in USAGES})


def alternative_name(host: str) -> x509.GeneralName:
    """A host as it stands among a certificate's names: an address, or a DNS name."""
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def subject(common_name: str) -> x509.Name:
    """The subject of the authorities that we make."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Kuma"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Mesh"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def self_signed(
    common_name: str, now: datetime, names: Iterable[x509.GeneralName] = (), key: PrivateKey | None = None
) -> CertificateAuthority:
    """A new authority, of ECDSA P-256 unless a key is given, that starts a moment ago and lasts ten years."""
    key = key or new_key()
    who = subject(common_name[:64])  # RFC 5280, upper bound of a common name
    builder = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + TEN_YEARS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage("key_cert_sign", "crl_sign"), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if alternative := tuple(names):
        builder = builder.add_extension(x509.SubjectAlternativeName(alternative), critical=False)
    return CertificateAuthority(builder.sign(key, signature_hash(key)), key)


def new_authority(trust_domain: str, now: datetime) -> CertificateAuthority:
    """A new authority for a trust domain, which its certificate names as a SPIFFE ID."""
    return self_signed(trust_domain, now, (x509.UniformResourceIdentifier(f"spiffe://{trust_domain}"),))


def load_authority(certificate: bytes, key: bytes) -> CertificateAuthority:
    """The authority in two PEM files, its certificate first. Raises BadAuthority, which never quotes the key."""
    try:
        found, *chain = x509.load_pem_x509_certificates(certificate)
        private = load_key(key)
        public = _spki(found.public_key())
    except BadKey as problem:
        raise BadAuthority(f"private key: {problem}") from None
    except (ValueError, UnsupportedAlgorithm) as problem:
        raise BadAuthority(f"certificate: not a certificate in PEM: {problem}") from None
    if public != _spki(private.public_key()):
        raise BadAuthority("the private key is not the certificate's")
    return CertificateAuthority(found, private, tuple(chain))


def check_supplied(authority: CertificateAuthority, allow_self_signed: bool, now: datetime) -> None:
    """Raise BadAuthority unless a user's authority may sign identities."""
    try:
        constraints, bits = _basic_constraints(authority.certificate), _key_usage(authority.certificate)
    except ValueError as problem:
        raise BadAuthority(f"certificate: {problem}") from None
    if not constraints:
        raise BadAuthority("basic constraint 'CA' must be set to 'true' (see X509-SVID: 4.1. Basic Constraints)")
    if not (bits and bits.key_cert_sign):
        raise BadAuthority("key usage extension 'keyCertSign' must be set (see X509-SVID: 4.3. Key Usage)")
    if bits.key_agreement:
        raise BadAuthority("key usage extension 'keyAgreement' must NOT be set (see X509-SVID: 4.3. Key Usage)")
    if is_self_signed(authority.certificate) and not allow_self_signed:
        raise BadAuthority("self-signed certificates are not allowed")
    if authority.certificate.not_valid_after_utc <= now:
        raise BadAuthority(f"certificate expired at {authority.certificate.not_valid_after_utc:%Y-%m-%dT%H:%M:%SZ}")


def is_self_signed(certificate: x509.Certificate) -> bool:
    """Whether it vouches for itself."""
    return certificate.subject == certificate.issuer


def _basic_constraints(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _key_usage(certificate: x509.Certificate) -> x509.KeyUsage | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None


def _spki(key: object) -> bytes:
    if not hasattr(key, "public_bytes"):
        raise BadAuthority("the certificate's key is of an unknown family")
    encoded: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return encoded
