"""Envoy's admin interface, over its Unix socket."""

from __future__ import annotations

from attrs import frozen
from twisted.internet.threads import deferToThread

from kuma.cli.dp.unix import UnixConnection

TIMEOUT = 3.0


@frozen
class Answer:
    """What the admin interface said."""

    status: int
    body: bytes


def _ask(path: str, method: str, target: str) -> Answer:
    connection = UnixConnection(path, TIMEOUT)
    try:
        connection.request(method, target)
        response = connection.getresponse()
        return Answer(response.status, response.read())
    finally:
        connection.close()


async def ask(path: str, method: str, target: str) -> Answer:
    """One request to the admin interface behind the socket at `path`. Raises OSError, http.client.HTTPException."""
    return await deferToThread(_ask, path, method, target)
