"""The certificate of a server as gRPC shows it, replaced while the server runs."""

from __future__ import annotations

import grpc

from certs.admin import KeyPair
from certs.server import ServerCertificate


def grpc_credentials(certificate: ServerCertificate) -> grpc.ServerCredentials:
    """What a gRPC server shows; asked for each connection, so a replaced certificate is shown at once.

    gRPC is told only what is new: told the same again and again while many connect, it loses count of who uses it, and
    aborts the process.
    """
    shown = certificate.current()

    def replaced() -> grpc.ServerCertificateConfiguration | None:
        nonlocal shown
        latest = certificate.current()
        if latest is shown:
            return None
        shown = latest
        return _configuration(latest)

    initial = _configuration(shown)
    return grpc.dynamic_ssl_server_credentials(initial, replaced)  # type: ignore[arg-type] # None: as before


def _configuration(pair: KeyPair) -> grpc.ServerCertificateConfiguration:
    return grpc.ssl_server_certificate_configuration([(pair.key, pair.certificate)])
