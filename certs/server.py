"""The certificate that a control plane's own servers show, read again when its files are replaced."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from attrs import frozen
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from OpenSSL import SSL, crypto
from twisted.internet.interfaces import IOpenSSLContextFactory
from zope.interface import implementer  # type: ignore[import-untyped] # it publishes no types

from certs.admin import KeyPair
from certs.ca import TEN_YEARS, BadAuthority, alternative_name, load_authority, serial_number, usage
from certs.ciphers import openssl_names
from certs.keys import key_pem, load_key, new_key, signature_hash

log = structlog.get_logger()

EARLIER = timedelta(minutes=5)
VERSIONS = {"TLSv1_2": SSL.TLS1_2_VERSION, "TLSv1_3": SSL.TLS1_3_VERSION}

Stamp = tuple[tuple[int, int, int], ...]


def new_server_pair(hosts: Iterable[str], now: datetime) -> KeyPair:
    """A self-signed certificate for these names and addresses, which clients can take as their CA, and its key."""
    key = new_key()
    names = list(dict.fromkeys(alternative_name(host) for host in hosts))
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([]))
        .public_key(key.public_key())
        .serial_number(serial_number())
        .not_valid_before(now - EARLIER)
        .not_valid_after(now + TEN_YEARS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage("digital_signature", "key_encipherment", "key_cert_sign"), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=True)
    )
    return KeyPair(builder.sign(key, signature_hash(key)).public_bytes(Encoding.PEM), key_pem(key))


@frozen
class TlsWords:
    """What a server says about TLS; empty words leave it to OpenSSL. `client_ca` is PEM: who must vouch for clients."""

    min_version: str = "TLSv1_2"
    max_version: str = ""
    cipher_suites: tuple[str, ...] = ()
    client_ca: bytes = b""


class ServerCertificate:
    """A certificate and its key in two files; what is there is looked at whenever somebody asks.

    A pair that can't be used (half replaced, unreadable) leaves the one before in place.
    """

    def __init__(self, certificate_file: Path, key_file: Path) -> None:
        self._files = (certificate_file, key_file)
        self._stamp = self._stamped()
        self._pair = self._read()

    def current(self) -> KeyPair:
        """The pair to show now; the same object until the files change."""
        try:
            self._refresh()
        except (OSError, BadAuthority) as problem:
            log.warning("server certificate not reloaded", file=str(self._files[0]), reason=str(problem))
        return self._pair

    def _refresh(self) -> None:
        stamp = self._stamped()
        if stamp == self._stamp:
            return
        self._stamp = stamp  # remembered first: what can't be used is reported once, until it changes again
        self._pair = self._read()
        log.info("server certificate reloaded", file=str(self._files[0]))

    def _stamped(self) -> Stamp:
        stats = [file.stat() for file in self._files]
        return tuple((stat.st_mtime_ns, stat.st_size, stat.st_ino) for stat in stats)

    def _read(self) -> KeyPair:
        certificate, key = (file.read_bytes() for file in self._files)
        load_authority(certificate, key)  # that they belong together
        return KeyPair(certificate, key)


@implementer(IOpenSSLContextFactory)
class TlsContext:
    """What Twisted takes as a context factory: asked for each connection, so it shows replaced files."""

    def __init__(self, certificate: ServerCertificate, words: TlsWords) -> None:
        self._certificate = certificate
        self._words = words
        self._shown: tuple[KeyPair, SSL.Context] | None = None

    def getContext(self) -> SSL.Context:  # noqa: N802 - Twisted's name
        """The context for the next connection."""
        pair = self._certificate.current()
        if self._shown is None or self._shown[0] is not pair:
            self._shown = (pair, new_context(pair, self._words))
        return self._shown[1]


def new_context(pair: KeyPair, words: TlsWords) -> SSL.Context:
    """A server's TLS context."""
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(VERSIONS.get(words.min_version, SSL.TLS1_2_VERSION))
    if words.max_version:
        context.set_max_proto_version(VERSIONS[words.max_version])
    if words.cipher_suites:
        context.set_cipher_list(openssl_names(words.cipher_suites).encode())
    leaf, *chain = x509.load_pem_x509_certificates(pair.certificate)
    context.use_certificate(leaf)
    for issuer in chain:
        context.add_extra_chain_cert(issuer)
    context.use_privatekey(load_key(pair.key))
    if words.client_ca:
        _require_clients(context, words.client_ca)
    return context


def _require_clients(context: SSL.Context, pem: bytes) -> None:
    store = context.get_cert_store()
    if store is None:
        raise RuntimeError("a TLS context without a store of certificates")
    for authority in x509.load_pem_x509_certificates(pem):
        store.add_cert(crypto.X509.from_cryptography(authority))
    context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT)
