"""The authorities of bundled MeshIdentities: where their certificates and keys are, and whether they may sign."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from attrs import frozen

from certs.ca import BadAuthority, CertificateAuthority, check_supplied, load_authority
from certs.secrets import content
from kuma.model import Key, Resource
from kuma.resources.meshidentity import Bundled
from kuma.resources.parts import DataSource

NOT_FOUND = "ProviderNotFoundError"
NOT_INITIALIZED = "ProviderInitializationError"
NOT_VALID = "ProviderValidationError"


class Unusable(Exception):
    """An identity has no authority to issue with; `reason` is its word in conditions, the message says more."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Known(Protocol):
    """What is known of the store's resources, whether it can be reached now or not."""

    def get(self, key: Key) -> Resource | None:
        """One resource, as far as known."""


@frozen
class CaSecrets:
    """The two secrets that hold a generated authority."""

    certificate: Key
    key: Key


def ca_secrets(identity: Resource) -> CaSecrets:
    """Where the generated authority of an identity is kept."""
    named = identity.display_name
    return CaSecrets(
        Key("Secret", identity.mesh, f"{named}-root-ca"), Key("Secret", identity.mesh, f"{named}-private-key")
    )


def bundled(identity: Resource) -> Bundled | None:
    """What an identity says of certificates that we issue; None when somebody else does, or nobody."""
    provider = identity.spec.provider
    return provider.bundled if provider is not None and provider.type == "Bundled" else None


def is_generated(said: Bundled) -> bool:
    """Whether the control plane makes the authority itself."""
    return said.autogenerate is not None and bool(said.autogenerate.enabled)


def secrets_of(identity: Resource) -> frozenset[Key]:
    """The secrets that an identity's authority is made of."""
    said = bundled(identity)
    if said is None:
        return frozenset()
    if is_generated(said):
        where = ca_secrets(identity)
        return frozenset((where.certificate, where.key))
    sources = () if said.ca is None else (said.ca.certificate, said.ca.private_key)
    return frozenset(
        Key("Secret", identity.mesh, source.secret_ref.name)
        for source in sources
        if source is not None and source.secret_ref is not None
    )


def reads_outside(identity: Resource) -> bool:
    """Whether its authority stands in files or the environment, whose changes nobody tells."""
    said = bundled(identity)
    if said is None or said.ca is None or is_generated(said):
        return False
    return any(source is not None and source.type in OUTSIDE for source in (said.ca.certificate, said.ca.private_key))


def authority(identity: Resource, known: Known, now: datetime) -> CertificateAuthority:
    """The authority that signs an identity's certificates, checked. Raises Unusable."""
    said = bundled(identity)
    if said is None:
        raise Unusable(NOT_FOUND, "there is no provider that issues certificates here")
    if is_generated(said) and not said.insecure_allow_self_signed:
        raise Unusable(NOT_VALID, "self-signed certificates are not allowed")
    certificate, key = _material(identity, said, known)
    try:
        found = _loaded(certificate, key)
    except BadAuthority as problem:
        raise Unusable(NOT_INITIALIZED, str(problem)) from None
    try:
        check_supplied(found, bool(said.insecure_allow_self_signed), now)
    except BadAuthority as problem:
        raise Unusable(NOT_VALID, str(problem)) from None
    return found


_loaded = lru_cache(maxsize=64)(load_authority)


def _material(identity: Resource, said: Bundled, known: Known) -> tuple[bytes, bytes]:
    if is_generated(said):
        where = ca_secrets(identity)
        return _secret(where.certificate, known), _secret(where.key, known)
    if said.ca is None or said.ca.certificate is None or said.ca.private_key is None:
        raise Unusable(NOT_VALID, "a certificate authority needs to be defined")
    return _read(said.ca.certificate, identity, known), _read(said.ca.private_key, identity, known)


def _read(source: DataSource, identity: Resource, known: Known) -> bytes:
    return SOURCES[source.type](source, identity.mesh, known)


def _secret(key: Key, known: Known) -> bytes:
    found = known.get(key)
    if found is None:
        raise Unusable(NOT_INITIALIZED, f'secret "{key.name}" in mesh "{key.mesh}" is not found')
    return content(found)


def _of_secret(source: DataSource, mesh: str, known: Known) -> bytes:
    assert source.secret_ref is not None, "validated: the object of the type is there"
    return _secret(Key("Secret", mesh, source.secret_ref.name), known)


def _of_file(source: DataSource, _mesh: str, _known: Known) -> bytes:
    assert source.file is not None, "validated: the object of the type is there"
    try:
        return Path(source.file.path).read_bytes()
    except OSError as problem:
        raise Unusable(NOT_INITIALIZED, f"can't read {source.file.path}: {problem.strerror}") from None


def _of_environment(source: DataSource, _mesh: str, _known: Known) -> bytes:
    assert source.env_var is not None, "validated: the object of the type is there"
    if (value := os.environ.get(source.env_var.name)) is None:
        raise Unusable(NOT_INITIALIZED, f"environment variable {source.env_var.name} is not set")
    return value.encode()


def _of_inline(source: DataSource, _mesh: str, _known: Known) -> bytes:
    assert source.insecure_inline is not None, "validated: the object of the type is there"
    return source.insecure_inline.value.encode()


OUTSIDE = frozenset({"File", "EnvVar"})
SOURCES: dict[str, Callable[[DataSource, str, Known], bytes]] = {
    "Secret": _of_secret,
    "File": _of_file,
    "EnvVar": _of_environment,
    "InsecureInline": _of_inline,
}
