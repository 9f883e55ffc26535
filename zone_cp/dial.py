"""Reaching the global control plane: an address, and how its certificate is checked."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import grpc
import grpc.aio
from attrs import frozen
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from kuma.kds.instance import tuning
from kuma.settings.multizone import Zone
from kuma.version import VERSION

DEFAULT_PORT = 5685


class BadAddress(ValueError):
    """The global control plane's address is none."""

    def __init__(self, address: str) -> None:
        super().__init__(f"global address must be grpc://host:port or grpcs://host:port, not {address!r}")


@frozen
class Target:
    """Where the global control plane is."""

    host: str
    port: int
    tls: bool

    @classmethod
    def of(cls, address: str) -> Target:
        """From a URL. Raises BadAddress."""
        url = urlsplit(address)
        if url.scheme not in ("grpc", "grpcs") or not url.hostname:
            raise BadAddress(address)
        try:
            port = url.port or DEFAULT_PORT
        except ValueError as error:
            raise BadAddress(address) from error
        return cls(url.hostname, port, url.scheme == "grpcs")

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


async def dial(zone: Zone) -> grpc.aio.Channel:
    """A channel to the global control plane, which connects with its first call. Raises BadAddress, OSError."""
    target = Target.of(zone.global_address)
    options: list[tuple[str, str | int]] = [
        *tuning(zone.kds.max_msg_size),
        ("grpc.primary_user_agent", f"kuma-cp/{VERSION} kds"),
    ]
    gzip = grpc.Compression.Gzip
    if not target.tls:
        return grpc.aio.insecure_channel(str(target), options=options, compression=gzip)
    roots = Path(zone.kds.root_ca_file).read_bytes() if zone.kds.root_ca_file else None
    if zone.kds.tls_skip_verify:
        shown = await _shown_certificate(target)
        roots = shown.public_bytes(Encoding.PEM)
        options.append(("grpc.ssl_target_name_override", _name_in(shown, target.host)))
    credentials = grpc.ssl_channel_credentials(roots)
    return grpc.aio.secure_channel(str(target), credentials, options=options, compression=gzip)


async def _shown_certificate(target: Target) -> x509.Certificate:
    """The server's certificate, unchecked: gRPC can't skip the check, but can be told to believe this one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # asked for by the setting tlsSkipVerify
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["h2"])
    _, writer = await asyncio.open_connection(target.host, target.port, ssl=context)
    try:
        der = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    finally:
        writer.close()
    return x509.load_der_x509_certificate(der)


def _name_in(certificate: x509.Certificate, host: str) -> str:
    """A name that the certificate is for."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return host
    texts = [*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))]
    return host if host in texts or not texts else texts[0]
