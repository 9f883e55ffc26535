"""The echo server, over TLS only: `python tls_echo.py INSTANCE ADDRESS PORT CERTIFICATE KEY [AUTHORITIES]`.

With AUTHORITIES it speaks TLS 1.3 alone, to those who show a certificate of theirs.
"""

from __future__ import annotations

import ssl
import sys
from collections import Counter

from kuma.cli.demo.echo import Echo, Server


def main() -> None:
    instance, address, port, certificate, key, *authorities = sys.argv[1:]
    named = type("Named", (Echo,), {"instance": instance, "attempts": Counter()})
    server = Server((address, int(port)), named)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    for file in authorities:
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(file)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()


if __name__ == "__main__":
    main()
