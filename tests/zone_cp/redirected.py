"""A network of its own, in which all that one user sends to is redirected to an Envoy: `unshare --net python FILE`.

What is called, and how Envoy is started, is read from stdin as JSON; what came of each call is printed as JSON. It is a
program because a network namespace belongs to a process, and the tests' own must stay where it is.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

APPLICATION = 5678  # the user whose connections are redirected; Envoy's own are not
SIOCSIFFLAGS, IFF_UP = 0x8914, 0x1
RULES = """
table ip application {
  chain output { type nat hook output priority -100; meta skuid %d meta l4proto tcp redirect to :%d; }
}
"""
NO_ANSWER = 0
LISTENS = "0A"  # the state of a socket in proc_net_tcp(5)


class Hello(BaseHTTPRequestHandler):
    """A server outside the mesh."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: stderr is for what goes wrong."""


def up() -> None:
    """Bring up the loopback interface, on which every address of 127.0.0.0/8 is this machine's."""
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh", b"lo", IFF_UP))


def redirect(port: int) -> None:
    """Send the application's connections to a port of this machine."""
    subprocess.run(["nft", "-f", "-"], input=RULES % (APPLICATION, port), text=True, check=True)


def serve(port: int) -> None:
    """Answer at this port of every address."""
    server = ThreadingHTTPServer(("0.0.0.0", port), Hello)
    threading.Thread(target=server.serve_forever, daemon=True).start()


@contextmanager
def running(command: list[str], port: int) -> Iterator[None]:
    """Envoy, from when it listens."""
    process = subprocess.Popen(command)
    try:
        deadline = time.monotonic() + 30
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Envoy does not listen at port {port}")
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        process.wait(30)


def _listens(port: int) -> bool:
    """Whether somebody listens, without a connection, which Envoy would pass on to where it goes: to itself."""
    rows = [line.split() for line in Path("/proc/thread-self/net/tcp").read_text().splitlines()[1:]]
    return any(int(row[1].partition(":")[2], 16) == port and row[3] == LISTENS for row in rows)


def application_socket() -> socket.socket:
    """A socket of the application's: whose it is was decided when it was made."""
    os.seteuid(APPLICATION)
    try:
        made = socket.socket()
    finally:
        os.seteuid(0)
    made.settimeout(10)
    return made


def call(address: str, port: int, host: str) -> int:
    """The status of the answer that the application gets; 0 where the connection ends without one."""
    with application_socket() as made:
        try:
            made.connect((address, port))
            made.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            answer = made.makefile("rb").readline()
        except ConnectionError:
            return NO_ANSWER
        return int(answer.split()[1]) if answer else NO_ANSWER


def main() -> None:
    """Make the network, and call."""
    asked = json.load(sys.stdin)
    up()
    redirect(asked["redirected_to"])
    for port in asked["servers"]:
        serve(port)
    found = []
    for command in asked["envoys"]:
        with running(command, asked["redirected_to"]):
            found.append({name: call(*place) for name, place in asked["calls"].items()})
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
