"""The certificates by which the instances of one control plane know each other."""

from __future__ import annotations

from datetime import datetime

import grpc

from certs import admin
from certs.ca import CertificateAuthority, self_signed

SECRET = "inter-cp-ca"
NAME = "Control Plane Intercommunication CA"


def new_ca(now: datetime) -> bytes:
    """The content of a control plane's `inter-cp-ca` secret: certificate, then key."""
    return admin.bundle(self_signed(NAME, now))


def load_ca(content: bytes) -> CertificateAuthority:
    """The authority in such a secret. Raises `certs.ca.BadAuthority`."""
    return admin.load_ca(content)


def shown_by(authority: CertificateAuthority, address: str) -> grpc.ServerCredentials:
    """What an instance shows at its address; whoever calls must show a certificate of the same authority."""
    pair = admin.server_pair(authority, (address,))
    return grpc.ssl_server_credentials([(pair.key, pair.certificate)], authority.pem, require_client_auth=True)


def shown_to(authority: CertificateAuthority) -> grpc.ChannelCredentials:
    """What an instance shows to those that it calls, which must show a certificate of the same authority."""
    pair = admin.client_pair(authority)
    return grpc.ssl_channel_credentials(authority.pem, pair.key, pair.certificate)
