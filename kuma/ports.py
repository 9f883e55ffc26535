"""Ports that nobody listens on, and that nobody else is about to listen on."""

from __future__ import annotations

import fcntl
import os
import random
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

# Above the ports at which every sidecar listens (15001, 15006, 15053): an Envoy refuses a listener that can't be bound.
# Below those that the kernel gives to outgoing connections, each of which could take a port before it is used.
LOWEST, HIGHEST = 16_000, 32_000
RESERVED: list[IO[bytes]] = []


def free_ports(count: int, host: str = "") -> list[int]:
    """So many free ports, all different. Other processes that ask here get others, as long as this process lives."""
    found = _candidates(host)
    return [next(found) for _ in range(count)]


def _candidates(host: str) -> Iterator[int]:
    folder = Path(tempfile.gettempdir()) / f"kuma-ports-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    while True:
        port = random.randrange(LOWEST, HIGHEST)
        if _reserved(folder / str(port)) and _is_free(host, port):
            yield port


def _reserved(file: Path) -> bool:
    """Whether the port is ours now: the lock on its file ends with this process."""
    handle = file.open("ab")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        return False
    RESERVED.append(handle)
    return True


def _is_free(host: str, port: int) -> bool:
    try:
        socket.create_server((host, port)).close()
    except OSError:
        return False
    return True
