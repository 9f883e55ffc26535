"""A network of a test's own, in which connections of an application are redirected to its proxy."""

from __future__ import annotations

import ctypes
import http.client
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from kuma.cli.demo.http import Answer

CLONE_NEWNET = 0x40000000  # unshare(2)
APPLICATION = 5678  # the user whose connections are redirected
SERVICES = "240.0.0.0/4"  # where services have their addresses
SEND = 15001


@contextmanager
def network(*outside: str) -> Iterator[None]:
    """Be in a network of one's own, processes that are started here too, with these addresses besides loopback.

    Connections of the user `APPLICATION` go to the port `SEND`, as a sidecar's network rules have it. Needs root.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/thread-self/ns/net") as home:
        _done(libc.unshare(CLONE_NEWNET))
        try:
            _run("ip", "link", "set", "lo", "up")
            for address in outside:
                _run("ip", "address", "add", f"{address}/32", "dev", "lo")
            _run("ip", "route", "add", "local", SERVICES, "dev", "lo")
            rule = ("-p", "tcp", "-m", "owner", "--uid-owner", str(APPLICATION), "-j", "REDIRECT")
            _run("iptables", "-w", "-t", "nat", "-A", "OUTPUT", *rule, "--to-ports", str(SEND))
            yield
        finally:
            _done(libc.setns(home.fileno(), CLONE_NEWNET))


def _done(result: int) -> None:
    if result:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"


def ask(address: str, port: int, host: str = "") -> Answer:
    """A request of the application to some address. Raises OSError when nobody answers."""
    connection = http.client.HTTPConnection(address, port, timeout=10)
    connection.sock = _socket()
    try:
        connection.sock.connect((address, port))
        connection.request("GET", "/", headers={"host": host} if host else {})
        response = connection.getresponse()
        return Answer(response.status, response.read(), dict(response.headers))
    finally:
        connection.close()


def _socket() -> socket.socket:
    """A socket that is the application's: whose it is was decided when it was made."""
    os.seteuid(APPLICATION)
    try:
        made = socket.socket()
    finally:
        os.seteuid(0)
    made.settimeout(10)
    return made
