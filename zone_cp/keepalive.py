"""The kernel asks whether proxies' hosts are still there: no thread of ours has to wake for it (decision 25)."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator

import structlog

log = structlog.get_logger()

DESCRIPTORS = "/dev/fd"
SILENCE = 15  # seconds in which nothing came
BETWEEN = 5  # seconds between questions
QUESTIONS = 3  # that may stay without an answer
OPTIONS = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, SILENCE),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, BETWEEN),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, QUESTIONS),
)


def keep_alive(port: int) -> None:
    """Have the kernel ask on all connections that are made to this port of ours from now on.

    gRPC hands out no socket, but those that it accepts take over the options of the one that listens (Linux, tcp(7)).
    """
    found = False
    for one in _sockets():
        if _listens(one, port):
            found = True
            for option in OPTIONS:
                one.setsockopt(*option)
    if not found:
        log.warning("hosts of proxies are asked rarely", port=port, reason="no socket was found to listen there")


def _sockets() -> Iterator[socket.socket]:
    """All sockets of this process, each as long as it is looked at."""
    for descriptor in map(int, os.listdir(DESCRIPTORS)):
        try:
            is_socket = stat.S_ISSOCK(os.fstat(descriptor).st_mode)
        except OSError:  # closed meanwhile, as the one that listed them
            continue
        if is_socket:
            with socket.socket(fileno=os.dup(descriptor)) as one:
                yield one


def _listens(one: socket.socket, port: int) -> bool:
    if one.family not in (socket.AF_INET, socket.AF_INET6) or not one.getsockopt(
        socket.SOL_SOCKET, socket.SO_ACCEPTCONN
    ):
        return False
    return bool(one.getsockname()[1] == port)
