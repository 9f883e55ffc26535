"""Public keys in settings: tokens that were signed offline are verified with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from certs.secrets import StaticKey
from certs.tokens import Refused, public_key
from kuma.schema import Violation
from kuma.settings.tree import Settings
from kuma.settings.words import MeshedPublicKey, PublicKey

Said = PublicKey | MeshedPublicKey


def static_keys(said: Iterable[Said]) -> tuple[StaticKey, ...]:
    """The keys that a validator's settings name, read from where they are. The settings were checked by `load`."""
    return tuple(
        StaticKey(key.kid, public_key(_content(key)), key.mesh if isinstance(key, MeshedPublicKey) else "")
        for key in said
    )


def unreadable_keys(settings: Settings) -> Iterator[Violation]:
    """What can't be read of the keys that settings name."""
    authn = settings.dp_server.authn
    validators: dict[str, tuple[Said, ...]] = {
        "apiServer.authn.tokens": settings.api_server.authn.tokens.validator.public_keys,
        "dpServer.authn.dpProxy.dpToken": authn.dp_proxy.dp_token.validator.public_keys,
        "dpServer.authn.zoneProxy.zoneToken": authn.zone_proxy.zone_token.validator.public_keys,
    }
    for path, keys in validators.items():
        for index, key in enumerate(keys):
            if problem := _problem(key):
                yield Violation(f"{path}.validator.publicKeys[{index}]", problem)


def _problem(key: Said) -> str:
    if bool(key.key) == bool(key.key_file):
        return ""  # said by the key itself
    try:
        public_key(_content(key))
    except OSError as problem:
        return f"can't read {key.key_file}: {problem.strerror}"
    except Refused as problem:
        return str(problem)
    return ""


def _content(key: Said) -> bytes:
    return key.key.encode() if key.key else Path(key.key_file).read_bytes()
