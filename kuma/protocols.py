"""What is spoken at a port, as Dataplanes and services say it."""

from __future__ import annotations

HTTP = frozenset({"http", "http2", "grpc"})
"""What Envoy can see requests in."""

KNOWN = ("tcp", "tls", "http", "http2", "grpc", "mysql")


def protocol(said: str) -> str:
    """The protocol that somebody means, however it is capitalized; empty where there is none of that name."""
    name = said.lower()
    return name if name in KNOWN else ""


def forwarded(said: str | None) -> str:
    """How Envoy forwards what is spoken: as requests, or as the bytes of a TCP connection."""
    name = protocol(said or "")
    return name if name in HTTP else "tcp"
