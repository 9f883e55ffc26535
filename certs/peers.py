"""The certificates by which the instances of one control plane know each other."""

from __future__ import annotations

from datetime import datetime

from certs.admin import bundle
from certs.ca import self_signed

SECRET = "inter-cp-ca"
NAME = "Control Plane Intercommunication CA"


def new_ca(now: datetime) -> bytes:
    """The content of a control plane's `inter-cp-ca` secret: certificate, then key."""
    return bundle(self_signed(NAME, now))
