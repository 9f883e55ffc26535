"""The words that settings are made of, and what may be said with them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Annotated, Any, Literal

from attrs import frozen

from certs.ciphers import CIPHERS
from kuma.schema import Limits, Violation, field
from kuma.schema.shape import camel

Port = Annotated[int, Limits(ge=0, le=65535)]
"""A TCP port; a server that is told 0 takes a free one."""

TlsVersion = Literal["", "TLSv1_2", "TLSv1_3"]


@frozen
class PublicKey:
    """A key that tokens signed offline are verified with, and the kid by which they refer to it."""

    kid: str = field(default="")
    key: str = field(default="", repr=False)
    key_file: str = ""

    def violations(self) -> Iterator[Violation]:
        """Whether it can be found, and in one place only."""
        yield from one_of_key_and_file(self.kid, self.key, self.key_file)


@frozen
class MeshedPublicKey:
    """A key that dataplane tokens are verified with, in one mesh or (empty) in every mesh."""

    kid: str = field(default="")
    mesh: str = ""
    key: str = field(default="", repr=False)
    key_file: str = ""

    def violations(self) -> Iterator[Violation]:
        """Whether it can be found, and in one place only."""
        yield from one_of_key_and_file(self.kid, self.key, self.key_file)


def one_of_key_and_file(kid: str, key: str, key_file: str) -> Iterator[Violation]:
    """What is wrong with a public key."""
    if not kid:
        yield Violation("kid", "is required")
    if bool(key) == bool(key_file):
        yield Violation("key", "exactly one of key and keyFile is required")


def positive(settings: Any, *names: str) -> Iterator[Violation]:
    """What is zero or less among these attributes."""
    for name in names:
        value = getattr(settings, name)
        if value <= (timedelta() if isinstance(value, timedelta) else 0):
            yield Violation(camel(name), "must be greater than 0")


def not_negative(settings: Any, *names: str) -> Iterator[Violation]:
    """What is less than zero among these attributes."""
    for name in names:
        value = getattr(settings, name)
        if value < (timedelta() if isinstance(value, timedelta) else 0):
            yield Violation(camel(name), "must not be negative")


def said(settings: Any, *names: str) -> Iterator[Violation]:
    """What is empty among these attributes."""
    for name in names:
        if not getattr(settings, name):
            yield Violation(camel(name), "must not be empty")


def tls(settings: Any) -> Iterator[Violation]:
    """What is wrong with the TLS words of a server."""
    if hasattr(settings, "tls_cert_file"):
        yield from pair(settings.tls_cert_file, settings.tls_key_file, "tlsCertFile", "tlsKeyFile")
    if settings.tls_max_version and settings.tls_max_version < settings.tls_min_version:
        yield Violation("tlsMaxVersion", f"must not be lower than tlsMinVersion, {settings.tls_min_version}")
    for index, name in enumerate(settings.tls_cipher_suites):
        if name not in CIPHERS:
            yield Violation(f"tlsCipherSuites[{index}]", f"unknown cipher suite {name!r}")


def pair(certificate: str, key: str, certificate_field: str, key_field: str) -> Iterator[Violation]:
    """What is missing where a certificate and its key must come together."""
    if certificate and not key:
        yield _missing(key_field, certificate_field)
    if key and not certificate:
        yield _missing(certificate_field, key_field)


def _missing(name: str, other: str) -> Violation:
    titles = (one[:1].upper() + one[1:] for one in (name, other))
    return Violation(name, "{} cannot be empty when {} is provided".format(*titles))


def address(value: str, name: str) -> Iterator[Violation]:
    """What is wrong with an IP address."""
    try:
        ip_address(value)
    except ValueError:
        yield Violation(name, f"must be a valid IP address, not {value!r}")


def network(value: str, name: str) -> Iterator[Violation]:
    """What is wrong with a range of addresses."""
    try:
        ip_network(value, strict=False)
    except ValueError:
        yield Violation(name, f"must be a valid CIDR, not {value!r}")
