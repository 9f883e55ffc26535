"""Where the Unix sockets and named pipes of a proxy lie: one path for who makes them and who is told of them."""

from __future__ import annotations

LONGEST = 98  # what is left of Linux's limit (unix(7), sun_path) for `.sock` to fit


def path(folder: str, name: str) -> str:
    """The path of a socket in a proxy's working folder."""
    return (f"{folder}/{name}" if folder else name)[:LONGEST] + ".sock"


def metrics(proxy: str, mesh: str) -> str:
    """The name of the socket at which kuma-dp has all metrics of a proxy."""
    return f"kuma-mh-{proxy}-{mesh}"


def access_logs(proxy: str, mesh: str) -> str:
    """The name of the pipe in which Envoy tells kuma-dp what to pass on to servers."""
    return f"kuma-al-{proxy}-{mesh}"
