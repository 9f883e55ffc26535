"""A small service: answers every request with its own name, and with what it was told."""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Echo(BaseHTTPRequestHandler):
    """Answers as JSON: which instance this is, the method, the path and the headers that arrived."""

    protocol_version = "HTTP/1.1"
    instance = ""

    def do_GET(self) -> None:
        """Any path will do."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = {"instance": self.instance, "method": self.command, "path": self.path, "headers": headers}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the sidecar has the access log."""


class Server(ThreadingHTTPServer):
    """A server with room for a burst of connections."""

    request_queue_size = 128
    daemon_threads = True


def main() -> None:
    """`python echo.py INSTANCE ADDRESS PORT`."""
    instance, address, port = sys.argv[1:]
    Server((address, int(port)), type("Named", (Echo,), {"instance": instance})).serve_forever()


if __name__ == "__main__":
    main()
