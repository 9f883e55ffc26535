"""A server certificate for tests that need TLS and nothing else, and an authority that another one vouches for."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from attrs import frozen
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from certs.ca import CertificateAuthority, serial_number, subject, usage
from certs.keys import PrivateKey, new_key


@frozen
class Pair:
    cert: bytes
    key: bytes


def server_pair(*, ca: bool = True) -> Pair:
    """A self-signed certificate for localhost and 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]), False
        )
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Pair(certificate.public_bytes(pem), private)


def intermediate(issuer: CertificateAuthority, now: datetime, key: PrivateKey | None = None) -> CertificateAuthority:
    """An authority that this one vouches for, with the certificates up to the root."""
    key, number = key or new_key(), serial_number()
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject(f"intermediate {number}"))
        .public_key(key.public_key())
        .serial_number(number)
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage("key_cert_sign", "crl_sign"), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return CertificateAuthority(issuer.sign(builder), key, (issuer.certificate, *issuer.chain))
