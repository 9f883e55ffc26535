"""A network of a test's own, in which connections of an application are redirected to its proxy."""

from __future__ import annotations

import ctypes
import http.client
import os
from collections.abc import Iterator
from contextlib import contextmanager

from kuma.cli.demo.http import Answer
from tests.zone_cp.redirected import application_socket, redirect, up

CLONE_NEWNET = 0x40000000  # unshare(2)
SEND = 15001


@contextmanager
def network() -> Iterator[None]:
    """Be in a network of one's own, with the processes that are started here: every address of 127.0.0.0/8 is in it.

    The application's connections go to the port `SEND`, as a sidecar's network rules have it. Needs root.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/thread-self/ns/net") as home:
        _done(libc.unshare(CLONE_NEWNET))
        try:
            up()
            redirect(SEND)
            yield
        finally:
            _done(libc.setns(home.fileno(), CLONE_NEWNET))


def _done(result: int) -> None:
    if result:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def ask(address: str, port: int, host: str = "") -> Answer:
    """A request of the application to some address. Raises OSError when nobody answers."""
    connection = http.client.HTTPConnection(address, port, timeout=10)
    connection.sock = application_socket()
    try:
        connection.sock.connect((address, port))
        connection.request("GET", "/", headers={"host": host} if host else {})
        response = connection.getresponse()
        return Answer(response.status, response.read(), dict(response.headers))
    finally:
        connection.close()
