"""Envoy's admin interface, over its Unix socket."""

from __future__ import annotations

import http.client
import socket

from attrs import frozen
from twisted.internet.threads import deferToThread

TIMEOUT = 3.0


@frozen
class Answer:
    """What the admin interface said."""

    status: int
    body: bytes


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=TIMEOUT)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(TIMEOUT)
        self.sock.connect(self._path)


def _ask(path: str, method: str, target: str) -> Answer:
    connection = _UnixConnection(path)
    try:
        connection.request(method, target)
        response = connection.getresponse()
        return Answer(response.status, response.read())
    finally:
        connection.close()


async def ask(path: str, method: str, target: str) -> Answer:
    """One request to the admin interface behind the socket at `path`. Raises OSError, http.client.HTTPException."""
    return await deferToThread(_ask, path, method, target)
