"""A small service: answers every request with its own name, and with what it was told. Requests may ask for trouble."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Echo(BaseHTTPRequestHandler):
    """Answers as JSON: which instance this is, the method, the path and the headers that arrived.

    A request's headers may ask for an answer that comes late (`x-set-response-delay-ms`), for a status
    (`x-set-response-code`), or for 503 to the first so many requests of one id (`x-succeed-after-n`,
    `x-succeed-after-n-id`).
    """

    protocol_version = "HTTP/1.1"
    # a header of its own segment would wait for the other side's delayed ACK
    wbufsize = -1
    instance = ""
    attempts: Counter[str]

    def do_GET(self) -> None:
        """Any path will do."""
        self.rfile.read(int(self.headers.get("content-length", 0)))
        time.sleep(int(self.headers.get("x-set-response-delay-ms", 0)) / 1000)
        headers = {name.lower(): ", ".join(self.headers.get_all(name, ())) for name in self.headers}
        answer = {"instance": self.instance, "method": self.command, "path": self.path, "headers": headers}
        body = json.dumps(answer).encode()
        self.send_response(self._status())
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_DELETE = do_OPTIONS = do_PATCH = do_POST = do_PUT = do_GET  # noqa: N815 - BaseHTTPRequestHandler's names

    def _status(self) -> int:
        failing = self.headers.get("x-succeed-after-n")
        if failing is None:
            return int(self.headers.get("x-set-response-code", 200))
        attempt = self.headers.get("x-succeed-after-n-id", "")
        self.attempts[attempt] += 1
        return 200 if self.attempts[attempt] > int(failing) else 503

    def log_message(self, *_: object) -> None:
        """Say nothing: the sidecar has the access log."""


class Server(ThreadingHTTPServer):
    """A server with room for a burst of connections."""

    request_queue_size = 128
    daemon_threads = True


def main() -> None:
    """`python echo.py INSTANCE ADDRESS PORT`."""
    instance, address, port = sys.argv[1:]
    named = type("Named", (Echo,), {"instance": instance, "attempts": Counter()})
    Server((address, int(port)), named).serve_forever()


if __name__ == "__main__":
    main()
