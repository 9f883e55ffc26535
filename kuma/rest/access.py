"""Who is asking, and who may do what."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlsplit

from attrs import frozen

from kuma.settings.access import Allowed

ADMIN_NAME = "mesh-system:admin"
AUTHENTICATED = "mesh-system:authenticated"
UNAUTHENTICATED = "mesh-system:unauthenticated"
PROXY_HEADERS = ("forwarded", "x-forwarded-for", "x-real-ip")
DEFAULT_PORTS = {"http": 80, "https": 443}
BEARER = "Bearer "
HOST = re.compile(r"(?:\[(?P<six>[0-9a-fA-F:.]+)\]|(?P<name>[^\[\]:/@?#\s]+))(?::(?P<port>[0-9]{1,5}))?", re.ASCII)


@frozen
class User:
    """Somebody who asks: a name, and the groups it belongs to."""

    name: str
    groups: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}/{','.join(self.groups)}"


ADMIN = User(ADMIN_NAME, (ADMIN_NAME, AUTHENTICATED))
ANONYMOUS = User("mesh-system:anonymous", (UNAUTHENTICATED,))


class Unauthenticated(Exception):
    """Credentials were given, and they are not good."""


class AccessDenied(Exception):
    """This user may not do this."""

    def __init__(self, user: User, action: str) -> None:
        super().__init__(f'user "{user}" cannot access {action}')


class Tokens(Protocol):
    """Says whose a user token is."""

    async def user(self, token: str) -> User:
        """The user that a token names. Raises Unauthenticated."""


def permits(allowed: Allowed, user: User) -> bool:
    """Whether a permission is given to a user, by name or through a group."""
    return user.name in allowed.users or not set(allowed.groups).isdisjoint(user.groups)


def require(allowed: Allowed, user: User, action: str) -> None:
    """Raise AccessDenied unless the user has the permission."""
    if not permits(allowed, user):
        raise AccessDenied(user, action)


@frozen
class Identifying:
    """How callers are known: this machine's own user as admin (if so set), user tokens (if there is a verifier)."""

    tokens: Tokens | None = None
    localhost_is_admin: bool = True

    async def user(self, peer: str, headers: Mapping[str, str]) -> User:
        """Who is asking. Raises Unauthenticated for a token that is not good."""
        if self.localhost_is_admin and is_local(peer, headers):
            return ADMIN
        authorization = headers.get("authorization", "")
        if self.tokens is None or not authorization.startswith(BEARER):
            return ANONYMOUS
        return await self.tokens.user(authorization.removeprefix(BEARER))


def is_local(peer: str, headers: Mapping[str, str]) -> bool:
    """Whether a request comes straight from a user of this machine.

    A loopback peer alone does not say that: it may be a proxy, or a browser that shows a foreign page (whose name may
    resolve to a loopback address). So no trace of a proxy, a loopback Host, and the same Origin are asked for as well.
    """
    if not _is_loopback(peer) or any(headers.get(name) for name in PROXY_HEADERS):
        return False
    if (host := _host(headers.get("host", ""))) is None or not _is_loopback(host[0]):
        return False
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return False
    return "origin" not in headers or _is_same(headers["origin"], host)


def _is_same(origin: str, host: tuple[str, int | None]) -> bool:
    scheme, separator, rest = origin.partition("://")
    default = DEFAULT_PORTS.get(scheme.lower())
    if not separator or default is None or (named := _host(rest)) is None or not _is_loopback(named[0]):
        return False
    return (named[0], named[1] or default) == (host[0], host[1] or default)


def _host(text: str) -> tuple[str, int | None] | None:
    """The host and port of a Host header or of an Origin's authority; None when it is malformed."""
    if (matched := HOST.fullmatch(text)) is None:
        return None
    port = int(matched["port"]) if matched["port"] else None
    if port is not None and not 0 < port < 65536:
        return None
    return (matched["six"] or matched["name"].removesuffix(".")).lower(), port


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def allowed_origin(origin: str | None, domains: tuple[str, ...]) -> str | None:
    """The origin that a cross-origin answer may name, out of the configured domains (origins or host names)."""
    if not origin:
        return None
    try:
        host = urlsplit(origin).hostname
    except ValueError:
        return None
    return origin if origin in domains or host in domains else None
