"""Trust: the authorities that a MeshTrust names, compared as certificates and not as text."""

from __future__ import annotations

from functools import lru_cache

from attrs import evolve
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import SHA256

from kuma.resources.meshtrust import CaBundle, MeshTrust, Pem


@lru_cache(maxsize=1024)
def fingerprints(pem: str) -> frozenset[bytes]:
    """SHA-256 of each certificate in a PEM text; none if there is something in it that is no certificate."""
    try:
        found = x509.load_pem_x509_certificates(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        return frozenset()
    return frozenset(certificate.fingerprint(SHA256()) for certificate in found)


def holds(trust: MeshTrust, authority: bytes) -> bool:
    """Whether a trust names the authority with this certificate (PEM)."""
    known = (fingerprints(bundle.pem.value) for bundle in trust.ca_bundles if bundle.pem is not None)
    return fingerprints(authority.decode()) <= frozenset().union(*known)


def new_trust(trust_domain: str, authority: bytes) -> MeshTrust:
    """A trust in one authority."""
    return MeshTrust((_bundle(authority),), trust_domain)


def with_authority(trust: MeshTrust, authority: bytes) -> MeshTrust:
    """The trust, and this authority beside the older ones, which stay so that nobody is cut off."""
    if holds(trust, authority):
        return trust
    return evolve(trust, ca_bundles=(*trust.ca_bundles, _bundle(authority)))


def _bundle(authority: bytes) -> CaBundle:
    return CaBundle("Pem", Pem(authority.decode()))
